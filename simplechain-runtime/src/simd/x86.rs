//! AVX2 and AVX-512, through the tokens of `pulp`, whose methods are the raw intrinsics made safe.

use core::arch::x86_64::{__m128, __m256, __m256d, __m512, __m512d, __m512i};
use core::arch::x86_64::{
    _CMP_EQ_OQ, _CMP_LE_OQ, _CMP_LT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT,
};

use pulp::core_arch::x86::{Avx, Avx512f};
use pulp::x86::{V3, V4};

use super::Simd;
use super::real::functions;
use super::register::{no_half, single_register};

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

/// A step of the tree of sums, for two vectors at once: in the lanes whose index has the bit of the name, the second's, else the
/// first's. Every lane gets the lane that differs in that bit added. So after all steps lane `l` is the sum of vector `l`, if vectors were
/// paired that differ in the bit.
///
/// Lanes that stay in place are blended, which more units do than move lanes.
macro_rules! add_halves {
    ($name:ident($f:ident: $Features:ident, $a:ident, $b:ident: $V:ident) $add:ident: $stay:expr, $moved:expr) => {
        #[inline(always)]
        fn $name($f: $Features, $a: $V, $b: $V) -> $V {
            $f.$add($stay, $moved)
        }
    };
}

add_halves!(f32x8_by_4(f: Avx, a, b: __m256) _mm256_add_ps:
    f._mm256_blend_ps::<0xF0>(a, b), f._mm256_permute2f128_ps::<0x21>(a, b));
add_halves!(f32x8_by_2(f: Avx, a, b: __m256) _mm256_add_ps:
    f._mm256_blend_ps::<0xCC>(a, b), f._mm256_shuffle_ps::<0x4E>(a, b));
add_halves!(f32x8_by_1(f: Avx, a, b: __m256) _mm256_add_ps:
    f._mm256_blend_ps::<0xAA>(a, b), f._mm256_permute_ps::<0xB1>(f._mm256_blend_ps::<0xAA>(b, a)));
add_halves!(f64x4_by_2(f: Avx, a, b: __m256d) _mm256_add_pd:
    f._mm256_blend_pd::<0xC>(a, b), f._mm256_permute2f128_pd::<0x21>(a, b));
add_halves!(f64x4_by_1(f: Avx, a, b: __m256d) _mm256_add_pd:
    f._mm256_blend_pd::<0xA>(a, b), f._mm256_shuffle_pd::<0x5>(a, b));
add_halves!(f32x16_by_8(f: Avx512f, a, b: __m512) _mm512_add_ps:
    f._mm512_mask_blend_ps(0xFF00, a, b), f._mm512_shuffle_f32x4::<0x4E>(a, b));
add_halves!(f32x16_by_4(f: Avx512f, a, b: __m512) _mm512_add_ps:
f._mm512_mask_blend_ps(0xF0F0, a, b), {
    let moving = f._mm512_mask_blend_ps(0xF0F0, b, a);
    f._mm512_shuffle_f32x4::<0xB1>(moving, moving)
});
add_halves!(f32x16_by_2(f: Avx512f, a, b: __m512) _mm512_add_ps:
    f._mm512_mask_blend_ps(0xCCCC, a, b), f._mm512_shuffle_ps::<0x4E>(a, b));
add_halves!(f32x16_by_1(f: Avx512f, a, b: __m512) _mm512_add_ps:
    f._mm512_mask_blend_ps(0xAAAA, a, b), f._mm512_permute_ps::<0xB1>(f._mm512_mask_blend_ps(0xAAAA, b, a)));
add_halves!(f64x8_by_4(f: Avx512f, a, b: __m512d) _mm512_add_pd:
    f._mm512_mask_blend_pd(0xF0, a, b), f._mm512_shuffle_f64x2::<0x4E>(a, b));
add_halves!(f64x8_by_2(f: Avx512f, a, b: __m512d) _mm512_add_pd:
f._mm512_mask_blend_pd(0xCC, a, b), {
    let moving = f._mm512_mask_blend_pd(0xCC, b, a);
    f._mm512_shuffle_f64x2::<0xB1>(moving, moving)
});
add_halves!(f64x8_by_1(f: Avx512f, a, b: __m512d) _mm512_add_pd:
    f._mm512_mask_blend_pd(0xAA, a, b), f._mm512_shuffle_pd::<0x55>(a, b));

