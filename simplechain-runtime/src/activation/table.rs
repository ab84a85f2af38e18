//! The table of the built-in activations, and what each computes.

use super::Activation;
use crate::simd::{Number, Simd};

/// Passes the table of the built-in activations to the macro `$each`. A row is
///
/// ```text
/// /// Documentation of the type, with the formula.
/// word(argument = value in tests): Type {
///     corners [where the derivative jumps], |z, argument| [f(z), f'(z), f''(z)]
/// }
/// ```
///
/// The types, the keywords of the language and the tests are generated from it. The formulas are in `f64`, with functions of
/// the crate `simplechain-reference`: tests compare with them, the library does not contain them. At a kink they give the same
/// value as the kernels.
#[doc(hidden)]
#[macro_export]
macro_rules! activations {
    ($each:ident) => {
        $each! {
            /// `y = z`
            id: Identity {
                corners [], |z| [z, 1.0, 0.0]
            }
            /// `y = tanh(z)`
            tanh: Tanh {
                corners [], |z| [z.tanh(), z.cosh().powi(-2), -2.0 * z.tanh() * z.cosh().powi(-2)]
            }
            /// `y = max(z, 0)`, with derivative 0 at 0. NaN stays NaN.
            relu: Relu {
                corners [0.0], |z| [z.max(0.0), f64::from(z > 0.0), 0.0]
            }
            /// `y = 1 / (1 + e^-z)`
            sigmoid: Sigmoid {
                corners [], |z| {
                    let (s, t) = (sigmoid(z), sigmoid(-z));
                    [s, s * t, s * t * (t - s)]
                }
            }
            /// `y = ln(1 + e^z)`
            softplus: Softplus {
                corners [], |z| [z.max(0.0) + (-z.abs()).exp().ln_1p(), sigmoid(z), sigmoid(z) * sigmoid(-z)]
            }
            /// `y = z Phi(z)` with the normal distribution function `Phi(z) = (1 + erf(z / sqrt 2)) / 2`
            /// (Hendrycks and Gimpel, 2016).
            gelu: Gelu {
                corners [], |z| {
                    let (below, density) = (normal_distribution(z), normal_density(z));
                    [z * below, below + z * density, (2.0 - z * z) * density]
                }
            }
            /// The approximation `y = z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) / 2` of [`Gelu`].
            gelu_tanh: GeluTanh {
                corners [], |z| {
                    let [w, w1, w2] = gelu_tanh_argument(z);
                    let (s, t) = (sigmoid(w), sigmoid(-w));
                    let (d1, d2) = (s * t * w1, s * t * ((t - s) * w1 * w1 + w2));
                    [z * s, s + z * d1, 2.0 * d1 + z * d2]
                }
            }
            /// `y = z / (1 + e^-z)`, also called swish.
            silu: Silu {
                corners [], |z| {
                    let (s, t) = (sigmoid(z), sigmoid(-z));
                    [z * s, s + z * s * t, s * t * (2.0 + z * (t - s))]
                }
            }
            /// `y = z` for positive `z`, else `e^z - 1` (Clevert et al., 2015, with alpha 1).
            elu: Elu {
                corners [], |z| {
                    let e = z.min(0.0).exp();
                    [z.max(0.0) + z.min(0.0).exp_m1(), e, if z > 0.0 { 0.0 } else { e }]
                }
            }
            /// `y = z` for positive `z`, else `slope * z`, with derivative `slope` at 0. Any finite slope will do.
            leaky_relu(slope = 0.1): LeakyRelu {
                corners [0.0], |z, slope| {
                    let slope = if z > 0.0 { 1.0 } else { slope };
                    [slope * z, slope, 0.0]
                }
            }
            /// `y = z` between -1 and 1, else the nearer of them, with derivative 0 at both. NaN stays NaN.
            hard_tanh: HardTanh {
                corners [-1.0, 1.0], |z| [z.clamp(-1.0, 1.0), f64::from(z.abs() < 1.0), 0.0]
            }
            /// `y = z tanh(ln(1 + e^z))` (Misra, 2019).
            mish: Mish {
                corners [], |z| {
                    let softplus = z.max(0.0) + (-z.abs()).exp().ln_1p();
                    let (t, q, s) = (softplus.tanh(), softplus.cosh().powi(-2), sigmoid(z));
                    let (d1, d2) = (q * s, q * s * (sigmoid(-z) - 2.0 * t * s));
                    [z * t, t + z * d1, 2.0 * d1 + z * d2]
                }
            }
            /// `y = z / (1 + |z|)` (Bergstra et al., 2009), with second derivative 0 at 0.
            softsign: Softsign {
                corners [], |z| {
                    let a = 1.0 + z.abs();
                    let second = if z == 0.0 { 0.0 } else { -2.0 * z.signum() / a.powi(3) };
                    [z / a, a.powi(-2), second]
                }
            }
            /// `y = sin(z)` (Sitzmann et al., 2020).
            sin: Sin {
                corners [], |z| [z.sin(), z.cos(), -z.sin()]
            }
        }
    };
}

