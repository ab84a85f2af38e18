//! nalgebra: static matrices for single samples, dynamic ones with one sample per column for batches.

use nalgebra::{DMatrix, DVector, SMatrix, SVector};
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use simplechain_peers::adam::Adam;
use simplechain_peers::data::{self, Dense, NETWORKS, dense_layers, rows, widths};
use simplechain_peers::worker::{Args, Result, Task, Work, serve};

fn main() -> Result<()> {
    serve(&[("nalgebra", "0.35")], |args| {
        match args.workload.as_str() {
            "matrix_exponential" => Ok(vec![Task::new("epoch", Epochs::read(args)?)]),
            "one_sample" => {
                let mut tasks = one_sample::<4, 32, 16, 4>(NETWORKS[0], args)?;
                tasks.extend(one_sample::<2, 50, 50, 2>(NETWORKS[1], args)?);
                tasks.extend(one_sample::<3, 64, 64, 1>(NETWORKS[2], args)?);
                Ok(tasks)
            }
            other => Err(format!("no workload {other}").into()),
        }
    })
}

/// Samples per block that stays in the cache.
const CHUNK: usize = 500;

struct Layer {
    weights: DMatrix<f32>,
    biases: DVector<f32>,
}

fn layers(init: &[Dense]) -> Vec<Layer> {
    let layer = |layer: &Dense| Layer {
        weights: DMatrix::from_row_slice(layer.outputs, layer.inputs, &layer.weights),
        biases: DVector::from_column_slice(&layer.biases),
    };
    init.iter().map(layer).collect()
}

fn numbers(layers: &[Layer]) -> impl Iterator<Item = &f32> {
    layers
        .iter()
        .flat_map(|layer| layer.weights.iter().chain(layer.biases.iter()))
}

fn numbers_mut(layers: &mut [Layer]) -> impl Iterator<Item = &mut f32> {
    layers
        .iter_mut()
        .flat_map(|layer| layer.weights.iter_mut().chain(layer.biases.iter_mut()))
}

/// The memory of a thread, allocated once.
struct Worker {
    /// Inputs and targets, one sample per column.
    chunks: Vec<(DMatrix<f32>, DMatrix<f32>)>,
    values: Vec<DMatrix<f32>>,
    bars: Vec<DMatrix<f32>>,
    grads: Vec<Layer>,
    loss: f32,
}

impl Worker {
    fn gradients(&mut self, layers: &[Layer], count: f32) {
        let last = layers.len() - 1;
        self.loss = 0.0;
        numbers_mut(&mut self.grads).for_each(|grad| *grad = 0.0);
        for (x, target) in &self.chunks {
            for (index, layer) in layers.iter().enumerate() {
                let (before, after) = self.values.split_at_mut(index);
                let (x, y) = (before.last().unwrap_or(x), &mut after[0]);
                for mut column in y.column_iter_mut() {
                    column.copy_from(&layer.biases);
                }
                y.gemm(1.0, &layer.weights, x, 1.0);
                if index < last {
                    y.apply(|y| *y = y.tanh());
                }
            }
            self.bars[last].copy_from(&self.values[last]);
            self.bars[last] -= target;
            self.loss += 0.5 * self.bars[last].norm_squared() / count;
            self.bars[last] /= count;
            for index in (0..layers.len()).rev() {
                let (before, after) = self.bars.split_at_mut(index);
                let x = if index == 0 {
                    x
                } else {
                    &self.values[index - 1]
                };
                let z_bar = &mut after[0];
                if index < last {
                    z_bar.zip_apply(&self.values[index], |bar, y| *bar *= 1.0 - y * y);
                }
                let grads = &mut self.grads[index];
                // By `gemm` with a transposed view: it is several times faster than `ger` or `gemm_tr`.
                grads.weights.gemm(1.0, z_bar, &x.transpose(), 1.0);
                for column in z_bar.column_iter() {
                    grads.biases += column;
                }
                if let Some(x_bar) = before.last_mut() {
                    x_bar.gemm_tr(1.0, &layers[index].weights, z_bar, 0.0);
                }
            }
        }
    }
}

struct Epochs {
    init: Vec<Dense>,
    layers: Vec<Layer>,
    workers: Vec<Worker>,
    samples: f32,
    adam: Adam,
    pool: ThreadPool,
}

impl Epochs {
    fn read(args: &Args) -> Result<Self> {
        let dir = args.data.join("matrix_exponential");
        let init = dense_layers(&dir, "init.f32", &[4, 32, 16, 4])?;
        let (x, y): (Vec<[f32; 4]>, Vec<[f32; 4]>) = (rows(&dir, "x.f32")?, rows(&dir, "y.f32")?);
        let columns =
            |rows: &[[f32; 4]]| DMatrix::from_column_slice(4, rows.len(), rows.as_flattened());
        let share = x.len().div_ceil(args.threads).next_multiple_of(CHUNK);
        let shares = x.chunks(share).zip(y.chunks(share));
        let workers = shares.map(|(x, y)| {
            let chunks = x.chunks(CHUNK).zip(y.chunks(CHUNK));
            let values = || {
                init.iter()
                    .map(|layer| DMatrix::zeros(layer.outputs, CHUNK))
                    .collect()
            };
            Worker {
                chunks: chunks.map(|(x, y)| (columns(x), columns(y))).collect(),
                values: values(),
                bars: values(),
                grads: layers(&init),
                loss: 0.0,
            }
        });
        Ok(Self {
            workers: workers.collect(),
            samples: x.len() as f32,
            layers: layers(&init),
            adam: Adam::new(1e-3, numbers(&layers(&init)).count()),
            pool: ThreadPoolBuilder::new().num_threads(args.threads).build()?,
            init,
        })
    }

