//! Vectorised elementary functions.

use super::{Real, Simd};

/// The elementary functions of a number type, on the vectors of any tier.
pub trait Math: Sized {
    /// The hyperbolic tangent.
    fn tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V
    where
        Self: Real;
}

impl Math for f32 {
    #[inline(always)]
    fn tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V {
        simd.map(x, f32::tanh)
    }
}
impl Math for f64 {
    #[inline(always)]
    fn tanh<S: Simd<Self>>(simd: S, x: S::V) -> S::V {
        simd.map(x, f64::tanh)
    }
}
