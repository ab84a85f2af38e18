//! Training steps of a neural ODE, `u' = net(u^3)` with the network 2-50-2: one step of the solver from one point of the
//! data to the next, the exact gradient of these steps, Adam.

use simplechain::ode::{DifferentiableField, Field, Method, Rk4, Solver, Tsit5};
use simplechain::prelude::*;
use simplechain_peers::data::{dense_layers, numbers, rows};
use simplechain_peers::worker::{Args, Result, Task, Work};

use super::from_layers;

simple_chain! {
    struct Net: 2 => dense(tanh, 50) => dense(id, 2)
}

type Params = <Net as Chain>::Params<f32>;

/// `net(u^3)` for the `N / 2` trajectories of a state.
struct Cubes<const N: usize>;

impl<const N: usize> Field<f32> for Cubes<N> {
    type State = [f32; N];
    type Params = Params;

    #[inline]
    fn rate(&self, _t: f32, u: &[f32; N], params: &Params) -> [f32; N] {
        let (cubes, mut out) = (cubes(u), [0.0; N]);
        match (cubes.as_chunks().0, out.as_chunks_mut().0) {
            ([x], [y]) => *y = Net.forward(x, params),
            (xs, ys) => Net.forward_batch(xs, params, ys).expect("equal lengths"),
        }
        out
    }
}

impl<const N: usize> DifferentiableField<f32> for Cubes<N> {
    #[inline]
    fn vjp_add(
        &self,
        _t: f32,
        u: &[f32; N],
        params: &Params,
        bar: &[f32; N],
        u_bar: &mut [f32; N],
        params_bar: &mut Params,
    ) {
        let (cubes, mut out) = (cubes(u), [0.0; N]);
        match (cubes.as_chunks().0, bar.as_chunks().0) {
            ([x], [y_bar]) => {
                let x_bar = &mut out.as_chunks_mut().0[0];
                Net.vjp_add(x, params, y_bar, x_bar, params_bar);
            }
            (xs, y_bars) => {
                let mut sums = [0.0; Net::PARAM_COUNT];
                let x_bars = out.as_chunks_mut().0;
                Net.vjp_batch(xs, params, y_bars, x_bars, &mut sums)
                    .expect("equal lengths");
                let pairs = params_bar.iter_mut().zip(&sums);
                pairs.for_each(|(bar, sum)| *bar += sum);
            }
        }
        for ((u_bar, cube_bar), u) in u_bar.iter_mut().zip(&out).zip(u) {
            *u_bar += cube_bar * 3.0 * u * u;
        }
    }
}

#[inline(always)]
fn cubes<const N: usize>(u: &[f32; N]) -> [f32; N] {
    let mut cubes = *u;
    cubes.iter_mut().for_each(|u| *u = *u * *u * *u);
    cubes
}

struct Steps<const N: usize, M> {
    solver: Solver<f32, Cubes<N>, M>,
    /// The states by point in time.
    data: Vec<[f32; N]>,
    init: Box<Params>,
    params: Box<Params>,
    grads: Box<Params>,
    adam: Adam<f32>,
}

pub(crate) fn tasks(args: &Args) -> Result<Vec<Task>> {
    Ok(vec![
        Task::new("batch_1", Steps::<2, _>::read(args, Rk4)?),
        Task::new("batch_20", Steps::<40, _>::read(args, Rk4)?),
        Task::new("batch_1_tsit5", Steps::<2, _>::read(args, Tsit5)?),
        Task::new("batch_20_tsit5", Steps::<40, _>::read(args, Tsit5)?),
    ])
}

impl<const N: usize, M: Method> Steps<N, M> {
    fn read(args: &Args, method: M) -> Result<Self> {
        let dir = args.data.join("neural_ode");
        let init = from_layers(Net, &dense_layers(&dir, "init.f32", &[2, 50, 2])?);
        Ok(Self {
            solver: Solver::new(Cubes, method, &numbers(&dir, "t.f32")?, 1)?,
            data: rows(&dir, &format!("u_{}.f32", N / 2))?,
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
            &mut [0.0; N],
            &mut self.grads,
        );
        self.adam.step(&mut self.params[..], &self.grads[..]);
    }
}

/// The mean of the squares of `us - data`, and its gradient.
fn mean_square<const N: usize>(us: &[[f32; N]], data: &[[f32; N]], us_bar: &mut [[f32; N]]) -> f32 {
    let (mut sum, weight) = (0.0, ((N * data.len()) as f32).recip());
    for ((u, data), u_bar) in us.iter().zip(data).zip(us_bar) {
        for i in 0..N {
            let residual = u[i] - data[i];
            sum += residual * residual;
            u_bar[i] = 2.0 * weight * residual;
        }
    }
    weight * sum
}

impl<const N: usize, M: Method> Work for Steps<N, M> {
    fn run(&mut self, times: usize) {
        self.adam.prepare(self.init.len()).expect("the same length");
        (0..times).for_each(|_| self.step());
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.params.clone_from(&self.init);
        self.adam = Adam::new(1e-2);
        self.run(steps);
        let us = self.solver.solve(&self.data[0], &self.params);
        vec![mean_square(us, &self.data, &mut vec![[0.0; N]; us.len()])]
    }
}
