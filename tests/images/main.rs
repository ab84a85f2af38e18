//! Chains with images: numbers and behaviour, in one binary so that a chain is compiled once.
//!
//! What is right is said by the plain loops of [`reference`](simplechain_reference), by differences of the
//! forward pass, and by PyTorch, on every tier of the CPU and with one and two threads.

mod mini_batches;
mod pytorch_images;
mod window_gradients;
mod windows;
