//! A regression on a table: reads a CSV file, trains a network with early stopping, compares it with a linear model, and saves it for `serve`.
//!
//! ```text
//! cargo run --release -p tabular_csv -- --plot houses.png
//! ```
//!
//! The table is split at random: 70 % of the rows to train, 15 % to stop in time, 15 % to judge. A missing number becomes the mean of its
//! column, and a further input says that it was missing; a category becomes one-hot. The chain begins with `standardize` and ends with
//! `unstandardize`, which learn the units of the columns and of the target.

#[path = "../../../../common/canvas.rs"]
mod canvas;
#[path = "../../../../common/interrupt.rs"]
mod interrupt;
#[path = "../../../../common/legend.rs"]
mod legend;
#[macro_use]
#[path = "../../../../common/output.rs"]
mod output;
mod plot;

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use simplechain::metrics::{mean_absolute_error, r2, rmse};
use simplechain::prelude::*;
use simplechain::train::{Epoch, History, Progress};
use tabular_csv::table::{Table, split};
use tabular_csv::{Input, Linear, Net};

/// Learn to predict a column of a CSV file
#[derive(Parser)]
struct Args {
    /// The table, with a header; the default is the one of this example
    #[arg(long, value_name = "CSV", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/data/houses.csv"))]
    data: PathBuf,
    /// The column to predict
    #[arg(long, value_name = "COLUMN", default_value = "energy_kwh")]
    target: String,
    /// The column with categories
    #[arg(long, value_name = "COLUMN", default_value = "heating")]
    categorical: String,
    /// Most epochs
    #[arg(long, value_name = "N", default_value_t = 500)]
    epochs: usize,
    /// Epochs without improvement after which the training stops
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..))]
    patience: u32,
    /// Threads; the default is one per CPU
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Seed of the split, the initial parameters and the batches
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Where to save the network
    #[arg(long, value_name = "FILE", default_value = "houses.safetensors")]
    save: PathBuf,
    /// Draw loss curves and predictions as PNG
    #[arg(long, value_name = "PNG")]
    plot: Option<PathBuf>,
    /// Write the losses of the epochs as CSV
    #[arg(long, value_name = "CSV")]
    history: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => interrupt::exit_code(),
        Err(error) => {
            _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Inputs and targets.
type Samples = (Vec<Input>, Vec<[f64; 1]>);

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let within = |path: &Path, error: Box<dyn Error>| format!("{}: {error}", path.display());
    let file = File::open(&args.data).map_err(|error| within(&args.data, error.into()))?;
    let table = Table::read(file, &args.categorical, &args.target)
        .map_err(|error| within(&args.data, error))?;
    let [train, validation, test] = split(table.rows.len(), &mut rng(args.seed));
    let means = table.means(&train);
    let [train, validation, test] =
        [train, validation, test].map(|rows| table.samples(&rows, &means));

    interrupt::watch()?;
    let [trained, validated, tested] = [&train, &validation, &test].map(|samples| samples.0.len());
    println!("{trained} rows to train, {validated} to validate, {tested} to test");

    let linear = fit_linear(&train)?;
    let mut params = Net.init::<f64>(&mut rng(args.seed));
    let history = fit(&mut params, &train, &validation, args)?;
    // First, whatever becomes of the output.
    let entries = table.schema.entries()?;
    let entries = entries.each_ref().map(|(name, text)| (*name, &**text));
    Net.save_with(&args.save, &params, &entries)?;
    let best = history.best.map_or(0, |best| best + 1);
    println!("{} epochs, the best one was {best}", history.epochs.len());

    let (mut by_line, mut by_net) = (vec![[0.0]; tested], vec![[0.0]; tested]);
    Linear.forward_batch(&test.0, &linear, &mut by_line)?;
    Net.forward_batch(&test.0, &params, &mut by_net)?;
    println!(
        "\n{:<8} {:>8} {:>10} {:>10}",
        args.target, "R2", "MAE", "RMSE"
    );
    for (name, ys) in [("linear", &by_line), ("network", &by_net)] {
        let (r2, rmse) = (r2(ys, &test.1)?, rmse(ys, &test.1)?);
        let mae = mean_absolute_error(ys, &test.1)?;
        println!("{name:<8} {r2:>8.4} {mae:>10.1} {rmse:>10.1}");
    }

    println!("\nsaved to {}", args.save.display());
    if let Some(path) = &args.history {
        let file = File::create(path).map_err(|error| within(path, error.into()))?;
        history.write_csv(io::BufWriter::new(file))?;
    }
    if let Some(path) = &args.plot {
        let file = File::create(path).map_err(|error| within(path, error.into()))?;
        plot::write(file, &args.target, &history, &test.1, [&by_line, &by_net])?;
    }
    Ok(())
}

/// The linear model: its loss is a sum of squares that is quadratic in the parameters, which Levenberg-Marquardt minimises in a few steps.
fn fit_linear(train: &Samples) -> Result<Box<<Linear as Network>::Params<f64>>, Box<dyn Error>> {
    let mut params = Linear.zeros();
    params.copy_from_slice(&Linear.init::<f64>(&mut rng(0))[..]);
    Linear.adapt(&mut params, &train.0)?;
    Linear.adapt_outputs(&mut params, &train.1)?;
    LevenbergMarquardt::new().fit(Linear, &mut params, &train.0, &train.1, 50)?;
    Ok(params)
}

/// The network: Adam on mini-batches, until the validation loss has not improved for a while.
fn fit(
    params: &mut <Net as Network>::Params<f64>,
    train: &Samples,
    validation: &Samples,
    args: &Args,
) -> Result<History, Box<dyn Error>> {
    Net.adapt(params, &train.0)?;
    Net.adapt_outputs(params, &train.1)?;
    // In units of the deviation of the targets, so that the learning rate does not depend on their unit.
    let last = Net::LAYERS.len() - 1;
    let loss = WeightedSquaredLoss::standardized(&Net.state(params, last)[1..]);

    let validation = Validation::new(&validation.0, &validation.1).patience(args.patience as usize);
    let mut trainer = Trainer::new(Net, loss, Adam::new(3e-3))
        .batch_size(64)
        .seed(args.seed);
    if let Some(threads) = args.threads {
        trainer = trainer.threads(usize::from(threads));
    }
    let mut progress = Progress::new(args.epochs, train.0.len());
    let (xs, ys) = (&train.0, &train.1);
    let on_epoch = |epoch: &Epoch, _: &_| {
        progress.record(epoch);
        interrupt::flow()
    };
    Ok(trainer.fit_validated_with(params, xs, ys, &validation, args.epochs, on_epoch)?)
}
