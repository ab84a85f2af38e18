//! This crate contains only benchmarks.
