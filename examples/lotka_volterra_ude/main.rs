//! A universal differential equation (Rackauckas et al., 2020): the growth of the prey and the death of the predators are known;
//! their interaction is learned by a small network from noisy data, with Adam and then L-BFGS.
//!
//! ```text
//! cargo run --release --example lotka_volterra_ude -- --plot species.png
//! ```

#[macro_use]
#[path = "../common/output.rs"]
mod output;
#[path = "../common/canvas.rs"]
#[expect(dead_code, reason = "curves have colours of their own here")]
mod canvas;
mod plot;
mod species;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fs::File;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use simplechain::ode::{Solver, Tsit5};
use simplechain::optim::Minimum;
use simplechain::prelude::*;

use species::{Data, Learned, Net, Params, START, State, Truth, interaction, times};

/// Learn the missing terms of predator and prey
#[derive(Parser)]
struct Args {
    /// Steps of Adam
    #[arg(long, value_name = "N", default_value_t = 1000)]
    adam: usize,
    /// Steps of L-BFGS after that
    #[arg(long, value_name = "N", default_value_t = 1000)]
    lbfgs: usize,
    /// Standard deviation of the relative noise
    #[arg(long, value_name = "PART", default_value_t = 0.005)]
    noise: f64,
    /// Weight of the penalty on squared parameters: without it the network learns the noise
    #[arg(long, value_name = "WEIGHT", default_value_t = 1e-6)]
    penalty: f64,
    /// Seed of noise and initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// Draw data, fit and terms as PNG
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
    let data = Data::new(args.noise, &mut rng(args.seed))?;
    let mut params = Net.init::<f64>(&mut rng(args.seed + 1));
    let start = Instant::now();
    let loss = adam(data.pieces(args.penalty)?, &mut params, args.adam)?;
    println!(
        "Adam, {} steps in short pieces: loss {loss:.3e}, terms off by {:.1} %",
        args.adam,
        100.0 * off(&params)?
    );
    let minimum = lbfgs(data.whole(args.penalty)?, &mut params, args.lbfgs)?;
    println!(
        "L-BFGS, {} steps as a whole: loss {:.3e}, terms off by {:.1} %",
        minimum.iterations,
        minimum.value,
        100.0 * off(&params)?
    );
    println!(
        "{:.2} s; the mean square of the noise is {:.3e}",
        start.elapsed().as_secs_f64(),
        data.noise()?
    );
    if let Some(file) = args.plot {
        let later = times(2.0 * species::END, 121);
        let truth = Solver::new(Truth, Tsit5, &later, 4)?
            .solve(&START, &[])
            .to_vec();
        let learned = Solver::new(Learned, Tsit5, &later, 4)?
            .solve(&START, &params)
            .to_vec();
        plot::write(&*file, &data, &later, &truth, &learned, &params)?;
    }
    Ok(())
}

fn adam(
    mut fit: impl FnMut(&Params, &mut Params) -> f64,
    params: &mut Params,
    steps: usize,
) -> Result<f64, simplechain::Error> {
    let mut adam = Adam::new(1e-2);
    let (mut grads, mut loss) = (*params, f64::NAN);
    for _ in 0..steps {
        loss = fit(params, &mut grads);
        adam.step(params, &grads)?;
    }
    Ok(loss)
}

fn lbfgs(
    mut fit: impl FnMut(&Params, &mut Params) -> f64,
    params: &mut Params,
    steps: usize,
) -> Result<Minimum, simplechain::Error> {
    Lbfgs::new().minimize(&mut params[..], steps, |params, grads| {
        let params = Net.params(params).expect("as many");
        fit(params, Net.params_mut(grads).expect("as many"))
    })
}

/// The relative error of the learned terms, where the data are.
fn off(params: &Params) -> Result<f64, simplechain::Error> {
    let mut truth = Solver::new(Truth, Tsit5, &times(species::END, 61), 4)?;
    let (mut off, mut size) = (0.0, 0.0);
    for u in truth.solve(&START, &[]) {
        let (learned, truth): (State, State) = (Net.forward(u, params), interaction(u));
        for (learned, truth) in learned.into_iter().zip(truth) {
            off += (learned - truth).powi(2);
            size += truth * truth;
        }
    }
    Ok((off / size).sqrt())
}
