//! Prints, for each tier of this CPU, the nanoseconds of `forward`, `vjp` and an epoch.

use std::time::{Duration, Instant};

use simplechain::simd::Tier;
use simplechain_test_targets::{epochs, forward, vjp};

/// The least time of a run, and how many runs there are.
const RUN: Duration = Duration::from_millis(50);
const RUNS: usize = 6;

/// Nanoseconds of a repetition, in the fastest run.
fn time<R>(run: extern "C" fn(u32) -> R) -> f64 {
    let seconds = |count| {
        let start = Instant::now();
        run(count);
        start.elapsed()
    };
    let mut count = 1;
    while seconds(count) < RUN {
        count *= 2;
    }
    let fastest = (0..RUNS).map(|_| seconds(count)).min();
    fastest.expect("some runs").as_secs_f64() * 1e9 / f64::from(count)
}

fn main() {
    for tier in Tier::available() {
        let times = tier.with(|| [time(forward), time(vjp), time(epochs)]);
        let [forward, vjp, epoch] = times.expect("an available tier");
        println!("{tier} {forward:.1} {vjp:.1} {epoch:.0}");
    }
}
