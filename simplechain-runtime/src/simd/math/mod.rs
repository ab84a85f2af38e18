//! Vectorised elementary functions, written once for both number types and all tiers.
//!
//! They use only operations that round correctly, so they give the same bits in every tier that has a fused multiply-add; in the
//! others errors are at most [`max_ulp::UNFUSED`] larger. NaN gives NaN,
//! infinities give the limits, the functions through the origin keep the sign of zero, and results that are
//! subnormal numbers are not flushed to zero.
//!
//! # Errors and cost
//!
//! Errors in units in the last place ([`max_ulp`]): for `f32` the largest of all 2^32 inputs, for `f64` the largest of
//! 60 000 inputs against 90-digit values. Cycles for an element, AVX-512 / AVX2, on Zen 4 at 3.69 GHz: vectors of 64
//! bytes in a loop over 2048 numbers in -6..6 in the first-level cache, load and store included; first decile of
//! 300 runs.
//!
//! | function | `f32` error | cycles | `f64` error | cycles |
//! |---|---|---|---|---|
//! | [`tanh`](Math::tanh) | 1.76 | 1.0 / 1.5 | 1.67 | 2.4 / 4.0 |
//! | [`tanh_fast`](Math::tanh_fast) | 3.12 | 0.9 / 1.4 | as `tanh` | |
//! | [`exp`](Math::exp) | 1.05 | 0.7 / 1.4 | 0.94 | 2.2 / 4.4 |
//! | [`exp_m1`](Math::exp_m1) | 1.60 | 0.9 / 1.4 | 1.75 | 2.5 / 4.1 |
//! | [`ln`](Math::ln) | 0.96 | 1.4 / 3.0 | 1.11 | 3.5 / 7.3 |
//! | [`sigmoid`](Math::sigmoid) | 2.41 | 1.2 / 2.2 | 2.06 | 3.2 / 6.2 |
//! | [`softplus`](Math::softplus) | 1.83 | 1.5 / 2.7 | 1.48 | 5.3 / 9.7 |
//! | [`silu`](Math::silu) | 3.20 | 1.2 / 2.3 | 2.55 | 3.3 / 6.7 |
//! | [`gelu`](Math::gelu) | 4.32 | 2.3 / 4.0 | 3.72 | 7.8 / 15.8 |
//! | [`gelu_tanh`](Math::gelu_tanh) | 3.35 | 2.2 / 3.9 | 2.70 | 5.3 / 9.6 |
//! | [`elu`](Math::elu) | 0.95 | 0.9 / 1.5 | 1.08 | 2.5 / 4.4 |
//! | [`sin`](Math::sin) | 1.66 | 1.4 / 1.7 | 1.53 | 3.5 / 4.8 |
//! | [`cos`](Math::cos) | 1.66 | 1.4 / 1.7 | 1.35 | 3.4 / 4.7 |
//!
//! A value with its derivative costs 10 to 42 % more than the value on AVX-512. The derivatives of `silu`, `gelu` and
//! `gelu_tanh` cross zero; their absolute error is at most [`max_ulp::DERIVATIVE`] last places of 1.
//!
//! At the end of a matrix product, where the multipliers are busy and everything else waits, a vector of 16 costs as much
//! as its multiplications: 7 of them and 8 cycles for `tanh`, 5 and 6 for `tanh_fast`.
//!
//! # Coefficients
//!
//! `constants.rs` is printed by `coefficients.py` beside it (Remez exchange with mpmath), which names the command. The
//! three coefficients of `tanh_fast` stand beside it.

mod constants;
mod elementary;
mod exp;
mod gelu;
mod ln;
mod logistic;
pub mod max_ulp;
mod sin;
mod tanh;

use super::{Number, Real, Simd, Taylor};

pub(super) use constants::Constants;
pub use elementary::{
    Cos, Elementary, Elu, Exp, ExpM1, Gelu, GeluTanh, Ln, Relu, Sigmoid, Silu, Sin, Softplus, Tanh,
    TanhFast,
};
pub(super) use tanh::QuickTanh;

