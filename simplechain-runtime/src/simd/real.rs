//! The number types a chain can compute with.

use core::fmt::{Debug, Display};
use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

#[cfg(target_arch = "x86_64")]
use pulp::x86::V4;

use super::dispatch::Token;
use super::{Kernel, Math, Pair, Scalar, Simd};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// `f32` or `f64`. Sealed: the kernels know these two.
pub trait Real:
    sealed::Sealed
    + Math
    + bytemuck::Pod
    + Default
    + PartialOrd
    + Debug
    + Display
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + Send
    + Sync
    + 'static
{
    /// `"f32"` or `"f64"`.
    const NAME: &'static str;
    /// Samples in a panel: the lanes of a wide vector, 64 bytes.
    const PANEL: usize = 64 / size_of::<Self>();
    /// 0
    const ZERO: Self;
    /// 1
    const ONE: Self;
    /// A [`Line`] of this type.
    type Line: bytemuck::Pod + Send + Sync;
    /// Vectors of one number.
    type OneLane: Simd<Self, V = [Self; 1]> + Default;

    /// The nearest number to `x`.
    fn from_f64(x: f64) -> Self;
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

    /// Runs `kernel` with 64-byte vectors (a sample a lane) in the tier that [`Tier::current`](super::Tier::current) gives.
    fn wide<K: Kernel<Self>>(kernel: K) -> K::Output;
    /// Runs `kernel` with 8-lane vectors (a feature a lane) in the tier that [`Tier::current`](super::Tier::current) gives.
    fn narrow<K: Kernel<Self>>(kernel: K) -> K::Output;
}

/// 64 aligned bytes: a wide vector of any tier, as memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Line<A>(pub A);

// SAFETY:
// - `A` is an array of 64 bytes of a zeroable number type, so the alignment adds no padding.
unsafe impl bytemuck::Zeroable for Line<[f32; 16]> {}
// SAFETY: as above, and every bit pattern of the array is a value.
unsafe impl bytemuck::Pod for Line<[f32; 16]> {}
// SAFETY: as for `f32`.
unsafe impl bytemuck::Zeroable for Line<[f64; 8]> {}
// SAFETY: as for `f32`.
unsafe impl bytemuck::Pod for Line<[f64; 8]> {}

/// Keeps the scalar code, with its many registers to save, out of the function that chooses the tier.
#[cold]
#[inline(never)]
fn run_apart<T: Real, S: Simd<T>, K: Kernel<T>>(kernel: K, simd: S) -> K::Output {
    kernel.run(simd)
}

macro_rules! real {
    ($T:ident, $panel:literal, narrow: [$narrow_v4:expr, $narrow_v3:expr]) => {
        impl Real for $T {
            const NAME: &'static str = stringify!($T);
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            type Line = Line<[$T; $panel]>;
            type OneLane = Scalar<1>;

            #[inline(always)]
            fn from_f64(x: f64) -> Self {
                x as $T
            }
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
                <$T>::mul_add(self, a, b)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$T>::sqrt(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$T>::abs(self)
            }

            #[inline]
            fn wide<K: Kernel<Self>>(kernel: K) -> K::Output {
                match Token::current() {
                    #[cfg(target_arch = "x86_64")]
                    Token::V4(v4) => Simd::<$T>::enter(v4, kernel),
                    #[cfg(target_arch = "x86_64")]
                    Token::V3(v3) => Simd::<$T>::enter(Pair(v3), kernel),
                    Token::Scalar => run_apart(kernel, Scalar::<$panel>),
                }
            }

            #[inline]
            fn narrow<K: Kernel<Self>>(kernel: K) -> K::Output {
                match Token::current() {
                    #[cfg(target_arch = "x86_64")]
                    Token::V4(v4) => Simd::<$T>::enter(($narrow_v4)(v4), kernel),
                    #[cfg(target_arch = "x86_64")]
                    Token::V3(v3) => Simd::<$T>::enter(($narrow_v3)(v3), kernel),
                    Token::Scalar => run_apart(kernel, Scalar::<8>),
                }
            }
        }
    };
}

// Eight `f32` fill an AVX2 register: AVX-512 has nothing to add there.
real!(f32, 16, narrow: [|v4: V4| *v4, core::convert::identity]);
real!(f64, 8, narrow: [core::convert::identity, Pair]);
