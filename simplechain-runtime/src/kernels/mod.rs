//! Kernels: the numerical loops of the layers, written once for all tiers.
#![deny(unsafe_code)]

pub(crate) mod blocks;
pub mod conv;
pub mod cotangent;
pub mod gemm;
pub mod gemv;
pub mod geometry;
mod lanes;
pub mod normal;
pub mod pool;
pub mod tile;
pub mod wrt;
