//! dfdx on the CPU: sizes are known at compile time.

use dfdx::nn::modules::{Linear, Tanh};
use dfdx::optim::{Adam, AdamConfig};
use dfdx::prelude::*;
use simplechain_peers::data::{self, Dense, NETWORKS, dense_layers, rows, widths};
use simplechain_peers::worker::{Args, Result, Task, Work, serve};

fn main() -> Result<()> {
    dfdx::flush_denormals_to_zero();
    serve(&[("dfdx", "0.13")], |args| match args.workload.as_str() {
        "matrix_exponential" => Ok(vec![Task::new("epoch", Epochs::read(args)?)]),
        "one_sample" => {
            let mut tasks = one_sample::<4, 32, 16, 4>(NETWORKS[0], args)?;
            tasks.extend(one_sample::<2, 50, 50, 2>(NETWORKS[1], args)?);
            tasks.extend(one_sample::<3, 64, 64, 1>(NETWORKS[2], args)?);
            Ok(tasks)
        }
        other => Err(format!("no workload {other}").into()),
    })
}

type Layer<const I: usize, const O: usize> = Linear<I, O, f32, Cpu>;
type Network<const A: usize, const B: usize, const C: usize, const D: usize> =
    (Layer<A, B>, Tanh, Layer<B, C>, Tanh, Layer<C, D>);

fn layer<const I: usize, const O: usize>(device: &Cpu, init: &Dense) -> Layer<I, O> {
    let mut layer = <Layer<I, O> as BuildModule<Cpu, f32>>::build(device);
    layer.weight.copy_from(&init.weights);
    layer.bias.copy_from(&init.biases);
    layer
}

fn network<const A: usize, const B: usize, const C: usize, const D: usize>(
    device: &Cpu,
    init: &[Dense],
) -> Network<A, B, C, D> {
    let (first, second) = (layer(device, &init[0]), layer(device, &init[1]));
    (first, Tanh, second, Tanh, layer(device, &init[2]))
}

type MatExp = Network<4, 32, 16, 4>;

struct Epochs {
    x: Tensor<(usize, Const<4>), f32, Cpu>,
    y: Tensor<(usize, Const<4>), f32, Cpu>,
    init: Vec<Dense>,
    network: MatExp,
    grads: Option<Gradients<f32, Cpu>>,
    adam: Adam<MatExp, f32, Cpu>,
    device: Cpu,
}

fn adam(network: &MatExp) -> Adam<MatExp, f32, Cpu> {
    let config = AdamConfig {
        lr: 1e-3,
        ..AdamConfig::default()
    };
    Adam::new(network, config)
}

impl Epochs {
    fn read(args: &Args) -> Result<Self> {
        let dir = args.data.join("matrix_exponential");
        let init = dense_layers(&dir, "init.f32", &[4, 32, 16, 4])?;
        let device = Cpu::default();
        let samples = |name| -> Result<_> {
            let numbers = data::numbers(&dir, name)?;
            let shape = (numbers.len() / 4, Const::<4>);
            Ok(device.tensor_from_vec(numbers, shape))
        };
        let network = network(&device, &init);
        Ok(Self {
            x: samples("x.f32")?,
            y: samples("y.f32")?,
            grads: Some(network.alloc_grads()),
            adam: adam(&network),
            network,
            init,
            device,
        })
    }

    fn scale(&self) -> f32 {
        0.5 / self.x.shape().0 as f32
    }
}

impl Work for Epochs {
    fn run(&mut self, times: usize) {
        for _ in 0..times {
            let grads = self.grads.take().expect("put back");
            let y = self.network.forward(self.x.clone().traced(grads));
            let loss = (y - self.y.clone()).square().sum::<Rank0, _>() * self.scale();
            let mut grads = loss.backward();
            self.adam
                .update(&mut self.network, &grads)
                .expect("a gradient for all");
            self.network.zero_grads(&mut grads);
            self.grads = Some(grads);
        }
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.network = network(&self.device, &self.init);
        self.grads = Some(self.network.alloc_grads());
        self.adam = adam(&self.network);
        self.run(steps);
        let residuals = self.network.forward(self.x.clone()) - self.y.clone();
        vec![(residuals.square().sum::<Rank0, _>() * self.scale()).array()]
    }
}

struct Sample<const A: usize, const B: usize, const C: usize, const D: usize> {
    /// The input is among the tensors whose gradients are computed.
    leaves: (Tensor<Rank1<A>, f32, Cpu>, Network<A, B, C, D>),
    y: Tensor<Rank1<D>, f32, Cpu>,
    y_bar: Tensor<Rank1<D>, f32, Cpu>,
    grads: Option<Gradients<f32, Cpu>>,
}

impl<const A: usize, const B: usize, const C: usize, const D: usize> Sample<A, B, C, D> {
    fn forward(&mut self) {
        let (x, network) = &self.leaves;
        self.y = network.forward(x.clone());
    }

    fn vjp(&mut self) {
        let mut grads = self.grads.take().expect("put back");
        self.leaves.zero_grads(&mut grads);
        let (x, network) = &self.leaves;
        let y = network.forward(x.clone().traced(grads));
        self.y = y.retaped::<NoneTape>();
        self.grads = Some((y * self.y_bar.clone()).sum::<Rank0, _>().backward());
    }

    fn outputs(&self) -> Vec<f32> {
        let grads = self.grads.as_ref().expect("called");
        let (x, network) = &self.leaves;
        let mut outputs = [self.y.as_vec(), grads.get(x).as_vec()].concat();
        fn extend<const I: usize, const O: usize>(
            outputs: &mut Vec<f32>,
            grads: &Gradients<f32, Cpu>,
            layer: &Layer<I, O>,
        ) {
            outputs.extend(grads.get(&layer.weight).as_vec());
            outputs.extend(grads.get(&layer.bias).as_vec());
        }
        extend(&mut outputs, grads, &network.0);
        extend(&mut outputs, grads, &network.2);
        extend(&mut outputs, grads, &network.4);
        outputs
    }
}

fn one_sample<const A: usize, const B: usize, const C: usize, const D: usize>(
    name: &str,
    args: &Args,
) -> Result<Vec<Task>> {
    let dir = args.data.join("one_sample").join(name);
    let init = dense_layers(&dir, "init.f32", &widths(name))?;
    let device = Cpu::default();
    let sample = || -> Result<Sample<A, B, C, D>> {
        let x = device.tensor(rows::<A>(&dir, "x.f32")?[0]);
        let leaves = (x, network(&device, &init));
        Ok(Sample {
            y: device.zeros(),
            y_bar: device.tensor(rows::<D>(&dir, "y_bar.f32")?[0]),
            grads: Some(leaves.alloc_grads()),
            leaves,
        })
    };
    Ok(vec![
        Task::calls(
            format!("{name}/forward"),
            sample()?,
            Sample::forward,
            |sample| sample.y.as_vec(),
        ),
        Task::calls(
            format!("{name}/vjp"),
            sample()?,
            Sample::vjp,
            Sample::outputs,
        ),
    ])
}
