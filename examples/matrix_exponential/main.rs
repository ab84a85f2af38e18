//! A small network learns the matrix exponential: 2x2 matrices with standard normal entries, 10 000 for training and
//! 10 000 for testing, three rounds of 10 000 full-batch epochs with Adam.
//!
//! ```text
//! cargo run --release --example matrix_exponential -- --plot losses.png
//! ```

#[path = "../common/canvas.rs"]
mod canvas;
#[path = "../common/interrupt.rs"]
mod interrupt;
#[macro_use]
#[path = "../common/output.rs"]
mod output;
mod plot;
mod report;
#[path = "../common/spread.rs"]
mod spread;
#[cfg(test)]
mod tests;
mod workload;

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;

use clap::Parser;
use clap::builder::TypedValueParser;
use indicatif::{ProgressBar, ProgressStyle};
use simplechain::init;
use simplechain::loss::SquaredLoss;
use simplechain::prelude::*;
use simplechain::train::Epoch;

use report::{Losses, Report, Round};
use workload::{Data, MatExp};

/// Train a 4-32-16-4 network to compute the exponential of 2x2 matrices
#[derive(Parser)]
struct Args {
    /// Epochs per round
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = count(10_000_000))]
    epochs: u32,
    /// Rounds; the losses are printed after each
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = count(1000))]
    rounds: u32,
    /// Threads [default: one per CPU]
    #[arg(long, value_name = "N", value_parser = count(1024))]
    threads: Option<u32>,
    /// Seed of data and initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Training samples, and as many test samples
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = count(10_000_000))]
    samples: u32,
    /// Write the results as JSON
    #[arg(long, value_name = "FILE", value_parser = create)]
    json: Option<Arc<File>>,
    /// Draw the loss curves as PNG
    #[arg(long, value_name = "FILE", value_parser = create)]
    plot: Option<Arc<File>>,
}

fn count(max: u32) -> impl TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(1..=i64::from(max))
}

/// Files are opened before the training, not after.
fn create(path: &str) -> io::Result<Arc<File>> {
    File::create(path).map(Arc::new)
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => interrupt::exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), Box<dyn Error>> {
    let cpus = available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or(cpus, |threads| threads as usize);
    let samples = args.samples as usize;
    interrupt::watch()?;

    let mut rng = init::rng(args.seed);
    let [train, test] = [(); 2].map(|()| Data::new(samples, &mut rng));
    let mut params = MatExp.init(&mut rng);
    let mut trainer = workload::trainer(threads);
    let losses = |params: &_| {
        let loss = |data: &Data| MatExp.loss_batch(&SquaredLoss, &data.x, &data.y, params);
        let (train, test) = (loss(&train)?, loss(&test)?);
        Ok::<_, simplechain::Error>(Losses { train, test })
    };

    println!("{MatExp}\n");
    let mut report = Report::new(samples, args.seed, threads, cpus, losses(&params)?);
    println!("{}\n", report.settings());
    println!("{}", report.before);
    // The losses for every other pixel of the plot; the epochs are timed without them.
    let epochs = args.epochs as usize;
    let stride = (epochs * args.rounds as usize / 600).max(1);
    let mut curve = vec![(0, report.before)];

    for round in 0..args.rounds as usize {
        let bar = progress_bar(args.epochs);
        let on_epoch = |epoch: &Epoch, params: &_| {
            bar.inc(1);
            let done = round * epochs + epoch.index + 1;
            if args.plot.is_some() && done.is_multiple_of(stride) {
                curve.push((done, losses(params).expect("the data that it trains with")));
            }
            interrupt::flow()
        };
        let history = trainer.fit_with(&mut params, &train.x, &train.y, epochs, on_epoch)?;
        bar.finish_and_clear();
        let us = |epoch: &Epoch| epoch.duration.as_secs_f64() * 1e6;
        let us_per_epoch: Vec<f64> = history.epochs.iter().map(us).collect();
        let seconds = us_per_epoch.iter().sum::<f64>() * 1e-6;
        let losses = losses(&params)?;
        println!("{seconds:7.3} s for {} epochs", us_per_epoch.len());
        println!("{losses}");
        report.push(Round {
            losses,
            seconds,
            us_per_epoch,
        });
        if interrupt::flow().is_break() {
            break;
        }
    }

    println!("\n{report}");
    if let Some(file) = args.json {
        writeln!(&*file, "{:#}", report.json())?;
    }
    if let Some(file) = args.plot {
        let title = format!("Matrix exponential, 4-32-16-4 network, {samples} samples");
        plot::write(&*file, &title, &curve)?;
    }
    Ok(())
}

/// Shown on a terminal only.
fn progress_bar(epochs: u32) -> ProgressBar {
    let style = "{bar:40} {pos}/{len} epochs, {eta} left";
    let style = ProgressStyle::with_template(style).expect("a valid template");
    ProgressBar::new(epochs.into()).with_style(style)
}
