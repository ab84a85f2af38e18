//! One batch and one sample, from the numbers that are given to those that are wanted.

pub(crate) mod batch;
pub(crate) mod calls;
pub(crate) mod cotangents;
pub(crate) mod plan;
pub(crate) mod sample;
pub(crate) mod sink;
pub(crate) mod source;