impl Simd<f32> for V3 {
    type V = __m256;
    type M = __m256;
    single_register!(f32, 8, 16);
    functions!(f32, inline(always));
    no_half!();

    #[inline(always)]
    fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
        self.vectorize(f)
    }

    #[inline(always)]
    fn splat(self, x: f32) -> __m256 {
        self.avx._mm256_set1_ps(x)
    }
    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_add_ps(a, b)
    }
    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_sub_ps(a, b)
    }
    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_mul_ps(a, b)
    }
    #[inline(always)]
    fn div(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_div_ps(a, b)
    }
    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        self.fma._mm256_fmadd_ps(a, b, c)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        self.fma._mm256_fnmadd_ps(a, b, c)
    }
    #[inline(always)]
    fn sqrt(self, a: __m256) -> __m256 {
        self.avx._mm256_sqrt_ps(a)
    }
    #[inline(always)]
    fn min(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_min_ps(a, b)
    }
    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_max_ps(a, b)
    }
    #[inline(always)]
    fn abs(self, a: __m256) -> __m256 {
        let avx = self.avx;
        avx._mm256_andnot_ps(avx._mm256_set1_ps(-0.0), a)
    }
    #[inline(always)]
    fn neg(self, a: __m256) -> __m256 {
        let avx = self.avx;
        avx._mm256_xor_ps(avx._mm256_set1_ps(-0.0), a)
    }
    #[inline(always)]
    fn copysign(self, a: __m256, sign: __m256) -> __m256 {
        let avx = self.avx;
        let bit = avx._mm256_set1_ps(-0.0);
        avx._mm256_or_ps(avx._mm256_andnot_ps(bit, a), avx._mm256_and_ps(bit, sign))
    }
    #[inline(always)]
    fn round(self, a: __m256) -> __m256 {
        self.avx._mm256_round_ps::<NEAREST>(a)
    }
    #[inline(always)]
    fn exp2_int(self, n: __m256) -> __m256 {
        let (avx, avx2) = (self.avx, self.avx2);
        let biased = avx2._mm256_add_epi32(avx._mm256_cvtps_epi32(n), avx._mm256_set1_epi32(127));
        avx._mm256_castsi256_ps(avx2._mm256_slli_epi32::<23>(biased))
    }
    #[inline(always)]
    fn exponent(self, a: __m256) -> __m256 {
        let (avx, avx2) = (self.avx, self.avx2);
        let biased = avx2._mm256_srli_epi32::<23>(avx._mm256_castps_si256(a));
        avx._mm256_sub_ps(avx._mm256_cvtepi32_ps(biased), avx._mm256_set1_ps(127.0))
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: __m256) -> __m256 {
        let (avx, avx2) = (self.avx, self.avx2);
        avx._mm256_castsi256_ps(avx2._mm256_slli_epi32::<23>(avx._mm256_castps_si256(a)))
    }
    #[inline(always)]
    fn add_bits(self, a: __m256, b: __m256) -> __m256 {
        let (avx, avx2) = (self.avx, self.avx2);
        let (a, b) = (avx._mm256_castps_si256(a), avx._mm256_castps_si256(b));
        avx._mm256_castsi256_ps(avx2._mm256_add_epi32(a, b))
    }
    #[inline(always)]
    fn lt(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_cmp_ps::<_CMP_LT_OQ>(a, b)
    }
    #[inline(always)]
    fn le(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_cmp_ps::<_CMP_LE_OQ>(a, b)
    }
    #[inline(always)]
    fn eq(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_cmp_ps::<_CMP_EQ_OQ>(a, b)
    }
    #[inline(always)]
    fn select(self, m: __m256, yes: __m256, no: __m256) -> __m256 {
        self.avx._mm256_blendv_ps(no, yes, m)
    }
    #[inline(always)]
    fn any(self, m: __m256) -> bool {
        self.avx._mm256_movemask_ps(m) != 0
    }
    #[inline(always)]
    fn all(self, m: __m256) -> bool {
        self.avx._mm256_movemask_ps(m) == 0xff
    }

    /// The index is in the low bits.
    #[inline(always)]
    fn lookup(self, table: &[f32; 4], index: __m256) -> __m256 {
        let table: __m128 = bytemuck::cast(*table);
        let table = self.avx._mm256_set_m128(table, table);
        self.avx._mm256_permutevar_ps(table, bytemuck::cast(index))
    }
    #[inline(always)]
    fn interleave(self, a: __m256, b: __m256) -> [__m256; 2] {
        let low = self.avx._mm256_unpacklo_ps(a, b);
        let high = self.avx._mm256_unpackhi_ps(a, b);
        [
            self.avx._mm256_permute2f128_ps::<0x20>(low, high),
            self.avx._mm256_permute2f128_ps::<0x31>(low, high),
        ]
    }
    #[inline(always)]
    fn deinterleave(self, [a, b]: [__m256; 2]) -> [__m256; 2] {
        let low = self.avx._mm256_permute2f128_ps::<0x20>(a, b);
        let high = self.avx._mm256_permute2f128_ps::<0x31>(a, b);
        [
            self.avx._mm256_shuffle_ps::<0x88>(low, high),
            self.avx._mm256_shuffle_ps::<0xdd>(low, high),
        ]
    }

    /// Each step adds one half of the lanes to the other for two vectors at once.
    #[inline(always)]
    fn sum_8(self, v: [__m256; 8]) -> [f32; 8] {
        let avx = self.avx;
        let even = f32x8_by_2(
            avx,
            f32x8_by_4(avx, v[0], v[4]),
            f32x8_by_4(avx, v[2], v[6]),
        );
        let odd = f32x8_by_2(
            avx,
            f32x8_by_4(avx, v[1], v[5]),
            f32x8_by_4(avx, v[3], v[7]),
        );
        bytemuck::cast(f32x8_by_1(avx, even, odd))
    }
    #[inline(always)]
    fn sum_16(self, v: [__m256; 16]) -> [f32; 16] {
        let [low, high]: [[__m256; 8]; 2] = bytemuck::cast(v);
        bytemuck::cast([
            Simd::<f32>::sum_8(self, low),
            Simd::<f32>::sum_8(self, high),
        ])
    }
    #[inline(always)]
    fn sum(self, v: __m256) -> f32 {
        let [a, b, c, d, e, f, g, h]: [f32; 8] = bytemuck::cast(v);
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}

