//! The equation as residuals, and its solution.

use std::f64::consts::PI;

use simplechain::optim::Equations;
use simplechain::prelude::*;

simple_chain! {
    /// `u(x, t)`
    pub(crate) struct Net: 2 => dense(tanh, 20) => dense(tanh, 20) => dense(id, 1)
}

/// Points on the boundary: so many at each end and at the start.
const BOUNDARY: u32 = 60;
/// How much more a boundary's mean square counts than the equation's.
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

    /// `u_t + u u_x - nu u_xx` inside, and `u` less its value on the boundary, with their gradients by the parameters.
    pub(crate) fn residuals(
        &self,
        params: &<Net as Chain>::Params<f64>,
        equations: &mut Equations,
    ) {
        let (mut row, mut part) = (params.to_vec(), *params);
        let weight = (self.inside.len() as f64).sqrt().recip();
        for point in &self.inside {
            let [[u], [u_x], [u_xx]] = Net.along(point, params, &[1.0, 0.0]);
            let (_, [u_t]) = Net.jvp_input(point, params, &[0.0, 1.0]);
            if equations.needs_rows() {
                // The residual's slopes by u, u_x, u_xx, and by u_t.
                let bars = [&[weight * u_x], &[weight * u], &[-weight * self.viscosity]];
                Net.vjp_along(point, params, &[1.0, 0.0], bars, &mut part);
                row.copy_from_slice(&part);
                Net.hvp_mixed(point, params, &[weight], &[0.0, 1.0], &mut part);
                row.iter_mut()
                    .zip(&part)
                    .for_each(|(row, part)| *row += part);
            }
            equations.add(weight * (u_t + u * u_x - self.viscosity * u_xx), &row);
        }
        let weight = (BOUNDARY_WEIGHT / self.boundary.len() as f64).sqrt();
        for (point, value) in &self.boundary {
            let [u] = Net.vjp_params(point, params, &[weight], &mut part);
            equations.add(weight * (u - value), &part);
        }
    }
}

/// The solution by the transformation of Cole (1951) and Hopf (1950), a quotient of two integrals, by the trapezoidal rule.
pub(crate) fn solution(x: f64, t: f64, viscosity: f64) -> f64 {
    const PLACES: i32 = 600;
    let width = (4.0 * viscosity * t).sqrt();
    // So far the Gaussian is not below 1e-16 of the largest product.
    let end = (1.0 / (PI * viscosity) + 37.0).sqrt();
    let (mut above, mut below) = (0.0, 0.0);
    for i in -PLACES..=PLACES {
        let z = end * f64::from(i) / f64::from(PLACES);
        let y = PI * (x - width * z);
        // At most 1: the maximum of the exponent is taken out of both.
        let weight = (-(1.0 + y.cos()) / (2.0 * PI * viscosity) - z * z).exp();
        above -= weight * y.sin();
        below += weight;
    }
    above / below
}
