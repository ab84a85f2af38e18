//! The fused multiply-add peak of a core: the yardstick of the benchmarks.

use core::hint::black_box;
use core::time::Duration;

use crate::clock::{self, Instant};

use super::{Kernel, Number, Simd};

/// Independent chains of multiply-adds. Latency times rate is 10 at most on today's x86-64 cores, and 12 accumulators and
/// two operands fit in the 16 registers of AVX2; on AArch64 it is 16, and there are 32 registers.
const CHAINS: usize = if cfg!(target_arch = "aarch64") {
    16
} else {
    12
};

/// Multiply-adds one after the other in a chain: some 15 us, short enough that many runs are not interrupted.
const LENGTH: usize = 1 << 12;

/// The `f32` multiply-adds that one core does in the tier that [`Tier::current`](super::Tier::current) gives, in
/// GFLOP/s, a multiply-add being two operations.
///
/// Takes about 20 ms: many short runs, of which the fastest counts. NaN where there is no clock (`wasm32-unknown-unknown`).
pub fn fma_peak_gflops() -> f64 {
    if !clock::EXISTS {
        return f64::NAN;
    }
    let start = Instant::now();
    let (mut flops, mut fastest) = (0.0, Duration::MAX);
    while start.elapsed() < Duration::from_millis(20) {
        let start = Instant::now();
        flops = black_box(f32::dispatch_batch(MultiplyAdds)).1;
        fastest = fastest.min(start.elapsed());
    }
    flops / fastest.as_secs_f64() * 1e-9
}

struct MultiplyAdds;

impl Kernel<f32> for MultiplyAdds {
    /// A value that depends on all computations, and the number of floating-point operations.
    type Output = (f32, f64);

    #[inline(always)]
    fn run<S: Simd<f32>>(self, simd: S) -> (f32, f64) {
        run_registers(simd.register())
    }
}

#[inline(always)]
fn run_registers<S: Simd<f32>>(simd: S) -> (f32, f64) {
    // x = 0.5 x + 1 tends to 2: no infinity, and no subnormal number to slow it down.
    let (factor, term) = (simd.splat(black_box(0.5)), simd.splat(black_box(1.0)));
    let mut x = [term; CHAINS];
    for x in &mut x {
        *x = simd.splat(black_box(1.0)); // chains that could be the same would be computed once
    }
    for _ in 0..LENGTH {
        for x in &mut x {
            *x = simd.mul_add(*x, factor, term);
        }
    }
    let mut sum = simd.zero();
    for x in x {
        sum = simd.add(sum, x);
    }
    (simd.sum(sum), (2 * CHAINS * LENGTH * S::LANES) as f64)
}
