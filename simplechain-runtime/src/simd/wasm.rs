//! The 128-bit vectors of WebAssembly. There is no fused multiply-add; min and max are those of x86.

use core::arch::wasm32::*;

use super::Simd;
use super::real::functions;
use super::register::{no_half, single_register};
use super::register128::sums_of_128_bits;

/// The token of builds with `simd128`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unfused;

impl Unfused {
    #[allow(clippy::unnecessary_wraps)] // as the tokens of other tiers
    pub(super) const fn try_new() -> Option<Self> {
        Some(Self)
    }
}

/// The methods that differ between `f32` and `f64` only in the name of the intrinsic.
macro_rules! wasm {
    ($T:ident, $lanes:literal, $fraction_bits:literal, { $($own:tt)* },
     $splat:ident $add:ident $sub:ident $mul:ident $div:ident $sqrt:ident $pmin:ident $pmax:ident $abs:ident $neg:ident
     $nearest:ident $lt:ident $le:ident $eq:ident $all:ident $shl:ident $add_int:ident) => {
        impl Simd<$T> for Unfused {
            type V = v128;
            type M = v128;
            const FUSED: bool = false;
            single_register!($T, $lanes, 16);
            functions!($T, inline(never)); // as the module has these instructions, a function may be called
            no_half!();
            sums_of_128_bits!($T);

            #[inline(never)] // a kernel is a function
            fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
                f.call()
            }

            #[inline(always)]
            fn splat(self, x: $T) -> v128 {
                $splat(x)
            }
            #[inline(always)]
            fn add(self, a: v128, b: v128) -> v128 {
                $add(a, b)
            }
            #[inline(always)]
            fn sub(self, a: v128, b: v128) -> v128 {
                $sub(a, b)
            }
            #[inline(always)]
            fn mul(self, a: v128, b: v128) -> v128 {
                $mul(a, b)
            }
            #[inline(always)]
            fn div(self, a: v128, b: v128) -> v128 {
                $div(a, b)
            }
            #[inline(always)]
            fn mul_add(self, a: v128, b: v128, c: v128) -> v128 {
                $add($mul(a, b), c)
            }
            #[inline(always)]
            fn neg_mul_add(self, a: v128, b: v128, c: v128) -> v128 {
                $sub(c, $mul(a, b))
            }
            #[inline(always)]
            fn sqrt(self, a: v128) -> v128 {
                $sqrt(a)
            }
            /// `pmin(b, a)` is `a` where `a < b`, else `b`.
            #[inline(always)]
            fn min(self, a: v128, b: v128) -> v128 {
                $pmin(b, a)
            }
            #[inline(always)]
            fn max(self, a: v128, b: v128) -> v128 {
                $pmax(b, a)
            }
            #[inline(always)]
            fn abs(self, a: v128) -> v128 {
                $abs(a)
            }
            #[inline(always)]
            fn neg(self, a: v128) -> v128 {
                $neg(a)
            }
            #[inline(always)]
            fn copysign(self, a: v128, sign: v128) -> v128 {
                v128_bitselect(sign, a, $splat(-0.0))
            }
            #[inline(always)]
            fn round(self, a: v128) -> v128 {
                $nearest(a)
            }
            #[inline(always)]
            fn shift_to_exponent(self, a: v128) -> v128 {
                $shl(a, $fraction_bits)
            }
            #[inline(always)]
            fn add_bits(self, a: v128, b: v128) -> v128 {
                $add_int(a, b)
            }
            #[inline(always)]
            fn lt(self, a: v128, b: v128) -> v128 {
                $lt(a, b)
            }
            #[inline(always)]
            fn le(self, a: v128, b: v128) -> v128 {
                $le(a, b)
            }
            #[inline(always)]
            fn eq(self, a: v128, b: v128) -> v128 {
                $eq(a, b)
            }
            #[inline(always)]
            fn select(self, m: v128, yes: v128, no: v128) -> v128 {
                v128_bitselect(yes, no, m)
            }
            #[inline(always)]
            fn any(self, m: v128) -> bool {
                v128_any_true(m)
            }
            #[inline(always)]
            fn all(self, m: v128) -> bool {
                $all(m)
            }
            $($own)*
        }
    };
}

wasm!(f32, 4, 23, {
    #[inline(always)]
    fn exp2_int(self, n: v128) -> v128 {
        i32x4_shl(i32x4_add(i32x4_trunc_sat_f32x4(n), i32x4_splat(127)), 23)
    }
    #[inline(always)]
    fn exponent(self, a: v128) -> v128 {
        f32x4_sub(f32x4_convert_i32x4(u32x4_shr(a, 23)), f32x4_splat(127.0))
    }
    /// The index in the table's bytes.
    #[inline(always)]
    fn lookup_index(self, n: v128) -> v128 {
        let first = i32x4_mul(i32x4_trunc_sat_f32x4(n), i32x4_splat(0x0404_0404));
        i32x4_add(first, i32x4_splat(0x0302_0100))
    }
    #[inline(always)]
    fn lookup(self, table: &[f32; 4], index: v128) -> v128 {
        let [a, b, c, d] = *table;
        i8x16_swizzle(f32x4(a, b, c, d), index)
    }
    #[inline(always)]
    fn interleave(self, a: v128, b: v128) -> [v128; 2] {
        [i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b)]
    }
    #[inline(always)]
    fn deinterleave(self, [a, b]: [v128; 2]) -> [v128; 2] {
        [i32x4_shuffle::<0, 2, 4, 6>(a, b), i32x4_shuffle::<1, 3, 5, 7>(a, b)]
    }
}, f32x4_splat f32x4_add f32x4_sub f32x4_mul f32x4_div f32x4_sqrt f32x4_pmin f32x4_pmax f32x4_abs f32x4_neg
   f32x4_nearest f32x4_lt f32x4_le f32x4_eq i32x4_all_true i32x4_shl i32x4_add);

// There are no conversions from and to 64-bit integers: 1.5 * 2^52 leaves an integer in the low bits, and 2^52 reads it there.
wasm!(f64, 2, 52, {
    #[inline(always)]
    fn exp2_int(self, n: v128) -> v128 {
        i64x2_shl(f64x2_add(n, f64x2_splat(6_755_399_441_055_744.0 + 1023.0)), 52)
    }
    #[inline(always)]
    fn exponent(self, a: v128) -> v128 {
        let number = v128_or(f64x2_splat(4_503_599_627_370_496.0), u64x2_shr(a, 52));
        f64x2_sub(number, f64x2_splat(4_503_599_627_370_496.0 + 1023.0))
    }
    #[inline(always)]
    fn interleave(self, a: v128, b: v128) -> [v128; 2] {
        [i64x2_shuffle::<0, 2>(a, b), i64x2_shuffle::<1, 3>(a, b)]
    }
    #[inline(always)]
    fn deinterleave(self, [a, b]: [v128; 2]) -> [v128; 2] {
        <Self as Simd<f64>>::interleave(self, a, b)
    }
}, f64x2_splat f64x2_add f64x2_sub f64x2_mul f64x2_div f64x2_sqrt f64x2_pmin f64x2_pmax f64x2_abs f64x2_neg
   f64x2_nearest f64x2_lt f64x2_le f64x2_eq i64x2_all_true i64x2_shl i64x2_add);