/// The elementary functions of a number type, on the vectors of any tier.
pub trait Math: Sized {
    /// The hyperbolic tangent: exactly odd, and nowhere above 1 in magnitude.
    #[inline(always)]
    fn tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Tanh>(x)
    }

    /// The hyperbolic tangent with the fewest multiplications: 3.1 ulp for `f32`, as [`tanh`](Self::tanh) for `f64`.
    #[inline(always)]
    fn tanh_fast<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<TanhFast>(x)
    }

    /// `e^x`: zero below -104 (`f32`) or -746 (`f64`), subnormal where the result is.
    #[inline(always)]
    fn exp<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Exp>(x)
    }

    /// `e^x - 1`, accurate also next to 0.
    #[inline(always)]
    fn exp_m1<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<ExpM1>(x)
    }

    /// The natural logarithm: NaN for negative numbers, minus infinity for zero.
    #[inline(always)]
    fn ln<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Ln>(x)
    }

    /// The logistic function `1 / (1 + e^-x)`; its relative accuracy holds in the whole left tail.
    #[inline(always)]
    fn sigmoid<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Sigmoid>(x)
    }

    /// The sine: in vectors for `|x| <= 2^17`; a lane beyond that is left to the standard library.
    #[inline(always)]
    fn sin<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Sin>(x)
    }

    /// The sine and its derivative, the cosine.
    #[inline(always)]
    fn sin_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Number,
    {
        simd.elementary_and_derivative::<Sin>(x)
    }

    /// The cosine, with the limits of [`sin`](Self::sin).
    #[inline(always)]
    fn cos<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Cos>(x)
    }

    /// `ln(1 + e^x)`, also where it is nearly `e^x` or nearly `x`.
    #[inline(always)]
    fn softplus<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Softplus>(x)
    }

    /// [`softplus`](Self::softplus) and its derivative.
    #[inline(always)]
    fn softplus_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Number,
    {
        simd.elementary_and_derivative::<Softplus>(x)
    }

    /// `x sigmoid(x)`, also called swish.
    #[inline(always)]
    fn silu<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Silu>(x)
    }

    /// [`silu`](Self::silu) and its derivative.
    #[inline(always)]
    fn silu_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Number,
    {
        simd.elementary_and_derivative::<Silu>(x)
    }

    /// `x P(X <= x)` for a normal `X`, `x/2 (1 + erf(x / sqrt(2)))`.
    #[inline(always)]
    fn gelu<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Gelu>(x)
    }

    /// [`gelu`](Self::gelu) and its derivative.
    #[inline(always)]
    fn gelu_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Number,
    {
        simd.elementary_and_derivative::<Gelu>(x)
    }

    /// `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`
    #[inline(always)]
    fn gelu_tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<GeluTanh>(x)
    }

    /// [`gelu_tanh`](Self::gelu_tanh) and its derivative.
    #[inline(always)]
    fn gelu_tanh_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Number,
    {
        simd.elementary_and_derivative::<GeluTanh>(x)
    }

    /// `max(x, 0)`, with the derivative 0 at 0.
    #[inline(always)]
    fn relu<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Relu>(x)
    }

    /// `x` for positive `x`, else `e^x - 1`.
    #[inline(always)]
    fn elu<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Number,
    {
        simd.elementary::<Elu>(x)
    }

    /// [`elu`](Self::elu) and its derivative.
    #[inline(always)]
    fn elu_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Number,
    {
        simd.elementary_and_derivative::<Elu>(x)
    }
}

impl Math for f32 {}
impl Math for f64 {}
impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> Math for Taylor<T, K, PARAM_TANGENTS> {}

/// `c[0] + c[1] x + c[2] x^2 + ...` by Horner's rule.
#[inline(always)]
fn horner<T: Real, S: Simd<T>>(simd: S, x: S::V, c: &'static [T]) -> S::V {
    let (last, rest) = c.split_last().expect("a coefficient");
    let mut sum = simd.splat(*last);
    for c in rest.iter().rev() {
        sum = simd.mul_add(sum, x, simd.splat(*c));
    }
    sum
}

/// The upper half of the digits of `x`, and the rest (Veltkamp, 1968): the product of two halves is exact.
#[inline(always)]
fn halves<T: Real>(x: T) -> (T, T) {
    let scaled = T::SPLIT * x;
    let high = scaled - (scaled - x);
    (high, x - high)
}

/// `c - a b` where the difference is far smaller than `c`: rounding the product would leave nothing of it. Without fused
/// multiply-add its error is computed (Dekker, 1971).
#[inline(always)]
fn difference<T: Real, S: Simd<T>>(simd: S, a: S::V, b: S::V, c: S::V) -> S::V {
    if const { S::FUSED } {
        return simd.neg_mul_add(a, b, c);
    }
    let product = simd.mul(a, b);
    let (a_high, a_low) = halves_of(simd, a);
    let (b_high, b_low) = halves_of(simd, b);
    let error = simd.sub(simd.mul(a_high, b_high), product);
    let error = simd.mul_add(a_high, b_low, error);
    let error = simd.mul_add(a_low, b_high, error);
    let error = simd.mul_add(a_low, b_low, error);
    simd.sub(simd.sub(c, product), error)
}

/// [`halves`]
#[inline(always)]
fn halves_of<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
    let scaled = simd.mul(simd.splat(T::SPLIT), x);
    let high = simd.sub(scaled, simd.sub(scaled, x));
    (high, simd.sub(x, high))
}
