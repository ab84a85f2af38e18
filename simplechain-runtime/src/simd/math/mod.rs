//! Vectorised elementary functions.

mod constants;
mod exp;
mod gelu;
mod ln;
mod logistic;
pub mod max_ulp;
mod sin;
mod tanh;

use super::{Real, Simd};
use constants::Constants;

/// The elementary functions of a number type, on the vectors of any tier.
pub trait Math: Constants {
    /// The hyperbolic tangent with the fewest multiplications: 3.1 ulp for `f32`, as [`tanh`](Self::tanh) for `f64`.
    fn tanh_fast<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real;

    /// The hyperbolic tangent.
    #[inline(always)]
    fn tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        tanh::tanh(simd, x)
    }

    /// `e^x`
    #[inline(always)]
    fn exp<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        exp::exp(simd, x)
    }

    /// `e^x - 1`
    #[inline(always)]
    fn exp_m1<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        exp::exp_m1(simd, x)
    }

    /// The natural logarithm: NaN for negative numbers, minus infinity for zero.
    #[inline(always)]
    fn ln<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        ln::ln(simd, x)
    }

    /// The logistic function `1 / (1 + e^-x)`.
    #[inline(always)]
    fn sigmoid<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        logistic::sigmoid(simd, x)
    }

    /// The sine.
    #[inline(always)]
    fn sin<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        sin::sin_cos(simd, x).0
    }

    /// The cosine.
    #[inline(always)]
    fn cos<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        sin::sin_cos(simd, x).1
    }

    /// `ln(1 + e^x)`
    #[inline(always)]
    fn softplus<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        logistic::softplus(simd, x).0
    }

    /// [`softplus`](Self::softplus) and its derivative.
    #[inline(always)]
    fn softplus_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Real,
    {
        logistic::softplus(simd, x)
    }

    /// `x sigmoid(x)`
    #[inline(always)]
    fn silu<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        logistic::silu(simd, x).0
    }

    /// [`silu`](Self::silu) and its derivative.
    #[inline(always)]
    fn silu_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Real,
    {
        logistic::silu(simd, x)
    }

    /// `x P(X <= x)` for a normal `X`, `x/2 (1 + erf(x / sqrt(2)))`.
    #[inline(always)]
    fn gelu<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        gelu::gelu(simd, x).0
    }

    /// [`gelu`](Self::gelu) and its derivative.
    #[inline(always)]
    fn gelu_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Real,
    {
        gelu::gelu(simd, x)
    }

    /// `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`
    #[inline(always)]
    fn gelu_tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        logistic::gelu_tanh(simd, x).0
    }

    /// [`gelu_tanh`](Self::gelu_tanh) and its derivative.
    #[inline(always)]
    fn gelu_tanh_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Real,
    {
        logistic::gelu_tanh(simd, x)
    }

    /// `x` for positive `x`, else `e^x - 1`.
    #[inline(always)]
    fn elu<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real,
    {
        exp::elu(simd, x).0
    }

    /// [`elu`](Self::elu) and its derivative.
    #[inline(always)]
    fn elu_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Real,
    {
        exp::elu(simd, x)
    }

    /// The sine and its derivative, the cosine.
    #[inline(always)]
    fn sin_and_derivative<S: Simd<Self>>(simd: S, x: S::V) -> (S::V, S::V)
    where
        Self: Real,
    {
        sin::sin_cos(simd, x)
    }
}

impl Math for f32 {
    #[inline(always)]
    fn tanh_fast<S: Simd<Self>>(simd: S, x: S::V) -> S::V {
        tanh::tanh_fast(simd, x)
    }
}
impl Math for f64 {
    #[inline(always)]
    fn tanh_fast<S: Simd<Self>>(simd: S, x: S::V) -> S::V {
        tanh::tanh(simd, x)
    }
}

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
