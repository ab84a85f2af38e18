//! The exponential, whole and in the pieces that other functions are made of.

use super::super::{Real, Simd};
use super::{halves, horner};

/// `e^x = 2^n (1 + e)` with `|e| < 0.42`.
pub(super) struct Exp<V> {
    /// The integer.
    pub(super) n: V,
    /// `SHIFT + n`: the integer in the low bits.
    pub(super) shifted: V,
    /// `e^r - 1`, `r = x - n ln 2`, `|r| <= ln(2)/2`.
    pub(super) e: V,
}

impl<V: Copy> Exp<V> {
    /// Splits `x = high + low`, where `low` is a rounding error of `high`; NaN goes to `e`.
    ///
    /// `n LN_2` has no more digits than fit between the lowest of `LN_2` and `|r|`, so the first subtraction is exact. Without fused
    /// multiply-add that is so for the upper half of `LN_2`.
    #[inline(always)]
    pub(super) fn of<T: Real, S: Simd<T, V = V>>(simd: S, high: V, low: Option<V>) -> Self {
        let shift = simd.splat(T::SHIFT);
        let shifted = simd.mul_add(high, simd.splat(T::LOG2_E), shift);
        let n = simd.sub(shifted, shift);
        let (ln_2, ln_2_low) = if const { S::FUSED } {
            (T::LN_2, T::LN_2_LOW)
        } else {
            let (upper, lower) = halves(T::LN_2);
            (upper, lower + T::LN_2_LOW)
        };
        let r = simd.neg_mul_add(n, simd.splat(ln_2), high);
        let mut r = simd.neg_mul_add(n, simd.splat(ln_2_low), r);
        if let Some(low) = low {
            r = simd.add(r, low);
        }
        let e = simd.mul_add(simd.mul(r, r), horner(simd, r, T::EXP), r);
        Self { n, shifted, e }
    }

    /// `1 + e`
    #[inline(always)]
    pub(super) fn fraction<T: Real, S: Simd<T, V = V>>(&self, simd: S) -> V {
        simd.add(simd.splat(T::ONE), self.e)
    }

    /// `2^n`, or `2^-100` where it would be less: no subnormal number, and negligible beside 1.
    #[inline(always)]
    pub(super) fn exp2_beside_one<T: Real, S: Simd<T, V = V>>(&self, simd: S) -> V {
        let least = simd.splat(T::SHIFT + T::from_f64(-100.0));
        let shifted = simd.shift_to_exponent(simd.max(self.shifted, least));
        simd.add_bits(shifted, simd.splat(T::ONE))
    }
}

/// `e^x`: infinite or zero beyond the limits, and subnormal just inside the lower one.
#[inline(always)]
pub(super) fn exp<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let parts = Exp::of(simd, clamp(simd, x), None);
    simd.scale(parts.fraction(simd), parts.n)
}

/// `e^x - 1`, where `2^n` would overflow before the result does.
#[inline(always)]
pub(super) fn exp_m1<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let mut parts = Exp::of(simd, clamp(simd, x), None);
    let greatest = simd.splat(T::SHIFT_MAX_EXP2);
    let shifted = simd.min(greatest, parts.shifted);
    let doublings = simd.sub(parts.shifted, shifted);
    parts.shifted = shifted;
    let y = exp_m1_of(simd, x, &parts);
    simd.mul_add(y, doublings, y)
}

/// `2^n e + (2^n - 1)` with the sign of `x`, because the sum loses that of zero.
#[inline(always)]
fn exp_m1_of<T: Real, S: Simd<T>>(simd: S, x: S::V, parts: &Exp<S::V>) -> S::V {
    let exp2 = parts.exp2_beside_one(simd);
    let y = simd.mul_add(exp2, parts.e, simd.sub(exp2, simd.splat(T::ONE)));
    simd.copysign(y, x)
}

/// `x` for positive `x`, else `e^x - 1`; and the derivative, 1 or `e^x`.
#[inline(always)]
pub(super) fn elu<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
    let positive = simd.lt(simd.zero(), x);
    let negative = simd.min(simd.zero(), x);
    let parts = Exp::of(simd, clamp(simd, negative), None);
    let slope = simd.scale(parts.fraction(simd), parts.n);
    (
        simd.select(positive, x, exp_m1_of(simd, negative, &parts)),
        simd.select(positive, simd.splat(T::ONE), slope),
    )
}

/// Clamps to slightly beyond the range where the exponential neither is zero nor overflows; NaN is preserved.
#[inline(always)]
fn clamp<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    simd.min(simd.splat(T::EXP_MAX), simd.max(simd.splat(T::EXP_MIN), x))
}
