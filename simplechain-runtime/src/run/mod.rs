//! One batch and one sample, from the caller's arrays to the results.

#[cfg(feature = "alloc")]
pub(crate) mod batch;
#[cfg(feature = "alloc")]
pub(crate) mod calls;
#[cfg(feature = "alloc")]
pub(crate) mod cotangents;
#[cfg(feature = "alloc")]
pub(crate) mod plan;
pub(crate) mod sample;
#[cfg(feature = "alloc")]
pub(crate) mod sample_loss;
#[cfg(feature = "alloc")]
pub(crate) mod sink;
#[cfg(feature = "alloc")]
pub(crate) mod source;