impl Simd<f64> for V3 {
    type V = __m256d;
    type M = __m256d;
    single_register!(f64, 4, 16);
    functions!(f64, inline(always));
    no_half!();

    #[inline(always)]
    fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
        self.vectorize(f)
    }

    #[inline(always)]
    fn splat(self, x: f64) -> __m256d {
        self.avx._mm256_set1_pd(x)
    }
    #[inline(always)]
    fn add(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_add_pd(a, b)
    }
    #[inline(always)]
    fn sub(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_sub_pd(a, b)
    }
    #[inline(always)]
    fn mul(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_mul_pd(a, b)
    }
    #[inline(always)]
    fn div(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_div_pd(a, b)
    }
    #[inline(always)]
    fn mul_add(self, a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        self.fma._mm256_fmadd_pd(a, b, c)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        self.fma._mm256_fnmadd_pd(a, b, c)
    }
    #[inline(always)]
    fn sqrt(self, a: __m256d) -> __m256d {
        self.avx._mm256_sqrt_pd(a)
    }
    #[inline(always)]
    fn min(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_min_pd(a, b)
    }
    #[inline(always)]
    fn max(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_max_pd(a, b)
    }
    #[inline(always)]
    fn abs(self, a: __m256d) -> __m256d {
        self.avx._mm256_andnot_pd(self.avx._mm256_set1_pd(-0.0), a)
    }
    #[inline(always)]
    fn neg(self, a: __m256d) -> __m256d {
        self.avx._mm256_xor_pd(self.avx._mm256_set1_pd(-0.0), a)
    }
    #[inline(always)]
    fn copysign(self, a: __m256d, sign: __m256d) -> __m256d {
        let bit = self.avx._mm256_set1_pd(-0.0);
        self.avx._mm256_or_pd(
            self.avx._mm256_andnot_pd(bit, a),
            self.avx._mm256_and_pd(bit, sign),
        )
    }
    #[inline(always)]
    fn round(self, a: __m256d) -> __m256d {
        self.avx._mm256_round_pd::<NEAREST>(a)
    }
    /// AVX2 has no conversion to 64-bit integers: adding 1.5 * 2^52 leaves `n` in the low bits instead.
    #[inline(always)]
    fn exp2_int(self, n: __m256d) -> __m256d {
        let shifted = self
            .avx
            ._mm256_add_pd(n, self.splat(6_755_399_441_055_744.0 + 1023.0));
        let bits = self.avx._mm256_castpd_si256(shifted);
        self.avx
            ._mm256_castsi256_pd(self.avx2._mm256_slli_epi64::<52>(bits))
    }
    /// There is no conversion from 64-bit integers either: as the fraction bits of 2^52 + e they are floating-point numbers.
    #[inline(always)]
    fn exponent(self, a: __m256d) -> __m256d {
        let (avx, avx2) = (self.avx, self.avx2);
        let bits = avx._mm256_castpd_si256(a);
        let biased = avx._mm256_castsi256_pd(avx2._mm256_srli_epi64::<52>(bits));
        let two_52 = avx._mm256_set1_pd(4_503_599_627_370_496.0);
        let bias = avx._mm256_set1_pd(4_503_599_627_370_496.0 + 1023.0);
        avx._mm256_sub_pd(avx._mm256_or_pd(two_52, biased), bias)
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: __m256d) -> __m256d {
        let bits = self.avx._mm256_castpd_si256(a);
        self.avx
            ._mm256_castsi256_pd(self.avx2._mm256_slli_epi64::<52>(bits))
    }
    #[inline(always)]
    fn add_bits(self, a: __m256d, b: __m256d) -> __m256d {
        let (a, b) = (
            self.avx._mm256_castpd_si256(a),
            self.avx._mm256_castpd_si256(b),
        );
        self.avx
            ._mm256_castsi256_pd(self.avx2._mm256_add_epi64(a, b))
    }
    #[inline(always)]
    fn lt(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_cmp_pd::<_CMP_LT_OQ>(a, b)
    }
    #[inline(always)]
    fn le(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_cmp_pd::<_CMP_LE_OQ>(a, b)
    }
    #[inline(always)]
    fn eq(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_cmp_pd::<_CMP_EQ_OQ>(a, b)
    }
    #[inline(always)]
    fn select(self, m: __m256d, yes: __m256d, no: __m256d) -> __m256d {
        self.avx._mm256_blendv_pd(no, yes, m)
    }
    #[inline(always)]
    fn any(self, m: __m256d) -> bool {
        self.avx._mm256_movemask_pd(m) != 0
    }
    #[inline(always)]
    fn all(self, m: __m256d) -> bool {
        self.avx._mm256_movemask_pd(m) == 0xf
    }

    /// The two halves of an entry, as `f32`.
    #[inline(always)]
    fn lookup_index(self, n: __m256d) -> __m256d {
        let (avx, avx2) = (self.avx, self.avx2);
        // 2 n in the low bits.
        let shift = avx._mm256_set1_pd(6_755_399_441_055_744.0);
        let bits = bytemuck::cast(avx._mm256_add_pd(avx._mm256_add_pd(n, n), shift));
        let low = avx2._mm256_and_si256(bits, avx._mm256_set1_epi64x(7));
        let high = avx2._mm256_add_epi64(
            avx2._mm256_slli_epi64::<32>(low),
            avx._mm256_set1_epi64x(1 << 32),
        );
        bytemuck::cast(avx2._mm256_or_si256(low, high))
    }
    #[inline(always)]
    fn lookup(self, table: &[f64; 4], index: __m256d) -> __m256d {
        bytemuck::cast(
            self.avx2
                ._mm256_permutevar8x32_ps(bytemuck::cast(*table), bytemuck::cast(index)),
        )
    }
    #[inline(always)]
    fn interleave(self, a: __m256d, b: __m256d) -> [__m256d; 2] {
        let low = self.avx._mm256_unpacklo_pd(a, b);
        let high = self.avx._mm256_unpackhi_pd(a, b);
        [
            self.avx._mm256_permute2f128_pd::<0x20>(low, high),
            self.avx._mm256_permute2f128_pd::<0x31>(low, high),
        ]
    }
    #[inline(always)]
    fn deinterleave(self, [a, b]: [__m256d; 2]) -> [__m256d; 2] {
        let low = self.avx._mm256_permute2f128_pd::<0x20>(a, b);
        let high = self.avx._mm256_permute2f128_pd::<0x31>(a, b);
        [
            self.avx._mm256_unpacklo_pd(low, high),
            self.avx._mm256_unpackhi_pd(low, high),
        ]
    }
    #[inline(always)]
    fn sum_8(self, v: [__m256d; 8]) -> [f64; 8] {
        let avx = self.avx;
        let mut sums = [self.avx._mm256_setzero_pd(); 2];
        for (sum, v) in sums.iter_mut().zip(v.as_chunks::<4>().0) {
            *sum = f64x4_by_1(
                avx,
                f64x4_by_2(avx, v[0], v[2]),
                f64x4_by_2(avx, v[1], v[3]),
            );
        }
        bytemuck::cast(sums)
    }
    #[inline(always)]
    fn sum_16(self, v: [__m256d; 16]) -> [f64; 16] {
        let [low, high]: [[__m256d; 8]; 2] = bytemuck::cast(v);
        bytemuck::cast([
            Simd::<f64>::sum_8(self, low),
            Simd::<f64>::sum_8(self, high),
        ])
    }
    #[inline(always)]
    fn sum(self, v: __m256d) -> f64 {
        let [a, b, c, d]: [f64; 4] = bytemuck::cast(v);
        (a + c) + (b + d)
    }
}

