//! Training steps of a network 2-20-20-1 for Burgers' equation, `u_t + u u_x = nu u_xx`: the mean of the squared residuals
//! inside and of the squared errors on the boundary, the gradient, Adam.
//!
//! Along the curve `(x + s, t - s^2 / (2 nu))` the second derivative of `u` is `u_xx - u_t / nu`, so one polynomial contains
//! the whole residual.

use std::f64::consts::PI;

use simplechain::prelude::*;
use simplechain_peers::data::{dense_layers, rows};
use simplechain_peers::worker::{Args, Result, Task, Work};

use super::from_layers;

simple_chain! {
    struct Net: 2 => dense(tanh, 20) => dense(tanh, 20) => dense(id, 1)
}

type Params = <Net as Network>::Params<f32>;

const VISCOSITY: f64 = 0.01 / PI;

struct Steps {
    inside: Vec<[f32; 2]>,
    curves: Vec<[[f32; 2]; 2]>,
    boundary: Vec<[f32; 2]>,
    /// On the boundary.
    values: Vec<[f32; 1]>,
    init: Box<Params>,
    params: Box<Params>,
    grads: Box<Params>,
    boundary_grads: Box<Params>,
    adam: Adam<f32>,
}

pub(crate) fn tasks(args: &Args) -> Result<Vec<Task>> {
    Ok(vec![
        Task::new("points_256", Steps::read(args, 256)?),
        Task::new("points_2000", Steps::read(args, 2000)?),
    ])
}

impl Steps {
    fn read(args: &Args, points: usize) -> Result<Self> {
        let dir = args.data.join("pinn");
        let init = from_layers(Net, &dense_layers(&dir, "init.f32", &[2, 20, 20, 1])?);
        let bend = -1.0 / VISCOSITY as f32;
        let boundary: Vec<[f32; 3]> = rows(&dir, &format!("boundary_{points}.f32"))?;
        Ok(Self {
            inside: rows(&dir, &format!("inside_{points}.f32"))?,
            curves: vec![[[1.0, 0.0], [0.0, bend]]; points],
            values: boundary.iter().map(|[_, _, value]| [*value]).collect(),
            boundary: boundary.iter().map(|[x, t, _]| [*x, *t]).collect(),
            params: init.clone(),
            grads: init.clone(),
            boundary_grads: init.clone(),
            init,
            adam: Adam::new(1e-3),
        })
    }

    /// The loss, and its gradient in `grads`.
    fn value_and_grad(&mut self) -> f32 {
        let weight = (self.inside.len() as f32).recip();
        let viscosity = VISCOSITY as f32;
        let residual = |_, [[u], [u_x], [second]]: [[f32; 1]; 3]| {
            let residual = u * u_x - viscosity * second;
            let bar = 2.0 * weight * residual;
            let bars = [[bar * u_x], [bar * u], [-bar * viscosity]];
            (weight * residual * residual, bars)
        };
        let inside = Net
            .value_and_grad_jet_batch(
                &self.inside,
                &self.params,
                &self.curves,
                residual,
                &mut self.grads,
            )
            .expect("a curve for every point");

        // The loss includes half the square.
        let half = Net
            .value_and_grad_batch(
                &SquaredLoss,
                &self.boundary,
                &self.values,
                &self.params,
                &mut self.boundary_grads,
            )
            .expect("good data");
        let pairs = self.grads.iter_mut().zip(&self.boundary_grads[..]);
        pairs.for_each(|(grad, boundary)| *grad += 2.0 * boundary);
        inside + 2.0 * half
    }
}

impl Work for Steps {
    fn run(&mut self, times: usize) {
        for _ in 0..times {
            self.value_and_grad();
            let made = self.adam.step(&mut self.params, &self.grads);
            made.expect("the same length");
        }
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.params.clone_from(&self.init);
        self.adam = Adam::new(1e-3);
        self.run(steps);
        vec![self.value_and_grad()]
    }
}
