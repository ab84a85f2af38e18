//! Runtime of `simplechain`.
#![deny(unsafe_code)]

pub mod activation;
mod batch;
pub mod chain;
#[doc(hidden)]
pub mod dsl;
mod error;
pub mod init;
pub mod layer;
pub mod loss;
pub mod optim;
mod sample;
mod scratch;
#[allow(unsafe_code)] // the one place where it is lifted
pub mod simd;
mod threads;
pub mod train;

pub use error::Error;

#[doc(hidden)]
pub use pulp;
