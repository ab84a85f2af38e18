//! Activation functions, applied to every output of a layer.

use crate::error::{Error, check_len};
use crate::simd::{Kernel, Number, Simd};

/// A function `y = act(z)` of one number, with its derivative.
///
/// Give a type of your own `Debug`: what a value of it holds, such as 0.5 in `Snake(0.5)`, is in
/// [`architecture`](crate::chain::Chain::architecture) as `Debug` shows it, and parameters of a chain with another are told apart.
///
/// Write it for vectors: every method gets the token `simd`, whose methods are the arithmetic. `#[inline(always)]`
/// matters: a function that is not inlined is compiled without the vector instructions.
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
    message = "`{Self}` is no activation",
    label = "not an activation",
    note = "the built-in ones are written in lower case: id tanh relu sigmoid softplus gelu gelu_tanh silu elu leaky_relu(a) sin",
    note = "a type of your own needs `impl simplechain::Activation for {Self}`"
)]
pub trait Activation: Copy + Send + Sync + 'static {
    /// Whether [`derivative_from_output`](Self::derivative_from_output) is there, so that nothing but the output
    /// need be kept for the way back.
    const FROM_OUTPUT: bool = false;

    /// Whether the function nowhere falls: then the maximum of values is the value of the maximum, and a max pool
    /// behind a convolution computes one value a window.
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

/// `y[i] = act(z[i])`, on vectors: the activation of the layers for numbers of your own.
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
    T::wide(Apply { activation, z, y });
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

/// `y = z`
#[derive(Clone, Copy, Debug)]
pub struct Identity;

impl Activation for Identity {
    const FROM_OUTPUT: bool = true;
    const MONOTONE: bool = true;

    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, _: S, z: S::V) -> S::V {
        z
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        (z, simd.splat(T::ONE))
    }
}

/// `y = tanh(z)`
#[derive(Clone, Copy, Debug)]
pub struct Tanh;

impl Activation for Tanh {
    const FROM_OUTPUT: bool = true;
    const MONOTONE: bool = true;

    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        T::tanh(simd, z)
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let y = T::tanh(simd, z);
        (y, self.derivative_from_output(simd, y))
    }
    /// `1 - y^2`
    #[inline(always)]
    fn derivative_from_output<T: Number, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        simd.neg_mul_add(y, y, simd.splat(T::ONE))
    }
}

/// `y = max(z, 0)`, with derivative 0 at 0. NaN stays NaN.
#[derive(Clone, Copy, Debug)]
pub struct Relu;

impl Activation for Relu {
    const FROM_OUTPUT: bool = true;
    const MONOTONE: bool = true;

    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        T::relu(simd, z)
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let y = self.value(simd, z);
        (y, self.derivative_from_output(simd, y))
    }
    #[inline(always)]
    fn derivative_from_output<T: Number, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        simd.select(simd.le(y, simd.zero()), simd.zero(), simd.splat(T::ONE))
    }
}

/// `y = z` for positive `z`, else `slope * z`, with derivative `slope` at 0.
///
/// Built by `leaky_relu(slope)`; any finite slope will do.
#[derive(Clone, Copy, Debug)]
pub struct LeakyRelu(pub f64);

impl Activation for LeakyRelu {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        self.value_and_derivative(simd, z).0
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let slope = Number::from_f64(self.0);
        let positive = simd.lt(simd.zero(), z);
        let (one, slopes) = (simd.splat(T::ONE), simd.splat(T::constant(slope)));
        (
            simd.select(positive, z, simd.mul_constant(slope, z)),
            simd.select(positive, one, slopes),
        )
    }
}

/// `y = 1 / (1 + e^-z)`
#[derive(Clone, Copy, Debug)]
pub struct Sigmoid;

impl Activation for Sigmoid {
    const FROM_OUTPUT: bool = true;
    const MONOTONE: bool = true;

    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        T::sigmoid(simd, z)
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let y = T::sigmoid(simd, z);
        (y, self.derivative_from_output(simd, y))
    }
    /// `y (1 - y)`
    #[inline(always)]
    fn derivative_from_output<T: Number, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        simd.neg_mul_add(y, y, y)
    }
}

/// Activations whose derivative is computed together with the value.
macro_rules! with_derivative {
    ($(#[doc = $doc:literal])+ $Name:ident, $value:ident, $both:ident, monotone: $monotone:literal) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;

        impl Activation for $Name {
            const MONOTONE: bool = $monotone;

            #[inline(always)]
            fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
                T::$value(simd, z)
            }
            #[inline(always)]
            fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
                T::$both(simd, z)
            }
        }
    };
}

with_derivative! {
    /// `y = ln(1 + e^z)`
    Softplus, softplus, softplus_and_derivative, monotone: true
}
with_derivative! {
    /// `y = z Phi(z)` with the normal distribution function `Phi(z) = (1 + erf(z / sqrt 2)) / 2`
    /// (Hendrycks and Gimpel, 2016).
    Gelu, gelu, gelu_and_derivative, monotone: false
}
with_derivative! {
    /// The approximation `y = z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) / 2` of [`Gelu`].
    GeluTanh, gelu_tanh, gelu_tanh_and_derivative, monotone: false
}
with_derivative! {
    /// `y = z / (1 + e^-z)`, also called swish.
    Silu, silu, silu_and_derivative, monotone: false
}
with_derivative! {
    /// `y = z` for positive `z`, else `e^z - 1` (Clevert et al., 2015, with alpha 1).
    Elu, elu, elu_and_derivative, monotone: true
}
with_derivative! {
    /// `y = sin(z)` (Sitzmann et al., 2020).
    Sin, sin, sin_and_derivative, monotone: false
}
