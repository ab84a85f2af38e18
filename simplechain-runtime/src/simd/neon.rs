//! NEON, the vectors of every AArch64 CPU, through the token of `pulp`, whose methods are the raw intrinsics made safe.

use core::arch::aarch64::{float32x4_t, float64x2_t, uint32x4_t, uint64x2_t};

use pulp::aarch64::Neon;

use super::Simd;
use super::real::functions;
use super::register::{no_half, single_register};
use super::register128::sums_of_128_bits;

/// The methods, which differ between `f32` and `f64` only in the suffix of the intrinsic.
macro_rules! neon {
    ($T:ident, $V:ident, $M:ident, $lanes:literal, $fraction_bits:literal, $bias:literal, { $($own:tt)* },
     $splat:ident $add:ident $sub:ident $mul:ident $div:ident $fma:ident $fms:ident $sqrt:ident $abs:ident $neg:ident
     $round:ident $lt:ident $le:ident $eq:ident $bsl:ident $zip1:ident $zip2:ident $uzp1:ident $uzp2:ident
     $to_int:ident $from_uint:ident $shl_int:ident $shl:ident $shr:ident $add_int:ident $add_uint:ident $splat_int:ident) => {
        impl Simd<$T> for Neon {
            type V = $V;
            type M = $M;
            single_register!($T, $lanes, 32);
            functions!($T, inline(always));
            no_half!();
            sums_of_128_bits!($T);

            #[inline(always)]
            fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
                self.vectorize(f)
            }

            #[inline(always)]
            fn splat(self, x: $T) -> $V {
                self.neon.$splat(x)
            }
            #[inline(always)]
            fn add(self, a: $V, b: $V) -> $V {
                self.neon.$add(a, b)
            }
            #[inline(always)]
            fn sub(self, a: $V, b: $V) -> $V {
                self.neon.$sub(a, b)
            }
            #[inline(always)]
            fn mul(self, a: $V, b: $V) -> $V {
                self.neon.$mul(a, b)
            }
            #[inline(always)]
            fn div(self, a: $V, b: $V) -> $V {
                self.neon.$div(a, b)
            }
            #[inline(always)]
            fn mul_add(self, a: $V, b: $V, c: $V) -> $V {
                self.neon.$fma(c, a, b)
            }
            #[inline(always)]
            fn neg_mul_add(self, a: $V, b: $V, c: $V) -> $V {
                self.neon.$fms(c, a, b)
            }
            #[inline(always)]
            fn sqrt(self, a: $V) -> $V {
                self.neon.$sqrt(a)
            }
            /// `fmin` gives NaN where either is NaN, and `fminnm` the other one.
            #[inline(always)]
            fn min(self, a: $V, b: $V) -> $V {
                self.neon.$bsl(self.neon.$lt(a, b), a, b)
            }
            #[inline(always)]
            fn max(self, a: $V, b: $V) -> $V {
                self.neon.$bsl(self.neon.$lt(b, a), a, b)
            }
            #[inline(always)]
            fn abs(self, a: $V) -> $V {
                self.neon.$abs(a)
            }
            #[inline(always)]
            fn neg(self, a: $V) -> $V {
                self.neon.$neg(a)
            }
            #[inline(always)]
            fn copysign(self, a: $V, sign: $V) -> $V {
                self.neon
                    .$bsl(bytemuck::cast(self.neon.$splat(-0.0)), sign, a)
            }
            #[inline(always)]
            fn round(self, a: $V) -> $V {
                self.neon.$round(a)
            }
            #[inline(always)]
            fn exp2_int(self, n: $V) -> $V {
                let biased = self
                    .neon
                    .$add_int(self.neon.$to_int(n), self.neon.$splat_int($bias));
                bytemuck::cast(self.neon.$shl_int::<$fraction_bits>(biased))
            }
            #[inline(always)]
            fn exponent(self, a: $V) -> $V {
                let biased = self.neon.$shr::<$fraction_bits>(bytemuck::cast(a));
                self.neon
                    .$sub(self.neon.$from_uint(biased), self.neon.$splat($bias as $T))
            }
            #[inline(always)]
            fn shift_to_exponent(self, a: $V) -> $V {
                bytemuck::cast(self.neon.$shl::<$fraction_bits>(bytemuck::cast(a)))
            }
            #[inline(always)]
            fn add_bits(self, a: $V, b: $V) -> $V {
                bytemuck::cast(self.neon.$add_uint(bytemuck::cast(a), bytemuck::cast(b)))
            }
            #[inline(always)]
            fn lt(self, a: $V, b: $V) -> $M {
                self.neon.$lt(a, b)
            }
            #[inline(always)]
            fn le(self, a: $V, b: $V) -> $M {
                self.neon.$le(a, b)
            }
            #[inline(always)]
            fn eq(self, a: $V, b: $V) -> $M {
                self.neon.$eq(a, b)
            }
            #[inline(always)]
            fn select(self, m: $M, yes: $V, no: $V) -> $V {
                self.neon.$bsl(m, yes, no)
            }
            #[inline(always)]
            fn any(self, m: $M) -> bool {
                self.neon.vmaxvq_u32(bytemuck::cast(m)) != 0
            }
            #[inline(always)]
            fn all(self, m: $M) -> bool {
                self.neon.vminvq_u32(bytemuck::cast(m)) != 0
            }

            #[inline(always)]
            fn interleave(self, a: $V, b: $V) -> [$V; 2] {
                [self.neon.$zip1(a, b), self.neon.$zip2(a, b)]
            }
            #[inline(always)]
            fn deinterleave(self, [a, b]: [$V; 2]) -> [$V; 2] {
                [self.neon.$uzp1(a, b), self.neon.$uzp2(a, b)]
            }
            $($own)*
        }
    };
}

