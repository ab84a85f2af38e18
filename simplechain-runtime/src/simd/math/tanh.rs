//! The hyperbolic tangent, for the end of a matrix product: few multiplications and one division.
//!
//! There a processor is busy multiplying. Additions, comparisons and bit operations run beside that, and a division takes the
//! time of two to four multiplications of a vector. So what counts is the number of multiplications and fused multiply-adds, and
//! where as many additions run beside them, that of additions, too.
//!
//! `tanh(x) = (e^s - 1) / (e^s + 1)` with `s = 2 |x| = n ln 2 + 2 w`. With `u = tanh(w)`, an odd polynomial in `w`,
//! `e^(2w) = (1 + u) / (1 - u)`, and so
//!
//! ```text
//! tanh(x) = num / (num + (1 - u)),    num = (2^(n-1) - 1/2) + (2^(n-1) + 1/2) u
//! ```
//!
//! The powers of two are made by moving bits. For `n = 0` the denominator is exactly 1 and the result `u`, so small
//! `x` keep their relative accuracy. `1 - u` is positive, so the quotient is at most 1, and what rounding does to `num` it does
//! to both sides. The sign of `x` is put back last.

use super::super::{Real, Simd};
use super::Constants;
use super::horner;

/// `u = w + w^3 p(w^2)`: 8 multiplications and multiply-adds, 6 additions.
///
/// `n` is the integer next to `3 (|x| - 0.1)`, so it leaves 0 at `|x| = 0.27`. Sooner, where the result is below 1/4, the two
/// roundings of the denominator would be 2.3 last places; from there on they are 1.7. The price is `w` up to 0.27, one more
/// coefficient.
///
/// The nearest integer to `s / ln 2` would be that next to `2.885 |x|`: the difference takes `w` to -0.5 (`f64`: -0.85) at the
/// limit, but the influence of `u` falls faster, as `2^-n`. The rounding error of `ln 2` does not matter for the same reason.
///
/// NaN passes through the minimum.
#[inline(always)]
pub(super) fn tanh<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let half = simd.splat(T::from_f64(0.5));
    let shift = simd.splat(T::SHIFT_HALF_EXP2);
    let a = simd.min(simd.splat(T::TANH_LIMIT), simd.abs(x));
    let lowered = simd.sub(a, simd.splat(T::from_f64(0.1)));
    let shifted = simd.mul_add(lowered, simd.splat(T::from_f64(3.0)), shift);
    let n = simd.sub(shifted, shift);
    let w = simd.neg_mul_add(n, simd.splat(T::LN_2 * T::from_f64(0.5)), a);
    let half_exp2 = simd.shift_to_exponent(shifted);

    let w2 = simd.mul(w, w);
    let u = simd.mul_add(simd.mul(w2, w), horner(simd, w2, T::TANH), w);
    let num = simd.mul_add(simd.add(half_exp2, half), u, simd.sub(half_exp2, half));
    let den = simd.add(num, simd.sub(simd.splat(T::ONE), u));
    simd.copysign(simd.div(num, den), x)
}

/// In place of `u` there is `t = 2 tanh(z/2)` with `z = 2 w`, and `K t = z ((z^2 + A)^2 + B)`: with the square completed, a fifth
/// degree takes three operations, two of them fused. Both sides of the quotient are scaled by `K`, and `K 2^n` is an addition to
/// the bits of `2^(n-1)`: 5 multiplications and multiply-adds, 10 additions.
///
/// `K`, `A` and `B` are a rounded neighbour of the minimax polynomial for `|z| <= 0.35`: of 18 triples tried near it and
/// two wider ones, the one with the least error of the function. `n` leaves 0 at `|x| = 0.178`, between the errors of `t` on the two sides.
#[inline(always)]
fn tanh_fast<S: Simd<f32>>(simd: S, x: S::V) -> S::V {
    const K: f32 = 122.246_66;
    const A: f32 = -5.093_184;
    const B: f32 = 96.306_13;
    /// Times a power of two, as bits: from `2^(n-1)` to `K 2^n`.
    const K_OVER_HALF: f32 = f32::from_bits(K.to_bits() - 0.5_f32.to_bits());

    let a = simd.min(simd.splat(f32::TANH_LIMIT), simd.abs(x));
    let s = simd.add(a, a);
    let three_a = simd.add(s, simd.sub(a, simd.splat(0.035)));
    let shifted = simd.add(three_a, simd.splat(f32::SHIFT_HALF_EXP2));
    let n = simd.sub(shifted, simd.splat(f32::SHIFT_HALF_EXP2));
    let z = simd.neg_mul_add(n, simd.splat(f32::LN_2), s);
    let half_exp2 = simd.shift_to_exponent(shifted);

    let v = simd.mul_add(z, z, simd.splat(A));
    let t = simd.mul(z, simd.mul_add(v, v, simd.splat(B)));
    let k_exp2 = simd.add_bits(half_exp2, simd.splat(K_OVER_HALF));
    let num = simd.mul_add(
        simd.add(half_exp2, simd.splat(0.5)),
        t,
        simd.sub(k_exp2, simd.splat(K)),
    );
    let den = simd.add(num, simd.sub(simd.splat(2.0 * K), t));
    simd.copysign(simd.div(num, den), x)
}

/// Which of the two is `tanh_fast` of a number type.
pub trait QuickTanh: Sized {
    /// The one with the fewest multiplications.
    fn quick_tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real;
}

impl QuickTanh for f32 {
    #[inline(always)]
    fn quick_tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V {
        tanh_fast(simd, x)
    }
}

impl QuickTanh for f64 {
    #[inline(always)]
    fn quick_tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V {
        tanh(simd, x)
    }
}
