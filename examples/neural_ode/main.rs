//! A neural ODE: the network 2-50-2 learns the right-hand side of a spiral from 30 points of one trajectory, through the solver
//! and its exact discrete adjoint (the example of Chen et al., *Neural Ordinary Differential Equations*, 2018).
//!
//! ```text
//! cargo run --release --example neural_ode -- --plot spiral.png
//! ```

#[macro_use]
#[path = "../common/output.rs"]
mod output;
#[path = "../common/canvas.rs"]
mod canvas;
mod plot;
mod spiral;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fs::File;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use simplechain::ode::{Autonomous, Solver, Tsit5, mean_square};
use simplechain::prelude::*;

use spiral::{END, Net, POINTS, State, Truth, times};

/// Learn the right-hand side of a spiral from points of one trajectory
#[derive(Parser)]
struct Args {
    /// Steps of Adam
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    steps: u32,
    /// Seed of the initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Draw data and solutions as PNG
    #[arg(long, value_name = "FILE", value_parser = create)]
    plot: Option<Arc<File>>,
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
    let u0 = [2.0, 0.0];
    let data = Solver::new(Truth, Tsit5, &times(END, POINTS), 20)?
        .solve(&u0, &[])
        .to_vec();
    let mut params = Net.init::<f32>(&mut rng(args.seed));
    println!("{Net}\n");

    let start = Instant::now();
    let losses = fit(&mut params, &data, args.steps)?;
    let us = start.elapsed().as_secs_f64() * 1e6 / f64::from(args.steps);
    for (step, loss) in losses.iter().enumerate() {
        if step + 1 == losses.len() || (step + 1) % (losses.len().div_ceil(10)) == 0 {
            println!("step {:>6}: mean square {loss:.3e}", step + 1);
        }
    }
    println!("\n{us:.1} us a step: {POINTS} points forward and back, and Adam");

    // Twice as long as the data.
    let later = times(2.0 * END, 8 * POINTS);
    let truth = Solver::new(Truth, Tsit5, &later, 10)?
        .solve(&u0, &[])
        .to_vec();
    let learned = Solver::new(Autonomous(Net), Tsit5, &later, 2)?
        .solve(&u0, &params)
        .to_vec();
    let off = truth
        .iter()
        .zip(&learned)
        .map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]));
    println!(
        "largest distance to the truth, twice as far as the data: {:.3}",
        off.fold(0.0, f32::max)
    );
    if let Some(file) = args.plot {
        plot::write(&*file, &data, &truth, &learned)?;
    }
    Ok(())
}

/// Adam on the mean square error, with the gradient through the solver.
fn fit(
    params: &mut <Net as Network>::Params<f32>,
    data: &[State],
    steps: u32,
) -> Result<Vec<f32>, simplechain::Error> {
    let mut solver = Solver::new(Autonomous(Net), Tsit5, &times(END, data.len()), 1)?;
    let mut adam = Adam::new(1e-2);
    let (mut u0_bar, mut grads) = ([0.0; 2], [0.0; Net::PARAM_COUNT]);
    let losses = (0..steps).map(|_| {
        let off = |us: &[State], us_bar: &mut [State]| mean_square(us, data, us_bar);
        let loss = solver.value_and_grad(&data[0], params, off, &mut u0_bar, &mut grads);
        adam.step(params, &grads)?;
        Ok(loss)
    });
    losses.collect()
}