macro_rules! types {
    ($(
        $(#[$doc:meta])+
        $word:ident $(($argument:ident = $example:literal))?: $Type:ident $formula:tt
    )*) => {
        $(
            $(#[$doc])+
            #[doc = ""]
            #[doc = concat!("In a chain: `", stringify!($word) $(, "(", stringify!($argument), ")")?, "`.")]
            #[derive(Clone, Copy, Debug)]
            pub struct $Type $((#[doc = concat!("The ", stringify!($argument), ".")] pub f64))?;
        )*
    };
}
activations!(types);

#[diagnostic::do_not_recommend] // a list of all that there are is no help
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

#[diagnostic::do_not_recommend] // a list of all that there are is no help
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

#[diagnostic::do_not_recommend] // a list of all that there are is no help
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

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl Activation for LeakyRelu {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        self.value_and_derivative(simd, z).0
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let slope = Number::from_f64(self.0);
        let positive = simd.lt(simd.zero(), z);
        let (one, tangents) = (simd.splat(T::ONE), simd.splat(T::constant(slope)));
        (
            simd.select(positive, z, simd.mul_constant(slope, z)),
            simd.select(positive, one, tangents),
        )
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
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

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl Activation for HardTanh {
    const FROM_OUTPUT: bool = true;
    const MONOTONE: bool = true;

    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        let high = simd.splat(T::ONE);
        let low = simd.neg(high);
        let above = simd.select(simd.le(z, low), low, z);
        simd.select(simd.le(high, z), high, above)
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let y = self.value(simd, z);
        (y, self.derivative_from_output(simd, y))
    }
    #[inline(always)]
    fn derivative_from_output<T: Number, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        let one = simd.splat(T::ONE);
        simd.select(simd.le(one, simd.abs(y)), simd.zero(), one)
    }
}

/// With `w = e^-|z|`, `tanh(ln(1 + e^z))` is `g = (w^2 + 2 w) / (w^2 + 2 w + 2)` on the left and `1 - g` on the right, where
/// `g = 2 w^2 / (1 + 2 w + 2 w^2)`. So nothing is large, and nothing cancels in the tails.
struct MishParts<T: Number, S: Simd<T>> {
    /// `z`, cut off where `w` is 0: no infinite number is multiplied by 0.
    near: S::V,
    is_left: S::M,
    w: S::V,
    g: S::V,
    /// 1 by the denominator of `g`.
    inverse: S::V,
}

impl<T: Number, S: Simd<T>> MishParts<T, S> {
    #[inline(always)]
    fn of(simd: S, z: S::V) -> Self {
        let limit = T::from_f64(1000.0);
        let near = simd.min(simd.splat(limit), simd.max(simd.neg(simd.splat(limit)), z));
        let (one, two) = (simd.splat(T::ONE), simd.splat(T::from_f64(2.0)));
        let is_left = simd.le(near, simd.zero()); // zero keeps its sign
        let w = T::exp(simd, simd.select(is_left, near, simd.neg(near)));
        let (two_w, square) = (simd.add(w, w), simd.mul(w, w));
        let left = simd.add(square, two_w);
        let right = simd.add(square, square);
        let numerator = simd.select(is_left, left, right);
        let rest = simd.select(is_left, two, simd.add(one, two_w));
        let inverse = simd.div(one, simd.add(numerator, rest));
        Self {
            near,
            is_left,
            w,
            g: simd.mul(numerator, inverse),
            inverse,
        }
    }

    #[inline(always)]
    fn value(&self, simd: S, z: S::V) -> S::V {
        let product = simd.mul(self.near, self.g);
        simd.select(self.is_left, product, simd.sub(z, product))
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl Activation for Mish {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        MishParts::of(simd, z).value(simd, z)
    }
    /// The derivative is `t + z (1 - t^2) / (1 + e^-z)` with the `tanh` as `t`; the last two factors are `4 v (1 + w)` by the square
    /// of the denominator, with `v = w` on the left and `v = w^2` on the right.
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let parts = MishParts::of(simd, z);
        let MishParts {
            near,
            is_left,
            w,
            g,
            inverse,
        } = parts;
        let one = simd.splat(T::ONE);
        let t = simd.select(is_left, g, simd.sub(one, g));
        let v = simd.mul(simd.select(is_left, w, simd.mul(w, w)), inverse);
        let slope = simd.mul(v, simd.mul(simd.add(one, w), inverse));
        let four_z = simd.mul(simd.splat(T::from_f64(4.0)), near);
        (parts.value(simd, z), simd.mul_add(four_z, slope, t))
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl Activation for Softsign {
    const FROM_OUTPUT: bool = true;
    const MONOTONE: bool = true;

    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        // From here on `y` is 1; infinity by infinity is none.
        let limit = simd.splat(T::from_f64(1e30));
        let z = simd.min(limit, simd.max(simd.neg(limit), z));
        simd.div(z, simd.add(simd.splat(T::ONE), simd.abs(z)))
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let y = self.value(simd, z);
        (y, self.derivative_from_output(simd, y))
    }
    /// `(1 - |y|)^2`
    #[inline(always)]
    fn derivative_from_output<T: Number, S: Simd<T>>(self, simd: S, y: S::V) -> S::V {
        let rest = simd.sub(simd.splat(T::ONE), simd.abs(y));
        simd.mul(rest, rest)
    }
}

/// Activations that are elementary functions, whose derivative is computed together with the value.
macro_rules! elementary {
    ($($Type:ident, $value:ident, $both:ident, monotone: $monotone:literal;)*) => {
        $(
            #[diagnostic::do_not_recommend] // a list of all that there are is no help
            impl Activation for $Type {
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
        )*
    };
}
elementary! {
    Softplus, softplus, softplus_and_derivative, monotone: true;
    Gelu, gelu, gelu_and_derivative, monotone: false;
    GeluTanh, gelu_tanh, gelu_tanh_and_derivative, monotone: false;
    Silu, silu, silu_and_derivative, monotone: false;
    Elu, elu, elu_and_derivative, monotone: true;
    Sin, sin, sin_and_derivative, monotone: false;
}
