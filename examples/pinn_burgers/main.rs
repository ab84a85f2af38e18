//! A physics-informed network: Burgers' equation `u_t + u u_x = nu u_xx` on `-1 <= x <= 1`, `0 <= t <= 1` with
//! `u(x, 0) = -sin(pi x)` and `u(-1, t) = u(1, t) = 0` (Raissi, Perdikaris and Karniadakis, 2019), with exact derivatives of
//! the network and Levenberg-Marquardt, compared with the Cole-Hopf solution.
//!
//! ```text
//! cargo run --release --example pinn_burgers -- --plot burgers.png
//! ```

#[macro_use]
#[path = "../common/output.rs"]
mod output;
#[path = "../common/canvas.rs"]
#[expect(dead_code, reason = "curves have colours of their own here")]
mod canvas;
mod equation;
mod plot;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use simplechain::optim::Minimum;
use simplechain::prelude::*;

use equation::{Net, Problem, solution};

/// Solve Burgers' equation with a network
#[derive(Parser)]
struct Args {
    /// Steps of Levenberg-Marquardt
    #[arg(long, value_name = "N", default_value_t = 100)]
    steps: usize,
    /// Collocation points inside
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    points: u32,
    /// Viscosity `nu`
    #[arg(long, value_name = "NU", default_value_t = 0.03, value_parser = positive)]
    viscosity: f64,
    /// Seed of the initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Draw network and solution as PNG
    #[arg(long, value_name = "FILE", value_parser = create)]
    plot: Option<Arc<File>>,
}

/// Files are opened before the work, not after.
fn create(path: &str) -> io::Result<Arc<File>> {
    File::create(path).map(Arc::new)
}

/// From 0.003 on the quadrature of the solution is exact to 1e-10.
fn positive(text: &str) -> Result<f64, String> {
    let viscosity: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.003..=1.0).contains(&viscosity) {
        Ok(viscosity)
    } else {
        Err("it must be from 0.003 to 1".to_owned())
    }
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
    let problem = Problem::new(args.points as usize, args.viscosity);
    let truth = truth(args.viscosity);
    let mut params = Net.init::<f64>(&mut rng(args.seed));
    let start = Instant::now();
    let every = args.steps.div_ceil(10).max(1);
    let minimum = fit(&problem, &mut params, args.steps, |step, value, params| {
        if step.is_multiple_of(every) {
            let error = error(params, &truth);
            println!("step {step:>4}: {value:.2e}, relative L2 error {error:.2e}");
        }
    })?;
    let seconds = start.elapsed().as_secs_f64();
    let error = error(&params, &truth);
    println!(
        "\n{} steps in {seconds:.1} s: relative L2 error {error:.2e}",
        minimum.iterations
    );
    if let Some(file) = args.plot {
        plot::write(&*file, &params, args.viscosity)?;
    }
    Ok(())
}

fn fit(
    problem: &Problem,
    params: &mut <Net as Network>::Params<f64>,
    steps: usize,
    mut report: impl FnMut(usize, f64, &<Net as Network>::Params<f64>),
) -> Result<Minimum, simplechain::Error> {
    LevenbergMarquardt::new().minimize_with(
        params,
        steps,
        |params, equations| problem.residuals(Net.params(params).expect("as many"), equations),
        |step, value, params| {
            report(step, value, Net.params(params).expect("as many"));
            ControlFlow::Continue(())
        },
    )
}

/// The solution on a grid that does not contain the points of the fit.
fn truth(viscosity: f64) -> Vec<([f64; 2], f64)> {
    let points = (1..=10).flat_map(|i| (0..=100).map(move |k| (i, k)));
    let points = points.map(|(i, k)| (0.02 * f64::from(k) - 1.0, 0.1 * f64::from(i)));
    points
        .map(|(x, t)| ([x, t], solution(x, t, viscosity)))
        .collect()
}

/// The relative error of the network.
fn error(params: &<Net as Network>::Params<f64>, truth: &[([f64; 2], f64)]) -> f64 {
    let (mut off, mut size) = (0.0, 0.0);
    for (point, u) in truth {
        off += (Net.forward(point, params)[0] - u).powi(2);
        size += u * u;
    }
    (off / size).sqrt()
}
