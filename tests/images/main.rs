//! Chains with images: every call over sizes, strides, paddings and channels.
//!
//! What is right is said by the plain loops of [`reference`](simplechain_reference), on every tier of the CPU and with one and
//! two threads. By itself: rustc takes 1.7 GB for it.

mod windows;
