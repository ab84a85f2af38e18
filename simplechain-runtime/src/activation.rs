//! Activation functions, applied to every output of a layer.

mod table;

use crate::error::{Error, check_len};
use crate::simd::{Kernel, Number, Simd};

pub use table::*;

/// A scalar function `y = act(z)` with its derivative.
///
/// Implement `Debug` for a custom activation: [`architecture`](crate::chain::Chain::architecture) contains its `Debug` output,
/// such as 0.5 in `Snake(0.5)`, and so distinguishes parameters of chains with different values.
///
/// Write it for vectors: every method gets the token `simd`, whose methods are the arithmetic. `#[inline(always)]` matters: a
/// function that is not inlined is compiled without the vector instructions.
///
/// ```
/// use simplechain::activation::Activation;
/// use simplechain::simd::{Number, Simd};
///
/// /// `y = z^3`
/// #[derive(Clone, Copy, Debug)]
/// struct Cube;
///
/// impl Activation for Cube {
///     #[inline(always)]
///     fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
///         simd.mul(z, simd.mul(z, z))
///     }
///     #[inline(always)]
///     fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
///         let square = simd.mul(z, z);
///         (simd.mul(z, square), simd.mul(simd.splat(T::from_f64(3.0)), square))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an activation",
    label = "not an activation",
    note = "the built-in ones are written in lower case, such as `tanh` or `leaky_relu(0.01)`",
    note = "a type of your own needs `impl simplechain::Activation for {Self}`"
)]
pub trait Activation: Copy + Send + Sync + 'static {
    /// Whether [`derivative_from_output`](Self::derivative_from_output) is implemented, so that the backward pass needs only
    /// the output.
    const FROM_OUTPUT: bool = false;

    /// Whether the function is non-decreasing. Then `act` of the maximum is the maximum of `act`, and a max pool after a
    /// convolution evaluates it once per window.
    const MONOTONE: bool = false;

    /// `act(z)`
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V;

    /// `(act(z), act'(z))`
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V);

    /// `z_bar = y_bar * act'(z)`, from the output `y` or from the derivative that was `saved`.
    #[doc(hidden)]
    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        let derivative = if Self::FROM_OUTPUT {
            self.derivative_from_output(simd, y)
        } else {
            saved
        };
        simd.mul(y_bar, derivative)
    }

    /// `act'(z)` from `y = act(z)`; called only if [`FROM_OUTPUT`](Self::FROM_OUTPUT).
    #[inline(always)]
    fn derivative_from_output<T: Number, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        let _ = y;
        simd.splat(T::ONE)
    }
}

/// `y[i] = act(z[i])` in vectors: the activation of a layer, applied to slices.
///
/// ```
/// use simplechain::activation::{Tanh, apply};
///
/// let mut y = [0.0_f32; 2];
/// apply(Tanh, &[0.0, 20.0], &mut y)?;
/// assert_eq!(y, [0.0, 1.0]);
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// [`Error::Length`] if the slices differ in length.
pub fn apply<A: Activation, T: Number>(activation: A, z: &[T], y: &mut [T]) -> Result<(), Error> {
    check_len("outputs", z.len(), y.len())?;
    T::dispatch_batch(Apply { activation, z, y });
    Ok(())
}

struct Apply<'a, A, T> {
    activation: A,
    z: &'a [T],
    y: &'a mut [T],
}

impl<A: Activation, T: Number> Kernel<T> for Apply<'_, A, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let whole = self.z.len() / S::LANES * S::LANES;
        let (z, z_rest) = self.z.split_at(whole);
        let (y, y_rest) = self.y.split_at_mut(whole);
        for (z, y) in z.chunks_exact(S::LANES).zip(y.chunks_exact_mut(S::LANES)) {
            simd.store(self.activation.value(simd, simd.load(z)), y);
        }
        if !z_rest.is_empty() {
            let value = self.activation.value(simd, simd.load_partial(z_rest));
            simd.store_partial(value, y_rest);
        }
    }
}
