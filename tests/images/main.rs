//! Chains with images: every call over sizes, strides, paddings and channels.
//!
//! What is right is said by the plain loops of [`reference`](simplechain_reference) and by differences of the
//! forward pass, on every tier of the CPU and with one and two threads.

mod window_gradients;
mod windows;
