//! An epoch of the matrix-exponential workload: 4-32-16-4, 10 000 samples, full batch, Adam.

#[path = "../../../examples/matrix_exponential/workload.rs"]
mod workload;

use std::time::{Duration, Instant};

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use simplechain::init;
use simplechain::prelude::*;
use simplechain::simd::Tier;

use workload::{Data, MatExp, epoch_gflop};

const SAMPLES: usize = 10_000;

fn epoch(criterion: &mut Criterion) {
    let data = Data::new(SAMPLES, &mut init::rng(0));
    let mut group = criterion.benchmark_group("epoch 4-32-16-4");
    group.throughput(Throughput::Elements((1e9 * epoch_gflop(SAMPLES)) as u64));
    group
        .sampling_mode(SamplingMode::Flat)
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3));
    for tier in Tier::available() {
        for threads in [1, 2] {
            let mut params = MatExp.init(&mut init::rng(1));
            let mut trainer = workload::trainer(threads);
            let mut fit = |epochs: u64| {
                let start = Instant::now();
                let fit = tier.with(|| trainer.fit(&mut params, &data.x, &data.y, epochs as usize));
                fit.expect("an available tier").expect("good data");
                start.elapsed()
            };
            group.bench_function(BenchmarkId::new(tier.to_string(), threads), |bencher| {
                bencher.iter_custom(&mut fit);
            });
        }
    }
    group.finish();
}

criterion_group!(benches, epoch);
criterion_main!(benches);
