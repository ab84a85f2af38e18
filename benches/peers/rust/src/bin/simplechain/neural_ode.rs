//! Training steps of a neural ODE, `u' = net(u^3)` with the network 2-50-2: one solver step between consecutive data
//! points, the exact gradient of these steps, Adam.

use simplechain::ode::{Ensemble, Method, Rk4, Solver, Tsit5, mean_square};
use simplechain::prelude::*;
use simplechain::simd::{Number, Simd};
use simplechain_peers::data::{dense_layers, numbers, rows};
use simplechain_peers::worker::{Args, Result, Task, Work};

use super::from_layers;

simple_chain! {
    struct Net: 2 => activation(Cube) => dense(tanh, 50) => dense(id, 2)
}

/// `u^3`
#[derive(Clone, Copy, Debug)]
struct Cube;

impl Activation for Cube {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, u: S::V) -> S::V {
        simd.mul(u, simd.mul(u, u))
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, u: S::V) -> (S::V, S::V) {
        let square = simd.mul(u, u);
        let three = simd.splat(T::from_f64(3.0));
        (simd.mul(u, square), simd.mul(three, square))
    }
}

type Params = <Net as Network>::Params<f32>;
type State<const N: usize> = [[f32; 2]; N];

struct Steps<const N: usize, M> {
    solver: Solver<f32, Ensemble<Net, N>, M>,
    /// The states, one per point in time.
    data: Vec<State<N>>,
    init: Box<Params>,
    params: Box<Params>,
    grads: Box<Params>,
    adam: Adam<f32>,
}

pub(crate) fn tasks(args: &Args) -> Result<Vec<Task>> {
    Ok(vec![
        Task::new("batch_1", Steps::<1, _>::read(args, Rk4)?),
        Task::new("batch_20", Steps::<20, _>::read(args, Rk4)?),
        Task::new("batch_1_tsit5", Steps::<1, _>::read(args, Tsit5)?),
        Task::new("batch_20_tsit5", Steps::<20, _>::read(args, Tsit5)?),
    ])
}

impl<const N: usize, M: Method> Steps<N, M> {
    fn read(args: &Args, method: M) -> Result<Self> {
        let dir = args.data.join("neural_ode");
        let init = from_layers(Net, &dense_layers(&dir, "init.f32", &[2, 50, 2])?);
        let states: Vec<[f32; 2]> = rows(&dir, &format!("u_{N}.f32"))?;
        Ok(Self {
            solver: Solver::new(Ensemble(Net), method, &numbers(&dir, "t.f32")?, 1)?,
            data: states.as_chunks().0.to_vec(),
            params: init.clone(),
            grads: init.clone(),
            init,
            adam: Adam::new(1e-2),
        })
    }

    fn step(&mut self) {
        let data = &self.data;
        self.solver.value_and_grad(
            &data[0],
            &self.params,
            |us, us_bar| mean_square(us, data, us_bar),
            &mut [[0.0; 2]; N],
            &mut self.grads,
        );
        let made = self.adam.step(&mut self.params, &self.grads);
        made.expect("the same length");
    }
}

impl<const N: usize, M: Method> Work for Steps<N, M> {
    fn run(&mut self, times: usize) {
        (0..times).for_each(|_| self.step());
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.params.clone_from(&self.init);
        self.adam = Adam::new(1e-2);
        self.run(steps);
        let us = self.solver.solve(&self.data[0], &self.params);
        vec![mean_square(
            us,
            &self.data,
            &mut vec![[[0.0; 2]; N]; us.len()],
        )]
    }
}
