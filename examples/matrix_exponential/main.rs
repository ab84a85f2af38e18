//! A small network learns the matrix exponential: 2x2 matrices of standard normal numbers, 10 000 to train and
//! 10 000 to test, three rounds of 10 000 full-batch epochs with Adam.
//!
//! ```text
//! cargo run --release --example matrix_exponential -- --plot losses.png
//! ```

mod plot;
mod report;
mod spread;
#[cfg(test)]
mod tests;
mod workload;

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Instant;

use clap::Parser;
use clap::builder::TypedValueParser;
use indicatif::{ProgressBar, ProgressStyle};
use simplechain::init;
use simplechain::loss::SquaredLoss;
use simplechain::prelude::*;
use simplechain::train::Epoch;

use report::{Losses, Report, Round};
use workload::{Data, MatExp};

/// Train a 4-32-16-4 network to give the exponential of 2x2 matrices
#[derive(Parser)]
struct Args {
    /// Epochs of a round
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = count(10_000_000))]
    epochs: u32,
    /// Rounds; the losses are printed after each
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = count(1000))]
    rounds: u32,
    /// Threads [default: one for every CPU]
    #[arg(long, value_name = "N", value_parser = count(1024))]
    threads: Option<u32>,
    /// Seed of data and first parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Samples to train with, and as many to test with
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
        Ok(()) => ExitCode::SUCCESS,
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

    let mut rng = init::rng(args.seed);
    let [train, test] = [(); 2].map(|()| Data::new(samples, &mut rng));
    let mut params = MatExp.init(&mut rng);
    let mut trainer = workload::trainer(threads);
    let losses = |params: &_| -> Result<Losses, simplechain::Error> {
        Ok(Losses {
            train: MatExp.loss_batch(&SquaredLoss, &train.x, &train.y, params)?,
            test: MatExp.loss_batch(&SquaredLoss, &test.x, &test.y, params)?,
        })
    };

    println!("{MatExp}\n");
    let mut report = Report::new(samples, args.seed, threads, cpus, losses(&params)?);
    println!("{}\n", report.settings());
    println!("{}", report.before);
    let epochs = args.epochs as usize;
    // Without a plot a round is one run; with it, there is a point for every other pixel.
    let stride = match args.plot {
        Some(_) => (epochs * args.rounds as usize / 600).max(1),
        None => epochs,
    };
    let mut curve = vec![(0, report.before)];

    for _ in 0..args.rounds {
        let bar = progress_bar(args.epochs);
        let (mut seconds, mut us_per_epoch) = (0.0, Vec::with_capacity(epochs));
        while us_per_epoch.len() < epochs {
            let count = stride.min(epochs - us_per_epoch.len());
            let start = Instant::now();
            let history = trainer.fit_with(&mut params, &train.x, &train.y, count, |_, _| {
                bar.inc(1);
                ControlFlow::Continue(())
            })?;
            seconds += start.elapsed().as_secs_f64();
            let us = |epoch: &Epoch| epoch.duration.as_secs_f64() * 1e6;
            us_per_epoch.extend(history.epochs.iter().map(us));
            if args.plot.is_some() {
                curve.push((curve[curve.len() - 1].0 + count, losses(&params)?));
            }
        }
        bar.finish_and_clear();
        let losses = losses(&params)?;
        println!("{seconds:7.3} s for {epochs} epochs");
        println!("{losses}");
        report.push(Round {
            losses,
            seconds,
            us_per_epoch,
        });
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
