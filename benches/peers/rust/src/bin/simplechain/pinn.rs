//! Training steps of a network 2-20-20-1 for Burgers' equation, `u_t + u u_x = nu u_xx`: the mean of the squared residuals
//! inside and of the squared errors on the boundary, the gradient, Adam.
//!
//! Along the curve `(x + s, t - s^2 / (2 nu))` the second derivative of `u` is `u_xx - u_t / nu`, so one polynomial has all of
//! the residual. The curve is a layer here, and `s` an input, which is 0. Derivatives along two lines, as
//! `examples/pinn_burgers` takes them point by point, are 1.8 times the work: 138 us a step with 256 points, beside 76.

use std::f64::consts::PI;

use simplechain::layer::CustomLayer;
use simplechain::prelude::*;
use simplechain::simd::{Number, Simd};
use simplechain_peers::data::{dense_layers, rows};
use simplechain_peers::worker::{Args, Result, Task, Work};

use super::from_layers;

simple_chain! {
    struct Net: 2 => dense(tanh, 20) => dense(tanh, 20) => dense(id, 1)
}

simple_chain! {
    /// The same with the curve before it, so with the same parameters.
    struct OnCurve: 3 => layer(Curve) => dense(tanh, 20) => dense(tanh, 20) => dense(id, 1)
}

type Params = <Net as Chain>::Params<f32>;

const VISCOSITY: f64 = 0.01 / PI;

/// `(x + s, t - s^2 / (2 nu))` from `(x, t, s)`.
#[derive(Clone, Copy, Debug, Default)]
struct Curve;

impl CustomLayer for Curve {
    const INPUT_LEN: usize = 3;
    const OUTPUT_LEN: usize = 2;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        _: T::Params<'_>,
        input: &[S::V],
        output: &mut [S::V],
    ) {
        let [x, t, s] = [input[0], input[1], input[2]];
        let bend = simd.splat(T::from_f64(-0.5 / VISCOSITY));
        output[0] = simd.add(x, s);
        output[1] = simd.mul_add(bend, simd.mul(s, s), t);
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        input: &[S::V],
        output_bar: &[S::V],
        input_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        let [x_bar, t_bar] = [output_bar[0], output_bar[1]];
        let bend = simd.splat(T::from_f64(-1.0 / VISCOSITY));
        input_bar[0] = x_bar;
        input_bar[1] = t_bar;
        input_bar[2] = simd.mul_add(simd.mul(bend, input[2]), t_bar, x_bar);
    }
}

struct Steps {
    inside: Vec<[f32; 3]>,
    directions: Vec<[f32; 3]>,
    boundary: Vec<[f32; 2]>,
    /// On the boundary.
    values: Vec<[f32; 1]>,
    /// `u`, `u_x` and `u_xx - u_t / nu` at the points inside.
    along: [Vec<[f32; 1]>; 3],
    /// The loss's gradient by these.
    bars: [Vec<[f32; 1]>; 3],
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
        let inside: Vec<[f32; 2]> = rows(&dir, &format!("inside_{points}.f32"))?;
        let boundary: Vec<[f32; 3]> = rows(&dir, &format!("boundary_{points}.f32"))?;
        let numbers = [(); 3].map(|()| vec![[0.0]; points]);
        Ok(Self {
            inside: inside.iter().map(|[x, t]| [*x, *t, 0.0]).collect(),
            directions: vec![[0.0, 0.0, 1.0]; points],
            values: boundary.iter().map(|[_, _, value]| [*value]).collect(),
            boundary: boundary.iter().map(|[x, t, _]| [*x, *t]).collect(),
            bars: numbers.clone(),
            along: numbers,
            params: init.clone(),
            grads: init.clone(),
            boundary_grads: init.clone(),
            init,
            adam: Adam::new(1e-3),
        })
    }

    /// The loss, and its gradient in `grads`.
    fn value_and_grad(&mut self) -> f32 {
        let (inside, directions) = (&self.inside[..], &self.directions[..]);
        let [us, firsts, seconds] = &mut self.along;
        OnCurve
            .along_batch(inside, &self.params, directions, us, firsts, seconds)
            .expect("equal lengths");

        let (mut sum, weight) = (0.0, (inside.len() as f32).recip());
        let viscosity = VISCOSITY as f32;
        for i in 0..inside.len() {
            let ([u], [u_x], [second]) = (us[i], firsts[i], seconds[i]);
            let residual = u * u_x - viscosity * second;
            sum += residual * residual;
            let bar = 2.0 * weight * residual;
            let bars = [bar * u_x, bar * u, -bar * viscosity];
            self.bars
                .iter_mut()
                .zip(bars)
                .for_each(|(to, bar)| to[i] = [bar]);
        }
        let bars = self.bars.each_ref().map(Vec::as_slice);
        OnCurve
            .vjp_along_batch(inside, &self.params, directions, bars, &mut self.grads)
            .expect("equal lengths");

        // The loss has half of the square.
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
        weight * sum + 2.0 * half
    }
}

impl Work for Steps {
    fn run(&mut self, times: usize) {
        self.adam.prepare(self.init.len()).expect("the same length");
        for _ in 0..times {
            self.value_and_grad();
            self.adam.step(&mut self.params[..], &self.grads[..]);
        }
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.params.clone_from(&self.init);
        self.adam = Adam::new(1e-3);
        self.run(steps);
        vec![self.value_and_grad()]
    }
}
