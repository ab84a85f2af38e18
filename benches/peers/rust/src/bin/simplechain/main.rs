//! simplechain, called as a user would.

mod lenet;
mod matrix_exponential;
mod micro;
mod neural_ode;
mod one_sample;
mod pinn;
mod width;

use simplechain::prelude::*;
use simplechain::simd::Tier;
use simplechain_peers::data::Dense;
use simplechain_peers::worker::{Result, serve};

fn main() -> Result<()> {
    let tier = Tier::current().to_string();
    let versions = [("simplechain", "0.1.0"), ("simd", tier.as_str())];
    serve(&versions, |args| match args.workload.as_str() {
        "matrix_exponential" => matrix_exponential::tasks(args),
        "lenet" => lenet::tasks(args),
        "one_sample" => one_sample::tasks(args),
        "neural_ode" => neural_ode::tasks(args),
        "pinn" => pinn::tasks(args),
        "micro" => Ok(micro::tasks()),
        "width" => Ok(width::tasks()),
        other => Err(format!("no workload {other}").into()),
    })
}

/// The same parameters in the order of the chain.
fn from_layers<C: Chain>(_: C, layers: &[Dense]) -> Box<C::Params<f32>> {
    use simplechain::chain::Array;
    let mut params = C::Params::boxed(0.0);
    let with_params = C::LAYERS.iter().filter(|info| info.param_count() > 0);
    for (info, layer) in with_params.zip(layers) {
        let weights = &mut params.as_mut_slice()[info.weights()];
        for o in 0..layer.outputs {
            for i in 0..layer.inputs {
                weights[o + layer.outputs * i] = layer.weights[i + layer.inputs * o];
            }
        }
        params.as_mut_slice()[info.bias()].copy_from_slice(&layer.biases);
    }
    params
}

/// Values in the order of the chain's parameters, from those by output and input in the files.
fn by_output<C: Chain>(_: C, numbers: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(numbers.len());
    for info in C::LAYERS {
        let weights = &numbers[info.weights()];
        let outputs = info.output.len();
        for o in 0..outputs {
            out.extend(weights.iter().skip(o).step_by(outputs));
        }
        out.extend(&numbers[info.bias()]);
    }
    out
}
