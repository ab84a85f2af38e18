//! Training steps of a neural ODE, `u' = net(u^3)` with the network 2-50-2: classic Runge-Kutta from one point of the data
//! to the next, the exact gradient of these steps, Adam.

use simplechain::prelude::*;
use simplechain_peers::data::{dense_layers, numbers, rows};
use simplechain_peers::worker::{Args, Result, Task, Work};

use super::from_layers;

simple_chain! {
    struct Field: 2 => dense(tanh, 50) => dense(id, 2)
}

type Params = <Field as Chain>::Params<f32>;
type State = [f32; 2];

/// Points in time of the data.
const POINTS: usize = 30;

struct Steps<const BATCH: usize> {
    t: [f32; POINTS],
    /// The data by point in time.
    data: Vec<[State; BATCH]>,
    init: Box<Params>,
    params: Box<Params>,
    grads: Box<Params>,
    /// A stage's.
    stage_grads: Box<Params>,
    adam: Adam<f32>,
    /// Where the field was called: four stages a step.
    stages: Vec<[[State; BATCH]; 4]>,
    path: Vec<[State; BATCH]>,
}

pub(crate) fn tasks(args: &Args) -> Result<Vec<Task>> {
    Ok(vec![
        Task::new("batch_1", Steps::<1>::read(args)?),
        Task::new("batch_20", Steps::<20>::read(args)?),
    ])
}

impl<const BATCH: usize> Steps<BATCH> {
    fn read(args: &Args) -> Result<Self> {
        let dir = args.data.join("neural_ode");
        let init = from_layers(Field, &dense_layers(&dir, "init.f32", &[2, 50, 2])?);
        let states: Vec<State> = rows(&dir, &format!("u_{BATCH}.f32"))?;
        let data = states.as_chunks().0.to_vec();
        Ok(Self {
            t: numbers(&dir, "t.f32")?
                .try_into()
                .map_err(|_| "t.f32: not 30 numbers")?,
            path: vec![[[0.0; 2]; BATCH]; data.len()],
            stages: vec![[[[0.0; 2]; BATCH]; 4]; data.len() - 1],
            data,
            grads: init.clone(),
            stage_grads: init.clone(),
            params: init.clone(),
            init,
            adam: Adam::new(1e-2),
        })
    }

    fn field(&self, u: &[State; BATCH]) -> [State; BATCH] {
        let cubes = u.map(cube);
        let mut out = [[0.0; 2]; BATCH];
        if BATCH == 1 {
            out[0] = Field.forward(&cubes[0], &self.params);
        } else {
            Field
                .forward_batch(&cubes, &self.params, &mut out)
                .expect("equal lengths");
        }
        out
    }

    /// Adds the gradient of the parameters, gives that of `u`.
    fn field_vjp(&mut self, u: &[State; BATCH], bar: &[State; BATCH]) -> [State; BATCH] {
        let cubes = u.map(cube);
        let mut out = [[0.0; 2]; BATCH];
        if BATCH == 1 {
            Field.vjp_add(
                &cubes[0],
                &self.params,
                &bar[0],
                &mut out[0],
                &mut self.grads,
            );
        } else {
            Field
                .vjp_batch(&cubes, &self.params, bar, &mut out, &mut self.stage_grads)
                .expect("equal lengths");
            let sums = self.grads.iter_mut().zip(self.stage_grads.iter());
            sums.for_each(|(sum, grad)| *sum += grad);
        }
        for (out, u) in out.iter_mut().zip(u) {
            *out = [out[0] * 3.0 * u[0] * u[0], out[1] * 3.0 * u[1] * u[1]];
        }
        out
    }

    fn solve(&mut self) {
        self.path[0] = self.data[0];
        for i in 0..POINTS - 1 {
            let (u, h) = (self.path[i], self.t[i + 1] - self.t[i]);
            let k1 = self.field(&u);
            let u2 = axpy(0.5 * h, &k1, &u);
            let k2 = self.field(&u2);
            let u3 = axpy(0.5 * h, &k2, &u);
            let k3 = self.field(&u3);
            let u4 = axpy(h, &k3, &u);
            let k4 = self.field(&u4);
            self.stages[i] = [u, u2, u3, u4];
            let u = axpy(h / 6.0, &k1, &u);
            let u = axpy(h / 3.0, &k2, &u);
            let u = axpy(h / 3.0, &k3, &u);
            self.path[i + 1] = axpy(h / 6.0, &k4, &u);
        }
    }

    /// The mean of the squares.
    fn loss(&mut self) -> f32 {
        self.solve();
        let pairs = self.path.iter().zip(&self.data);
        let residuals = pairs.flat_map(|(u, data)| axpy(-1.0, data, u).into_iter().flatten());
        residuals.map(|residual| residual * residual).sum::<f32>() / self.len()
    }

    fn len(&self) -> f32 {
        (2 * BATCH * POINTS) as f32
    }

    fn step(&mut self) {
        self.solve();
        self.grads.fill(0.0);
        let scale = 2.0 / self.len();
        let mut bar = [[0.0; 2]; BATCH];
        for i in (0..POINTS - 1).rev() {
            let h = self.t[i + 1] - self.t[i];
            let residual = axpy(-1.0, &self.data[i + 1], &self.path[i + 1]);
            bar = axpy(scale, &residual, &bar);
            let [u1, u2, u3, u4] = self.stages[i];
            let zero = [[0.0; 2]; BATCH];
            let bar4 = self.field_vjp(&u4, &axpy(h / 6.0, &bar, &zero));
            let k3 = axpy(h, &bar4, &axpy(h / 3.0, &bar, &zero));
            let bar3 = self.field_vjp(&u3, &k3);
            let k2 = axpy(0.5 * h, &bar3, &axpy(h / 3.0, &bar, &zero));
            let bar2 = self.field_vjp(&u2, &k2);
            let k1 = axpy(0.5 * h, &bar2, &axpy(h / 6.0, &bar, &zero));
            let bar1 = self.field_vjp(&u1, &k1);
            for stage in [bar1, bar2, bar3, bar4] {
                bar = axpy(1.0, &stage, &bar);
            }
        }
        self.adam.step(&mut self.params[..], &self.grads[..]);
    }

    fn restart(&mut self) {
        self.params.clone_from(&self.init);
        self.adam = Adam::new(1e-2);
        self.adam.prepare(self.init.len()).expect("a new optimizer");
    }
}

fn cube(u: State) -> State {
    [u[0] * u[0] * u[0], u[1] * u[1] * u[1]]
}

/// `a x + y`
#[inline(always)]
fn axpy<const BATCH: usize>(a: f32, x: &[State; BATCH], y: &[State; BATCH]) -> [State; BATCH] {
    let mut sum = *y;
    for (sum, x) in sum.iter_mut().zip(x) {
        sum[0] += a * x[0];
        sum[1] += a * x[1];
    }
    sum
}

impl<const BATCH: usize> Work for Steps<BATCH> {
    fn run(&mut self, times: usize) {
        self.adam.prepare(self.init.len()).expect("the same length");
        (0..times).for_each(|_| self.step());
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.restart();
        self.run(steps);
        vec![self.loss()]
    }
}
