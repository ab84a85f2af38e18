//! Sine and cosine.

use super::super::{Real, Simd};
use super::{difference, horner};
#[cfg(not(feature = "std"))]
use crate::float::Float as _;

/// `(sin(x), cos(x))`
///
/// `x = n pi/2 + r` with `|r| <= pi/4` by subtracting `n` times the three words of `pi/2` (Cody and Waite). The first
/// difference is exact; each of the others is rounded once, relative to what is left, so numbers next to a
/// multiple of `pi/2` keep their accuracy, too. Up to the limit the third word leaves less than a last place.
///
/// A lane beyond the limit is computed by the standard library, in every tier alike.
#[inline(always)]
pub(super) fn sin_cos<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
    let shift = simd.splat(T::SHIFT);
    let n = simd.sub(simd.mul_add(x, simd.splat(T::FRAC_2_PI), shift), shift);
    let r = difference(simd, n, simd.splat(T::FRAC_PI_2_HIGH), x);
    let r = difference(simd, n, simd.splat(T::FRAC_PI_2_MIDDLE), r);
    let r = simd.neg_mul_add(n, simd.splat(T::FRAC_PI_2_LOW), r);

    let r2 = simd.mul(r, r);
    let sin = simd.mul_add(simd.mul(r2, r), horner(simd, r2, T::SIN), r);
    let cos = simd.mul_add(r2, horner(simd, r2, T::COS), simd.splat(T::ONE));

    // The quadrant, n mod 4 in 0..=3.
    let quarter = simd.splat(T::from_f64(0.25));
    let turns = simd.round(simd.mul_add(n, quarter, simd.splat(T::from_f64(-0.375))));
    let quadrant = simd.neg_mul_add(turns, simd.splat(T::from_f64(4.0)), n);
    let (one, middle) = (simd.splat(T::ONE), simd.splat(T::from_f64(1.5)));
    let odd = simd.eq(
        simd.abs(simd.sub(quadrant, simd.splat(T::from_f64(2.0)))),
        one,
    );
    let (sin, cos) = (simd.select(odd, cos, sin), simd.select(odd, sin, cos));
    let sin_flipped = simd.lt(middle, quadrant);
    let cos_flipped = simd.lt(simd.abs(simd.sub(quadrant, middle)), one);
    let sin = simd.select(sin_flipped, simd.neg(sin), sin);
    let sin = simd.select(simd.eq(x, simd.zero()), x, sin); // the sum above loses the sign of zero
    let cos = simd.select(cos_flipped, simd.neg(cos), cos);

    let far = simd.lt(simd.splat(T::SIN_LIMIT), simd.abs(x));
    if simd.any(far) {
        let exact = |f: fn(f64) -> f64| simd.map(x, |x| T::from_f64(f(x.to_f64())));
        (
            simd.select(far, exact(f64::sin), sin),
            simd.select(far, exact(f64::cos), cos),
        )
    } else {
        (sin, cos)
    }
}
