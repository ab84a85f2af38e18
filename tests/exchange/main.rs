//! What travels between frameworks; every file tests one part of it.

mod errors;
mod fixture;
mod import;
mod onnx;
mod state_dict;
