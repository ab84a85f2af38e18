//! Chains with images: numbers and behaviour, in one binary so that a chain is compiled once.
//!
//! What is right is said by the plain loops of [`reference`](simplechain_runtime::reference), by differences of the
//! forward pass, and by PyTorch, on every tier of the CPU and with one and two threads.

#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/case.rs"]
mod case;
mod differences;
#[path = "../common/fixture.rs"]
mod fixture;
#[path = "../common/gradients.rs"]
mod gradients;
mod mini_batches;
mod pytorch;
mod stack;
mod windows;
