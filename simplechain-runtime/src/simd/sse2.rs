//! SSE2, the vectors of every x86-64 CPU, through the token of `pulp`. There is no fused multiply-add, no rounding to an integer, and
//! no selection by a mask.

use core::arch::x86_64::{__m128, __m128d, __m128i};

pub(super) use pulp::x86::V1 as Unfused;

use super::Simd;
use super::real::functions;
use super::register::{no_half, single_register};
use super::register128::sums_of_128_bits;

/// The methods that differ between `f32` and `f64` only in the suffix of the intrinsic.
macro_rules! sse2 {
    ($T:ident, $V:ident, $sse:ident, $lanes:literal, $fraction_bits:literal, { $($own:tt)* },
     $splat:ident $add:ident $sub:ident $mul:ident $div:ident $sqrt:ident $min:ident $max:ident $and:ident $andnot:ident
     $or:ident $xor:ident $lt:ident $le:ident $eq:ident $movemask:ident $unpacklo:ident $unpackhi:ident $shl:ident
     $add_int:ident) => {
        impl Simd<$T> for Unfused {
            type V = $V;
            type M = $V;
            const FUSED: bool = false;
            // Of 16: smaller blocks compile faster.
            single_register!($T, $lanes, 8);
            functions!($T, inline(never)); // as every CPU has these instructions, a function may be called
            no_half!();
            sums_of_128_bits!($T);

            #[inline(never)] // a kernel is a function
            fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
                f.call()
            }

            #[inline(always)]
            fn splat(self, x: $T) -> $V {
                self.$sse.$splat(x)
            }
            #[inline(always)]
            fn add(self, a: $V, b: $V) -> $V {
                self.$sse.$add(a, b)
            }
            #[inline(always)]
            fn sub(self, a: $V, b: $V) -> $V {
                self.$sse.$sub(a, b)
            }
            #[inline(always)]
            fn mul(self, a: $V, b: $V) -> $V {
                self.$sse.$mul(a, b)
            }
            #[inline(always)]
            fn div(self, a: $V, b: $V) -> $V {
                self.$sse.$div(a, b)
            }
            #[inline(always)]
            fn mul_add(self, a: $V, b: $V, c: $V) -> $V {
                self.$sse.$add(self.$sse.$mul(a, b), c)
            }
            #[inline(always)]
            fn neg_mul_add(self, a: $V, b: $V, c: $V) -> $V {
                self.$sse.$sub(c, self.$sse.$mul(a, b))
            }
            #[inline(always)]
            fn sqrt(self, a: $V) -> $V {
                self.$sse.$sqrt(a)
            }
            #[inline(always)]
            fn min(self, a: $V, b: $V) -> $V {
                self.$sse.$min(a, b)
            }
            #[inline(always)]
            fn max(self, a: $V, b: $V) -> $V {
                self.$sse.$max(a, b)
            }
            #[inline(always)]
            fn abs(self, a: $V) -> $V {
                self.$sse.$andnot(self.$sse.$splat(-0.0), a)
            }
            #[inline(always)]
            fn neg(self, a: $V) -> $V {
                self.$sse.$xor(self.$sse.$splat(-0.0), a)
            }
            #[inline(always)]
            fn copysign(self, a: $V, sign: $V) -> $V {
                let bit = self.$sse.$splat(-0.0);
                self.$sse.$or(self.$sse.$andnot(bit, a), self.$sse.$and(bit, sign))
            }
            /// Beside 2^f, f the bits of the fraction, there is no room for less than 1. Larger numbers are integers.
            #[inline(always)]
            fn round(self, a: $V) -> $V {
                let shift = self.$sse.$splat((1_u64 << $fraction_bits) as $T);
                let magnitude = <Self as Simd<$T>>::abs(self, a);
                let rounded = self.$sse.$sub(self.$sse.$add(magnitude, shift), shift);
                let rounded = <Self as Simd<$T>>::copysign(self, rounded, a);
                <Self as Simd<$T>>::select(self, self.$sse.$lt(magnitude, shift), rounded, a)
            }
            #[inline(always)]
            fn shift_to_exponent(self, a: $V) -> $V {
                bytemuck::cast::<__m128i, _>(self.sse2.$shl::<$fraction_bits>(bytemuck::cast(a)))
            }
            #[inline(always)]
            fn add_bits(self, a: $V, b: $V) -> $V {
                bytemuck::cast::<__m128i, _>(self.sse2.$add_int(bytemuck::cast(a), bytemuck::cast(b)))
            }
            #[inline(always)]
            fn lt(self, a: $V, b: $V) -> $V {
                self.$sse.$lt(a, b)
            }
            #[inline(always)]
            fn le(self, a: $V, b: $V) -> $V {
                self.$sse.$le(a, b)
            }
            #[inline(always)]
            fn eq(self, a: $V, b: $V) -> $V {
                self.$sse.$eq(a, b)
            }
            #[inline(always)]
            fn select(self, m: $V, yes: $V, no: $V) -> $V {
                self.$sse.$or(self.$sse.$and(m, yes), self.$sse.$andnot(m, no))
            }
            #[inline(always)]
            fn any(self, m: $V) -> bool {
                self.$sse.$movemask(m) != 0
            }
            #[inline(always)]
            fn all(self, m: $V) -> bool {
                self.$sse.$movemask(m) == (1 << $lanes) - 1
            }

            #[inline(always)]
            fn interleave(self, a: $V, b: $V) -> [$V; 2] {
                [self.$sse.$unpacklo(a, b), self.$sse.$unpackhi(a, b)]
            }
            $($own)*
        }
    };
}

