//! Affine layers with constants, and normalization with the mean and variance of each sample.

use super::CustomLayer;
use crate::simd::{Number, Real, Simd};

/// `y_i = (x_i - mean_i) / std_i` (`normalize`), or `y_i = factor_i x_i + offset_i` (`scale`): converts between data in the
/// user's units and values near 1 inside the chain.
///
/// The constants are one for all elements, one for every channel of an image, or one for every element.
#[derive(Clone, Copy, Debug, Default)]
pub struct Affine<const N: usize> {
    /// Subtracted first.
    pub mean: &'static [f64],
    /// Then divided by; empty: by 1.
    pub std: &'static [f64],
    /// Then multiplied by; empty: by 1.
    pub factor: &'static [f64],
    /// Then added; empty: 0.
    pub offset: &'static [f64],
}

impl<const N: usize> Affine<N> {
    /// `normalize(mean, std)`
    #[must_use]
    pub const fn normalize(mean: &'static [f64], std: &'static [f64]) -> Self {
        Self {
            mean,
            std,
            factor: &[],
            offset: &[],
        }
    }

    /// `scale(factor, offset)`
    #[must_use]
    pub const fn scale(factor: &'static [f64], offset: &'static [f64]) -> Self {
        Self {
            mean: &[],
            std: &[],
            factor,
            offset,
        }
    }

    /// The constant of element `i`.
    #[inline(always)]
    fn constant(constants: &[f64], i: usize, default: f64) -> f64 {
        match constants.len() {
            0 => default,
            len => constants[i * len / N],
        }
    }

    /// `slope` of `y_i = slope (x_i - mean) + offset`.
    #[inline(always)]
    fn slope(self, i: usize) -> f64 {
        Self::constant(self.factor, i, 1.0) / Self::constant(self.std, i, 1.0)
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const N: usize> CustomLayer for Affine<N> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = N;

    /// The mean is subtracted first: far from 0 the difference is all that counts, and near the mean it is exact. What of the
    /// mean is beyond the digits of the numbers goes with the offset.
    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(self, simd: S, _: T::Params<'_>, x: &[S::V], y: &mut [S::V]) {
        for i in 0..N {
            let (slope, mean) = (self.slope(i), Self::constant(self.mean, i, 0.0));
            let near = T::Real::from_f64(mean).to_f64();
            let start = Self::constant(self.offset, i, 0.0) - slope * (mean - near);
            let off = simd.sub(x[i], simd.splat(T::from_f64(near)));
            let (slope, start) = (T::from_f64(slope), T::from_f64(start));
            y[i] = simd.mul_add(simd.splat(slope), off, simd.splat(start));
        }
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        _: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        for i in 0..N {
            x_bar[i] = simd.mul(simd.splat(T::from_f64(self.slope(i))), y_bar[i]);
        }
    }
}

/// `y_i = g_i (x_i - m) / sqrt(v + eps) + b_i` with the mean `m` and the variance `v` (divided by `N`) of the `N` elements of
/// a sample (Ba, Kiros and Hinton, 2016). `eps` is 1e-5.
///
/// Parameters: `g`, initially 1, then `b`, initially 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct LayerNorm<const N: usize>;

impl<const N: usize> LayerNorm<N> {
    const EPS: f64 = 1e-5;

    /// The mean and `1 / sqrt(v + eps)`.
    #[inline(always)]
    fn moments<T: Number, S: Simd<T>>(simd: S, x: &[S::V]) -> (S::V, S::V) {
        let per_number = simd.splat(T::from_f64(1.0 / N as f64));
        let mut sum = simd.zero();
        for x in &x[..N] {
            sum = simd.add(sum, *x);
        }
        let mean = simd.mul(sum, per_number);
        let mut squares = simd.zero();
        for x in &x[..N] {
            let off = simd.sub(*x, mean);
            squares = simd.mul_add(off, off, squares);
        }
        let variance = simd.mul_add(squares, per_number, simd.splat(T::from_f64(Self::EPS)));
        (mean, simd.div(simd.splat(T::ONE), simd.sqrt(variance)))
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const N: usize> CustomLayer for LayerNorm<N> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = N;
    const PARAM_COUNT: usize = 2 * N;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    ) {
        let (mean, inverse) = Self::moments::<T, S>(simd, x);
        for i in 0..N {
            let normal = simd.mul(simd.sub(x[i], mean), inverse);
            let start = simd.param_value(simd.param(params, N + i));
            y[i] = simd.mul_add_param(simd.param(params, i), normal, start);
        }
    }

    /// With `n = (x - m) / sqrt(v + eps)` and `n_bar = g y_bar`:
    /// `x_bar = (n_bar - mean(n_bar) - n mean(n n_bar)) / sqrt(v + eps)`.
    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        params_bar: &mut [S::V],
    ) {
        let (mean, inverse) = Self::moments::<T, S>(simd, x);
        let (mut sum, mut products) = (simd.zero(), simd.zero());
        for i in 0..N {
            let normal = simd.mul(simd.sub(x[i], mean), inverse);
            let bar = simd.mul_param(simd.param(params, i), y_bar[i]);
            sum = simd.add(sum, bar);
            products = simd.mul_add(normal, bar, products);
            if PARAMS {
                params_bar[i] = simd.mul_add(normal, y_bar[i], params_bar[i]);
                params_bar[N + i] = simd.add(params_bar[N + i], y_bar[i]);
            }
        }
        let per_number = simd.splat(T::from_f64(1.0 / N as f64));
        let (sum, products) = (simd.mul(sum, per_number), simd.mul(products, per_number));
        for i in 0..N {
            let normal = simd.mul(simd.sub(x[i], mean), inverse);
            let bar = simd.mul_param(simd.param(params, i), y_bar[i]);
            let off = simd.neg_mul_add(normal, products, simd.sub(bar, sum));
            x_bar[i] = simd.mul(off, inverse);
        }
    }
}
