//! The network 2-50-2 learns the right-hand side of a spiral, as in the example `neural_ode`, through the solvers of diffsol.
//! Before and after, a gradient is timed and compared with that of `simplechain::ode::Solver`.
//!
//! ```text
//! cargo run --release -- --solver bdf --gradient adjoint
//! ```

#[macro_use]
#[path = "../../common/output.rs"]
mod output;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use neural_ode_diffsol::spiral::{Learned, Net, Params, State, Truth, mean_square, times};
use neural_ode_diffsol::{Adaptive, Gradient, Method};
use simplechain::ode::{Solver, Tsit5};
use simplechain::prelude::*;

/// The number of data points of one trajectory.
const POINTS: usize = 30;
/// The time of the last point.
const END: f64 = 1.5;

/// Learn the right-hand side of a spiral through a solver of diffsol
#[derive(Parser)]
struct Args {
    /// Integration method
    #[arg(long, value_enum, default_value_t = Method::Tsit45)]
    solver: Method,
    /// Differentiation method
    #[arg(long, value_enum, default_value_t = Gradient::Stepwise)]
    gradient: Gradient,
    /// Tolerance of a step, relative and absolute
    #[arg(long, value_name = "ERROR", default_value_t = 1e-6, value_parser = tolerance)]
    tolerance: f64,
    /// Steps of Adam
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    steps: u32,
    /// Seed of the initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
}

fn tolerance(text: &str) -> Result<f64, String> {
    let tolerance = text.parse().map_err(|_| "not a number".to_owned())?;
    if (1e-12..=1e-1).contains(&tolerance) {
        return Ok(tolerance);
    }
    Err("must be from 1e-12 to 0.1".to_owned())
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let times = times(END, POINTS);
    let data = Solver::new(Truth, Tsit5, &times, 20)?
        .solve(&[2.0, 0.0], &[])
        .to_vec();
    let mut params = Net.init::<f64>(&mut rng(args.seed));
    let mut adaptive = Adaptive::new(Learned, args.solver, &times, args.tolerance)?;
    println!("{Net}\n\nwith the first parameters");
    compare(&mut adaptive, args, &params, &data)?;

    println!();
    let start = Instant::now();
    let losses = fit(&mut adaptive, args.gradient, &mut params, &data, args.steps)?;
    let us = start.elapsed().as_secs_f64() * 1e6 / f64::from(args.steps);
    for (step, loss) in losses.iter().enumerate() {
        if step + 1 == losses.len() || (step + 1) % losses.len().div_ceil(10) == 0 {
            println!("step {:>6}: mean square {loss:.3e}", step + 1);
        }
    }
    println!(
        "{us:.1} us a step: {POINTS} points forward and back, and Adam\n\nwith the last parameters"
    );
    compare(&mut adaptive, args, &params, &data)
}

/// Adam on the mean square error, with the gradient through the solver.
fn fit(
    adaptive: &mut Adaptive<Learned>,
    gradient: Gradient,
    params: &mut Params,
    data: &[State],
    steps: u32,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut adam = Adam::new(1e-2);
    let (mut u0_bar, mut grads) = ([0.0; 2], [0.0; Net::PARAM_COUNT]);
    let (u0, mean_square) = (&data[0], mean_square(data));
    let losses = (1..=steps).map(|step| {
        let loss = adaptive
            .value_and_grad(gradient, u0, params, &mean_square, &mut u0_bar, &mut grads)
            .map_err(|error| format!("step {step} of the training: {error}"))?;
        adam.step(params, &grads)?;
        Ok(loss)
    });
    losses.collect()
}

/// Time and error of a gradient, compared with that through `ode::Solver`. Near a minimum the gradient is
/// small, so the error of the steps is relatively larger.
fn compare(
    adaptive: &mut Adaptive<Learned>,
    args: &Args,
    params: &Params,
    data: &[State],
) -> Result<(), Box<dyn Error>> {
    let times = times(END, POINTS);
    let mut exact = Adaptive::new(Learned, Method::Tsit45, &times, 1e-12)?;
    let mut fixed = Solver::new(Learned, Tsit5, &times, 1)?;
    let (mut u0_bar, mut want) = ([0.0; 2], [0.0; Net::PARAM_COUNT]);
    let (u0, loss) = (&data[0], mean_square(data));
    exact.value_and_grad(
        Gradient::Stepwise,
        u0,
        params,
        &loss,
        &mut u0_bar,
        &mut want,
    )?;

    // Alternating, so that other load on the machine affects both.
    let (mut ours, mut theirs) = ([0.0; Net::PARAM_COUNT], [0.0; Net::PARAM_COUNT]);
    let mut seconds = [Vec::new(), Vec::new()];
    for _ in 0..31 {
        let start = Instant::now();
        fixed.value_and_grad(u0, params, &loss, &mut u0_bar, &mut ours);
        seconds[0].push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        adaptive.value_and_grad(args.gradient, u0, params, &loss, &mut u0_bar, &mut theirs)?;
        seconds[1].push(start.elapsed().as_secs_f64());
    }
    let [our_us, their_us] = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        seconds[seconds.len() / 2] * 1e6
    });
    let size = distance(&want, &[0.0; Net::PARAM_COUNT]);
    let line = |name: &str, us: f64, grads: &Params| {
        let off = distance(grads, &want) / size;
        println!("{name:<34} {us:>8.1} us a gradient, off by {off:.1e} of its length");
    };
    line("ode::Solver, Tsit5, a step a point", our_us, &ours);
    let name = format!("diffsol, {:?}, {:?}", args.solver, args.gradient);
    line(&name, their_us, &theirs);
    println!("that is {:.1} times as long", their_us / our_us);
    Ok(())
}

/// The norm of `a - b`.
fn distance(a: &Params, b: &Params) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    fn data() -> Vec<State> {
        let mut solver = Solver::new(Truth, Tsit5, &times(END, POINTS), 20).unwrap();
        solver.solve(&[2.0, 0.0], &[]).to_vec()
    }

    #[test]
    fn the_spiral_is_learned() {
        let (mut params, data) = (Net.init::<f64>(&mut rng(0)), data());
        let mut adaptive =
            Adaptive::new(Learned, Method::Tsit45, &times(END, POINTS), 1e-6).unwrap();
        let losses = fit(&mut adaptive, Gradient::Stepwise, &mut params, &data, 1000).unwrap();
        assert!(losses[0] > 0.1, "{}", losses[0]);
        assert!(losses[999] < 1e-2, "{}", losses[999]);
    }

    /// Training that diverges ends with an error, whatever the solver and the differentiation method.
    #[test]
    fn a_lost_training_is_told() {
        let data = data();
        for solver in Method::value_variants() {
            for gradient in Gradient::value_variants() {
                for params in [f64::NAN, f64::INFINITY, 1e300] {
                    let mut params = Box::new([params; Net::PARAM_COUNT]);
                    let mut adaptive =
                        Adaptive::new(Learned, *solver, &times(END, POINTS), 1e-6).unwrap();
                    let error = fit(&mut adaptive, *gradient, &mut params, &data, 1).unwrap_err();
                    let error = error.to_string();
                    assert!(error.starts_with("step 1 of the training: "), "{error}");
                }
            }
        }
    }
}
