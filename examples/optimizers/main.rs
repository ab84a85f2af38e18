//! The matrix exponential learned by several optimizers from the same parameters, each for the same time: the benefit of full
//! batches and curvature where there is no noise.
//!
//! ```text
//! cargo run --release --example optimizers -- --plot optimizers.png
//! ```

#[macro_use]
#[path = "../common/output.rs"]
mod output;
#[expect(dead_code, reason = "curves have colours of their own here")]
#[path = "../common/canvas.rs"]
mod canvas;
mod plot;
#[expect(dead_code, reason = "the epochs are not counted here")]
#[path = "../matrix_exponential/workload.rs"]
mod workload;

use std::error::Error;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use simplechain::init;
use simplechain::optim::Cosine;
use simplechain::prelude::*;

use workload::{Data, MatExp};

/// Train a 4-32-16-4 network with SGD, RMSprop, Lion, Adam and L-BFGS for the same time
#[derive(Parser)]
struct Args {
    /// Seconds for each
    #[arg(long, value_name = "S", default_value_t = 5.0)]
    seconds: f64,
    /// Training samples
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    samples: u32,
    /// Seed of data and initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Draw the losses over time as PNG
    #[arg(long, value_name = "FILE", value_parser = create)]
    plot: Option<Arc<File>>,
}

/// Files are opened before the training, not after.
fn create(path: &str) -> io::Result<Arc<File>> {
    File::create(path).map(Arc::new)
}

type Params = <MatExp as Network>::Params<f32>;

/// Seconds and losses.
struct Curve {
    name: &'static str,
    points: Vec<(f64, f64)>,
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
    let time = Duration::try_from_secs_f64(args.seconds)?;
    let mut rng = init::rng(args.seed);
    let data = Data::new(args.samples as usize, &mut rng);
    let params = MatExp.init(&mut rng);
    println!("{MatExp}\n");

    // Learning rates: of 1, 2 and 5 times powers of 10, those with the lowest loss after 8000 epochs.
    let constant = train("Adam", Adam::new(1e-2), &params, &data, time)?;
    // A schedule needs the number of steps in advance.
    let steps = constant.points.len();
    let cosine = Adam::new(5e-2).schedule(Cosine::new(steps).warm_up(steps / 50));
    let sgd = Sgd::new(2e-2).momentum(0.9).nesterov(true);
    let curves = [
        train("SGD, Nesterov", sgd, &params, &data, time)?,
        train("RMSprop", RmsProp::new(2e-3), &params, &data, time)?,
        train("Lion", Lion::new(5e-4), &params, &data, time)?,
        constant,
        train("Adam, cosine", cosine, &params, &data, time)?,
        lbfgs(&params, &data, time)?,
    ];
    for Curve { name, points } in &curves {
        let (seconds, loss) = points.last().ok_or("no time for a step")?;
        let steps = points.len();
        println!("{name:<14} {steps:>7} steps in {seconds:.2} s: loss {loss:.6}");
    }
    if let Some(file) = args.plot {
        plot::write(&*file, args.samples, &curves)?;
    }
    Ok(())
}

fn train(
    name: &'static str,
    optimizer: impl Optimizer<f32> + Send,
    params: &Params,
    data: &Data,
    time: Duration,
) -> Result<Curve, Box<dyn Error>> {
    let mut trainer = Trainer::new(MatExp, SquaredLoss, optimizer);
    let (start, mut points) = (Instant::now(), Vec::new());
    let on_epoch = |epoch: &simplechain::train::Epoch, _: &Params| {
        points.push((start.elapsed().as_secs_f64(), epoch.loss));
        match start.elapsed() < time {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    trainer.fit_with(&mut params.clone(), &data.x, &data.y, usize::MAX, on_epoch)?;
    Ok(Curve { name, points })
}

fn lbfgs(params: &Params, data: &Data, time: Duration) -> Result<Curve, Box<dyn Error>> {
    let (start, mut points) = (Instant::now(), Vec::new());
    let on_iteration = |_: usize, loss: f64, _: &Params| {
        points.push((start.elapsed().as_secs_f64(), loss));
        match start.elapsed() < time {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    };
    Lbfgs::new().memory(20).fit_with(
        MatExp,
        &SquaredLoss,
        &mut params.clone(),
        &data.x,
        &data.y,
        usize::MAX,
        on_iteration,
    )?;
    Ok(Curve {
        name: "L-BFGS",
        points,
    })
}
