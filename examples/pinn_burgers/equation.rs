//! The equation as residuals, and its solution.

use std::f64::consts::PI;

use simplechain::optim::NormalEquations;
use simplechain::prelude::*;

simple_chain! {
    /// `u(x, t)`
    pub(crate) struct Net: 2 => dense(tanh, 20) => dense(tanh, 20) => dense(id, 1)
}

/// Points on the boundary: this many at each end and at the start.
const BOUNDARY: u32 = 60;
/// The weight of the boundary's mean square relative to the equation's.
const BOUNDARY_WEIGHT: f64 = 10.0;

pub(crate) struct Problem {
    viscosity: f64,
    inside: Vec<[f64; 2]>,
    /// With the values there.
    boundary: Vec<([f64; 2], f64)>,
}

impl Problem {
    pub(crate) fn new(points: usize, viscosity: f64) -> Self {
        // The additive recurrence of Roberts (2018) fills the rectangle evenly.
        let golden = 1.324_717_957_244_746;
        let inside = (1..=points).map(|i| {
            let [x, t] = [1.0 / golden, 1.0 / (golden * golden)].map(|a| (a * i as f64).fract());
            [2.0 * x - 1.0, t]
        });
        let boundary = (0..=BOUNDARY).flat_map(|i| {
            let s = f64::from(i) / f64::from(BOUNDARY);
            let x = 2.0 * s - 1.0;
            [
                ([x, 0.0], -(PI * x).sin()),
                ([-1.0, s], 0.0),
                ([1.0, s], 0.0),
            ]
        });
        Self {
            viscosity,
            inside: inside.collect(),
            boundary: boundary.collect(),
        }
    }

    /// `u_t + u u_x - nu u_xx` inside, and `u` minus its value on the boundary, with their gradients with respect to the parameters.
    ///
    /// Along the curve `(x + s, t - s^2 / (2 nu))` the second derivative of `u` is `u_xx - u_t / nu`: one polynomial contains all of it.
    pub(crate) fn residuals(
        &self,
        params: &<Net as Network>::Params<f64>,
        equations: &mut NormalEquations,
    ) {
        let mut row = Net.zeros();
        let nu = self.viscosity;
        let curve = [&[1.0, 0.0], &[0.0, -1.0 / nu]];
        let weight = (self.inside.len() as f64).sqrt().recip();
        for point in &self.inside {
            let [[u], [u_x], [second]] = Net.jet_curve(point, params, curve);
            if equations.needs_rows() {
                // The derivatives of the residual with respect to the three.
                let bars = [&[weight * u_x], &[weight * u], &[-weight * nu]];
                Net.vjp_jet_curve(point, params, curve, bars, &mut row);
            }
            equations.add(weight * (u * u_x - nu * second), &row[..]);
        }
        let weight = (BOUNDARY_WEIGHT / self.boundary.len() as f64).sqrt();
        for (point, value) in &self.boundary {
            let [u] = Net.vjp_params(point, params, &[weight], &mut row);
            equations.add(weight * (u - value), &row[..]);
        }
    }
}

/// The Cole-Hopf solution (Cole, 1951; Hopf, 1950), a quotient of two integrals, by the trapezoidal rule.
pub(crate) fn solution(x: f64, t: f64, viscosity: f64) -> f64 {
    const PLACES: i32 = 600;
    let width = (4.0 * viscosity * t).sqrt();
    // Up to here the Gaussian is not below 1e-16 of the largest product.
    let end = (1.0 / (PI * viscosity) + 37.0).sqrt();
    let (mut above, mut below) = (0.0, 0.0);
    for i in -PLACES..=PLACES {
        let z = end * f64::from(i) / f64::from(PLACES);
        let y = PI * (x - width * z);
        // At most 1: the maximum of the exponent is factored out of both.
        let weight = (-(1.0 + y.cos()) / (2.0 * PI * viscosity) - z * z).exp();
        above -= weight * y.sin();
        below += weight;
    }
    above / below
}