sse2!(f32, __m128, sse, 4, 23, {
    #[inline(always)]
    fn exp2_int(self, n: __m128) -> __m128 {
        let biased = self.sse2._mm_add_epi32(self.sse2._mm_cvtps_epi32(n), self.sse2._mm_set1_epi32(127));
        bytemuck::cast(self.sse2._mm_slli_epi32::<23>(biased))
    }
    #[inline(always)]
    fn exponent(self, a: __m128) -> __m128 {
        let biased = self.sse2._mm_cvtepi32_ps(self.sse2._mm_srli_epi32::<23>(bytemuck::cast(a)));
        self.sse._mm_sub_ps(biased, self.sse._mm_set1_ps(127.0))
    }
    #[inline(always)]
    fn deinterleave(self, [a, b]: [__m128; 2]) -> [__m128; 2] {
        [self.sse._mm_shuffle_ps::<0x88>(a, b), self.sse._mm_shuffle_ps::<0xdd>(a, b)]
    }
}, _mm_set1_ps _mm_add_ps _mm_sub_ps _mm_mul_ps _mm_div_ps _mm_sqrt_ps _mm_min_ps _mm_max_ps _mm_and_ps
   _mm_andnot_ps _mm_or_ps _mm_xor_ps _mm_cmplt_ps _mm_cmple_ps _mm_cmpeq_ps _mm_movemask_ps _mm_unpacklo_ps
   _mm_unpackhi_ps _mm_slli_epi32 _mm_add_epi32);

// There are no conversions from and to 64-bit integers: see AVX2.
sse2!(f64, __m128d, sse2, 2, 52, {
    #[inline(always)]
    fn exp2_int(self, n: __m128d) -> __m128d {
        let shifted = self.sse2._mm_add_pd(n, self.sse2._mm_set1_pd(6_755_399_441_055_744.0 + 1023.0));
        <Self as Simd<f64>>::shift_to_exponent(self, shifted)
    }
    #[inline(always)]
    fn exponent(self, a: __m128d) -> __m128d {
        let biased = bytemuck::cast(self.sse2._mm_srli_epi64::<52>(bytemuck::cast(a)));
        let two_52 = self.sse2._mm_set1_pd(4_503_599_627_370_496.0);
        let bias = self.sse2._mm_set1_pd(4_503_599_627_370_496.0 + 1023.0);
        self.sse2._mm_sub_pd(self.sse2._mm_or_pd(two_52, biased), bias)
    }
    #[inline(always)]
    fn deinterleave(self, [a, b]: [__m128d; 2]) -> [__m128d; 2] {
        <Self as Simd<f64>>::interleave(self, a, b)
    }
}, _mm_set1_pd _mm_add_pd _mm_sub_pd _mm_mul_pd _mm_div_pd _mm_sqrt_pd _mm_min_pd _mm_max_pd _mm_and_pd
   _mm_andnot_pd _mm_or_pd _mm_xor_pd _mm_cmplt_pd _mm_cmple_pd _mm_cmpeq_pd _mm_movemask_pd _mm_unpacklo_pd
   _mm_unpackhi_pd _mm_slli_epi64 _mm_add_epi64);
