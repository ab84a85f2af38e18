//! The output of any chain for one sample, in `f64` and outside of training: every layer straight from its formula.
//!
//! [`Twin`](super::Twin) knows fewer layers, but also their gradients and error bounds.

use core::f64::consts::TAU;

use simplechain_runtime::chain::{ConstantValue, LayerInfo, Shape};

use super::{Function, Pool, Windows, dense_forward, pool_forward};

/// What a chain has that is not the library's.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    /// An activation, by its name.
    pub activation: fn(&str, f64) -> f64,
    /// A layer, by its parameters and its input.
    pub layer: fn(&[f64], &[f64]) -> Vec<f64>,
}

impl Own {
    /// Nothing.
    pub const NONE: Self = Self {
        activation: |name, _| panic!("no formula of the activation `{name}`"),
        layer: |_, _| panic!("no formula of a layer of another type"),
    };
}

/// What is added to a variance.
const EPSILON: f64 = 1e-5;

/// The output of layers one after the other.
///
/// # Panics
/// If there is a layer that this module does not know.
pub fn output(layers: &[LayerInfo], params: &[f64], x: &[f64], own: Own) -> Vec<f64> {
    let layer_output = |x: Vec<f64>, layer: &LayerInfo| of_layer(layer, params, &x, own);
    layers.iter().fold(x.to_vec(), layer_output)
}

fn of_layer(layer: &LayerInfo, params: &[f64], x: &[f64], own: Own) -> Vec<f64> {
    let (weights, bias) = (&params[layer.weights()], &params[layer.bias()]);
    let (first, second) = params[layer.state()].split_at(layer.state_count / 2);
    let f = function(layer);
    let activation = |z: f64| match f {
        Some(f) => f.value(z),
        None => (own.activation)(layer.activation, z),
    };
    let each = |y: &dyn Fn(usize) -> f64| -> Vec<f64> { (0..x.len()).map(y).collect() };
    // Of one value for all, one for each channel or one for each element, that of element `i`.
    let of = |values: &[f64], i: usize| values[i * values.len() / x.len()];
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    match layer.name {
        "dense" => {
            let z = dense_forward(Function::named("id").expect("id"), weights, bias, x).0;
            z.into_iter().map(activation).collect()
        }
        "conv" => {
            let z = convolution(layer, weights, bias, x);
            z.into_iter().map(activation).collect()
        }
        "maxpool" | "global_maxpool" => pool_forward(Windows::of(layer), Pool::Max, x),
        "avgpool" | "global_avgpool" => pool_forward(Windows::of(layer), Pool::Mean, x),
        "flatten" | "dropout" => x.to_vec(),
        "activation" => each(&|i| activation(x[i])),
        "layer_norm" => {
            let m = mean(x);
            let v = mean(&each(&|i| (x[i] - m).powi(2)));
            each(&|i| of(weights, i) * (x[i] - m) / (v + EPSILON).sqrt() + of(bias, i))
        }
        "rms_norm" => {
            let m = mean(&each(&|i| x[i].powi(2)));
            each(&|i| of(weights, i) * x[i] / (m + EPSILON).sqrt())
        }
        "batch_norm" => each(&|i| {
            let deviation = (of(second, i) + EPSILON).sqrt();
            of(weights, i) * (x[i] - of(first, i)) / deviation + of(bias, i)
        }),
        "standardize" => each(&|i| (x[i] - of(first, i)) / of(second, i)),
        "unstandardize" => each(&|i| of(first, i) + of(second, i) * x[i]),
        "normalize" => {
            let (mean, std) = (numbers(layer, "mean"), numbers(layer, "std"));
            each(&|i| (x[i] - of(mean, i)) / of(std, i))
        }
        "scale" => {
            let (factor, offset) = (numbers(layer, "factor"), numbers(layer, "offset"));
            each(&|i| of(factor, i) * x[i] + of(offset, i))
        }
        "fourier" => {
            let frequency = TAU / numbers(layer, "period")[0];
            let waves = |&x: &f64| {
                let angles = (1..=count(layer, "count")).map(move |k| k as f64 * frequency * x);
                angles.flat_map(|angle| [angle.cos(), angle.sin()])
            };
            x.iter().flat_map(waves).collect()
        }
        "chebyshev" => {
            let polynomials = |x: &f64| {
                let mut t = vec![1.0, *x];
                while t.len() <= count(layer, "degree") {
                    t.push(2.0 * x * t[t.len() - 1] - t[t.len() - 2]);
                }
                t.into_iter().skip(1)
            };
            x.iter().flat_map(polynomials).collect()
        }
        "residual" => {
            let y = inner(layer, params, x, own);
            each(&|i| x[i] + y[i])
        }
        "concat" | "chain" | "frozen" => inner(layer, params, x, own),
        "layer" => (own.layer)(weights, x),
        name => panic!("no formula of the layer `{name}`"),
    }
}

/// The activation, if it is one of the library's.
fn function(layer: &LayerInfo) -> Option<Function> {
    match constant(layer, "slope") {
        None => Function::named(layer.activation),
        Some(_) => Function::named(&format!(
            "{}({})",
            layer.activation,
            numbers(layer, "slope")[0]
        )),
    }
}

/// The outputs of all inner chains, which see the same input, one after the other.
fn inner(layer: &LayerInfo, params: &[f64], x: &[f64], own: Own) -> Vec<f64> {
    let mut params = &params[layer.params_start..];
    let mut y = Vec::new();
    for layers in layer.inner {
        y.extend(output(layers, params, x, own));
        let end = layers
            .last()
            .map_or(0, |last| last.params_start + last.param_count());
        params = &params[end..];
    }
    y
}

/// The sums of a convolution whose channels may be in groups.
fn convolution(layer: &LayerInfo, weights: &[f64], bias: &[f64], x: &[f64]) -> Vec<f64> {
    let windows = Windows::of(layer);
    let groups = constant(layer, "groups").map_or(1, |_| count(layer, "groups"));
    let channels = windows.input.2 / groups;
    let (pixels, taps) = (
        windows.input.0 * windows.input.1,
        windows.window.size.0 * windows.window.size.1,
    );
    let Shape::Image(height, width, outputs) = layer.output else {
        panic!("a convolution gives an image");
    };
    let mut z = Vec::new();
    for oc in 0..outputs {
        let first = oc / (outputs / groups) * channels;
        for o in 0..height * width {
            let mut sum = bias.get(oc).copied().unwrap_or(0.0);
            for c in 0..channels {
                for seen in windows.seen(o) {
                    let weight = weights[seen.tap + taps * (c + channels * oc)];
                    sum += weight * x[seen.pixel + pixels * (first + c)];
                }
            }
            z.push(sum);
        }
    }
    z
}

fn numbers(layer: &LayerInfo, name: &str) -> &'static [f64] {
    match constant(layer, name) {
        Some(ConstantValue::Numbers(numbers)) => numbers,
        other => panic!("`{}`: {name} is {other:?}", layer.name),
    }
}

fn count(layer: &LayerInfo, name: &str) -> usize {
    match constant(layer, name) {
        Some(ConstantValue::Count(count)) => count,
        other => panic!("`{}`: {name} is {other:?}", layer.name),
    }
}

fn constant(layer: &LayerInfo, name: &str) -> Option<ConstantValue> {
    let mut constants = layer.constants.iter();
    let found = constants.find(|constant| constant.name == name);
    found.map(|constant| constant.value)
}