/// Indices of lanes in two vectors one after the other.
macro_rules! lanes_of_two {
    ($T:ident, $interleaving:ident, $every_other:ident, $repeating:ident, $lanes:literal) => {
        /// `first, lanes + first, first + 1, lanes + first + 1, ..`
        const fn $interleaving(first: $T) -> [$T; $lanes] {
            let mut index = [0; $lanes];
            let mut l = 0;
            while l < $lanes {
                index[l] = first + l as $T / 2 + l as $T % 2 * $lanes;
                l += 1;
            }
            index
        }
        /// `first, first + 2, first + 4, ..`
        const fn $every_other(first: $T) -> [$T; $lanes] {
            let mut index = [0; $lanes];
            let mut l = 0;
            while l < $lanes {
                index[l] = first + 2 * l as $T;
                l += 1;
            }
            index
        }
        /// Every index of a vector `times` times, in as many vectors.
        const fn $repeating(times: usize) -> [[$T; $lanes]; $lanes / 2] {
            let mut index = [[0; $lanes]; $lanes / 2];
            let mut l = 0;
            while l < times * $lanes && l < $lanes / 2 * $lanes {
                index[l / $lanes][l % $lanes] = (l / times) as $T;
                l += 1;
            }
            index
        }
    };
}

lanes_of_two!(u32, interleaving_16, every_other_16, repeating_16, 16);
lanes_of_two!(u64, interleaving_8, every_other_8, repeating_8, 8);

