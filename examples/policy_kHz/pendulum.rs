//! An inverted pendulum, its policy, and its cost.

use simplechain::ode::{DifferentiableField, Field};
use simplechain::prelude::*;

simple_chain! {
    /// Cosine and sine of the angle and the angular velocity -> torque.
    pub(crate) struct Policy: 3 => dense(tanh, 32) => dense(tanh, 16) => dense(tanh, 1) => scale(15.0)
}

pub(crate) type Params = <Policy as Network>::Params<f32>;

/// Gravity divided by length; mass and length are 1. The angle is 0 above the hinge.
const GRAVITY: f32 = 9.81;
const EFFORT: f32 = 1e-3;

/// The policy's observation of `[angle, velocity]`.
pub(crate) fn observed(u: &[f32; 2]) -> [f32; 3] {
    [u[0].cos(), u[0].sin(), u[1]]
}

/// Converts the gradient with respect to the observation to one with respect to angle and velocity.
fn slopes(u: &[f32; 2], x_bar: &[f32; 3]) -> [f32; 2] {
    let [cos, sin, _] = observed(u);
    [cos * x_bar[1] - sin * x_bar[0], x_bar[2]]
}

/// The policy and its gradient with respect to angle and velocity.
pub(crate) fn torque_and_slopes(u: &[f32; 2], params: &Params) -> (f32, [f32; 2]) {
    let mut x_bar = [0.0; 3];
    let [torque] = Policy.vjp_input(&observed(u), params, &[1.0], &mut x_bar);
    (torque, slopes(u, &x_bar))
}

/// The pendulum under a constant torque.
pub(crate) struct Moved;

impl Field<f32> for Moved {
    type State = [f32; 2];
    type Params = [f32; 1];

    fn rate(&self, _: f32, u: &[f32; 2], torque: &[f32; 1], rate: &mut [f32; 2]) {
        *rate = [u[1], GRAVITY * u[0].sin() + torque[0]];
    }
}

/// The pendulum under its policy, and the integral of the cost: `[angle, velocity, cost]`.
pub(crate) struct Cost;

impl Field<f32> for Cost {
    type State = [f32; 3];
    type Params = Params;

    fn rate(&self, _: f32, u: &[f32; 3], params: &Params, rate: &mut [f32; 3]) {
        let [torque] = Policy.forward(&observed(&[u[0], u[1]]), params);
        let cost = 1.0 - u[0].cos() + 0.05 * u[1] * u[1] + EFFORT * torque * torque;
        *rate = [u[1], GRAVITY * u[0].sin() + torque, cost];
    }
}

impl DifferentiableField<f32> for Cost {
    fn vjp_add(
        &self,
        _: f32,
        u: &[f32; 3],
        params: &Params,
        bar: &[f32; 3],
        u_bar: &mut [f32; 3],
        params_bar: &mut Params,
    ) {
        let at = [u[0], u[1]];
        let x = observed(&at);
        let torque_bar = bar[1] + bar[2] * 2.0 * EFFORT * Policy.forward(&x, params)[0];
        let mut x_bar = [0.0; 3];
        Policy.vjp_add(&x, params, &[torque_bar], &mut x_bar, params_bar);
        let by_torque = slopes(&at, &x_bar);
        u_bar[0] += by_torque[0] + bar[1] * GRAVITY * u[0].cos() + bar[2] * u[0].sin();
        u_bar[1] += by_torque[1] + bar[0] + bar[2] * 0.1 * u[1];
    }
}
