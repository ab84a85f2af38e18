//! Parameterless layers in front of a small approximator: features of every input.

use super::CustomLayer;
use crate::simd::{Number, Simd};

/// `cos(k w x_i), sin(k w x_i)` for `k = 1 .. K`, input by input, with `w = 2 pi / period` (a Fourier basis without its
/// constant, which is the next layer's bias).
#[derive(Clone, Copy, Debug)]
pub struct Fourier<const N: usize, const K: usize> {
    /// The period of the features.
    pub period: f64,
}

/// The layer is made from its period; nobody asks for another.
impl<const N: usize, const K: usize> Default for Fourier<N, K> {
    fn default() -> Self {
        Self {
            period: core::f64::consts::TAU,
        }
    }
}

impl<const N: usize, const K: usize> Fourier<N, K> {
    /// `k w`
    #[inline(always)]
    fn frequency(self, k: usize) -> f64 {
        (k + 1) as f64 * core::f64::consts::TAU / self.period
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const N: usize, const K: usize> CustomLayer for Fourier<N, K> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = 2 * N * K;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(self, simd: S, _: T::Params<'_>, x: &[S::V], y: &mut [S::V]) {
        for i in 0..N {
            for k in 0..K {
                let angle = simd.mul(simd.splat(T::from_f64(self.frequency(k))), x[i]);
                let (sin, cos) = T::sin_and_derivative(simd, angle);
                y[2 * (i * K + k)] = cos;
                y[2 * (i * K + k) + 1] = sin;
            }
        }
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        for i in 0..N {
            let mut sum = simd.zero();
            for k in 0..K {
                let frequency = simd.splat(T::from_f64(self.frequency(k)));
                let (sin, cos) = T::sin_and_derivative(simd, simd.mul(frequency, x[i]));
                let at = 2 * (i * K + k);
                let slope = simd.neg_mul_add(sin, y_bar[at], simd.mul(cos, y_bar[at + 1]));
                sum = simd.mul_add(frequency, slope, sum);
            }
            x_bar[i] = sum;
        }
    }
}

/// The Chebyshev polynomials `T_1(x_i) .. T_K(x_i)`, input by input: `T_0 = 1`, `T_1 = x`, `T_k+1 = 2 x T_k - T_k-1`. Meant
/// for inputs in `[-1, 1]`: all values are in that interval then.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chebyshev<const N: usize, const K: usize>;

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const N: usize, const K: usize> CustomLayer for Chebyshev<N, K> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = N * K;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(self, simd: S, _: T::Params<'_>, x: &[S::V], y: &mut [S::V]) {
        for i in 0..N {
            let twice = simd.add(x[i], x[i]);
            let (mut before, mut last) = (simd.splat(T::ONE), x[i]);
            for k in 0..K {
                y[i * K + k] = last;
                let next = simd.sub(simd.mul(twice, last), before);
                (before, last) = (last, next);
            }
        }
    }

    /// `T_k' = k U_k-1`, with the polynomials of the second kind: `U_0 = 1`, `U_1 = 2 x`.
    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        for i in 0..N {
            let twice = simd.add(x[i], x[i]);
            let (mut before, mut last) = (simd.zero(), simd.splat(T::ONE));
            let mut sum = simd.zero();
            for k in 0..K {
                let slope = simd.mul(simd.splat(T::from_f64((k + 1) as f64)), last);
                sum = simd.mul_add(slope, y_bar[i * K + k], sum);
                let next = simd.sub(simd.mul(twice, last), before);
                (before, last) = (last, next);
            }
            x_bar[i] = sum;
        }
    }
}