/// The methods that differ between `f32` and `f64` only in the suffix of the intrinsic.
macro_rules! avx512 {
    ($T:ident, $V:ident, $M:ty, $lanes:literal, $mantissa_bits:literal, { $($own:tt)* },
     $set1:ident $add:ident $sub:ident $mul:ident $div:ident $fmadd:ident $fnmadd:ident $sqrt:ident $min:ident
     $max:ident $abs:ident $xor:ident $and:ident $or:ident $roundscale:ident $scalef:ident $cmp:ident $blend:ident
     $getexp:ident $slli:ident $add_int:ident $permutex2var:ident $permutexvar:ident $Index:ty, $interleaving:ident $every_other:ident $repeating:ident, $half:expr => $Half:ty) => {
        impl Simd<$T> for V4 {
            type V = $V;
            type M = $M;
            single_register!($T, $lanes, 32);
            functions!($T, inline(always));
            type Half = $Half;

            #[inline(always)]
            fn interleave(self, a: $V, b: $V) -> [$V; 2] {
                // Index `l` is lane `l` of `a`, `lanes + l` that of `b`.
                let pick = |index| self.avx512f.$permutex2var(a, bytemuck::cast::<$Index, __m512i>(index), b);
                [pick(const { $interleaving(0) }), pick(const { $interleaving($lanes / 2) })]
            }
            #[inline(always)]
            fn deinterleave(self, [a, b]: [$V; 2]) -> [$V; 2] {
                let pick = |index| self.avx512f.$permutex2var(a, bytemuck::cast::<$Index, __m512i>(index), b);
                [pick(const { $every_other(0) }), pick(const { $every_other(1) })]
            }
            #[inline(always)]
            fn repeat<const N: usize>(self, a: $V) -> [$V; N] {
                let index = const { $repeating(N) };
                let mut repeated = [a; N];
                for k in 0..N.min(index.len()) {
                    repeated[k] = self.avx512f.$permutexvar(bytemuck::cast::<$Index, __m512i>(index[k]), a);
                }
                repeated
            }

            #[inline(always)]
            fn half(self) -> $Half {
                ($half)(self)
            }

            #[inline(always)]
            fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
                self.vectorize(f)
            }

            #[inline(always)]
            fn splat(self, x: $T) -> $V {
                self.avx512f.$set1(x)
            }
            #[inline(always)]
            fn add(self, a: $V, b: $V) -> $V {
                self.avx512f.$add(a, b)
            }
            #[inline(always)]
            fn sub(self, a: $V, b: $V) -> $V {
                self.avx512f.$sub(a, b)
            }
            #[inline(always)]
            fn mul(self, a: $V, b: $V) -> $V {
                self.avx512f.$mul(a, b)
            }
            #[inline(always)]
            fn div(self, a: $V, b: $V) -> $V {
                self.avx512f.$div(a, b)
            }
            #[inline(always)]
            fn mul_add(self, a: $V, b: $V, c: $V) -> $V {
                self.avx512f.$fmadd(a, b, c)
            }
            #[inline(always)]
            fn neg_mul_add(self, a: $V, b: $V, c: $V) -> $V {
                self.avx512f.$fnmadd(a, b, c)
            }
            #[inline(always)]
            fn sqrt(self, a: $V) -> $V {
                self.avx512f.$sqrt(a)
            }
            #[inline(always)]
            fn min(self, a: $V, b: $V) -> $V {
                self.avx512f.$min(a, b)
            }
            #[inline(always)]
            fn max(self, a: $V, b: $V) -> $V {
                self.avx512f.$max(a, b)
            }
            #[inline(always)]
            fn abs(self, a: $V) -> $V {
                self.avx512f.$abs(a)
            }
            #[inline(always)]
            fn neg(self, a: $V) -> $V {
                self.avx512dq.$xor(<Self as Simd<$T>>::splat(self, -0.0), a)
            }
            #[inline(always)]
            fn copysign(self, a: $V, sign: $V) -> $V {
                let sign_bit = <Self as Simd<$T>>::splat(self, -0.0);
                self.avx512dq.$or(self.avx512f.$abs(a), self.avx512dq.$and(sign_bit, sign))
            }
            #[inline(always)]
            fn round(self, a: $V) -> $V {
                self.avx512f.$roundscale::<NEAREST>(a)
            }
            #[inline(always)]
            fn exp2_int(self, n: $V) -> $V {
                self.avx512f.$scalef(<Self as Simd<$T>>::splat(self, 1.0), n)
            }
            #[inline(always)]
            fn scale(self, a: $V, n: $V) -> $V {
                self.avx512f.$scalef(a, n)
            }
            #[inline(always)]
            fn exponent(self, a: $V) -> $V {
                self.avx512f.$getexp(a)
            }
            #[inline(always)]
            fn shift_to_exponent(self, a: $V) -> $V {
                let f = self.avx512f;
                bytemuck::cast::<__m512i, $V>(f.$slli::<$mantissa_bits>(bytemuck::cast::<$V, __m512i>(a)))
            }
            #[inline(always)]
            fn add_bits(self, a: $V, b: $V) -> $V {
                let sum = self.avx512f.$add_int(bytemuck::cast(a), bytemuck::cast(b));
                bytemuck::cast::<__m512i, $V>(sum)
            }
            #[inline(always)]
            fn lt(self, a: $V, b: $V) -> $M {
                self.avx512f.$cmp::<_CMP_LT_OQ>(a, b)
            }
            #[inline(always)]
            fn le(self, a: $V, b: $V) -> $M {
                self.avx512f.$cmp::<_CMP_LE_OQ>(a, b)
            }
            #[inline(always)]
            fn eq(self, a: $V, b: $V) -> $M {
                self.avx512f.$cmp::<_CMP_EQ_OQ>(a, b)
            }
            #[inline(always)]
            fn select(self, m: $M, yes: $V, no: $V) -> $V {
                self.avx512f.$blend(m, no, yes)
            }
            #[inline(always)]
            fn any(self, m: $M) -> bool {
                m != 0
            }
            #[inline(always)]
            fn all(self, m: $M) -> bool {
                m == <$M>::MAX
            }
            $($own)*
        }
    };
}

