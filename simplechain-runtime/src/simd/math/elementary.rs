//! The elementary functions with their derivatives, as types: a token of real numbers evaluates them, and a token of Taylor
//! polynomials composes them.

use super::super::{Real, Simd};
use super::{exp, gelu, ln, logistic, sin, tanh};

/// A function of one variable with its first three derivatives.
pub trait Elementary {
    /// `f(x)`
    fn value<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V;

    /// `(f(x), f'(x))`
    #[inline(always)]
    fn value_and_derivative<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
        let [value, derivative, ..] = Self::derivatives(simd, x);
        (value, derivative)
    }

    /// `[f(x), f'(x), f''(x), f'''(x)]`
    fn derivatives<T: Real, S: Simd<T>>(simd: S, x: S::V) -> [S::V; 4];
}

/// `c x`
#[inline(always)]
fn times<T: Real, S: Simd<T>>(simd: S, c: f64, x: S::V) -> S::V {
    simd.mul(simd.splat(T::from_f64(c)), x)
}

/// The first three derivatives of the logistic function from its value `s`: `d = s (1 - s)`, `d (1 - 2 s)` and
/// `d (1 - 6 d)`.
#[inline(always)]
fn sigmoid_derivatives<T: Real, S: Simd<T>>(simd: S, s: S::V) -> [S::V; 3] {
    let one = simd.splat(T::ONE);
    let d = simd.neg_mul_add(s, s, s);
    let second = simd.mul(d, simd.sub(one, simd.add(s, s)));
    let third = simd.mul(d, simd.sub(one, times(simd, 6.0, d)));
    [d, second, third]
}

/// The derivatives of `x g(x)` from those of `g`, where the value and first derivative are known.
#[inline(always)]
fn times_x<T: Real, S: Simd<T>>(
    simd: S,
    x: S::V,
    known: (S::V, S::V),
    [g1, g2, g3]: [S::V; 3],
) -> [S::V; 4] {
    [
        known.0,
        known.1,
        simd.mul_add(x, g2, simd.add(g1, g1)),
        simd.mul_add(x, g3, times(simd, 3.0, g2)),
    ]
}

/// `x`, but no further from 0 than where the derivatives of all functions that are 0 or straight in their tails are
/// equal to their limits, in `f64` too: there the products of powers of `x` with what has fallen to 0 are 0. NaN stays.
#[inline(always)]
fn near<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let limit = T::from_f64(1000.0);
    simd.min(simd.splat(limit), simd.max(simd.splat(-limit), x))
}

