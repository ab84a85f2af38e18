//! Predator and prey: the true system, its known part, and data.

use std::f64::consts::TAU;

use rand::{Rng, RngExt};
use simplechain::Error;
use simplechain::ode::{DifferentiableField, Field, Solver, Tsit5, mean_square};
use simplechain::prelude::*;

simple_chain! {
    /// The interaction of the species.
    pub(crate) struct Net: 2 => scale(0.4) => dense(tanh, 8) => dense(tanh, 8) => dense(id, 2)
}

pub(crate) type State = [f64; 2];
pub(crate) type Params = <Net as Network>::Params<f64>;

pub(crate) const START: State = [0.442_492_96, 4.628_059_4];
/// The end time of the data.
pub(crate) const END: f64 = 6.0;
const POINTS: usize = 61;
/// Points of a short segment.
const PIECE: usize = 6;
const GROWTH: f64 = 1.3;
const DEATH: f64 = 1.8;

/// Equidistant points in time, from 0 on.
pub(crate) fn times(end: f64, points: usize) -> Vec<f64> {
    (0..points)
        .map(|i| end * i as f64 / (points - 1) as f64)
        .collect()
}

/// The true interaction, which is to be found.
pub(crate) fn interaction(u: &State) -> State {
    [-0.9 * u[0] * u[1], 0.8 * u[0] * u[1]]
}

fn with_known(u: &State, interaction: State) -> State {
    [
        GROWTH * u[0] + interaction[0],
        -DEATH * u[1] + interaction[1],
    ]
}

pub(crate) struct Truth;

impl Field<f64> for Truth {
    type State = State;
    type Params = [f64; 0];

    fn rate(&self, _: f64, u: &State, _: &[f64; 0], rate: &mut State) {
        *rate = with_known(u, interaction(u));
    }
}

/// The known terms, and the network for the unknown ones.
#[derive(Clone, Copy)]
pub(crate) struct Learned;

impl Field<f64> for Learned {
    type State = State;
    type Params = <Net as Network>::Params<f64>;

    fn rate(&self, _: f64, u: &State, params: &Params, rate: &mut State) {
        *rate = with_known(u, Net.forward(u, params));
    }
}

impl DifferentiableField<f64> for Learned {
    fn vjp_add(
        &self,
        _: f64,
        u: &State,
        params: &Params,
        bar: &State,
        u_bar: &mut State,
        params_bar: &mut Params,
    ) {
        u_bar[0] += GROWTH * bar[0];
        u_bar[1] -= DEATH * bar[1];
        Net.vjp_add(u, params, bar, u_bar, params_bar);
    }
}

/// Noisy points of the true trajectory.
pub(crate) struct Data {
    pub(crate) times: Vec<f64>,
    pub(crate) us: Vec<State>,
}

impl Data {
    pub(crate) fn new(noise: f64, rng: &mut impl Rng) -> Result<Self, Error> {
        let times = times(END, POINTS);
        let mut us = Solver::new(Truth, Tsit5, &times, 10)?
            .solve(&START, &[])
            .to_vec();
        for number in us.iter_mut().skip(1).flatten() {
            // The Box-Muller transform.
            let (a, b): (f64, f64) = (rng.random(), rng.random());
            let normal = (-2.0 * (1.0 - a).ln()).sqrt() * (TAU * b).cos();
            *number *= 1.0 + noise * normal;
        }
        Ok(Self { times, us })
    }

    /// The loss of the solution from the start: the mean square distance to the data plus `penalty / 2 sum p^2`. The
    /// gradient is overwritten.
    pub(crate) fn whole(
        &self,
        penalty: f64,
    ) -> Result<impl FnMut(&Params, &mut Params) -> f64, Error> {
        let mut solver = Solver::new(Learned, Tsit5, &self.times, 2)?;
        Ok(move |params: &Params, grads: &mut Params| {
            let loss = |us: &[State], us_bar: &mut [State]| mean_square(us, &self.us, us_bar);
            let value = solver.value_and_grad(&START, params, loss, &mut [0.0; 2], grads);
            value + penalize(penalty, params, grads)
        })
    }

    /// The same for short segments, from every point to the next few (multiple shooting: Bock, 1981). They begin at the
    /// data, so an untrained network is not far off, and its gradient is informative.
    pub(crate) fn pieces(
        &self,
        penalty: f64,
    ) -> Result<impl FnMut(&Params, &mut Params) -> f64, Error> {
        let mut solver = Solver::new(Learned, Tsit5, &self.times[..PIECE], 2)?;
        Ok(move |params: &Params, grads: &mut Params| {
            grads.fill(0.0);
            let pieces = self.us.windows(PIECE);
            let weight = 1.0 / pieces.len() as f64;
            let mut value = 0.0;
            for data in pieces {
                let loss = |us: &[State], us_bar: &mut [State]| {
                    let value = mean_square(us, data, us_bar);
                    us_bar.iter_mut().flatten().for_each(|bar| *bar *= weight);
                    weight * value
                };
                value += solver.value_and_grad_add(&data[0], params, loss, &mut [0.0; 2], grads);
            }
            value + penalize(penalty, params, grads)
        })
    }

    /// The mean square of the noise.
    pub(crate) fn noise(&self) -> Result<f64, Error> {
        let mut solver = Solver::new(Truth, Tsit5, &self.times, 10)?;
        let truth = solver.solve(&START, &[]);
        Ok(mean_square(
            truth,
            &self.us,
            &mut vec![[0.0; 2]; truth.len()],
        ))
    }
}

/// `penalty / 2 sum p^2`; its gradient is added.
fn penalize(penalty: f64, params: &Params, grads: &mut Params) -> f64 {
    let mut sum = 0.0;
    for (grad, param) in grads.iter_mut().zip(params) {
        sum += 0.5 * penalty * param * param;
        *grad += penalty * param;
    }
    sum
}
