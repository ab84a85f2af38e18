//! candle on the CPU.

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use simplechain_peers::data::{self, Dense, NETWORKS, dense_layers, widths};
use simplechain_peers::worker::{Args, Result, Task, Work, serve};

fn main() -> Result<()> {
    serve(&[("candle", "0.11")], |args| match args.workload.as_str() {
        "matrix_exponential" => Ok(vec![Task::new("epoch", Epochs::read(args)?)]),
        "one_sample" => one_sample(args),
        other => Err(format!("no workload {other}").into()),
    })
}

/// Weights, output by output, and biases of the layers.
struct Network(Vec<(Var, Var)>);

impl Network {
    fn new(init: &[Dense]) -> candle_core::Result<Self> {
        let layer = |layer: &Dense| {
            let weights =
                Tensor::from_slice(&layer.weights, (layer.outputs, layer.inputs), &Device::Cpu)?;
            let biases = Tensor::from_slice(&layer.biases, layer.outputs, &Device::Cpu)?;
            Ok((Var::from_tensor(&weights)?, Var::from_tensor(&biases)?))
        };
        Ok(Self(
            init.iter().map(layer).collect::<candle_core::Result<_>>()?,
        ))
    }

    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (last, hidden) = self.0.split_last().expect("a layer");
        let layer = |x: &Tensor, (weights, biases): &(Var, Var)| {
            x.matmul(&weights.t()?)?.broadcast_add(biases)
        };
        let mut x = x.clone();
        for weights in hidden {
            x = layer(&x, weights)?.tanh()?;
        }
        layer(&x, last)
    }

    fn vars(&self) -> impl Iterator<Item = &Var> {
        self.0
            .iter()
            .flat_map(|(weights, biases)| [weights, biases])
    }
}

struct Epochs {
    x: Tensor,
    y: Tensor,
    init: Vec<Dense>,
    network: Network,
    adam: AdamW,
}

fn adam(network: &Network) -> candle_core::Result<AdamW> {
    let params = ParamsAdamW {
        lr: 1e-3,
        weight_decay: 0.0,
        ..ParamsAdamW::default()
    };
    AdamW::new(network.vars().cloned().collect(), params)
}

impl Epochs {
    fn read(args: &Args) -> Result<Self> {
        let dir = args.data.join("matrix_exponential");
        let init = dense_layers(&dir, "init.f32", &[4, 32, 16, 4])?;
        let samples = |name| -> Result<Tensor> {
            let numbers = data::numbers(&dir, name)?;
            Ok(Tensor::from_slice(
                &numbers,
                (numbers.len() / 4, 4),
                &Device::Cpu,
            )?)
        };
        let network = Network::new(&init)?;
        Ok(Self {
            x: samples("x.f32")?,
            y: samples("y.f32")?,
            adam: adam(&network)?,
            network,
            init,
        })
    }

    fn loss(&self) -> candle_core::Result<Tensor> {
        let residuals = (self.network.forward(&self.x)? - &self.y)?;
        residuals.sqr()?.sum_all()? * (0.5 / self.x.dims()[0] as f64)
    }

    fn step(&mut self) -> candle_core::Result<()> {
        let grads = self.loss()?.backward()?;
        self.adam.step(&grads)
    }

    fn restart(&mut self) -> candle_core::Result<()> {
        self.network = Network::new(&self.init)?;
        self.adam = adam(&self.network)?;
        Ok(())
    }
}

impl Work for Epochs {
    fn run(&mut self, times: usize) {
        (0..times).for_each(|_| self.step().expect("a step"));
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.restart().expect("good data");
        self.run(steps);
        let loss = self.loss().expect("good data");
        vec![loss.to_scalar().expect("a number")]
    }
}

struct Sample {
    network: Network,
    x: Var,
    y_bar: Tensor,
    outputs: Vec<Tensor>,
}

fn one_sample(args: &Args) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    for name in NETWORKS {
        let dir = args.data.join("one_sample").join(name);
        let init = dense_layers(&dir, "init.f32", &widths(name))?;
        let row = |name| -> Result<Tensor> {
            let numbers = data::numbers(&dir, name)?;
            Ok(Tensor::from_slice(
                &numbers,
                (1, numbers.len()),
                &Device::Cpu,
            )?)
        };
        for (what, call) in [
            ("forward", Sample::forward as fn(&mut Sample) -> _),
            ("vjp", Sample::vjp),
        ] {
            let sample = Sample {
                network: Network::new(&init)?,
                x: Var::from_tensor(&row("x.f32")?)?,
                y_bar: row("y_bar.f32")?,
                outputs: Vec::new(),
            };
            tasks.push(Task::calls(
                format!("{name}/{what}"),
                sample,
                move |sample| call(sample).expect("good data"),
                |sample| {
                    let numbers = |tensor: &Tensor| -> candle_core::Result<Vec<f32>> {
                        tensor.flatten_all()?.to_vec1()
                    };
                    let outputs = sample.outputs.iter();
                    outputs
                        .flat_map(|tensor| numbers(tensor).expect("numbers"))
                        .collect()
                },
            ));
        }
    }
    Ok(tasks)
}

impl Sample {
    fn forward(&mut self) -> candle_core::Result<()> {
        self.outputs = vec![self.network.forward(&self.x)?];
        Ok(())
    }

    fn vjp(&mut self) -> candle_core::Result<()> {
        let y = self.network.forward(&self.x)?;
        let grads = (&y * &self.y_bar)?.sum_all()?.backward()?;
        self.outputs = vec![y];
        for var in [&self.x].into_iter().chain(self.network.vars()) {
            self.outputs
                .push(grads.get(var).expect("a gradient").clone());
        }
        Ok(())
    }
}
