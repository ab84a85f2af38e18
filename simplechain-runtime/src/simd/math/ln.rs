//! The natural logarithm.

use super::super::{Real, Simd};
use super::horner;

/// `ln(1 + f) = f - s (f - R)` with `s = f / (2 + f)` and `R = 2 atanh(s) / s - 2`, a polynomial in `s^2`.
///
/// The leading `f` is exact, so the errors of the division and of `R` count only by what is subtracted.
#[inline(always)]
pub(super) fn ln_1p_reduced<T: Real, S: Simd<T>>(simd: S, f: S::V, c: &'static [T]) -> S::V {
    let s = simd.div(f, simd.add(simd.splat(T::from_f64(2.0)), f));
    let s2 = simd.mul(s, s);
    let r = simd.mul(s2, horner(simd, s2, c));
    simd.neg_mul_add(s, simd.sub(f, r), f)
}

/// `ln(x) = n ln 2 + ln(m)` with `x = 2^n m` and `m` between the roots of 1/2 and 2.
#[inline(always)]
pub(super) fn ln<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let one = simd.splat(T::ONE);
    let infinity = simd.splat(T::ONE / T::ZERO);
    let scaled_by = simd.splat(T::from_f64(64.0));

    // Small numbers are scaled up, so that subnormal ones become normal.
    let small = simd.lt(x, simd.splat(T::SMALLEST_NORMAL * T::from_f64(4.0)));
    let normal = simd.scale(x, simd.select(small, scaled_by, simd.zero()));

    // The exponent of x sqrt(2), taken from half of that because it may overflow.
    let n = simd.exponent(simd.mul(
        normal,
        simd.splat(T::from_f64(core::f64::consts::FRAC_1_SQRT_2)),
    ));
    let n = simd.add(n, one);
    let minus_n = simd.sub(simd.splat(T::SHIFT), n);
    let m = simd.add_bits(normal, simd.shift_to_exponent(minus_n));
    let n = simd.select(small, simd.sub(n, scaled_by), n);

    let ln_m = ln_1p_reduced(simd, simd.sub(m, one), T::LN);
    let y = simd.mul_add(n, simd.splat(T::LN_2_LOW), ln_m);
    let y = simd.mul_add(n, simd.splat(T::LN_2), y);

    let nan = simd.sub(infinity, infinity);
    let special = simd.select(simd.eq(x, simd.zero()), simd.neg(infinity), nan);
    let y = simd.select(simd.lt(simd.zero(), x), y, special);
    simd.select(simd.eq(x, infinity), infinity, y)
}
