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
#![deny(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))] // docs.rs says which feature an item needs

pub mod activation;
mod adapt;
mod architecture;
mod array;
pub mod chain;
mod clock;
pub mod data;
pub mod derivatives;
mod differences;
#[doc(hidden)]
pub mod dsl;
mod error;
pub mod exchange;
mod fingerprint;
mod finite;
mod hash;
mod held;
mod info;
pub mod init;
mod json;
pub mod kernels;
pub mod layer;
pub mod loss;
pub mod metrics;
mod moments;
pub mod network;
pub mod ode;
pub mod optim;
#[doc(hidden)]
pub mod pass;
mod run;
#[doc(hidden)]
pub mod scratch;
#[allow(unsafe_code)] // the one place where it is lifted
pub mod simd;
pub mod storage;
mod table;
mod threads;
pub mod train;

pub use error::{Error, NotFinite, Step, WrongDerivative};
