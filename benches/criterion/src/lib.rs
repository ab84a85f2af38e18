//! What there is are the benchmarks.