macro_rules! tanh {
    ($(#[$doc:meta])+ $Name:ident, |$simd:ident, $x:ident| $value:expr) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;

        impl Elementary for $Name {
            #[inline(always)]
            fn value<T: Real, S: Simd<T>>($simd: S, $x: S::V) -> S::V {
                $value
            }
            /// `y`, `d = 1 - y^2`, `-2 y d` and `2 d (2 y^2 - d)`
            #[inline(always)]
            fn derivatives<T: Real, S: Simd<T>>(simd: S, x: S::V) -> [S::V; 4] {
                let y = Self::value(simd, x);
                let d = simd.neg_mul_add(y, y, simd.splat(T::ONE));
                let two_y = simd.add(y, y);
                let third = simd.mul(simd.add(d, d), simd.sub(simd.mul(two_y, y), d));
                [y, d, simd.neg(simd.mul(two_y, d)), third]
            }
        }
    };
}
tanh! {
    /// [`Math::tanh`](super::Math::tanh)
    Tanh, |simd, x| tanh::tanh(simd, x)
}
tanh! {
    /// [`Math::tanh_fast`](super::Math::tanh_fast)
    TanhFast, |simd, x| T::quick_tanh(simd, x)
}

macro_rules! elementary {
    (
        $(#[$doc:meta])+ $Name:ident,
        |$simd:ident, $x:ident| value: $value:expr,
        $(both: $both:expr,)?
        derivatives: $derivatives:expr
    ) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug)]
        pub struct $Name;

        impl Elementary for $Name {
            #[inline(always)]
            fn value<T: Real, S: Simd<T>>($simd: S, $x: S::V) -> S::V {
                $value
            }
            $(
                #[inline(always)]
                fn value_and_derivative<T: Real, S: Simd<T>>($simd: S, $x: S::V) -> (S::V, S::V) {
                    $both
                }
            )?
            #[inline(always)]
            fn derivatives<T: Real, S: Simd<T>>($simd: S, $x: S::V) -> [S::V; 4] {
                $derivatives
            }
        }
    };
}
elementary! {
    /// [`Math::exp`](super::Math::exp)
    Exp,
    |simd, x| value: exp::exp(simd, x),
    derivatives: [exp::exp(simd, x); 4]
}
elementary! {
    /// [`Math::exp_m1`](super::Math::exp_m1)
    ExpM1,
    |simd, x| value: exp::exp_m1(simd, x),
    derivatives: {
        let e = exp::exp(simd, x);
        [exp::exp_m1(simd, x), e, e, e]
    }
}
elementary! {
    /// [`Math::ln`](super::Math::ln)
    Ln,
    |simd, x| value: ln::ln(simd, x),
    derivatives: {
        let inverse = simd.div(simd.splat(T::ONE), x);
        let square = simd.mul(inverse, inverse);
        let third = simd.mul(simd.add(inverse, inverse), square);
        [ln::ln(simd, x), inverse, simd.neg(square), third]
    }
}
elementary! {
    /// [`Math::sigmoid`](super::Math::sigmoid)
    Sigmoid,
    |simd, x| value: logistic::sigmoid(simd, x),
    derivatives: {
        let s = logistic::sigmoid(simd, x);
        let [first, second, third] = sigmoid_derivatives(simd, s);
        [s, first, second, third]
    }
}
elementary! {
    /// [`Math::softplus`](super::Math::softplus)
    Softplus,
    |simd, x| value: logistic::softplus(simd, x).0,
    both: logistic::softplus(simd, x),
    derivatives: {
        let (y, s) = logistic::softplus(simd, x);
        let [second, third, _] = sigmoid_derivatives(simd, s);
        [y, s, second, third]
    }
}
elementary! {
    /// [`Math::silu`](super::Math::silu)
    Silu,
    |simd, x| value: logistic::silu(simd, x).0,
    both: logistic::silu(simd, x),
    derivatives: {
        let tangents = sigmoid_derivatives(simd, logistic::sigmoid(simd, x));
        times_x(simd, near(simd, x), logistic::silu(simd, x), tangents)
    }
}
elementary! {
    /// [`Math::gelu`](super::Math::gelu)
    Gelu,
    |simd, x| value: gelu::gelu(simd, x).0,
    both: gelu::gelu(simd, x),
    // The normal density p and -x p, (x^2 - 1) p.
    derivatives: {
        let known = gelu::gelu(simd, x);
        let x = near(simd, x);
        let square = simd.mul(x, x);
        let density = simd.mul(
            exp::exp(simd, times(simd, -0.5, square)),
            simd.splat(T::FRAC_1_SQRT_2PI),
        );
        let second = simd.neg(simd.mul(x, density));
        let third = simd.mul(simd.sub(square, simd.splat(T::ONE)), density);
        times_x(simd, x, known, [density, second, third])
    }
}
elementary! {
    /// [`Math::gelu_tanh`](super::Math::gelu_tanh)
    GeluTanh,
    |simd, x| value: logistic::gelu_tanh(simd, x).0,
    both: logistic::gelu_tanh(simd, x),
    // Of sigmoid(w) with w = c1 x + c3 x^3, by the chain rule.
    derivatives: {
        let known = logistic::gelu_tanh(simd, x);
        let x = near(simd, x);
        let (c1, c3) = (simd.splat(T::GELU_TANH_1), simd.splat(T::GELU_TANH_3));
        let c3_x = simd.mul(c3, x);
        let w = simd.mul(x, simd.mul_add(c3_x, x, c1));
        let w1 = simd.mul_add(times(simd, 3.0, c3_x), x, c1);
        let (w2, w3) = (times(simd, 6.0, c3_x), times(simd, 6.0, c3));
        let [d1, d2, d3] = sigmoid_derivatives(simd, logistic::sigmoid(simd, w));
        let square = simd.mul(w1, w1);
        let first = simd.mul(d1, w1);
        let second = simd.mul_add(d2, square, simd.mul(d1, w2));
        let mixed = simd.mul_add(simd.mul(times(simd, 3.0, d2), w1), w2, simd.mul(d1, w3));
        let third = simd.mul_add(simd.mul(d3, square), w1, mixed);
        times_x(simd, x, known, [first, second, third])
    }
}
elementary! {
    /// `max(x, 0)`, with the derivatives 0 at 0. NaN stays, with the first derivative 1.
    Relu,
    |simd, x| value: simd.max(simd.zero(), x),
    derivatives: {
        let (zero, one) = (simd.zero(), simd.splat(T::ONE));
        let slope = simd.select(simd.le(x, zero), zero, one);
        [simd.max(zero, x), slope, zero, zero]
    }
}
elementary! {
    /// [`Math::elu`](super::Math::elu)
    Elu,
    |simd, x| value: exp::elu(simd, x).0,
    both: exp::elu(simd, x),
    derivatives: {
        let (y, slope) = exp::elu(simd, x);
        let second = simd.select(simd.lt(simd.zero(), x), simd.zero(), slope);
        [y, slope, second, second]
    }
}
elementary! {
    /// [`Math::sin`](super::Math::sin)
    Sin,
    |simd, x| value: sin::sin_cos(simd, x).0,
    derivatives: {
        let (sin, cos) = sin::sin_cos(simd, x);
        [sin, cos, simd.neg(sin), simd.neg(cos)]
    }
}
elementary! {
    /// [`Math::cos`](super::Math::cos)
    Cos,
    |simd, x| value: sin::sin_cos(simd, x).1,
    derivatives: {
        let (sin, cos) = sin::sin_cos(simd, x);
        [cos, simd.neg(sin), simd.neg(cos), sin]
    }
}
