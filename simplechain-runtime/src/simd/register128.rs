//! The trees of sums of the tiers with 128-bit registers.

use super::Simd;

/// The sums over the lanes: in a step of the tree one half of the lanes is added to the other, of two vectors at once.
macro_rules! sums_of_128_bits {
    (f32) => {
        #[inline(always)]
        fn sum_8(self, v: [Self::V; 8]) -> [f32; 8] {
            let [low, high]: [[Self::V; 4]; 2] = bytemuck::cast(v);
            bytemuck::cast([
                $crate::simd::register128::sums_of_4(self, low),
                $crate::simd::register128::sums_of_4(self, high),
            ])
        }
        #[inline(always)]
        fn sum(self, v: Self::V) -> f32 {
            let [a, b, c, d]: [f32; 4] = bytemuck::cast(v);
            (a + c) + (b + d)
        }
        $crate::simd::register128::sums_of_128_bits!(twice f32);
    };
    (f64) => {
        #[inline(always)]
        fn sum_8(self, v: [Self::V; 8]) -> [f64; 8] {
            let mut sums = [<Self as Simd<f64>>::zero(self); 4];
            for (sum, [a, b]) in sums.iter_mut().zip(v.as_chunks::<2>().0) {
                *sum = $crate::simd::register128::sums_of_2(self, *a, *b);
            }
            bytemuck::cast(sums)
        }
        #[inline(always)]
        fn sum(self, v: Self::V) -> f64 {
            let [a, b]: [f64; 2] = bytemuck::cast(v);
            a + b
        }
        $crate::simd::register128::sums_of_128_bits!(twice f64);
    };
    (twice $T:ident) => {
        #[inline(always)]
        fn sum_16(self, v: [Self::V; 16]) -> [$T; 16] {
            let [low, high]: [[Self::V; 8]; 2] = bytemuck::cast(v);
            bytemuck::cast([
                <Self as Simd<$T>>::sum_8(self, low),
                <Self as Simd<$T>>::sum_8(self, high),
            ])
        }
    };
}
pub(super) use sums_of_128_bits;

/// The sums of two vectors of two lanes.
#[inline(always)]
pub(super) fn sums_of_2<S: Simd<f64>>(simd: S, a: S::V, b: S::V) -> S::V {
    let [even, odd] = simd.deinterleave([a, b]);
    simd.add(even, odd)
}

/// The sums of four vectors of four lanes.
#[inline(always)]
pub(super) fn sums_of_4<V: bytemuck::Pod, S: Simd<f32, V = V> + Simd<f64>>(
    simd: S,
    v: [V; 4],
) -> V {
    let low = add_halves(simd, v[0], v[1]);
    let high = add_halves(simd, v[2], v[3]);
    let [even, odd] = Simd::<f32>::deinterleave(simd, [low, high]);
    Simd::<f32>::add(simd, even, odd)
}

/// Lanes 0 and 1 plus lanes 2 and 3, of `a` and of `b`.
#[inline(always)]
fn add_halves<V: bytemuck::Pod, S: Simd<f32, V = V> + Simd<f64>>(simd: S, a: V, b: V) -> V {
    let [low, high] = Simd::<f64>::deinterleave(simd, [bytemuck::cast(a), bytemuck::cast(b)]);
    Simd::<f32>::add(simd, bytemuck::cast(low), bytemuck::cast(high))
}
