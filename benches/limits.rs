//! Performance relative to the limits of the machine: `cargo bench --bench limits [-- --json FILE]`, two minutes; for a part
//! of it, `-- --only calls --tier v4 --rounds 5`.
//!
//! Everything is measured in rounds, with the FMA peak between them, so that all results see the same machine even if its
//! clock drifts or other programs run.

#[path = "lenet/kernels.rs"]
mod kernels;
mod lenet;
mod origin;
mod shapes;
#[path = "../examples/common/spread.rs"]
mod spread;
#[path = "../examples/matrix_exponential/workload.rs"]
mod workload;

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};
use simplechain::init;
use simplechain::prelude::*;
use simplechain::simd::peak::fma_peak_gflops;
use simplechain::simd::{Tier, TierError};
use simplechain::train::Epoch;

use kernels::{Part, Tile};
use lenet::LeNet;
use shapes::{Calls, Mlp50, Mlp64, widths};
use spread::Spread;
use workload::{Data, MatExp, epoch_gflop};

const SAMPLES: usize = 10_000;
/// Images per epoch of LeNet-5, a whole number of batches.
const IMAGES: usize = 20 * lenet::BATCH;

/// Measure the FMA peak, training epochs and single-sample calls
#[derive(Parser)]
struct Args {
    /// Write a JSON object per line
    #[arg(long, value_name = "FILE", value_parser = create)]
    json: Option<Arc<File>>,
    /// Measure only these parts
    #[arg(long, value_name = "PART", value_parser = ["epochs", "steps", "kernels", "calls"])]
    only: Vec<String>,
    /// Measure only these tiers
    #[arg(long, value_name = "TIER")]
    tier: Vec<Tier>,
    /// Measure everything this many times
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Passed by `cargo bench`, not by `cargo test`
    #[arg(long, hide = true)]
    bench: bool,
}

fn create(path: &str) -> io::Result<Arc<File>> {
    File::create(path).map(Arc::new)
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Times of a repeated measurement.
struct Series<'a> {
    what: &'static str,
    shape: String,
    tier: Tier,
    threads: usize,
    /// Repeats it for about this long, and returns the seconds of each repetition.
    run: Box<dyn FnMut(Duration) -> Vec<f64> + 'a>,
    seconds: Vec<f64>,
    /// The median of every round.
    rounds: Vec<f64>,
}

impl<'a> Series<'a> {
    /// Epochs of the matrix-exponential workload.
    fn epochs(data: &'a Data, tier: Tier, threads: usize) -> Self {
        let mut params = MatExp.init(&mut init::rng(1));
        let mut trainer = workload::trainer(threads);
        let run = move |budget| {
            let start = Instant::now();
            let until = |_: &Epoch, _: &_| match start.elapsed() < budget {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            };
            let history = trainer.fit_with(&mut params, &data.x, &data.y, 10_000, until);
            let epochs = history.expect("good data").epochs.into_iter();
            epochs.map(|epoch| epoch.duration.as_secs_f64()).collect()
        };
        Self {
            what: "matrix_exponential",
            shape: widths::<MatExp>(),
            tier,
            threads,
            run: Box::new(run),
            seconds: Vec::new(),
            rounds: Vec::new(),
        }
    }

    /// Complete training steps of LeNet-5, per image.
    fn steps(data: &'a lenet::Data, tier: Tier, threads: usize) -> Self {
        let mut params = LeNet.init(&mut init::rng(1));
        let mut trainer = lenet::trainer(threads);
        let run = move |budget| {
            let start = Instant::now();
            let until = |_: &Epoch, _: &_| match start.elapsed() < budget {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            };
            let history =
                trainer.fit_with(&mut params, &data.images(), data.labels(), 10_000, until);
            let epochs = history.expect("good data").epochs.into_iter();
            epochs
                .map(|epoch| epoch.duration.as_secs_f64() / IMAGES as f64)
                .collect()
        };
        Self {
            what: "lenet_step",
            shape: "LeNet-5".to_owned(),
            tier,
            threads,
            run: Box::new(run),
            seconds: Vec::new(),
            rounds: Vec::new(),
        }
    }

    /// One kernel of such a step, per image.
    fn kernel(part: Part, tier: Tier) -> Self {
        let mut tile = Tile::new();
        let run = move |budget| {
            let start = Instant::now();
            let mut seconds = Vec::new();
            while start.elapsed() < budget {
                let start = Instant::now();
                tile.run(part);
                seconds.push(start.elapsed().as_secs_f64() / kernels::IMAGES as f64);
            }
            seconds
        };
        Self {
            what: part.name(),
            shape: "LeNet-5".to_owned(),
            tier,
            threads: 1,
            run: Box::new(run),
            seconds: Vec::new(),
            rounds: Vec::new(),
        }
    }

