//! The number types a chain can compute with.

use core::fmt::Display;
use core::ops::{Div, MulAssign, Neg, SubAssign};

use super::Aligned;
use super::float::{double, single};
use super::math::{Constants, QuickTanh};
use super::slices::{AddAssign, Slices};
use super::tiers::{Dispatch, Tier, Token};
use super::{Kernel, Number, Scalar};

/// `f32` or `f64`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `f32` or `f64`",
    label = "not a number that a chain computes with",
    note = "samples in nested `Vec`s must become a `Vec<[f32; N]>` or `Vec<[f64; N]>`; integers must be converted, bytes may be `Bytes`"
)]
pub trait Real:
    Number<Real = Self>
    + Slices
    + Constants
    + QuickTanh
    + Default
    + PartialOrd
    + Display
    + Div<Output = Self>
    + Neg<Output = Self>
    + SubAssign
    + MulAssign
{
    /// `"f32"` or `"f64"`.
    const NAME: &'static str;

    /// The number that a byte is.
    fn from_u8(x: u8) -> Self;
    /// The same number as `f64`.
    fn to_f64(self) -> f64;
    /// Neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// `self * a + b`, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// The square root.
    fn sqrt(self) -> Self;
    /// The magnitude.
    fn abs(self) -> Self;

    /// A slice as the kernels read parameters from.
    fn as_params(params: &[Self]) -> Self::Params<'_>;
    /// The slice that the kernels read parameters from.
    fn numbers<'a>(params: Self::Params<'a>) -> &'a [Self];
}

macro_rules! real {
    ($T:ident, $functions:ident, $panel:literal) => {
        impl Number for $T {
            type Real = Self;
            const PANEL: usize = $panel;
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            type Line = Aligned<[$T; $panel]>;
            type OneLane = Scalar<1>;
            type Params<'a> = &'a [$T];

            #[inline(always)]
            fn constant(x: Self) -> Self {
                x
            }
            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $T
            }
            #[inline(always)]
            fn copy_params(params: &[Self], at: usize, len: usize, memory: &mut [Self], to: usize) {
                memory[to..to + len].copy_from_slice(&params[at..at + len]);
            }
            #[inline(always)]
            fn copied_params(memory: &[Self]) -> &[Self] {
                memory
            }
            #[inline(always)]
            fn set_lane(line: &mut [Self], lane: usize, x: Self) {
                line[lane] = x;
            }
            #[inline(always)]
            fn lane(line: &[Self], lane: usize) -> Self {
                line[lane]
            }

            #[inline]
            fn dispatch_batch_in<K: Kernel<Self>>(tier: Tier, kernel: K) -> K::Output {
                Self::batch(tier.token().unwrap_or_else(Token::current), kernel)
            }
            fn add_assign_in(tier: Tier, sums: &mut [Self], terms: &[Self]) {
                Self::dispatch_batch_in(tier, AddAssign(sums, terms));
            }
            #[inline]
            fn dispatch_sample<K: Kernel<Self>>(kernel: K) -> K::Output {
                Self::sample(Token::current(), kernel)
            }
        }

        impl Real for $T {
            const NAME: &'static str = stringify!($T);

            #[inline(always)]
            fn from_u8(x: u8) -> Self {
                x.into()
            }
            #[inline(always)]
            fn to_f64(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn is_finite(self) -> bool {
                <$T>::is_finite(self)
            }
            #[inline(always)]
            fn mul_add(self, a: Self, b: Self) -> Self {
                $functions::mul_add(self, a, b)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                $functions::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$T>::abs(self)
            }

            #[inline(always)]
            fn as_params(params: &[Self]) -> &[Self] {
                params
            }
            #[inline(always)]
            fn numbers<'a>(params: Self::Params<'a>) -> &'a [Self] {
                params
            }
        }
    };
}

real!(f32, single, 16);
real!(f64, double, 8);

/// What the tokens of real numbers have in common: a parameter is a number like any other.
macro_rules! real_numbers {
    ($T:ident, $inline:meta) => {
        type W = Self::V;

        #[$inline]
        fn param(self, params: <$T as $crate::simd::Number>::Params<'_>, at: usize) -> Self::V {
            self.splat(<$T as $crate::simd::Real>::numbers(params)[at])
        }
        #[$inline]
        fn load_params(
            self,
            params: <$T as $crate::simd::Number>::Params<'_>,
            at: usize,
        ) -> Self::V {
            self.load(&<$T as $crate::simd::Real>::numbers(params)[at..])
        }
        #[$inline]
        fn load_params_partial(
            self,
            params: <$T as $crate::simd::Number>::Params<'_>,
            at: usize,
        ) -> Self::V {
            self.load_partial(&<$T as $crate::simd::Real>::numbers(params)[at..])
        }
        #[$inline]
        fn param_value(self, w: Self::V) -> Self::V {
            w
        }
        #[$inline]
        fn mul_param(self, w: Self::V, x: Self::V) -> Self::V {
            <Self as Simd<$T>>::mul(self, w, x)
        }
        #[$inline]
        fn mul_add_param(self, w: Self::V, x: Self::V, c: Self::V) -> Self::V {
            <Self as Simd<$T>>::mul_add(self, w, x, c)
        }
    };
}
pub(super) use real_numbers;

/// Functions of one variable, computed for a vector at once or for one element after the other.
macro_rules! functions {
    ($T:ident, $inline:meta) => {
        #[$inline]
        fn elementary<F: $crate::simd::math::Elementary>(self, x: Self::V) -> Self::V {
            if const { !<Self as $crate::simd::Simd<$T>>::ONE_BY_ONE } {
                return F::value::<$T, Self>(self, x);
            }
            let mut y = x;
            for y in bytemuck::cast_slice_mut::<_, $T>(core::slice::from_mut(&mut y)) {
                [*y] = F::value::<$T, _>($crate::simd::Scalar::<1>, [*y]);
            }
            y
        }
        #[$inline]
        fn elementary_and_derivative<F: $crate::simd::math::Elementary>(
            self,
            x: Self::V,
        ) -> (Self::V, Self::V) {
            if const { !<Self as $crate::simd::Simd<$T>>::ONE_BY_ONE } {
                return F::value_and_derivative::<$T, Self>(self, x);
            }
            let (mut y, mut slopes) = (x, x);
            let ys = bytemuck::cast_slice_mut::<_, $T>(core::slice::from_mut(&mut y));
            let all = bytemuck::cast_slice_mut::<_, $T>(core::slice::from_mut(&mut slopes));
            for (y, slope) in ys.iter_mut().zip(all) {
                ([*y], [*slope]) =
                    F::value_and_derivative::<$T, _>($crate::simd::Scalar::<1>, [*y]);
            }
            (y, slopes)
        }
    };
}
pub(super) use functions;
