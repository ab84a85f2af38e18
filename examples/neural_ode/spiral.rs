//! The true right-hand side and the one to learn.

use simplechain::ode::{DifferentiableField, Field};
use simplechain::prelude::*;

simple_chain! {
    pub(crate) struct Net: 2 => dense(tanh, 50) => dense(id, 2)
}

pub(crate) type State = [f32; 2];
/// The data are so many points of one trajectory.
pub(crate) const POINTS: usize = 30;
/// The time of the last.
pub(crate) const END: f32 = 1.5;

/// Points in time at equal distances, from 0 on.
pub(crate) fn times(end: f32, points: usize) -> Vec<f32> {
    (0..points)
        .map(|i| end * i as f32 / (points - 1) as f32)
        .collect()
}

fn cube(u: &State) -> State {
    u.map(|u| u * u * u)
}

/// `u' = A u^3`
pub(crate) struct Truth;

impl Field<f32> for Truth {
    type State = State;
    type Params = [f32; 0];

    fn rate(&self, _: f32, u: &State, _: &[f32; 0]) -> State {
        let [x, y] = cube(u);
        [-0.1 * x + 2.0 * y, -2.0 * x - 0.1 * y]
    }
}

/// `u' = net(u^3)`
#[derive(Clone, Copy)]
pub(crate) struct Learned;

impl Field<f32> for Learned {
    type State = State;
    type Params = <Net as Chain>::Params<f32>;

    fn rate(&self, _: f32, u: &State, params: &Self::Params) -> State {
        Net.forward(&cube(u), params)
    }
}

impl DifferentiableField<f32> for Learned {
    fn vjp_add(
        &self,
        _: f32,
        u: &State,
        params: &Self::Params,
        bar: &State,
        u_bar: &mut State,
        params_bar: &mut Self::Params,
    ) {
        let mut cube_bar = [0.0; 2];
        Net.vjp_add(&cube(u), params, bar, &mut cube_bar, params_bar);
        for k in 0..2 {
            u_bar[k] += 3.0 * u[k] * u[k] * cube_bar[k];
        }
    }
}
