//! What survives the process; every file tests one part of it.

mod chains;
mod tensors;
