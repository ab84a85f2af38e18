//! `gelu`, through the normal distribution.

use super::super::{Real, Simd};
use super::exp::Exp;
use super::{difference, horner};

/// `x P(X <= x)` for a normal `X`, and its derivative `P(X <= x) + x e^(-x^2/2) / sqrt(2 pi)`.
///
/// With `a = |x|` the tail is `P(X > a) = e^(-a^2/2) q(v) / (a + c)`, `v = (a - c) / (a + c)`: this variable maps
/// all `a >= 0` to `[-1, 1)`, where `q` is nearly a straight line, and the polynomial shares the division. On the
/// left the tail is the result, with its full relative accuracy; on the right it is taken from 1.
///
/// The square is exact in two words (see [`gelu_tanh`](super::logistic::gelu_tanh) for the reason).
#[inline(always)]
pub(super) fn gelu<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
    let one = simd.splat(T::ONE);
    let half = simd.splat(T::from_f64(0.5));
    let a = simd.min(simd.splat(T::GELU_LIMIT), simd.abs(x));

    let a2 = simd.mul(a, a);
    let a2_low = difference(simd, a, a, a2); // what is to be subtracted from it
    let parts = Exp::of(
        simd,
        simd.neg(simd.mul(half, a2)),
        Some(simd.mul(half, a2_low)),
    );
    let fraction = parts.fraction(simd);

    let c = simd.splat(T::TAIL_SCALE);
    let inverse = simd.div(one, simd.add(a, c));
    let v = simd.sub(simd.mul(a, inverse), simd.splat(T::from_f64(0.25)));
    let tail = simd.mul(horner(simd, v, T::NORMAL_TAIL), inverse);
    let tail = simd.mul_add(tail, parts.e, tail);

    // On the left everything is scaled by 2^n in the end.
    let negative = simd.lt(x, simd.zero());
    let n = simd.select(negative, parts.n, simd.zero());
    let exp2 = parts.exp2_beside_one(simd);
    let right = simd.neg_mul_add(tail, exp2, one);
    let cumulative = simd.select(negative, tail, right);
    let bell = simd.select(negative, fraction, simd.mul(fraction, exp2));
    let density = simd.mul(bell, simd.splat(T::FRAC_1_SQRT_2PI));

    let near = simd.copysign(a, x);
    let x = simd.max(simd.splat(-T::GELU_LIMIT), x);
    (
        simd.scale(simd.mul(x, cumulative), n),
        simd.scale(simd.mul_add(near, density, cumulative), n),
    )
}
