//! Functions of numbers that `core` has not: those of the standard library; or without it those of the crate `libm` and, on a Cortex-M
//! with an FPU, its instructions, because a fused multiply-add in software takes a hundred times as long.

#[cfg(feature = "std")]
pub(super) use core::primitive::{f32 as single, f64 as double};

/// Of `f32`.
#[cfg(not(feature = "std"))]
pub(super) mod single {
    #[cfg(all(
        target_arch = "arm",
        target_abi = "eabihf",
        not(target_has_atomic = "64")
    ))]
    pub(in crate::simd) use crate::simd::cortex_m::{mul_add, sqrt};
    pub(in crate::simd) use libm::rintf as round_ties_even;
    #[cfg(not(all(
        target_arch = "arm",
        target_abi = "eabihf",
        not(target_has_atomic = "64")
    )))]
    pub(in crate::simd) use libm::{fmaf as mul_add, sqrtf as sqrt};
}

/// Of `f64`.
#[cfg(not(feature = "std"))]
pub(super) mod double {
    pub(in crate::simd) use libm::{fma as mul_add, rint as round_ties_even, sqrt};
}

/// The methods of `f64` in the standard library that this crate calls beside those of [`Real`](super::Real), by their names there.
#[cfg(not(feature = "std"))]
#[allow(dead_code)] // without `alloc` only two
pub(crate) trait Float {
    fn cbrt(self) -> Self;
    fn ceil(self) -> Self;
    fn fract(self) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn powf(self, exponent: Self) -> Self;
    fn powi(self, exponent: i32) -> Self;
}

#[cfg(not(feature = "std"))]
impl Float for f64 {
    fn cbrt(self) -> Self {
        libm::cbrt(self)
    }
    fn ceil(self) -> Self {
        libm::ceil(self)
    }
    fn fract(self) -> Self {
        self - libm::trunc(self)
    }
    fn exp(self) -> Self {
        libm::exp(self)
    }
    fn ln(self) -> Self {
        libm::log(self)
    }
    fn sin(self) -> Self {
        libm::sin(self)
    }
    fn cos(self) -> Self {
        libm::cos(self)
    }
    fn powf(self, exponent: Self) -> Self {
        libm::pow(self, exponent)
    }
    fn powi(self, exponent: i32) -> Self {
        libm::pow(self, exponent.into())
    }
}
