//! Custom layers against finite differences.

use super::custom::CustomLayer;
use crate::differences::{Claim, compare};
use crate::error::{Error, check_len};
use crate::simd::{Number, Real};

/// Checks the [`vjp`](CustomLayer::vjp) of a layer against finite differences of its [`forward`](CustomLayer::forward) at an
/// input and parameters, with respect to every element of the input and every parameter. For tests of custom layers, at a
/// point where all terms contribute and none has a kink.
///
/// A derivative is wrong if its error exceeds `1e-6` relative plus the error of the differences.
///
/// ```
/// use simplechain::layer::{CustomLayer, check_vjp};
/// use simplechain::simd::{Number, Simd};
///
/// /// `y = p x^2`
/// #[derive(Clone, Copy, Debug, Default)]
/// struct Square;
///
/// impl CustomLayer for Square {
///     const INPUT_LEN: usize = 1;
///     const OUTPUT_LEN: usize = 1;
///     const PARAM_COUNT: usize = 1;
///
///     #[inline(always)]
///     fn forward<T: Number, S: Simd<T>>(self, simd: S, params: T::Params<'_>, x: &[S::V], y: &mut [S::V]) {
///         y[0] = simd.mul_param(simd.param(params, 0), simd.mul(x[0], x[0]));
///     }
///
///     #[inline(always)]
///     fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
///         self, simd: S, params: T::Params<'_>, x: &[S::V], y_bar: &[S::V], x_bar: &mut [S::V], params_bar: &mut [S::V],
///     ) {
///         let slope = simd.mul_param(simd.param(params, 0), simd.add(x[0], x[0]));
///         x_bar[0] = simd.mul(slope, y_bar[0]);
///         if PARAMS {
///             params_bar[0] = simd.mul(simd.mul(x[0], x[0]), y_bar[0]); // should be added
///         }
///     }
/// }
///
/// let error = check_vjp(Square, &[3.0], &[0.5]).unwrap_err();
/// assert!(error.to_string().contains("parameter 0 must be added"));
/// ```
///
/// # Errors
/// [`Error::Derivative`] names the derivative and both values; [`Error::Length`] unless the input and the parameters have the
/// lengths of the layer.
pub fn check_vjp<L: CustomLayer>(layer: L, x: &[f64], params: &[f64]) -> Result<(), Error> {
    check_len("inputs", L::INPUT_LEN, x.len())?;
    check_len("parameters", L::PARAM_COUNT, params.len())?;
    let simd = <f64 as Number>::OneLane::default();
    let forward = |x: &[f64], params: &[f64], y: &mut [f64]| {
        let (x, y) = (bytemuck::cast_slice(x), bytemuck::cast_slice_mut(y));
        layer.forward::<f64, _>(simd, f64::as_params(params), x, y);
    };
    let vjp = |with_params: bool, bar: &[f64], x_bar: &mut [f64], params_bar: &mut [f64]| {
        let (params, bar) = (f64::as_params(params), bytemuck::cast_slice(bar));
        let (x, x_bar) = (bytemuck::cast_slice(x), bytemuck::cast_slice_mut(x_bar));
        let params_bar = bytemuck::cast_slice_mut(params_bar);
        if with_params {
            layer.vjp::<f64, _, true>(simd, params, x, bar, x_bar, params_bar);
        } else {
            layer.vjp::<f64, _, false>(simd, params, x, bar, x_bar, &mut []);
        }
    };
    let (mut input, mut numbers) = (x.to_vec(), params.to_vec());
    let (mut x_bar, mut params_bar) = (x.to_vec(), params.to_vec());
    for (method, with_params) in [("vjp::<.., true>", true), ("vjp::<.., false>", false)] {
        let by_input = Claim {
            method,
            of: "output",
            by: "input",
            adds: false,
        };
        compare(
            &by_input,
            &mut input,
            L::OUTPUT_LEN,
            |x, y| forward(x, params, y),
            |bar, x_bar| vjp(with_params, bar, x_bar, &mut params_bar),
        )?;
    }
    let by_params = Claim {
        method: "vjp::<.., true>",
        of: "output",
        by: "parameter",
        adds: true,
    };
    compare(
        &by_params,
        &mut numbers,
        L::OUTPUT_LEN,
        |params, y| forward(x, params, y),
        |bar, params_bar| vjp(true, bar, &mut x_bar, params_bar),
    )
}
