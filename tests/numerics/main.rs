//! Numbers and behaviour of chains that `simple_chain!` makes, in one binary so that a chain is compiled once.
//!
//! Everything that computes is run on every tier of the CPU. What is right is said by three that are not the kernels:
//! the plain loops of [`reference`](simplechain_reference), differences of the forward pass, and PyTorch.

mod bad_input;
mod chains;
mod dense_gradients;
mod determinism;
mod init;
mod poison;
mod pytorch_dense;
mod sharing;
mod tails;
mod tiers;
mod window_gradients;
