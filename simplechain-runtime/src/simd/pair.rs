//! Two registers as one vector: the wide vector of a tier whose registers have half its width. With a quarter of the width, it
//! is a pair of pairs.

use super::real::real_numbers;
use super::{Elementary, Real, Simd};

/// Vectors of twice the lanes of `S`; the first half holds the first lanes.
#[derive(Clone, Copy, Debug)]
pub struct Pair<S>(pub S);

impl<T: Real, S: Simd<T>> Simd<T> for Pair<S>
where
    [S::V; 2]: bytemuck::Pod,
{
    type V = [S::V; 2];
    type M = [S::M; 2];
    real_numbers!(T, inline(always));
    const FUSED: bool = S::FUSED;
    const LANES: usize = 2 * S::LANES;
    const REGISTERS: usize = S::REGISTERS / 2;
    type Register = S::Register;
    const REGISTERS_PER_VECTOR: usize = 2 * S::REGISTERS_PER_VECTOR;
    type Half = S;

    #[inline(always)]
    fn register(self) -> S::Register {
        self.0.register()
    }
    #[inline(always)]
    fn half(self) -> S {
        self.0
    }

    /// Where functions are called, of one register after the other.
    #[inline(always)]
    fn elementary<F: Elementary>(self, x: Self::V) -> Self::V {
        if const { S::FUSED } {
            F::value::<T, Self>(self, x)
        } else {
            [self.0.elementary::<F>(x[0]), self.0.elementary::<F>(x[1])]
        }
    }
    #[inline(always)]
    fn elementary_and_derivative<F: Elementary>(self, x: Self::V) -> (Self::V, Self::V) {
        if const { S::FUSED } {
            F::value_and_derivative::<T, Self>(self, x)
        } else {
            let low = self.0.elementary_and_derivative::<F>(x[0]);
            let high = self.0.elementary_and_derivative::<F>(x[1]);
            ([low.0, high.0], [low.1, high.1])
        }
    }

    #[inline(always)]
    fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
        self.0.vectorize(f)
    }

    #[inline(always)]
    fn splat(self, x: T) -> Self::V {
        [self.0.splat(x); 2]
    }
    #[inline(always)]
    fn load(self, x: &[T]) -> Self::V {
        [self.0.load(x), self.0.load(&x[S::LANES..])]
    }
    #[inline(always)]
    fn store(self, v: Self::V, x: &mut [T]) {
        self.0.store(v[0], x);
        self.0.store(v[1], &mut x[S::LANES..]);
    }
    #[inline(always)]
    fn load_partial(self, x: &[T]) -> Self::V {
        let (low, high) = x.split_at(x.len().min(S::LANES));
        [self.0.load_partial(low), self.0.load_partial(high)]
    }
    #[inline(always)]
    fn store_partial(self, v: Self::V, x: &mut [T]) {
        let (low, high) = x.split_at_mut(x.len().min(S::LANES));
        self.0.store_partial(v[0], low);
        self.0.store_partial(v[1], high);
    }

    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        [self.0.add(a[0], b[0]), self.0.add(a[1], b[1])]
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        [self.0.sub(a[0], b[0]), self.0.sub(a[1], b[1])]
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        [self.0.mul(a[0], b[0]), self.0.mul(a[1], b[1])]
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        [self.0.div(a[0], b[0]), self.0.div(a[1], b[1])]
    }
    #[inline(always)]
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        [
            self.0.mul_add(a[0], b[0], c[0]),
            self.0.mul_add(a[1], b[1], c[1]),
        ]
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        [
            self.0.neg_mul_add(a[0], b[0], c[0]),
            self.0.neg_mul_add(a[1], b[1], c[1]),
        ]
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        [self.0.sqrt(a[0]), self.0.sqrt(a[1])]
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        [self.0.min(a[0], b[0]), self.0.min(a[1], b[1])]
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        [self.0.max(a[0], b[0]), self.0.max(a[1], b[1])]
    }
    #[inline(always)]
    fn abs(self, a: Self::V) -> Self::V {
        [self.0.abs(a[0]), self.0.abs(a[1])]
    }
    #[inline(always)]
    fn neg(self, a: Self::V) -> Self::V {
        [self.0.neg(a[0]), self.0.neg(a[1])]
    }
    #[inline(always)]
    fn copysign(self, a: Self::V, sign: Self::V) -> Self::V {
        [
            self.0.copysign(a[0], sign[0]),
            self.0.copysign(a[1], sign[1]),
        ]
    }
    #[inline(always)]
    fn round(self, a: Self::V) -> Self::V {
        [self.0.round(a[0]), self.0.round(a[1])]
    }
    #[inline(always)]
    fn exp2_int(self, n: Self::V) -> Self::V {
        [self.0.exp2_int(n[0]), self.0.exp2_int(n[1])]
    }
    #[inline(always)]
    fn scale(self, a: Self::V, n: Self::V) -> Self::V {
        [self.0.scale(a[0], n[0]), self.0.scale(a[1], n[1])]
    }
    #[inline(always)]
    fn exponent(self, a: Self::V) -> Self::V {
        [self.0.exponent(a[0]), self.0.exponent(a[1])]
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: Self::V) -> Self::V {
        [
            self.0.shift_to_exponent(a[0]),
            self.0.shift_to_exponent(a[1]),
        ]
    }
    #[inline(always)]
    fn add_bits(self, a: Self::V, b: Self::V) -> Self::V {
        [self.0.add_bits(a[0], b[0]), self.0.add_bits(a[1], b[1])]
    }

    #[inline(always)]
    fn lt(self, a: Self::V, b: Self::V) -> Self::M {
        [self.0.lt(a[0], b[0]), self.0.lt(a[1], b[1])]
    }
    #[inline(always)]
    fn le(self, a: Self::V, b: Self::V) -> Self::M {
        [self.0.le(a[0], b[0]), self.0.le(a[1], b[1])]
    }
    #[inline(always)]
    fn eq(self, a: Self::V, b: Self::V) -> Self::M {
        [self.0.eq(a[0], b[0]), self.0.eq(a[1], b[1])]
    }
    #[inline(always)]
    fn select(self, m: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        [
            self.0.select(m[0], yes[0], no[0]),
            self.0.select(m[1], yes[1], no[1]),
        ]
    }
    #[inline(always)]
    fn any(self, m: Self::M) -> bool {
        self.0.any(m[0]) || self.0.any(m[1])
    }
    #[inline(always)]
    fn all(self, m: Self::M) -> bool {
        self.0.all(m[0]) && self.0.all(m[1])
    }

    #[inline(always)]
    fn lookup_index(self, n: Self::V) -> Self::V {
        [self.0.lookup_index(n[0]), self.0.lookup_index(n[1])]
    }
    #[inline(always)]
    fn lookup(self, table: &[T; 4], index: Self::V) -> Self::V {
        [
            self.0.lookup(table, index[0]),
            self.0.lookup(table, index[1]),
        ]
    }

    #[inline(always)]
    fn interleave(self, a: Self::V, b: Self::V) -> [Self::V; 2] {
        [self.0.interleave(a[0], b[0]), self.0.interleave(a[1], b[1])]
    }
    #[inline(always)]
    fn deinterleave(self, mixed: [Self::V; 2]) -> [Self::V; 2] {
        let low = self.0.deinterleave(mixed[0]);
        let high = self.0.deinterleave(mixed[1]);
        [[low[0], high[0]], [low[1], high[1]]]
    }

    /// The first step of the tree adds the two halves, so the rest is the half vector's own tree.
    #[inline(always)]
    fn sum_8(self, v: [Self::V; 8]) -> [T; 8] {
        let mut sums = [self.0.zero(); 8];
        for (sum, v) in sums.iter_mut().zip(v) {
            *sum = self.0.add(v[0], v[1]);
        }
        self.0.sum_8(sums)
    }
    #[inline(always)]
    fn sum_16(self, v: [Self::V; 16]) -> [T; 16] {
        let mut sums = [self.0.zero(); 16];
        for (sum, v) in sums.iter_mut().zip(v) {
            *sum = self.0.add(v[0], v[1]);
        }
        self.0.sum_16(sums)
    }
    #[inline(always)]
    fn sum(self, v: Self::V) -> T {
        self.0.sum(self.0.add(v[0], v[1]))
    }
}