    fn gradients(&mut self) -> f32 {
        let (layers, samples) = (&self.layers, self.samples);
        self.pool.scope(|scope| {
            for worker in &mut self.workers {
                scope.spawn(move |_| worker.gradients(layers, samples));
            }
        });
        self.workers.iter().map(|worker| worker.loss).sum()
    }

    fn epoch(&mut self) {
        self.gradients();
        let (first, others) = self.workers.split_first_mut().expect("a thread");
        for other in others {
            let sums = numbers_mut(&mut first.grads).zip(numbers(&other.grads));
            sums.for_each(|(sum, grad)| *sum += grad);
        }
        self.adam
            .step(numbers_mut(&mut self.layers), numbers(&first.grads));
    }
}

impl Work for Epochs {
    fn run(&mut self, times: usize) {
        (0..times).for_each(|_| self.epoch());
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.layers = layers(&self.init);
        self.adam = Adam::new(1e-3, numbers(&self.layers).count());
        self.run(steps);
        vec![self.gradients()]
    }
}

#[derive(Clone)]
struct Static<const I: usize, const O: usize> {
    weights: SMatrix<f32, O, I>,
    biases: SVector<f32, O>,
}

impl<const I: usize, const O: usize> Static<I, O> {
    fn new(layer: &Dense) -> Self {
        Self {
            weights: SMatrix::from_row_slice(&layer.weights),
            biases: SVector::from_column_slice(&layer.biases),
        }
    }

    fn forward(&self, x: &SVector<f32, I>) -> SVector<f32, O> {
        self.weights * x + self.biases
    }

    /// The gradients with respect to the parameters and the input.
    fn backward(
        &self,
        x: &SVector<f32, I>,
        z_bar: &SVector<f32, O>,
        grads: &mut Self,
    ) -> SVector<f32, I> {
        grads.weights = z_bar * x.transpose();
        grads.biases = *z_bar;
        self.weights.tr_mul(z_bar)
    }

    fn numbers(&self) -> impl Iterator<Item = &f32> {
        let rows = (0..O).flat_map(|o| (0..I).map(move |i| (o, i)));
        rows.map(|place| &self.weights[place])
            .chain(self.biases.iter())
    }
}

#[derive(Clone)]
struct Network<const A: usize, const B: usize, const C: usize, const D: usize> {
    layers: (Static<A, B>, Static<B, C>, Static<C, D>),
    grads: (Static<A, B>, Static<B, C>, Static<C, D>),
    x: SVector<f32, A>,
    y: SVector<f32, D>,
    y_bar: SVector<f32, D>,
    x_bar: SVector<f32, A>,
}

impl<const A: usize, const B: usize, const C: usize, const D: usize> Network<A, B, C, D> {
    fn forward(&mut self) {
        let (first, second, third) = &self.layers;
        let h1 = first.forward(&self.x).map(f32::tanh);
        let h2 = second.forward(&h1).map(f32::tanh);
        self.y = third.forward(&h2);
    }

    fn vjp(&mut self) {
        let (first, second, third) = &self.layers;
        let h1 = first.forward(&self.x).map(f32::tanh);
        let h2 = second.forward(&h1).map(f32::tanh);
        self.y = third.forward(&h2);
        let h2_bar = third.backward(&h2, &self.y_bar, &mut self.grads.2);
        let z2_bar = h2_bar.zip_map(&h2, |bar, y| bar * (1.0 - y * y));
        let h1_bar = second.backward(&h1, &z2_bar, &mut self.grads.1);
        let z1_bar = h1_bar.zip_map(&h1, |bar, y| bar * (1.0 - y * y));
        self.x_bar = first.backward(&self.x, &z1_bar, &mut self.grads.0);
    }

    fn outputs(&self) -> Vec<f32> {
        let grads = self.grads.0.numbers().chain(self.grads.1.numbers());
        let grads = grads.chain(self.grads.2.numbers());
        self.y
            .iter()
            .chain(self.x_bar.iter())
            .chain(grads)
            .copied()
            .collect()
    }
}

fn one_sample<const A: usize, const B: usize, const C: usize, const D: usize>(
    name: &str,
    args: &Args,
) -> Result<Vec<Task>> {
    let dir = args.data.join("one_sample").join(name);
    let init = dense_layers(&dir, "init.f32", &widths(name))?;
    let layers = (
        Static::new(&init[0]),
        Static::new(&init[1]),
        Static::new(&init[2]),
    );
    let network = Network::<A, B, C, D> {
        grads: layers.clone(),
        layers,
        x: SVector::from_column_slice(&data::numbers(&dir, "x.f32")?),
        y: SVector::zeros(),
        y_bar: SVector::from_column_slice(&data::numbers(&dir, "y_bar.f32")?),
        x_bar: SVector::zeros(),
    };
    Ok(vec![
        Task::calls(
            format!("{name}/forward"),
            network.clone(),
            Network::forward,
            |network| network.y.iter().copied().collect(),
        ),
        Task::calls(
            format!("{name}/vjp"),
            network,
            Network::vjp,
            Network::outputs,
        ),
    ])
}
