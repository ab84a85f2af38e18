//! burn with `flex`, its CPU backend in Rust.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor, TensorData};
use simplechain_peers::data::{self, Dense, NETWORKS, dense_layers, widths};
use simplechain_peers::worker::{Args, Result, Task, Work, serve};

fn main() -> Result<()> {
    serve(&[("burn", "0.22")], |args| match args.workload.as_str() {
        "matrix_exponential" => Ok(vec![Task::new("epoch", Epochs::read(args)?)]),
        "one_sample" => one_sample(args),
        other => Err(format!("no workload {other}").into()),
    })
}

#[derive(Module, Debug)]
struct Network {
    layers: Vec<Linear>,
}

impl Network {
    fn new(init: &[Dense], device: &Device) -> Self {
        let layer = |layer: &Dense| {
            let mut linear = LinearConfig::new(layer.inputs, layer.outputs).init(device);
            let shape = [layer.outputs, layer.inputs];
            let weights = tensor::<2>(layer.weights.clone(), shape, device).transpose();
            let biases = tensor::<1>(layer.biases.clone(), [layer.outputs], device);
            linear.weight = Param::from_tensor(weights);
            linear.bias = Some(Param::from_tensor(biases));
            linear
        };
        Self {
            layers: init.iter().map(layer).collect(),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (last, hidden) = self.layers.split_last().expect("a layer");
        let hidden = hidden.iter().fold(x, |x, layer| layer.forward(x).tanh());
        last.forward(hidden)
    }
}

fn tensor<const D: usize>(numbers: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(numbers, shape), device)
}

fn vec<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.try_into_vec_as().expect("numbers")
}

struct Epochs {
    x: Tensor<2>,
    y: Tensor<2>,
    init: Vec<Dense>,
    device: Device,
    network: Option<Network>,
    adam: ModuleOptimizer,
}

impl Epochs {
    fn read(args: &Args) -> Result<Self> {
        let dir = args.data.join("matrix_exponential");
        let init = dense_layers(&dir, "init.f32", &[4, 32, 16, 4])?;
        let device = Device::flex().autodiff();
        let samples = |name| -> Result<Tensor<2>> {
            let numbers = data::numbers(&dir, name)?;
            let shape = [numbers.len() / 4, 4];
            Ok(tensor(numbers, shape, &device))
        };
        Ok(Self {
            x: samples("x.f32")?,
            y: samples("y.f32")?,
            network: Some(Network::new(&init, &device)),
            adam: adam(),
            init,
            device,
        })
    }

    fn loss(&self) -> Tensor<1> {
        let network = self.network.as_ref().expect("put back");
        let residuals = network.forward(self.x.clone()) - self.y.clone();
        let samples = self.x.dims()[0] as f64;
        (residuals.clone() * residuals).sum() * (0.5 / samples)
    }
}

fn adam() -> ModuleOptimizer {
    AdamConfig::new().with_epsilon(1e-8).init()
}

impl Work for Epochs {
    fn run(&mut self, times: usize) {
        for _ in 0..times {
            let grads = self.loss().backward();
            let network = self.network.take().expect("put back");
            let grads = GradientsParams::from_grads(grads, &network);
            self.network = Some(self.adam.step(1e-3, network, grads));
        }
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.network = Some(Network::new(&self.init, &self.device));
        self.adam = adam();
        self.run(steps);
        vec(self.loss())
    }
}

struct Sample {
    network: Network,
    x: Tensor<2>,
    y_bar: Tensor<2>,
    y: Option<Tensor<2>>,
    bars: Vec<Tensor<2>>,
    bias_bars: Vec<Tensor<1>>,
}

fn one_sample(args: &Args) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    for name in NETWORKS {
        let dir = args.data.join("one_sample").join(name);
        let init = dense_layers(&dir, "init.f32", &widths(name))?;
        let sample = |device: Device| -> Result<Sample> {
            let row = |name| -> Result<Tensor<2>> {
                let numbers = data::numbers(&dir, name)?;
                let shape = [1, numbers.len()];
                Ok(tensor(numbers, shape, &device))
            };
            Ok(Sample {
                network: Network::new(&init, &device),
                x: row("x.f32")?,
                y_bar: row("y_bar.f32")?,
                y: None,
                bars: Vec::new(),
                bias_bars: Vec::new(),
            })
        };
        let output = |sample: &Sample| vec(sample.y.clone().expect("called"));
        tasks.push(Task::calls(
            format!("{name}/forward"),
            sample(Device::flex())?,
            |sample| sample.y = Some(sample.network.forward(sample.x.clone())),
            output,
        ));
        tasks.push(Task::calls(
            format!("{name}/vjp"),
            sample(Device::flex().autodiff())?,
            Sample::vjp,
            move |sample| {
                let [x_bar, weights @ ..] = &sample.bars[..] else {
                    unreachable!("called")
                };
                let mut outputs = [output(sample), vec(x_bar.clone())].concat();
                for (weights, biases) in weights.iter().zip(&sample.bias_bars) {
                    outputs.extend(vec(weights.clone().transpose()));
                    outputs.extend(vec(biases.clone()));
                }
                outputs
            },
        ));
    }
    Ok(tasks)
}

impl Sample {
    fn vjp(&mut self) {
        let x = self.x.clone().require_grad();
        let y = self.network.forward(x.clone());
        let mut grads = (y.clone() * self.y_bar.clone()).sum().backward();
        self.y = Some(y);
        let weights = self.network.layers.iter().map(|layer| layer.weight.val());
        self.bars = [x]
            .into_iter()
            .chain(weights)
            .map(|tensor| tensor.grad_remove(&mut grads).expect("a gradient"))
            .collect();
        let biases = self
            .network
            .layers
            .iter()
            .map(|layer| layer.bias.as_ref().expect("biases"));
        self.bias_bars = biases
            .map(|bias| bias.val().grad_remove(&mut grads).expect("a gradient"))
            .collect();
    }
}
