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
