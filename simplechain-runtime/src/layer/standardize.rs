//! Standardization with a mean and a deviation that are learned from data once, before training.

use super::CustomLayer;
use crate::simd::{Number, Simd};

/// `y = (x - mean) / std` with a mean and a standard deviation for every channel. In a flat input every element is a channel;
/// an image has `PIXELS` elements in each of its `C` channels.
///
/// [`Chain::adapt`](crate::chain::Chain::adapt) computes both from the training inputs. They are parameters, so they are
/// saved and loaded with the weights, but training does not change them, and the gradient with respect to them is 0.
/// (`normalize(mean, std)` has constants that are known when the program is compiled.)
///
/// Parameters: the means, initially 0, then the standard deviations, initially 1; both untrained.
#[derive(Clone, Copy, Debug, Default)]
pub struct Standardize<const C: usize, const PIXELS: usize>;

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const C: usize, const PIXELS: usize> CustomLayer for Standardize<C, PIXELS> {
    const INPUT_LEN: usize = C * PIXELS;
    const OUTPUT_LEN: usize = C * PIXELS;
    const PARAM_COUNT: usize = 2 * C;

    /// The mean is subtracted first: near it the difference is exact.
    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    ) {
        for c in 0..C {
            let mean = simd.param_value(simd.param(params, c));
            let inverse = inverse(simd, params, C + c);
            for i in c * PIXELS..(c + 1) * PIXELS {
                y[i] = simd.mul(simd.sub(x[i], mean), inverse);
            }
        }
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        _: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        for c in 0..C {
            let inverse = inverse(simd, params, C + c);
            for i in c * PIXELS..(c + 1) * PIXELS {
                x_bar[i] = simd.mul(y_bar[i], inverse);
            }
        }
    }
}

/// `1 / std`, with `std` at this index of the parameters.
#[inline(always)]
fn inverse<T: Number, S: Simd<T>>(simd: S, params: T::Params<'_>, index: usize) -> S::V {
    let std = simd.param_value(simd.param(params, index));
    simd.div(simd.splat(T::ONE), std)
}

/// `y = mean + std x`, the inverse of [`Standardize`]: the last layer of a chain whose targets are in the user's units.
/// [`Chain::adapt_outputs`](crate::chain::Chain::adapt_outputs) computes both from the training targets.
///
/// Parameters: the means, initially 0, then the standard deviations, initially 1; both untrained.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unstandardize<const C: usize, const PIXELS: usize>;

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const C: usize, const PIXELS: usize> CustomLayer for Unstandardize<C, PIXELS> {
    const INPUT_LEN: usize = C * PIXELS;
    const OUTPUT_LEN: usize = C * PIXELS;
    const PARAM_COUNT: usize = 2 * C;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    ) {
        for c in 0..C {
            let mean = simd.param_value(simd.param(params, c));
            for i in c * PIXELS..(c + 1) * PIXELS {
                y[i] = simd.mul_add_param(simd.param(params, C + c), x[i], mean);
            }
        }
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        _: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        for c in 0..C {
            for i in c * PIXELS..(c + 1) * PIXELS {
                x_bar[i] = simd.mul_param(simd.param(params, C + c), y_bar[i]);
            }
        }
    }
}
