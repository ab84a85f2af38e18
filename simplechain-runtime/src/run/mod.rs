//! One batch and one sample, from the caller's arrays to the results.

pub(crate) mod batch;
pub(crate) mod calls;
pub(crate) mod cotangents;
pub(crate) mod plan;
pub(crate) mod sample;
pub(crate) mod sink;
pub(crate) mod source;
