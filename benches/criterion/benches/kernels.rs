//! Single-sample calls, and the batch kernels of a dense layer for each shape, on one thread.

#[path = "../../shapes/mod.rs"]
mod shapes;
#[expect(dead_code, reason = "of the workload only the network is used here")]
#[path = "../../../examples/matrix_exponential/workload.rs"]
mod workload;

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use simplechain::chain::Array;
use simplechain::init;
use simplechain::prelude::*;
use simplechain::simd::Tier;

use shapes::{Calls, Mlp50, Mlp64, samples, widths};
use workload::MatExp;

simple_chain! {
    struct Dense4x32: 4 => dense(tanh, 32);
    struct Dense32x16: 32 => dense(tanh, 16);
    struct Dense16x4: 16 => dense(id, 4);
    struct Dense33x31: 33 => dense(tanh, 31);
    struct Dense50x50: 50 => dense(tanh, 50);
    struct Dense64x64: 64 => dense(tanh, 64)
}

/// Samples per batch: 15 panels, and few enough that no shape here is split between threads.
const BATCH: usize = 240;

/// Calls of `jvp`, along a direction of input and parameters.
fn jvp<C: Chain>(calls: &mut Calls<C>) {
    for x in &calls.xs {
        let y = calls
            .chain
            .jvp(black_box(x), &calls.params, x, &calls.params);
        black_box(y);
    }
}

/// Calls of `hvp`, along a direction of input and parameters.
fn hvp<C: Chain>(calls: &mut Calls<C>) {
    for x in &calls.xs {
        let (params, x_out, params_out) =
            (&**calls.params, &mut calls.x_bar, &mut *calls.params_bar);
        let y = calls.chain.hvp(
            black_box(x),
            params,
            &calls.y_bar,
            x,
            params,
            x_out,
            params_out,
        );
        black_box((y, x_out, params_out));
    }
}

fn one_sample<C: Chain>(criterion: &mut Criterion, chain: C) {
    let mut calls = Calls::new(chain);
    let mut group = criterion.benchmark_group(format!("sample {}", widths::<C>()));
    for tier in Tier::available() {
        let mut bench = |name: &str, pass: fn(&mut Calls<C>)| {
            group.bench_function(format!("{name}/{tier}"), |bencher| {
                bencher.iter_custom(|count| {
                    let passes = count.div_ceil(Calls::<C>::COUNT as u64);
                    let start = Instant::now();
                    tier.with(|| (0..passes).for_each(|_| pass(&mut calls)))
                        .expect("an available tier");
                    let calls = passes * Calls::<C>::COUNT as u64;
                    start.elapsed().mul_f64(count as f64 / calls as f64)
                });
            });
        };
        bench("forward", Calls::forward);
        bench("forward_dependent", Calls::forward_dependent);
        bench("vjp", Calls::vjp);
        bench("jvp", jvp);
        bench("hvp", hvp);
    }
}

fn dense<C: Chain>(criterion: &mut Criterion, chain: C) {
    let params = chain.init(&mut init::rng(1));
    let (xs, y_bars) = (samples(BATCH), samples(BATCH));
    let mut ys = vec![C::Output::splat(0.0); BATCH];
    let mut x_bars = vec![C::Input::splat(0.0); BATCH];
    let mut params_bar = C::Params::boxed(0.0);
    // A product of weights and samples is two operations per weight: one forward, two backward.
    let products =
        |count: usize| Throughput::Elements((2 * count * C::LAYERS[0].weight_count * BATCH) as u64);

    let mut group = criterion.benchmark_group(format!("dense {}", widths::<C>()));
    for tier in Tier::available() {
        group.throughput(products(1));
        group.bench_function(format!("forward/{tier}"), |bencher| {
            let forward = || {
                chain
                    .forward_batch(&xs, &params, &mut ys)
                    .expect("equal lengths")
            };
            tier.with(|| bencher.iter(forward))
                .expect("an available tier");
        });
        group.throughput(products(3));
        group.bench_function(format!("vjp/{tier}"), |bencher| {
            let vjp = || {
                chain
                    .vjp_batch(&xs, &params, &y_bars, &mut x_bars, &mut params_bar)
                    .expect("equal lengths");
            };
            tier.with(|| bencher.iter(vjp)).expect("an available tier");
        });
    }
}

fn one_sample_calls(criterion: &mut Criterion) {
    one_sample(criterion, MatExp);
    one_sample(criterion, Mlp50);
    one_sample(criterion, Mlp64);
}

fn dense_layers(criterion: &mut Criterion) {
    dense(criterion, Dense4x32);
    dense(criterion, Dense32x16);
    dense(criterion, Dense16x4);
    dense(criterion, Dense33x31);
    dense(criterion, Dense50x50);
    dense(criterion, Dense64x64);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = one_sample_calls, dense_layers
}
criterion_main!(benches);
