//! LeNet-5 learns the digits of MNIST: ten epochs of mini-batches with Adam, tested after each.
//!
//! ```text
//! cargo run --release --example lenet_mnist -- --plot digits.png          # the subset beside this file
//! cargo run --release --example lenet_mnist -- --data DIR                 # all of MNIST
//! ```

#[path = "../common/canvas.rs"]
mod canvas;
mod data;
mod idx;
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
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use clap::Parser;
use clap::builder::TypedValueParser;
use indicatif::{ProgressBar, ProgressStyle};
use simplechain::init;
use simplechain::prelude::*;
use simplechain::train::{Checkpoints, Epoch};

use data::Mnist;
use report::{Line, Report};
use workload::LeNet;

/// Train LeNet-5 to read handwritten digits
#[derive(Parser)]
struct Args {
    /// Directory with the four files of MNIST, plain or gzipped [default: a subset that comes with the example]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Epochs
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = count(100_000))]
    epochs: u32,
    /// Images per batch
    #[arg(long, value_name = "N", default_value_t = 128, value_parser = count(1_000_000))]
    batch: u32,
    /// Threads [default: one per CPU]
    #[arg(long, value_name = "N", value_parser = count(1024))]
    threads: Option<u32>,
    /// Learning rate of Adam
    #[arg(long, value_name = "RATE", default_value_t = 3e-4)]
    lr: f64,
    /// Seed of the initial parameters and of the order of the images
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Save the training here every 10 seconds and at its end or interruption, and go on with what is there
    #[arg(long, value_name = "DIR")]
    checkpoints: Option<PathBuf>,
    /// Write the results as JSON
    #[arg(long, value_name = "FILE", value_parser = create)]
    json: Option<Arc<File>>,
    /// Draw curves, confusion matrix and misclassified digits as PNG
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
    let start = Instant::now();
    let cpus = available_parallelism().map_or(1, usize::from);
    let threads = args.threads.map_or(cpus, |threads| threads as usize);
    let (source, mnist) = match &args.data {
        Some(directory) => (
            directory.display().to_string(),
            Mnist::of_directory(directory)?,
        ),
        None => ("subset".to_owned(), Mnist::subset()?),
    };
    let Mnist { train, test } = &mnist;

    let mut params = LeNet.init(&mut init::rng(args.seed));
    let batch = args.batch as usize;
    let mut trainer = workload::trainer(args.lr, batch, threads, args.seed);
    let mut report = Report::new(report::Settings {
        source,
        train: train.len(),
        test: test.len(),
        batch,
        rate: args.lr,
        seed: args.seed,
        threads,
        cores: threads.min(cpus),
    });
    println!("{LeNet}\n\n{}\n", report.settings());
    if let Some(directory) = args.checkpoints {
        let every = Duration::from_secs(10);
        trainer = trainer.checkpoints(Checkpoints::new(directory).every(every));
        if let Some(resumed) = trainer.resume(&mut params)? {
            println!("goes on from {}\n", resumed.path.display());
        }
    }
    interrupt::watch()?;

    let bar = progress_bar(args.epochs);
    let mut failure = None;
    let on_epoch = |epoch: &Epoch, params: &_| {
        let seconds = epoch.duration.as_secs_f64();
        let start = Instant::now();
        match workload::predictions(params, test) {
            Ok((_, matrix)) => report.push(Line {
                epoch: epoch.index + 1,
                seconds,
                test_seconds: start.elapsed().as_secs_f64(),
                train_loss: epoch.loss,
                test_accuracy: matrix.accuracy(),
            }),
            Err(error) => failure = Some(error),
        }
        let images = train.len() as f64 / seconds;
        bar.set_message(format!("loss {:.4}, {images:.0} images/s", epoch.loss));
        bar.set_position(epoch.index as u64 + 1);
        match failure {
            None => interrupt::flow(),
            Some(_) => ControlFlow::Break(()),
        }
    };
    let epochs = args.epochs as usize;
    trainer.fit_with(
        &mut params,
        &train.inputs(),
        &train.labels,
        epochs,
        on_epoch,
    )?;
    bar.finish_and_clear();
    if let Some(error) = failure {
        return Err(error.into());
    }
    if report.lines.is_empty() {
        return Err("all epochs are in the checkpoint: nothing is left to train".into());
    }
    report.finish(start.elapsed().as_secs_f64());

    println!("{report}");
    if let Some(file) = args.json {
        writeln!(&*file, "{:#}", report.json())?;
    }
    if let Some(file) = args.plot {
        let (logits, matrix) = workload::predictions(&params, test)?;
        plot::write(&*file, &report, &matrix, test, &logits)?;
    }
    Ok(())
}

/// Shown on a terminal only.
fn progress_bar(epochs: u32) -> ProgressBar {
    let style = "{bar:40} {pos}/{len} epochs, {msg}, {eta} left";
    let style = ProgressStyle::with_template(style).expect("a valid template");
    ProgressBar::new(epochs.into()).with_style(style)
}
