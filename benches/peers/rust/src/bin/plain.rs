//! Plain loops over vectors: the straightforward implementation.

use rayon_core::{ThreadPool, ThreadPoolBuilder};
use simplechain_peers::adam::Adam;
use simplechain_peers::data::{Dense, NETWORKS, dense_layers, rows, widths};
use simplechain_peers::worker::{Args, Result, Task, Work, serve};

fn main() -> Result<()> {
    serve(&[], |args| match args.workload.as_str() {
        "matrix_exponential" => Ok(vec![Task::new("epoch", Epochs::read(args)?)]),
        "one_sample" => one_sample(args),
        other => Err(format!("no workload {other}").into()),
    })
}

/// A network, tanh in the hidden layers, with buffers for one sample.
#[derive(Clone)]
struct Network {
    layers: Vec<Dense>,
    /// The input, then the output of every layer.
    values: Vec<Vec<f32>>,
    /// The gradients of `values`.
    bars: Vec<Vec<f32>>,
    grads: Vec<Dense>,
}

impl Network {
    fn new(layers: Vec<Dense>) -> Self {
        let widths = [layers[0].inputs];
        let widths = widths
            .into_iter()
            .chain(layers.iter().map(|layer| layer.outputs));
        let values: Vec<_> = widths.map(|width| vec![0.0; width]).collect();
        let mut network = Self {
            bars: values.clone(),
            values,
            grads: layers.clone(),
            layers,
        };
        network.zero_grads();
        network
    }

    fn zero_grads(&mut self) {
        for layer in &mut self.grads {
            layer.weights.fill(0.0);
            layer.biases.fill(0.0);
        }
    }

    fn forward(&mut self, x: &[f32]) {
        self.values[0].copy_from_slice(x);
        let last = self.layers.len() - 1;
        for (index, layer) in self.layers.iter().enumerate() {
            let (before, after) = self.values.split_at_mut(index + 1);
            let (x, y) = (&before[index], &mut after[0]);
            for (o, y) in y.iter_mut().enumerate() {
                let weights = &layer.weights[o * layer.inputs..][..layer.inputs];
                let products = weights.iter().zip(x).map(|(weight, x)| weight * x);
                let z = layer.biases[o] + products.sum::<f32>();
                *y = if index == last { z } else { z.tanh() };
            }
        }
    }

    /// Adds the gradient with respect to the parameters, after `forward` and with the output's in `bars`.
    fn backward(&mut self) {
        let last = self.layers.len() - 1;
        for index in (0..self.layers.len()).rev() {
            let (layer, grads) = (&self.layers[index], &mut self.grads[index]);
            let (before, after) = self.bars.split_at_mut(index + 1);
            let (x, x_bar) = (&self.values[index], &mut before[index]);
            x_bar.fill(0.0);
            for (o, y_bar) in after[0].iter().enumerate() {
                let y = self.values[index + 1][o];
                let z_bar = if index == last {
                    *y_bar
                } else {
                    y_bar * (1.0 - y * y)
                };
                grads.biases[o] += z_bar;
                for i in 0..layer.inputs {
                    grads.weights[o * layer.inputs + i] += z_bar * x[i];
                    x_bar[i] += z_bar * layer.weights[o * layer.inputs + i];
                }
            }
        }
    }

    fn output(&self) -> &[f32] {
        self.values.last().expect("the input at least")
    }

    fn output_bar(&mut self) -> &mut [f32] {
        self.bars.last_mut().expect("the input at least")
    }
}

fn numbers(layers: &[Dense]) -> impl Iterator<Item = &f32> {
    layers
        .iter()
        .flat_map(|layer| layer.weights.iter().chain(&layer.biases))
}

fn numbers_mut(layers: &mut [Dense]) -> impl Iterator<Item = &mut f32> {
    layers
        .iter_mut()
        .flat_map(|layer| layer.weights.iter_mut().chain(&mut layer.biases))
}

struct Epochs {
    x: Vec<[f32; 4]>,
    y: Vec<[f32; 4]>,
    init: Vec<Dense>,
    /// One network per thread.
    networks: Vec<Network>,
    losses: Vec<f32>,
    adam: Adam,
    pool: ThreadPool,
}

impl Epochs {
    fn read(args: &Args) -> Result<Self> {
        let dir = args.data.join("matrix_exponential");
        let init = dense_layers(&dir, "init.f32", &[4, 32, 16, 4])?;
        Ok(Self {
            x: rows(&dir, "x.f32")?,
            y: rows(&dir, "y.f32")?,
            networks: vec![Network::new(init.clone()); args.threads],
            losses: vec![0.0; args.threads],
            adam: Adam::new(1e-3, numbers(&init).count()),
            pool: ThreadPoolBuilder::new().num_threads(args.threads).build()?,
            init,
        })
    }

    /// Gradients and loss.
    fn gradients(&mut self) -> f32 {
        let share = self.x.len().div_ceil(self.networks.len());
        let count = self.x.len() as f32;
        let shares = self.x.chunks(share).zip(self.y.chunks(share));
        let workers = self.networks.iter_mut().zip(&mut self.losses).zip(shares);
        self.pool.scope(|scope| {
            for ((network, loss), (x, y)) in workers {
                scope.spawn(move |_| {
                    network.zero_grads();
                    *loss = 0.0;
                    for (x, y) in x.iter().zip(y) {
                        network.forward(x);
                        for o in 0..4 {
                            let residual = network.output()[o] - y[o];
                            network.output_bar()[o] = residual / count;
                            *loss += 0.5 * residual * residual / count;
                        }
                        network.backward();
                    }
                });
            }
        });
        self.losses.iter().sum()
    }

    fn epoch(&mut self) {
        self.gradients();
        let (first, others) = self.networks.split_first_mut().expect("a thread");
        for other in &*others {
            let sums = numbers_mut(&mut first.grads).zip(numbers(&other.grads));
            sums.for_each(|(sum, grad)| *sum += grad);
        }
        self.adam
            .step(numbers_mut(&mut first.layers), numbers(&first.grads));
        for other in others {
            other.layers.clone_from(&first.layers);
        }
    }
}

impl Work for Epochs {
    fn run(&mut self, times: usize) {
        (0..times).for_each(|_| self.epoch());
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.networks.fill(Network::new(self.init.clone()));
        self.adam = Adam::new(1e-3, numbers(&self.init).count());
        self.run(steps);
        vec![self.gradients()]
    }
}

fn one_sample(args: &Args) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    for name in NETWORKS {
        let dir = args.data.join("one_sample").join(name);
        let network = Network::new(dense_layers(&dir, "init.f32", &widths(name))?);
        let x = simplechain_peers::data::numbers(&dir, "x.f32")?;
        let y_bar = simplechain_peers::data::numbers(&dir, "y_bar.f32")?;
        let state = (network, x, y_bar);
        tasks.push(Task::calls(
            format!("{name}/forward"),
            state.clone(),
            |(network, x, _)| network.forward(x),
            |(network, ..)| network.output().to_vec(),
        ));
        tasks.push(Task::calls(
            format!("{name}/vjp"),
            state,
            |(network, x, y_bar)| {
                network.zero_grads();
                network.forward(x);
                network.output_bar().copy_from_slice(y_bar);
                network.backward();
            },
            |(network, ..)| {
                let bars = [network.output(), &network.bars[0]].concat();
                bars.iter()
                    .chain(numbers(&network.grads))
                    .copied()
                    .collect()
            },
        ));
    }
    Ok(tasks)
}