avx512!(f32, __m512, u16, 16, 23, {
    /// The index is in the low bits.
    #[inline(always)]
    fn lookup(self, table: &[f32; 4], index: __m512) -> __m512 {
        let table = self.avx512f._mm512_broadcast_f32x4(bytemuck::cast(*table));
        self.avx512f._mm512_permutevar_ps(table, bytemuck::cast(index))
    }
    #[inline(always)]
    fn sum_8(self, v: [__m512; 8]) -> [f32; 8] {
        let half: V3 = *self;
        let mut halves = [self.avx._mm256_setzero_ps(); 8];
        for (sum, v) in halves.iter_mut().zip(v) {
            let [low, high]: [__m256; 2] = bytemuck::cast(v);
            *sum = self.avx._mm256_add_ps(low, high);
        }
        half.sum_8(halves)
    }
    #[inline(always)]
    fn sum_16(self, v: [__m512; 16]) -> [f32; 16] {
        let f = self.avx512f;
        // Vectors `e`, `4 + e`, `8 + e` and `12 + e` in one.
        let mut fours = [f._mm512_setzero_ps(); 4];
        for (e, four) in fours.iter_mut().enumerate() {
            *four = f32x16_by_4(f, f32x16_by_8(f, v[e], v[8 + e]), f32x16_by_8(f, v[4 + e], v[12 + e]));
        }
        let even = f32x16_by_2(f, fours[0], fours[2]);
        let odd = f32x16_by_2(f, fours[1], fours[3]);
        bytemuck::cast(f32x16_by_1(f, even, odd))
    }
    #[inline(always)]
    fn sum(self, v: __m512) -> f32 {
        let [low, high]: [__m256; 2] = bytemuck::cast(v);
        let half: V3 = *self;
            half.sum(self.avx._mm256_add_ps(low, high))
    }
}, _mm512_set1_ps _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_fmadd_ps _mm512_fnmadd_ps
   _mm512_sqrt_ps _mm512_min_ps _mm512_max_ps _mm512_abs_ps _mm512_xor_ps _mm512_and_ps _mm512_or_ps
   _mm512_roundscale_ps _mm512_scalef_ps _mm512_cmp_ps_mask _mm512_mask_blend_ps
   _mm512_getexp_ps _mm512_slli_epi32 _mm512_add_epi32 _mm512_permutex2var_ps _mm512_permutexvar_ps [u32; 16],
   interleaving_16 every_other_16 repeating_16, |v4: V4| *v4 => V3);

