//! The true right-hand side and the one to learn: `u' = A u^3` (Chen et al., *Neural Ordinary Differential Equations*,
//! 2018).

use simplechain::ode::{self, DifferentiableField, Field};
use simplechain::prelude::*;

simple_chain! {
    /// The network to learn.
    pub struct Net: 2 => dense(tanh, 50) => dense(id, 2)
}

/// The state of the spiral.
pub type State = [f64; 2];
/// The parameters of the network.
pub type Params = <Net as Network>::Params<f64>;

/// Equidistant points in time, from 0 to `end`.
pub fn times(end: f64, points: usize) -> Vec<f64> {
    (0..points)
        .map(|i| end * i as f64 / (points - 1) as f64)
        .collect()
}

/// The mean square distance from the data, as a loss.
pub fn mean_square(data: &[State]) -> impl Fn(&[State], &mut [State]) -> f64 {
    move |us, us_bar| ode::mean_square(us, data, us_bar)
}

fn cube(u: &State) -> State {
    u.map(|u| u * u * u)
}

/// `u' = A u^3`
#[derive(Clone, Copy)]
pub struct Truth;

impl Field<f64> for Truth {
    type State = State;
    type Params = [f64; 0];

    fn rate(&self, _: f64, u: &State, _: &[f64; 0], rate: &mut State) {
        let [x, y] = cube(u);
        *rate = [-0.1 * x + 2.0 * y, -2.0 * x - 0.1 * y];
    }
}

/// `u' = net(u^3)`
#[derive(Clone, Copy)]
pub struct Learned;

impl Field<f64> for Learned {
    type State = State;
    type Params = Params;

    fn rate(&self, _: f64, u: &State, params: &Params, rate: &mut State) {
        *rate = Net.forward(&cube(u), params);
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
        let mut cube_bar = [0.0; 2];
        Net.vjp_add(&cube(u), params, bar, &mut cube_bar, params_bar);
        for k in 0..2 {
            u_bar[k] += 3.0 * u[k] * u[k] * cube_bar[k];
        }
    }

    fn jvp(
        &self,
        _: f64,
        u: &State,
        params: &Params,
        u_dot: &State,
        params_dot: &Params,
        rate: &mut State,
        rate_dot: &mut State,
    ) {
        let cube_dot = core::array::from_fn(|k| 3.0 * u[k] * u[k] * u_dot[k]);
        (*rate, *rate_dot) = Net.jvp(&cube(u), params, &cube_dot, params_dot);
    }
}
