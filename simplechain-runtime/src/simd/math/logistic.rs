//! The logistic function and those derived from it: `sigmoid`, `softplus`, `silu` and the `tanh` form of `gelu`.

use super::super::{Real, Simd};
use super::difference;
use super::exp::Exp;
use super::ln::ln_1p_reduced;

/// `sigmoid(v) = 2^n s` and `1 - sigmoid(v) = rest`.
///
/// With `z = e^-|v| <= 1` it is `1 / (1 + z)` on the right and `z / (1 + z)` on the left. There the power of two is kept
/// apart, so that a product with `s` loses nothing where `2^n s` is subnormal.
struct Logistic<V> {
    s: V,
    rest: V,
    n: V,
}

impl<V: Copy> Logistic<V> {
    /// From `-|v| = high + low` and where `v < 0`.
    #[inline(always)]
    fn of<T: Real, S: Simd<T, V = V>>(simd: S, negative: S::M, parts: &Exp<V>) -> Self {
        let one = simd.splat(T::ONE);
        let fraction = parts.fraction(simd);
        let z = simd.mul(fraction, parts.exp2_beside_one(simd));
        let den = simd.add(one, z);
        Self {
            s: simd.div(simd.select(negative, fraction, one), den),
            rest: simd.div(simd.select(negative, one, z), den),
            n: simd.select(negative, parts.n, simd.zero()),
        }
    }

    /// `x sigmoid(v(x))` and its derivative `sigmoid(v) (1 + x (1 - sigmoid(v)) v'(x))`.
    ///
    /// `near` is `x`, but finite: what it multiplies is zero where they differ.
    #[inline(always)]
    fn gate<T: Real, S: Simd<T, V = V>>(self, simd: S, x: V, near: V, slope: V) -> (V, V) {
        let change = simd.mul(simd.mul(near, self.rest), slope);
        (
            simd.scale(simd.mul(x, self.s), self.n),
            simd.scale(simd.mul_add(self.s, change, self.s), self.n),
        )
    }
}

/// `-|x|`, clamped from below to `least`; NaN is preserved.
#[inline(always)]
fn minus_abs<T: Real, S: Simd<T>>(simd: S, x: S::V, least: T) -> S::V {
    simd.max(simd.splat(least), simd.neg(simd.abs(x)))
}

/// `1 / (1 + e^-x)`
#[inline(always)]
pub(super) fn sigmoid<T: Real, S: Simd<T>>(simd: S, x: S::V) -> S::V {
    let parts = Exp::of(simd, minus_abs(simd, x, T::EXP_MIN), None);
    let y = Logistic::of(simd, simd.lt(x, simd.zero()), &parts);
    simd.scale(y.s, y.n)
}

/// `ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)` and its derivative `sigmoid(x)`.
#[inline(always)]
pub(super) fn softplus<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
    let parts = Exp::of(simd, minus_abs(simd, x, T::EXP_MIN), None);
    let z = simd.scale(parts.fraction(simd), parts.n);
    let slope = Logistic::of(simd, simd.lt(x, simd.zero()), &parts);
    (
        simd.add(simd.max(simd.zero(), x), ln_1p_reduced(simd, z, T::LN_1P)),
        simd.scale(slope.s, slope.n),
    )
}

/// `x sigmoid(x)` and its derivative.
#[inline(always)]
pub(super) fn silu<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
    let v = minus_abs(simd, x, -T::SILU_LIMIT);
    let y = Logistic::of(simd, simd.lt(x, simd.zero()), &Exp::of(simd, v, None));
    let near = simd.copysign(v, x);
    let x = simd.max(simd.splat(-T::SILU_LIMIT), x);
    y.gate(simd, x, near, simd.splat(T::ONE))
}

/// `x/2 (1 + tanh(u)) = x sigmoid(2u)` with `u = sqrt(2/pi) (x + 0.044715 x^3)`, and its derivative.
///
/// `2u` is computed in two words: in the left tail the result is near `x e^(2u)`, and an error in the last place of
/// `2u = -100` would be 100 units in the last place of the result.
#[inline(always)]
pub(super) fn gelu_tanh<T: Real, S: Simd<T>>(simd: S, x: S::V) -> (S::V, S::V) {
    let (c1, c3) = (simd.splat(T::GELU_TANH_1), simd.splat(T::GELU_TANH_3));
    let a = simd.min(simd.splat(T::GELU_TANH_LIMIT), simd.abs(x));
    let a2 = simd.mul(a, a);
    let minus_a2_low = difference(simd, a, a, a2);

    // w = c1 + c3 a^2 = high + low: the exact error of the product and of the sum, then the neglected words.
    let product = simd.mul(c3, a2);
    let high = simd.add(product, c1);
    let c1_rounded = simd.sub(high, product);
    let low = simd.add(
        simd.sub(product, simd.sub(high, c1_rounded)),
        simd.sub(c1, c1_rounded),
    );
    let minus_product_low = difference(simd, c3, a2, product);
    let low = simd.sub(low, minus_product_low);
    let low = simd.neg_mul_add(c3, minus_a2_low, low);
    let low = simd.mul_add(simd.splat(T::GELU_TANH_3_LOW), a2, low);
    let low = simd.add(low, simd.splat(T::GELU_TANH_1_LOW));

    // -|2u| = -a w
    let u = simd.neg(simd.mul(a, high));
    let u_low = simd.neg_mul_add(a, low, difference(simd, a, high, simd.neg(u)));

    let parts = Exp::of(simd, u, Some(u_low));
    let y = Logistic::of(simd, simd.lt(x, simd.zero()), &parts);
    let slope = simd.mul_add(simd.splat(T::from_f64(3.0)), product, c1);
    let near = simd.copysign(a, x);
    let x = simd.max(simd.splat(-T::GELU_TANH_LIMIT), x);
    y.gate(simd, x, near, slope)
}
