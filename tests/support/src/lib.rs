//! What the tests share. Whatever is generic here is compiled by the test that calls it.

mod calls;
mod case;
mod everywhere;
mod fixture;
mod gradients;
mod near;
mod numbers;
mod own;

pub use calls::{every_other_call, outputs_and_cotangents};
pub use case::{Batch, Case};
pub use everywhere::{SameOnTiers, everywhere, in_all_tiers};
pub use fixture::Fixture;
pub use gradients::{gradients, gradients_but};
pub use near::{assert_added, assert_near, dot, near, size};
pub use numbers::{bits, boxed, cast, flat, numbers, parameters, sequence, unset};
pub use own::{Ramp, Squares};