avx512!(f64, __m512d, u8, 8, 52, {
    /// The index is in the low bits.
    #[inline(always)]
    fn lookup(self, table: &[f64; 4], index: __m512d) -> __m512d {
        let table = self.avx512f._mm512_broadcast_f64x4(bytemuck::cast(*table));
        self.avx512f._mm512_permutexvar_pd(bytemuck::cast(index), table)
    }
    #[inline(always)]
    fn sum_8(self, v: [__m512d; 8]) -> [f64; 8] {
        let f = self.avx512f;
        let mut fours = [f._mm512_setzero_pd(); 2];
        for (e, four) in fours.iter_mut().enumerate() {
            *four = f64x8_by_2(f, f64x8_by_4(f, v[e], v[4 + e]), f64x8_by_4(f, v[2 + e], v[6 + e]));
        }
        bytemuck::cast(f64x8_by_1(f, fours[0], fours[1]))
    }
    #[inline(always)]
    fn sum_16(self, v: [__m512d; 16]) -> [f64; 16] {
        let [low, high]: [[__m512d; 8]; 2] = bytemuck::cast(v);
        bytemuck::cast([Simd::<f64>::sum_8(self, low), Simd::<f64>::sum_8(self, high)])
    }
    #[inline(always)]
    fn sum(self, v: __m512d) -> f64 {
        let [low, high]: [__m256d; 2] = bytemuck::cast(v);
        let half: V3 = *self;
        half.sum(self.avx._mm256_add_pd(low, high))
    }
}, _mm512_set1_pd _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_div_pd _mm512_fmadd_pd _mm512_fnmadd_pd
   _mm512_sqrt_pd _mm512_min_pd _mm512_max_pd _mm512_abs_pd _mm512_xor_pd _mm512_and_pd _mm512_or_pd
   _mm512_roundscale_pd _mm512_scalef_pd _mm512_cmp_pd_mask _mm512_mask_blend_pd
   _mm512_getexp_pd _mm512_slli_epi64 _mm512_add_epi64 _mm512_permutex2var_pd _mm512_permutexvar_pd [u64; 8],
   interleaving_8 every_other_8 repeating_8, |v4: V4| *v4 => V3);