neon!(f32, float32x4_t, uint32x4_t, 4, 23, 127, {
    /// The index in the table's bytes.
    #[inline(always)]
    fn lookup_index(self, n: float32x4_t) -> float32x4_t {
        let first = self.neon.vmulq_n_u32(self.neon.vcvtq_u32_f32(n), 0x0404_0404);
        bytemuck::cast(self.neon.vaddq_u32(first, self.neon.vdupq_n_u32(0x0302_0100)))
    }
    #[inline(always)]
    fn lookup(self, table: &[f32; 4], index: float32x4_t) -> float32x4_t {
        bytemuck::cast(self.neon.vqtbl1q_u8(bytemuck::cast(*table), bytemuck::cast(index)))
    }
},
    vdupq_n_f32 vaddq_f32 vsubq_f32 vmulq_f32 vdivq_f32 vfmaq_f32 vfmsq_f32 vsqrtq_f32 vabsq_f32 vnegq_f32
    vrndnq_f32 vcltq_f32 vcleq_f32 vceqq_f32 vbslq_f32 vzip1q_f32 vzip2q_f32 vuzp1q_f32 vuzp2q_f32
    vcvtnq_s32_f32 vcvtq_f32_u32 vshlq_n_s32 vshlq_n_u32 vshrq_n_u32 vaddq_s32 vaddq_u32 vdupq_n_s32);
neon!(f64, float64x2_t, uint64x2_t, 2, 52, 1023, {},
    vdupq_n_f64 vaddq_f64 vsubq_f64 vmulq_f64 vdivq_f64 vfmaq_f64 vfmsq_f64 vsqrtq_f64 vabsq_f64 vnegq_f64
    vrndnq_f64 vcltq_f64 vcleq_f64 vceqq_f64 vbslq_f64 vzip1q_f64 vzip2q_f64 vuzp1q_f64 vuzp2q_f64
    vcvtnq_s64_f64 vcvtq_f64_u64 vshlq_n_s64 vshlq_n_u64 vshrq_n_u64 vaddq_s64 vaddq_u64 vdupq_n_s64);
