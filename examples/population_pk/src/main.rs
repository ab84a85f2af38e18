//! A population of subjects, each with a few individual parameters, and one small network that they share.
//!
//! A drug is swallowed, absorbed and cleared. Absorption and dilution are known up to three individual parameters per subject;
//! the dependence of the clearance on concentration and weight is learned by a network from a few noisy samples of each. That is a
//! nonlinear mixed-effects model with a network in its differential equation (DeepNLME: Rackauckas et al., *Accelerated
//! Predictive Healthcare Analytics with Pumas*, 2020).
//!
//! Network, medians and standard deviations maximise the likelihood of the data. The integral over the individual parameters
//! is approximated by that of a normal density around their mode (first-order conditional estimation, FOCE: Lindstrom and Bates,
//! *Nonlinear Mixed Effects Models for Repeated Measures Data*, 1990). So there is an inner problem, three parameters per subject,
//! which Levenberg-Marquardt solves for many subjects in parallel, and an outer one, which L-BFGS solves with its gradient (as
//! Almquist, Leander and Jirstrand, *Using Sensitivity NormalEquations for Computing Gradients of the FOCE and FOCEI Approximations
//! to the Population Likelihood*, 2015, but by the adjoint).
//!
//! ```text
//! cargo run --release -p population_pk -- --plot population.png
//! ```

#[macro_use]
#[path = "../../common/output.rs"]
mod output;
#[path = "../../common/canvas.rs"]
#[expect(dead_code, reason = "curves have colours of their own here")]
mod canvas;
mod kinetics;
#[path = "../../common/legend.rs"]
mod legend;
mod plot;
mod population;
mod report;
mod study;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fs::File;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use simplechain::prelude::*;

use kinetics::Net;
use population::{Population, SHARED_COUNT};
use report::{NAMES, correlation, error, individuals, off, predict};
use study::{MEDIANS, NOISE, POINTS, SPREAD, subjects};

/// Learn the clearance that the subjects of a study share
#[derive(Parser)]
struct Args {
    /// Subjects of the study
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(6..=100_000))]
    subjects: u32,
    /// Steps of L-BFGS
    #[arg(long, value_name = "N", default_value_t = 100)]
    steps: usize,
    /// Threads; the default is one per CPU
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Seed of study and initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Draw fits, elimination, predictions and individual parameters as PNG
    #[arg(long, value_name = "FILE", value_parser = create)]
    plot: Option<Arc<File>>,
}

/// Files are opened before the work, not after.
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
    println!("{Net}\n");
    let mut random = rng(args.seed);
    let study = subjects(args.subjects as usize, &mut random)?;
    let new = subjects(50, &mut random)?;
    let mut population = Population::guess(args.seed + 1);
    let mut individuals = individuals(&study, POINTS, &population)?;
    let start = Instant::now();
    let every = args.steps.div_ceil(10).max(1);
    let minimum = population.fit(
        &mut individuals,
        args.threads,
        args.steps,
        |step, value, population| {
            if step.is_multiple_of(every) {
                println!(
                    "step {step:>4}: objective {value:.4}, elimination off by {:.1} %",
                    100.0 * off(&study, population)
                );
            }
        },
    )?;
    println!(
        "{} steps, {} evaluations, gradient {:.1e}: {:.1} s",
        minimum.iterations,
        minimum.evaluations,
        minimum.gradient,
        start.elapsed().as_secs_f64()
    );
    println!(
        "\nelimination off by {:.1} % (relative L2, where the data are)",
        100.0 * off(&study, &population)
    );
    let [absorption, volume, _] = population.center().map(f64::exp);
    println!(
        "medians: absorption {absorption:.2}/h, true {:.2}; volume {volume:.1} L, true {:.1}",
        MEDIANS[0], MEDIANS[1]
    );
    println!("noise {:.3}, true {NOISE:.3}", population.noise());
    for (k, name) in NAMES.into_iter().enumerate() {
        println!(
            "{name}: spread {:.2}, true {:.2}; correlation with the truth {:.2}",
            population.spread()[k],
            SPREAD[k],
            correlation(&study, &individuals, k)
        );
    }
    let predictions = predict(&new, &population, args.threads)?;
    println!(
        "\nthe later half of {} new subjects, root mean square of the logarithms:\n\
         from their first half {:.3}, the median subject {:.3}, the truth {:.3}\n",
        new.len(),
        error(&predictions, |p| p.individual),
        error(&predictions, |p| p.median),
        error(&predictions, |p| p.truth),
    );
    for (name, threads) in [("1 thread", 1), ("2 threads", 2)] {
        let times = (0..10).map(|_| {
            let start = Instant::now();
            population.objective(&mut individuals, Some(threads), &mut [0.0; SHARED_COUNT])?;
            Ok(start.elapsed().as_secs_f64())
        });
        let times = times.collect::<Result<Vec<_>, simplechain::Error>>()?;
        println!(
            "objective and gradient, {name}: {:.1} ms, the best of 10",
            1e3 * times.into_iter().fold(f64::INFINITY, f64::min)
        );
    }
    if let Some(file) = args.plot {
        plot::write(&*file, &study, &individuals, &population, &predictions)?;
    }
    Ok(())
}
