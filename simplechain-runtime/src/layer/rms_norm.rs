//! Layers that divide by the root mean square of a sample.

use super::CustomLayer;
use crate::simd::{Number, Simd};

/// `y_i = g_i x_i / sqrt(mean(x^2) + eps)` with the mean over the `N` elements of a sample (Zhang and Sennrich, 2019). `eps`
/// is 1e-5 for both number types, as in `layer_norm`; the default of PyTorch's `RMSNorm` is the machine epsilon of the type.
///
/// Parameters: `g`, initially 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct RmsNorm<const N: usize>;

impl<const N: usize> RmsNorm<N> {
    const EPS: f64 = 1e-5;

    /// `1 / sqrt(mean(x^2) + eps)`
    #[inline(always)]
    fn inverse<T: Number, S: Simd<T>>(simd: S, x: &[S::V]) -> S::V {
        let mut squares = simd.zero();
        for x in &x[..N] {
            squares = simd.mul_add(*x, *x, squares);
        }
        let per_element = simd.splat(T::from_f64(1.0 / N as f64));
        let mean = simd.mul_add(squares, per_element, simd.splat(T::from_f64(Self::EPS)));
        simd.div(simd.splat(T::ONE), simd.sqrt(mean))
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const N: usize> CustomLayer for RmsNorm<N> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = N;
    const PARAM_COUNT: usize = N;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    ) {
        let inverse = Self::inverse::<T, S>(simd, x);
        for i in 0..N {
            let normal = simd.mul(x[i], inverse);
            y[i] = simd.mul_param(simd.param(params, i), normal);
        }
    }

    /// With `r = 1 / sqrt(mean(x^2) + eps)`, `n = r x` and `n_bar = g y_bar`: `x_bar = r (n_bar - n mean(n n_bar))`.
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
        let inverse = Self::inverse::<T, S>(simd, x);
        let mut products = simd.zero();
        for i in 0..N {
            let normal = simd.mul(x[i], inverse);
            let bar = simd.mul_param(simd.param(params, i), y_bar[i]);
            products = simd.mul_add(normal, bar, products);
            if PARAMS {
                params_bar[i] = simd.mul_add(normal, y_bar[i], params_bar[i]);
            }
        }
        let mean = simd.mul(products, simd.splat(T::from_f64(1.0 / N as f64)));
        for i in 0..N {
            let normal = simd.mul(x[i], inverse);
            let bar = simd.mul_param(simd.param(params, i), y_bar[i]);
            x_bar[i] = simd.mul(simd.neg_mul_add(normal, mean, bar), inverse);
        }
    }
}