    /// Single-sample calls; `pass` is a method of [`Calls`].
    fn calls<C: Chain>(
        chain: C,
        shape: &str,
        tier: Tier,
        what: &'static str,
        pass: fn(&mut Calls<C>),
    ) -> Self {
        let mut calls = Calls::new(chain);
        let run = move |budget| {
            let start = Instant::now();
            let mut seconds = Vec::new();
            while start.elapsed() < budget {
                let start = Instant::now();
                pass(&mut calls);
                seconds.push(start.elapsed().as_secs_f64() / Calls::<C>::COUNT as f64);
            }
            seconds
        };
        Self {
            what,
            shape: shape.to_owned(),
            tier,
            threads: 1,
            run: Box::new(run),
            seconds: Vec::new(),
            rounds: Vec::new(),
        }
    }

    fn measure(&mut self, budget: Duration) -> Result<(), TierError> {
        let seconds = self.tier.with(|| (self.run)(budget))?;
        self.rounds.push(Spread::of(seconds.clone()).median);
        self.seconds.extend(seconds);
        Ok(())
    }

    /// The spread of the times, in units of `1 / per_second` seconds.
    fn spread(&self, per_second: f64) -> Spread {
        let times = self.seconds.iter().map(|seconds| seconds * per_second);
        Spread::of(times.collect())
    }
}

/// The series of a tier: a row of the table.
fn one_sample<'a, C: Chain>(chain: C, tier: Tier) -> [Series<'a>; 3] {
    let shape = match C::INPUT_LEN {
        784 => "LeNet-5".to_owned(),
        _ => widths::<C>(),
    };
    let calls = |what, pass: fn(&mut Calls<C>)| Series::calls(chain, &shape, tier, what, pass);
    [
        calls("forward", Calls::forward),
        calls("forward_dependent", Calls::forward_dependent),
        calls("vjp", Calls::vjp),
    ]
}

