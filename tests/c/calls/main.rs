//! The exported functions, called as C calls them.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "each is a call with pointers to arrays beside it, which are as long as those of the chain"
)]

mod casadi;
mod fit;
mod refusals;
mod values;
mod xla;

use core::iter;

use simplechain::c::Status;
use simplechain::simd::Real;

/// Numbers of which no two neighbours are equal.
fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
    let number = |i: usize| T::from_f64(((i * 37 + seed * 11) % 101) as f64 / 50.0 - 1.0);
    (0..len).map(number).collect()
}

/// Memory for results, filled with NaN.
fn unset<T: Real>(len: usize) -> Vec<T> {
    iter::repeat_n(T::from_f64(f64::NAN), len).collect()
}

#[track_caller]
fn expect(status: Status, code: i32) {
    assert_eq!(code, status as i32, "expected {status:?}");
}

#[track_caller]
fn ok(code: i32) {
    expect(Status::Ok, code);
}
