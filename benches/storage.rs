//! Saved networks and checkpoints: `cargo bench --bench storage`.
//!
//! Saving and loading LeNet-5 (44 426 parameters) beside the file system alone: the same bytes written, flushed and renamed, or read. Then
//! the training of the matrix exponential (756 parameters, 10 000 samples, full batches, Adam) without checkpoints and with one every
//! second, in turn.

#[path = "../examples/common/spread.rs"]
mod spread;
#[path = "../examples/matrix_exponential/workload.rs"]
#[expect(dead_code, reason = "the example and other benchmarks use more of it")]
mod workload;

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Parser;
use simplechain::init;
use simplechain::prelude::*;
use simplechain::train::Checkpoints;

use spread::Spread;
use workload::{Data, MatExp};

simple_chain! {
    struct LeNet: (28, 28, 1)
        => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
}

/// Time saved networks and checkpoints
#[derive(Parser)]
struct Args {
    /// Rounds of saving and loading
    #[arg(long, default_value_t = 200)]
    rounds: usize,
    /// Pairs of trainings
    #[arg(long, default_value_t = 5)]
    pairs: usize,
    /// Seconds of a training without checkpoints
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Samples of the training
    #[arg(long, default_value_t = 10_000)]
    samples: usize,
    /// Threads of the training
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Passed by `cargo bench`, not by `cargo test`
    #[arg(long, hide = true)]
    bench: bool,
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let mut args = Args::parse();
    if !args.bench {
        (args.rounds, args.pairs, args.seconds, args.samples) = (1, 1, 0.01, 100);
    }
    let directory = std::env::temp_dir().join(format!("simplechain-bench-{}", std::process::id()));
    fs::create_dir_all(&directory)?;
    lenet(&args, &directory)?;
    checkpoints(&args, &directory)?;
    fs::remove_dir_all(&directory)?;
    Ok(())
}

/// Runs the calls in turn, and prints the microseconds of each.
fn in_turn(rounds: usize, calls: &mut [(&str, &mut dyn FnMut() -> Result<()>)]) -> Result<()> {
    let mut times = vec![Vec::new(); calls.len()];
    for _ in 0..rounds {
        for ((_, call), times) in calls.iter_mut().zip(&mut times) {
            let start = Instant::now();
            call()?;
            times.push(1e6 * start.elapsed().as_secs_f64());
        }
    }
    for ((name, _), times) in calls.iter().zip(times) {
        let Spread { median, p10 } = Spread::of(times);
        println!("{name:28} {median:9.1} us (fastest tenth {p10:.1})");
    }
    Ok(())
}

/// What saving does to the file system.
fn write_and_rename(bytes: &[u8], directory: &Path) -> Result<()> {
    let (temporary, path) = (directory.join("plain.tmp"), directory.join("plain"));
    let mut file = File::create_new(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(directory)?.sync_all()?;
    Ok(())
}

fn lenet(args: &Args, directory: &Path) -> Result<()> {
    let params = LeNet.init::<f32>(&mut init::rng(0));
    let bytes = LeNet.to_safetensors(&params, &[])?;
    let (saved, plain) = (directory.join("net.safetensors"), directory.join("plain"));
    println!("LeNet-5, {} bytes", bytes.len());
    in_turn(
        args.rounds,
        &mut [
            ("save", &mut || Ok(LeNet.save(&saved, &params)?)),
            ("  the file system alone", &mut || {
                write_and_rename(&bytes, directory)
            }),
            ("load", &mut || {
                black_box(LeNet.load::<f32>(&saved)?);
                Ok(())
            }),
            ("  the file system alone", &mut || {
                black_box(fs::read(&plain)?);
                Ok(())
            }),
            ("to_safetensors", &mut || {
                black_box(LeNet.to_safetensors(&params, &[])?);
                Ok(())
            }),
            ("from_safetensors", &mut || {
                black_box(LeNet.from_safetensors::<f32>(&bytes)?);
                Ok(())
            }),
        ],
    )
}

fn checkpoints(args: &Args, directory: &Path) -> Result<()> {
    let data = Data::new(args.samples, &mut init::rng(0));
    let seconds = |epochs: usize, every: Option<Duration>, name: &str| -> Result<f64> {
        let mut trainer = workload::trainer(args.threads);
        let run = directory.join(name);
        if let Some(every) = every {
            trainer = trainer.checkpoints(Checkpoints::new(&run).every(every));
        }
        let mut params = MatExp.init::<f32>(&mut init::rng(1));
        trainer.fit(&mut params, &data.x, &data.y, 10)?;
        let start = Instant::now();
        trainer.fit(&mut params, &data.x, &data.y, epochs)?;
        let seconds = start.elapsed().as_secs_f64();
        if every.is_some() {
            fs::remove_dir_all(run)?;
        }
        Ok(seconds)
    };
    let epochs = (args.seconds / seconds(200, None, "")? * 200.0) as usize + 1;

    // Each is so short that it cannot be seen in a training: after every epoch it can.
    let few = 200.min(epochs);
    let with = seconds(few, Some(Duration::ZERO), "each")?;
    let without = seconds(few, None, "")?;
    let one = (with - without) / few as f64;
    println!("matrix exponential, a checkpoint: {:.0} us", 1e6 * one);

    let mut costs = Vec::new();
    for pair in 0..args.pairs {
        let every = Some(Duration::from_secs(1));
        let with = || seconds(epochs, every, "run");
        let without = || seconds(epochs, None, "");
        let (with, without) = if pair % 2 == 0 {
            let with = with()?;
            (with, without()?)
        } else {
            let without = without()?;
            (with()?, without)
        };
        println!("{epochs} epochs: {without:.3} s, {with:.3} s with checkpoints");
        costs.push(100.0 * (with / without - 1.0));
    }
    let median = Spread::of(costs).median;
    println!("one every second costs {median:.2} %");
    Ok(())
}