fn run(args: Args) -> Result<(), Box<dyn Error>> {
    // `cargo test --benches` only checks that it runs.
    let (rounds, speedup) = if args.bench {
        (args.rounds, 1)
    } else {
        (1, 100)
    };
    let [per_epochs, per_calls] = [250, 10].map(|ms| Duration::from_millis(ms) / speedup);
    let measured = |part: &str| args.only.is_empty() || args.only.iter().any(|only| only == part);
    let tiers: Vec<Tier> = Tier::available()
        .into_iter()
        .filter(|tier| args.tier.is_empty() || args.tier.contains(tier))
        .collect();

    let data = Data::new(SAMPLES, &mut init::rng(0));
    let images = lenet::Data::new(IMAGES);
    let (mut epochs, mut steps, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    let mut kernels: Vec<Vec<Series>> = Vec::new();
    if measured("epochs") {
        let series = |&tier| [1, 2].map(|threads| Series::epochs(&data, tier, threads));
        epochs.extend(tiers.iter().flat_map(series));
    }
    if measured("steps") {
        let series = |&tier| [1, 2].map(|threads| Series::steps(&images, tier, threads));
        steps.extend(tiers.iter().flat_map(series));
    }
    if measured("calls") {
        let rows = &tiers;
        calls.extend(rows.iter().map(|&tier| one_sample(MatExp, tier)));
        calls.extend(rows.iter().map(|&tier| one_sample(Mlp50, tier)));
        calls.extend(rows.iter().map(|&tier| one_sample(Mlp64, tier)));
        calls.extend(rows.iter().map(|&tier| one_sample(LeNet, tier)));
    }
    if measured("kernels") {
        let row = |part| tiers.iter().map(move |&tier| Series::kernel(part, tier));
        kernels.extend(Part::ALL.into_iter().map(|part| row(part).collect()));
    }

    let mut peaks = Vec::new();
    for _ in 0..rounds {
        peaks.push(Tier::best().with(fma_peak_gflops)?);
        for series in epochs.iter_mut().chain(&mut steps) {
            series.measure(per_epochs)?;
        }
        for series in calls.as_flattened_mut() {
            series.measure(per_calls)?;
        }
        for series in kernels.iter_mut().flatten() {
            series.measure(per_calls)?;
        }
    }

    let mut lines = vec![origin::origin()];
    let peak = report_peak(&peaks, &mut lines);
    if measured("epochs") {
        report_epochs(&epochs, peak, &mut lines);
    }
    if measured("steps") {
        report_steps(&steps, peak, &mut lines);
    }
    if measured("kernels") {
        report_kernels(&kernels, peak, &mut lines);
    }
    if measured("calls") {
        report_calls(&calls, &mut lines);
    }
    if let Some(mut file) = args.json {
        for line in lines {
            writeln!(file, "{line}")?;
        }
    }
    Ok(())
}

/// Returns the highest peak, which fractions are relative to.
fn report_peak(peaks: &[f64], lines: &mut Vec<Value>) -> f64 {
    let tier = Tier::best();
    let lowest = peaks.iter().copied().fold(f64::MAX, f64::min);
    let median = Spread::of(peaks.to_vec()).median;
    let highest = peaks.iter().copied().fold(0.0, f64::max);
    println!(
        "FMA peak of a core, {tier}: {highest:.1} GFLOP/s (median {median:.1}, lowest {lowest:.1})\n"
    );
    lines.push(json!({
        "workload": "fma_peak",
        "simd": tier.to_string(),
        "gflops": highest,
        "gflops_median": median,
        "gflops_lowest": lowest,
    }));
    highest
}

fn report_epochs(epochs: &[Series], peak: f64, lines: &mut Vec<Value>) {
    let gflop = epoch_gflop(SAMPLES);
    println!(
        "Epoch of {SAMPLES} samples, {}, full batch with Adam: {:.2} MFLOP, {:.1} us at the peak",
        widths::<MatExp>(),
        gflop * 1e3,
        gflop / peak * 1e6,
    );
    println!(
        "{:<10} {:>8} {:>11} {:>11} {:>10} {:>10}",
        "tier", "threads", "us/epoch", "p10", "GFLOP/s", "FMA peak"
    );
    for series in epochs {
        let Series { tier, threads, .. } = series;
        let Spread { median, p10 } = series.spread(1e6);
        let gflops = gflop / (median * 1e-6);
        let share = gflops / (peak * *threads as f64);
        let percent = 100.0 * share;
        println!(
            "{tier:<10} {threads:>8} {median:>11.1} {p10:>11.1} {gflops:>10.1} {percent:>8.1} %"
        );
        lines.push(json!({
            "workload": series.what,
            "shape": series.shape,
            "simd": tier.to_string(),
            "threads": threads,
            "samples": SAMPLES,
            "epochs": series.seconds.len(),
            "seconds_by_round": series.rounds,
            "us_per_epoch_median": median,
            "us_per_epoch_p10": p10,
            "gflops": gflops,
            "fma_peak_gflops": peak,
            "share_of_peak": share,
        }));
    }
}

fn report_steps(steps: &[Series], peak: f64, lines: &mut Vec<Value>) {
    let gflop = 2e-9 * lenet::MULTIPLY_ADDS as f64;
    println!(
        "\nTraining step of LeNet-5, batches of {}, with Adam, by the image: {:.3} MFLOP, {:.2} us at the peak",
        lenet::BATCH,
        gflop * 1e3,
        gflop / peak * 1e6,
    );
    println!(
        "{:<10} {:>8} {:>11} {:>11} {:>10} {:>10}",
        "tier", "threads", "us/image", "p10", "GFLOP/s", "FMA peak"
    );
    for series in steps {
        let Series { tier, threads, .. } = series;
        let Spread { median, p10 } = series.spread(1e6);
        let gflops = gflop / (median * 1e-6);
        let share = gflops / (peak * *threads as f64);
        let percent = 100.0 * share;
        println!(
            "{tier:<10} {threads:>8} {median:>11.2} {p10:>11.2} {gflops:>10.1} {percent:>8.1} %"
        );
        lines.push(json!({
            "workload": series.what,
            "shape": series.shape,
            "simd": tier.to_string(),
            "threads": threads,
            "batch": lenet::BATCH,
            "seconds_by_round": series.rounds,
            "us_per_sample_median": median,
            "us_per_sample_p10": p10,
            "gflops": gflops,
            "fma_peak_gflops": peak,
            "share_of_peak": share,
        }));
    }
}

fn report_kernels(kernels: &[Vec<Series>], peak: f64, lines: &mut Vec<Value>) {
    println!("\nIts kernels, us by the image, 1 thread: median, and the share of the FMA peak");
    print!("{:<28} {:>8}", "", "at peak");
    for series in &kernels[0] {
        print!(" {:>17}", series.tier.to_string());
    }
    println!();
    for (part, row) in Part::ALL.into_iter().zip(kernels) {
        let at_peak = 2e-9 * part.multiply_adds() as f64 / peak * 1e6;
        print!("{:<28} {at_peak:>8.2}", part.name());
        for series in row {
            let Spread { median, p10 } = series.spread(1e6);
            let share = at_peak / median;
            print!(" {median:>8.2} {:>6.1} %", 100.0 * share);
            lines.push(json!({
                "workload": "lenet_kernel",
                "kernel": series.what,
                "simd": series.tier.to_string(),
                "seconds_by_round": series.rounds,
                "us_per_sample_median": median,
                "us_per_sample_p10": p10,
                "share_of_peak": share,
            }));
        }
        println!();
    }
}

fn report_calls(calls: &[[Series; 3]], lines: &mut Vec<Value>) {
    println!("\nCalls with one sample, ns: median and p10");
    println!(
        "{:<10} {:<10} {:>17} {:>19} {:>17}",
        "shape", "tier", "forward", "forward, dependent", "vjp of everything"
    );
    for row in calls {
        print!("{:<10} {:<10}", row[0].shape, row[0].tier);
        for (series, width) in row.iter().zip([7, 9, 7]) {
            let Spread { median, p10 } = series.spread(1e9);
            print!(" {median:>width$.1} {p10:>9.1}");
            lines.push(json!({
                "workload": series.what,
                "shape": series.shape,
                "simd": series.tier.to_string(),
                "seconds_by_round": series.rounds,
                "ns_per_call_median": median,
                "ns_per_call_p10": p10,
            }));
        }
        println!();
    }
}
