//! Chains 1, 5, 9 and so on.

#[allow(unused_imports)] // what is drawn may need none
use simplechain_test_random_chains::{hold, layers};

include!(concat!(env!("OUT_DIR"), "/part_1.rs"));
