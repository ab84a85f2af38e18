//! The hyperbolic tangent, for the end of a matrix product: few multiplications and one division.
//!
//! There a processor is busy multiplying. Additions, comparisons, bit operations and one division per vector run
//! alongside, so what counts is the number of multiplications and fused multiply-adds: 7 for `tanh` of an `f32`, 5 for
//! `tanh_fast`.
//!
//! `tanh(x) = (e^s - 1) / (e^s + 1)` with `s = 2 |x| = n ln 2 + z`. With `t = 2 tanh(z/2)`, an odd polynomial in `z`,
//! `e^z = (2 + t) / (2 - t)`, and so
//!
//! ```text
//! tanh(x) = num / (num + (2 - t)),    num = (2^n - 1) + (2^n + 1)/2 t
//! ```
//!
//! The powers of two are made by moving bits. For `n = 0` the denominator is exactly 2 and the result `t/2`, so small
//! `x` keep their relative accuracy. `2 - t` is positive, so the quotient is at most 1; the sign of `x` is put back last.

use super::super::{Real, Simd};
use super::horner;

/// `t = z + z^3 p(z^2)`.
///
/// `n` leaves 0 at `|x| = 0.27`. Sooner, where the result is below 1/4, the two roundings of the denominator would be 2.3
/// last places; from there on they are 1.7. The price is `z` up to 0.53, one more coefficient.
#[inline(always)]
pub(super) fn tanh<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let Reduced { z, half_exp2 } = reduce(simd, x, 0.3);
    let z2 = simd.mul(z, z);
    let t = simd.mul_add(simd.mul(z2, z), horner(simd, z2, T::TANH), z);
    let one = simd.splat(T::ONE);
    let half = simd.splat(T::from_f64(0.5));
    let num = simd.mul_add(
        simd.add(half_exp2, half),
        t,
        simd.sub(simd.add(half_exp2, half_exp2), one),
    );
    let den = simd.add(num, simd.sub(simd.splat(T::from_f64(2.0)), t));
    simd.copysign(simd.div(num, den), x)
}

/// `K t = z ((z^2 + A)^2 + B)`: with the square completed, a fifth degree takes three operations, two of them fused.
/// Both sides of the quotient are scaled by `K`, and `K 2^n` is an addition to the bits of `2^(n-1)`.
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

    let Reduced { z, half_exp2 } = reduce(simd, x, 0.035);
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

/// `2 |x| = n ln 2 + z`.
struct Reduced<V> {
    z: V,
    /// `2^(n-1)`
    half_exp2: V,
}

/// `n` is the integer next to `3 |x| - offset`, by additions alone. The nearest would be that next to `2.885 |x|`: the
/// difference takes `z` to -1 (`f64`: -1.7) at the limit, but the influence of `t` falls faster, as `2^-n`.
///
/// For the same reason the rounding error of `ln 2` does not matter. NaN passes through the minimum.
#[inline(always)]
fn reduce<T: Real, S: Simd<T>>(simd: S, x: S::V, offset: f64) -> Reduced<S::V> {
    let a = simd.min(simd.splat(T::TANH_LIMIT), simd.abs(x));
    let s = simd.add(a, a);
    let three_a = simd.add(s, simd.sub(a, simd.splat(T::from_f64(offset))));
    let shifted = simd.add(three_a, simd.splat(T::SHIFT_HALF_EXP2));
    let n = simd.sub(shifted, simd.splat(T::SHIFT_HALF_EXP2));
    Reduced {
        z: simd.neg_mul_add(n, simd.splat(T::LN_2), s),
        half_exp2: simd.shift_to_exponent(shifted),
    }
}
