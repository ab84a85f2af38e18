//! The runtime of [`simplechain`](https://docs.rs/simplechain): everything that touches floats.
//!
//! Depend on `simplechain` instead, which adds the `simple_chain!` macro; this crate is complete without it, and
//! `tests/by_hand.rs` shows a chain written by hand.
//!
//! From the user-facing modules to the machine:
//!
//! - [`chain`]: the trait of all chains, with every call on single samples and on batches;
//! - [`derivatives`]: the trait of derivatives beyond the gradient;
//! - [`ode`]: differential equations with a chain in them;
//! - [`data`]: samples, as the calls on batches take them;
//! - [`storage`]: parameters as named tensors;
//! - [`exchange`]: parameters from PyTorch, Keras and Flax and back, models for ONNX;
//! - [`train`], [`loss`], [`optim`], [`init`], [`metrics`]: what training needs;
//! - [`network`]: what the macro writes of a chain, and the passes that it writes it for;
//! - [`layer`], [`activation`]: what chains are made of;
//! - [`kernels`]: the loops over numbers that layers are made of;
//! - [`simd`]: numbers, vectors and tiers, and the only `unsafe` code.
//!
//! Modules import downward only.
#![no_std]
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature an item needs

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod activation;
#[cfg(feature = "alloc")]
mod adapt;
#[cfg(feature = "alloc")]
mod architecture;
mod array;
pub mod chain;
#[cfg(feature = "alloc")]
mod clock;
pub mod data;
pub mod derivatives;
#[cfg(feature = "alloc")]
mod differences;
#[doc(hidden)]
pub mod dsl;
mod error;
#[cfg(feature = "std")]
pub mod exchange;
mod fingerprint;
#[cfg(feature = "alloc")]
mod finite;
#[cfg(not(feature = "std"))]
mod float;
mod hash;
#[cfg(feature = "alloc")]
mod held;
mod info;
#[cfg(feature = "alloc")]
pub mod init;
#[cfg(feature = "alloc")]
mod json;
pub mod kernels;
pub mod layer;
#[cfg(feature = "alloc")]
pub mod loss;
#[cfg(feature = "alloc")]
pub mod metrics;
#[cfg(feature = "alloc")]
mod moments;
pub mod network;
#[cfg(feature = "alloc")]
pub mod ode;
#[cfg(feature = "alloc")]
pub mod optim;
#[doc(hidden)]
pub mod pass;
#[cfg(feature = "alloc")]
mod ranks;
mod run;
#[doc(hidden)]
pub mod scratch;
#[allow(unsafe_code)] // the one place where it is lifted
pub mod simd;
pub mod storage;
mod table;
#[cfg(feature = "std")]
mod threads;
#[cfg(all(feature = "alloc", not(feature = "std")))]
#[path = "one_thread.rs"]
mod threads;
#[cfg(feature = "alloc")]
pub mod train;

#[doc(no_inline)]
pub use rand;

pub use error::{Error, NotFinite, Step, WrongDerivative};
