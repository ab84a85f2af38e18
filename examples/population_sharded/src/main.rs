//! Thousands of subjects, a network for each: the concentration of a drug after a dose, as a smooth function of time.
//!
//! All fits in one process:
//!
//! ```text
//! cargo run --release -p population_sharded -- fit
//! cargo run --release -p population_sharded -- merge --csv subjects.csv
//! ```
//!
//! The same in shards, as processes here or on a cluster, with the same bits. Whatever is killed is started again, and computes what is missing:
//!
//! ```text
//! for i in 0 1 2 3; do SHARD_INDEX=$i SHARD_COUNT=4 population_sharded fit --threads 1 & done; wait
//! sbatch examples/population_sharded/slurm.sh
//! kubectl apply -f examples/population_sharded/job.yaml
//! ```

#[macro_use]
#[path = "../../common/output.rs"]
mod output;
mod subject;

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use rand::Rng;
use simplechain::prelude::*;
use simplechain::train::{Shard, ShardedFits};

use subject::Subject;

simple_chain! {
    /// Time in days -> concentration.
    pub(crate) struct Curve: 1 => dense(tanh, 8) => dense(tanh, 8) => dense(id, 1)
}

/// Parameters, then the loss.
const NUMBERS: usize = Curve::PARAM_COUNT + 1;

/// Fit a curve to every subject of a large study, in shards
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    study: Study,
}

#[derive(Subcommand)]
enum Command {
    /// Compute what is missing of the shard that the environment gives to this process, or of all
    Fit {
        /// Threads; the default is one per CPU
        #[arg(long, value_name = "N")]
        threads: Option<usize>,
        /// Seconds after which a result is on the disk
        #[arg(long, value_name = "SECONDS", default_value_t = 5.0)]
        every: f64,
    },
    /// Read the results of all shards
    Merge {
        /// Write a line for every subject
        #[arg(long, value_name = "FILE")]
        csv: Option<PathBuf>,
    },
}

/// What the results depend on
#[derive(Args)]
struct Study {
    /// Directory of the results, which all shards share
    #[arg(long, global = true, value_name = "DIR", default_value = "results")]
    directory: PathBuf,
    /// Subjects of the study
    #[arg(long, global = true, value_name = "N", default_value_t = 5000)]
    subjects: usize,
    /// Steps of L-BFGS for each
    #[arg(long, global = true, value_name = "N", default_value_t = 300)]
    steps: usize,
    /// Seed of the study
    #[arg(long, global = true, value_name = "SEED", default_value_t = 0)]
    seed: u32,
}

impl Study {
    fn fits(&self) -> ShardedFits {
        ShardedFits::new(&self.directory, self.subjects)
            .chain(Curve)
            .setting("program", env!("CARGO_PKG_VERSION"))
            .setting("seed", self.seed)
            .setting("steps", self.steps)
    }

    /// Random numbers that no other subject and no other seed has.
    fn rng(&self, index: usize) -> impl Rng {
        rng(u64::from(self.seed) << 32 | index as u64)
    }

    /// One fit.
    fn fit(&self, index: usize) -> Result<[f64; NUMBERS], simplechain::Error> {
        let mut rng = self.rng(index);
        let (times, measured) = Subject::new(&mut rng).samples;
        let mut params = Curve.init::<f64>(&mut rng);
        let loss = Penalized(SquaredLoss, L2::new(1e-5));
        let minimum = Lbfgs::new().fit(Curve, &loss, &mut params, &times, &measured, self.steps)?;
        let mut numbers = [minimum.value; NUMBERS];
        numbers[..Curve::PARAM_COUNT].copy_from_slice(&params[..]);
        Ok(numbers)
    }
}

fn main() -> ExitCode {
    let Cli { command, study } = Cli::parse();
    let done = match command {
        Command::Fit { threads, every } => fit(&study, threads, every),
        Command::Merge { csv } => merge(&study, csv),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn fit(study: &Study, threads: Option<usize>, every: f64) -> Result<(), Box<dyn Error>> {
    let shard = Shard::from_env()?;
    let start = Instant::now();
    let fits = study.fits().every(Duration::try_from_secs_f64(every)?);
    let computed = fits.fit(shard, threads, |index| study.fit(index))?;
    let before = shard.items(study.subjects).count() - computed;
    println!(
        "{shard}: {computed} fits in {:.1} s, {before} were there",
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

fn merge(study: &Study, csv: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let results: Vec<[f64; NUMBERS]> = study.fits().merge()?;
    let mut errors = Vec::new();
    let mut lines = csv.map(File::create).transpose()?.map(BufWriter::new);
    if let Some(lines) = &mut lines {
        writeln!(lines, "subject,loss,peak_time,peak,parameters")?;
    }
    for (index, numbers) in results.iter().enumerate() {
        let params = Curve.params(&numbers[..Curve::PARAM_COUNT])?;
        let subject = Subject::new(&mut study.rng(index));
        errors.push(subject.error(params));
        if let Some(lines) = &mut lines {
            let (time, peak) = subject::peak(params);
            let params: Vec<String> = params.iter().map(f64::to_string).collect();
            let (loss, params) = (numbers[Curve::PARAM_COUNT], params.join(" "));
            writeln!(lines, "{index},{loss},{time},{peak},{params}")?;
        }
    }
    lines.as_mut().map_or(Ok(()), Write::flush)?;
    errors.sort_by(f64::total_cmp);
    let percent = |quantile: f64| match errors.get((quantile * errors.len() as f64) as usize) {
        Some(error) => 100.0 * error,
        None => f64::NAN,
    };
    println!(
        "{} subjects; curves off by {:.1} % of their peak (median), {:.1} % (of 1 in 100, more)",
        results.len(),
        percent(0.5),
        percent(0.99)
    );
    Ok(())
}
