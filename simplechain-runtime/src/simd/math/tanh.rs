//! The hyperbolic tangent, for the end of a matrix product: few multiplications and one division.

use super::super::{Real, Simd};
use super::horner;

/// `tanh(x) = (e^s - 1) / (e^s + 1)` with `s = 2 |x| = n ln 2 + z`.
///
/// With `t = 2 tanh(z/2)`, an odd polynomial, `e^z = (2 + t) / (2 - t)`, and so
///
/// ```text
/// tanh(x) = num / (num + (2 - t)),    num = (2^n - 1) + (2^n + 1)/2 t
/// ```
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

/// The same with `k t = z ((z^2 + a)^2 + b)`, so that a fused operation completes the square, and both sides
/// of the quotient scaled by `k`.
#[inline(always)]
pub(super) fn tanh_fast<S: Simd<f32>>(simd: S, x: S::V) -> S::V {
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

/// `2 |x| = n ln 2 + z`.
struct Reduced<V> {
    z: V,
    /// `2^(n-1)`
    half_exp2: V,
}

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
