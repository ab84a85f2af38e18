//! Prints the hashes of the results in each tier of this CPU.

use simplechain::simd::Tier;
use simplechain_test_targets::{calls, training};

fn main() {
    for tier in Tier::available() {
        let (calls, training) = tier
            .with(|| (calls(), training()))
            .expect("an available tier");
        println!("{tier} {calls:016x} {training:016x}");
    }
}
