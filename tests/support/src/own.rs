//! A layer and an activation that are not the library's own.

use simplechain::Activation;
use simplechain::layer::CustomLayer;
use simplechain::simd::{Number, Simd};

/// `y_i = p_i x_i^2`
#[derive(Clone, Copy, Debug, Default)]
pub struct Squares<const N: usize>;

impl<const N: usize> CustomLayer for Squares<N> {
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
        for i in 0..N {
            y[i] = simd.mul_param(simd.param(params, i), simd.mul(x[i], x[i]));
        }
    }

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
        for i in 0..N {
            let slope = simd.mul_param(simd.param(params, i), simd.add(x[i], x[i]));
            x_bar[i] = simd.mul(slope, y_bar[i]);
            if PARAMS {
                params_bar[i] = simd.mul_add(simd.mul(x[i], x[i]), y_bar[i], params_bar[i]);
            }
        }
    }
}

/// `y = z / sqrt(1 + z^2)`, whose derivative is `(1 + z^2)^(-3/2)`.
#[derive(Clone, Copy, Debug)]
pub struct Ramp;

impl Activation for Ramp {
    const MONOTONE: bool = true;

    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        self.value_and_derivative(simd, z).0
    }

    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let one = simd.splat(T::ONE);
        let inverse = simd.div(one, simd.sqrt(simd.mul_add(z, z, one)));
        let square = simd.mul(inverse, inverse);
        (simd.mul(z, inverse), simd.mul(inverse, square))
    }
}
