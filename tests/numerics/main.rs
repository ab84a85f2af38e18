//! Numbers and behaviour of chains that `simple_chain!` makes, in one binary so that a chain is compiled once.
//!
//! Everything that computes is run on every tier of the CPU. What is right is said by three that are not the kernels:
//! the plain loops of [`reference`](simplechain_runtime::reference), differences of the forward pass, and PyTorch.

mod bad_input;
#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/case.rs"]
mod case;
mod chains;
mod determinism;
mod differences;
#[path = "../common/fixture.rs"]
mod fixture;
#[path = "../common/gradients.rs"]
mod gradients;
mod init;
mod poison;
mod pytorch;
mod sharing;
mod tails;
mod tiers;
mod training;
