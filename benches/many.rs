//! Many small fits, sequentially and in parallel: `cargo bench --bench many`.
//!
//! 200 subjects with 40 samples each, a network 1-8-8-1 for every one, 300 epochs of Adam. The variants are measured in turn,
//! round by round.

#[path = "../examples/common/spread.rs"]
mod spread;

use std::time::Instant;

use clap::Parser;
use simplechain::init;
use simplechain::prelude::*;

use spread::Spread;

simple_chain! {
    struct Net: 1 => dense(tanh, 8) => dense(tanh, 8) => dense(id, 1)
}

type Params = [f32; Net::PARAM_COUNT];
type Samples = Vec<[f32; 1]>;

/// Time many small fits
#[derive(Parser)]
struct Args {
    /// Subjects, one fit each
    #[arg(long, default_value_t = 200)]
    subjects: usize,
    /// Epochs per fit
    #[arg(long, default_value_t = 300)]
    epochs: usize,
    /// Rounds, over which the median is taken
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Passed by `cargo bench`, not by `cargo test`
    #[arg(long, hide = true)]
    bench: bool,
}

fn subject(number: usize) -> (Samples, Samples) {
    let xs: Samples = (0..40).map(|i| [i as f32 / 40.0]).collect();
    let frequency = 1.0 + number as f32 / 40.0;
    let ys = xs.iter().map(|[x]| [(frequency * x).sin()]).collect();
    (xs, ys)
}

fn main() {
    let mut args = Args::parse();
    if !args.bench {
        (args.subjects, args.epochs, args.rounds) = (3, 2, 1);
    }
    let subjects: Vec<_> = (0..args.subjects).map(subject).collect();
    let fit = |s: usize, params: &mut Params, threads: Option<usize>| {
        let (xs, ys) = &subjects[s];
        let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2));
        if let Some(threads) = threads {
            trainer = trainer.threads(threads);
        }
        Ok(trainer.fit(params, xs, ys, args.epochs)?.last_loss())
    };
    let fresh = || -> Vec<Params> {
        let seeds = 0..args.subjects as u64;
        seeds.map(|seed| *Net.init(&mut init::rng(seed))).collect()
    };
    let one_by_one = |threads: Option<usize>| {
        let mut params = fresh();
        let start = Instant::now();
        for (s, params) in params.iter_mut().enumerate() {
            fit(s, params, threads).expect("data that fits");
        }
        start.elapsed().as_secs_f64()
    };
    let at_once = || {
        let mut params = fresh();
        let start = Instant::now();
        fit_many(&mut params, None, |s, params| fit(s, params, None)).expect("some threads");
        start.elapsed().as_secs_f64()
    };
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..args.rounds {
        times[0].push(one_by_one(Some(1)));
        times[1].push(one_by_one(None));
        times[2].push(at_once());
    }
    println!(
        "{} fits of {} epochs, ms: median and p10",
        args.subjects, args.epochs
    );
    let names = [
        "one by one, 1 thread",
        "one by one, all threads",
        "fit_many",
    ];
    let mut first = None;
    for (name, times) in names.into_iter().zip(times) {
        let Spread { median, p10 } = Spread::of(times);
        let first = *first.get_or_insert(median);
        println!(
            "{name:<24} {:>9.1} {:>9.1} {:>7.2} x",
            median * 1e3,
            p10 * 1e3,
            first / median
        );
    }
}
