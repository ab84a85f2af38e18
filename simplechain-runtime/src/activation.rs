//! Activation functions, applied to every output of a layer.

use crate::simd::{Real, Simd};

/// A function `y = act(z)` of one number, with its derivative.
///
/// Write it for vectors: every method gets the token `simd`, whose methods are the arithmetic. `#[inline(always)]`
/// matters: a function that is not inlined is compiled without the vector instructions.
///
/// ```
/// use simplechain_runtime::activation::Activation;
/// use simplechain_runtime::simd::{Real, Simd};
///
/// /// `y = z^3`
/// #[derive(Clone, Copy, Debug)]
/// struct Cube;
///
/// impl Activation for Cube {
///     #[inline(always)]
///     fn value<T: Real, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
///         simd.mul(z, simd.mul(z, z))
///     }
///     #[inline(always)]
///     fn value_and_derivative<T: Real, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
///         let square = simd.mul(z, z);
///         (simd.mul(z, square), simd.mul(simd.splat(T::from_f64(3.0)), square))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no activation",
    label = "not an activation",
    note = "the built-in ones are written in lower case: id tanh relu sigmoid softplus gelu gelu_tanh silu elu leaky_relu(a) sin",
    note = "a type of your own needs `impl simplechain::Activation for {Self}`"
)]
pub trait Activation: Copy + Send + Sync + 'static {
    /// Whether [`derivative_from_output`](Self::derivative_from_output) is there, so that nothing but the output
    /// need be kept for the way back.
    const FROM_OUTPUT: bool = false;

    /// `act(z)`
    fn value<T: Real, S: Simd<T>>(self, simd: S, z: S::V) -> S::V;

    /// `(act(z), act'(z))`
    fn value_and_derivative<T: Real, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V);

    /// `act'(z)` from `y = act(z)`; called only if [`FROM_OUTPUT`](Self::FROM_OUTPUT).
    #[inline(always)]
    fn derivative_from_output<T: Real, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        let _ = y;
        simd.splat(T::ONE)
    }
}

/// `y = z`
#[derive(Clone, Copy, Debug)]
pub struct Identity;

impl Activation for Identity {
    const FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<T: Real, S: Simd<T>>(self, _: S, z: S::V) -> S::V {
        z
    }
    #[inline(always)]
    fn value_and_derivative<T: Real, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        (z, simd.splat(T::ONE))
    }
}

/// `y = tanh(z)`, at most 2 ulp off.
#[derive(Clone, Copy, Debug)]
pub struct Tanh;

impl Activation for Tanh {
    const FROM_OUTPUT: bool = true;

    #[inline(always)]
    fn value<T: Real, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        T::tanh(simd, z)
    }
    #[inline(always)]
    fn value_and_derivative<T: Real, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let y = T::tanh(simd, z);
        (y, self.derivative_from_output(simd, y))
    }
    /// `1 - y^2`
    #[inline(always)]
    fn derivative_from_output<T: Real, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        simd.neg_mul_add(y, y, simd.splat(T::ONE))
    }
}
