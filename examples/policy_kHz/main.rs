//! A policy in a control loop: a network learns to balance a pendulum by backpropagation through the simulation, and is
//! then called 1000 times per second of simulated time for the torque and its gradient with respect to the state. Measures the
//! latency of the calls, including the maximum, and checks that nothing is allocated.
//!
//! ```text
//! cargo run --release --example policy_kHz
//! ```

#[macro_use]
#[path = "../common/output.rs"]
mod output;
mod pendulum;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simplechain::ode::{Rk4, Solver};
use simplechain::prelude::*;

use pendulum::{Cost, Moved, Params, Policy, torque_and_slopes};

/// Train a policy and time it in a loop
#[derive(Parser)]
struct Args {
    /// Steps of Adam
    #[arg(long, value_name = "N", default_value_t = 300)]
    train: u32,
    /// Calls in the loop, each for a millisecond of the pendulum
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(100..=100_000_000))]
    ticks: u32,
    /// Seed of the initial parameters
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
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
    println!("{Policy}\n");
    let mut params = Policy.init::<f32>(&mut rng(args.seed));
    let start = Instant::now();
    let (first, last) = train(&mut params, args.train)?;
    println!(
        "cost {first:.3} -> {last:.3} in {:.1} s of training",
        start.elapsed().as_secs_f64()
    );

    let mut ns = vec![0; args.ticks as usize];
    let mut clock = ns.clone();
    let mut control = Control::new(&params)?;
    control.ticks(&mut ns[..100]); // the first call finds out about the CPU
    let allocations = allocation_counter::measure(|| control.ticks(&mut ns));
    for ns in &mut clock {
        let start = Instant::now();
        *ns = black_box(start.elapsed().as_nanos() as u64);
    }
    println!(
        "largest angle in the last of every 4 s: {:.4} rad",
        control.largest
    );
    println!(
        "\ntorque and its gradient by the state, {} calls, ns with the clock's own:",
        args.ticks
    );
    for (name, ns) in [("call", &mut ns), ("clock alone", &mut clock)] {
        ns.sort_unstable();
        let part = |part: f64| ns[(part * (ns.len() - 1) as f64) as usize];
        println!(
            "{name:<12} p50 {:>5}   p99 {:>5}   p99.9 {:>5}   max {:>7}",
            part(0.5),
            part(0.99),
            part(0.999),
            part(1.0)
        );
    }
    println!("allocations in all calls: {}", allocations.count_total);
    Ok(())
}

/// Adam on the mean cost over several starts; returns the first and the last cost.
fn train(params: &mut Params, steps: u32) -> Result<(f32, f32), simplechain::Error> {
    const STARTS: [[f32; 3]; 8] = [
        [0.3, 0.0, 0.0],
        [-0.3, 0.0, 0.0],
        [0.9, 0.0, 0.0],
        [-0.9, 0.0, 0.0],
        [0.0, 2.0, 0.0],
        [0.0, -2.0, 0.0],
        [0.6, -1.0, 0.0],
        [-0.6, 1.0, 0.0],
    ];
    let times: Vec<f32> = (0..=60).map(|i| 0.05 * i as f32).collect();
    let mut solver = Solver::new(Cost, Rk4, &times, 1)?;
    let mut adam = Adam::new(1e-2);
    let mut grads = Policy.zeros();
    let (mut first, mut last) = (f32::NAN, f32::NAN);
    for step in 0..steps {
        grads.fill(0.0);
        let mut cost = 0.0;
        for start in &STARTS {
            let end = |us: &[[f32; 3]], us_bar: &mut [[f32; 3]]| {
                us_bar[60][2] = 1.0 / STARTS.len() as f32;
                us[60][2] / STARTS.len() as f32
            };
            cost += solver.value_and_grad_add(start, params, end, &mut [0.0; 3], &mut grads);
        }
        adam.step(params, &grads)?;
        last = cost;
        if step == 0 {
            first = cost;
        }
    }
    Ok((first, last))
}

/// The control loop: only the policy is timed; the pendulum moves in between.
struct Control<'a> {
    params: &'a Params,
    millisecond: Solver<f32, Moved, Rk4>,
    u: [f32; 2],
    tick: usize,
    /// The largest angle after the pendulum had time to swing up.
    largest: f32,
}

impl<'a> Control<'a> {
    fn new(params: &'a Params) -> Result<Self, simplechain::Error> {
        Ok(Self {
            params,
            millisecond: Solver::new(Moved, Rk4, &[0.0, 1e-3], 1)?,
            u: [0.8, 0.0],
            tick: 0,
            largest: 0.0,
        })
    }

    /// Calls the policy once for every element of the slice, and sets it to the time in nanoseconds.
    fn ticks(&mut self, ns: &mut [u64]) {
        for ns in ns {
            // A push every 4 seconds.
            if self.tick.is_multiple_of(4000) {
                self.u = [
                    if self.tick.is_multiple_of(8000) {
                        0.8
                    } else {
                        -0.8
                    },
                    0.0,
                ];
            }
            let start = Instant::now();
            let (torque, slopes) = torque_and_slopes(black_box(&self.u), self.params);
            black_box(slopes);
            *ns = start.elapsed().as_nanos() as u64;
            self.u = self.millisecond.solve(&self.u, &[torque])[1];
            if self.tick % 4000 >= 3000 {
                self.largest = self.largest.max(self.u[0].abs());
            }
            self.tick += 1;
        }
    }
}
