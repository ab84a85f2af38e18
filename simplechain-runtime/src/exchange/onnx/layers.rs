//! The nodes of each layer.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::graph::{Attribute, Graph, dimensions};
use crate::error::Error;
use crate::info::{ConstantValue, LayerInfo, SLOPE, Shape, WindowInfo};
use crate::simd::Real;
use crate::storage::{Tensor, tensors};

/// That of all layers that normalize.
const EPSILON: f64 = 1e-5;

/// Writes the layers of a chain into a graph.
pub(super) struct Writer<'a, T> {
    pub(super) graph: Graph,
    /// By name.
    tensors: BTreeMap<String, Tensor>,
    params: &'a [T],
}

impl<'a, T: Real> Writer<'a, T> {
    pub(super) fn new(layers: &'static [LayerInfo], params: &'a [T]) -> Self {
        let tensors = tensors(layers).into_iter();
        Self {
            graph: Graph::new::<T>(),
            tensors: tensors
                .map(|tensor| (tensor.name.clone(), tensor))
                .collect(),
            params,
        }
    }

    /// Writes layers, the names of which begin with `path`; `x` is their input. Returns their output.
    pub(super) fn layers(
        &mut self,
        layers: &[LayerInfo],
        path: &str,
        x: &str,
    ) -> Result<String, Error> {
        let mut x = x.to_owned();
        for (index, layer) in layers.iter().enumerate() {
            x = self.layer(layer, &format!("{path}{index}.{}.", layer.name), x)?;
        }
        Ok(x)
    }

    fn layer(&mut self, layer: &LayerInfo, path: &str, x: String) -> Result<String, Error> {
        let x = &*x;
        let y = match layer.name {
            "dropout" => x.to_owned(),
            "flatten" => self.node(path, "Flatten", &[x], &[Attribute::Int("axis", 1)]),
            "dense" => {
                let inputs = self.inputs(path, x, &["weight", "bias"]);
                let y = self.node(path, "Gemm", &as_strs(&inputs), &[]);
                self.activation(layer, path, y)?
            }
            "conv" => {
                let inputs = self.inputs(path, x, &["weight", "bias"]);
                let y = self.window(layer, path, "Conv", &as_strs(&inputs))?;
                self.activation(layer, path, y)?
            }
            "maxpool" => self.window(layer, path, "MaxPool", &[x])?,
            "avgpool" => self.window(layer, path, "AveragePool", &[x])?,
            "activation" => self.activation(layer, path, x.to_owned())?,
            "batch_norm" => {
                let roles = ["weight", "bias", "running_mean", "running_var"];
                let inputs = self.inputs(path, x, &roles);
                let epsilon = Attribute::Float("epsilon", EPSILON);
                self.node(path, "BatchNormalization", &as_strs(&inputs), &[epsilon])
            }
            "layer_norm" => {
                let [weight, bias] =
                    ["weight", "bias"].map(|role| self.like_sample(layer, path, role));
                let attributes = [
                    Attribute::Int("axis", 1),
                    Attribute::Float("epsilon", EPSILON),
                ];
                let inputs = [x, &*weight?, &*bias?];
                self.node(path, "LayerNormalization", &inputs, &attributes)
            }
            "rms_norm" => {
                let weight = self.like_sample(layer, path, "weight")?;
                let square = self.node(path, "Mul", &[x, x], &[]);
                let axes: Vec<usize> = (1..=dimensions(layer.input).len()).collect();
                let axes = [
                    Attribute::Ints("axes", &axes),
                    Attribute::Int("keepdims", 1),
                ];
                let mean = self.node(path, "ReduceMean", &[&square], &axes);
                let mean = self.with_constant(path, "Add", &mean, EPSILON);
                let root = self.node(path, "Sqrt", &[&mean], &[]);
                let normal = self.node(path, "Div", &[x, &root], &[]);
                self.node(path, "Mul", &[&normal, &weight], &[])
            }
            "normalize" | "scale" => self.affine(layer, path, x)?,
            "standardize" => {
                let x = self.with_statistics(layer, path, "Sub", x, "mean")?;
                self.with_statistics(layer, path, "Div", &x, "std")?
            }
            "unstandardize" => {
                let x = self.with_statistics(layer, path, "Mul", x, "std")?;
                self.with_statistics(layer, path, "Add", &x, "mean")?
            }
            "fourier" => self.fourier(layer, path, x)?,
            "chebyshev" => self.chebyshev(layer, path, x)?,
            "chain" | "frozen" => self.branches(layer, path, x)?.remove(0),
            "residual" => {
                let y = self.branches(layer, path, x)?.remove(0);
                self.node(path, "Add", &[x, &y], &[])
            }
            "concat" => {
                let ys = self.branches(layer, path, x)?;
                self.node(path, "Concat", &as_strs(&ys), &[Attribute::Int("axis", 1)])
            }
            _ => {
                return Err(unknown(layer, path, "ONNX has no operator for it"));
            }
        };
        Ok(y)
    }

    fn node(
        &mut self,
        path: &str,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute<'_>],
    ) -> String {
        self.graph.node(path, operator, inputs, attributes)
    }

    /// An operator of `x` and a scalar.
    fn with_constant(&mut self, path: &str, operator: &str, x: &str, constant: f64) -> String {
        let constant = self.graph.constant::<T>(path, &[], &[constant]);
        self.node(path, operator, &[x, &constant], &[])
    }

    /// `x` and the parameters of these roles, those that the layer has.
    fn inputs(&mut self, path: &str, x: &str, roles: &[&str]) -> Vec<String> {
        let mut inputs = vec![x.to_owned()];
        for role in roles {
            let name = format!("{path}{role}");
            if let Some(tensor) = self.tensors.get(&name) {
                let values = &self.params[tensor.range.clone()];
                self.graph.tensor(&name, &tensor.shape, values);
                inputs.push(name);
            }
        }
        inputs
    }

    /// Parameters of the shape of a sample.
    fn like_sample(&mut self, layer: &LayerInfo, path: &str, role: &str) -> Result<String, Error> {
        let name = format!("{path}{role}");
        let shape = dimensions(layer.input);
        let values = self
            .tensors
            .get(&name)
            .map(|tensor| &self.params[tensor.range.clone()]);
        let values = values.filter(|values| values.len() == layer.input.len());
        let values = values.ok_or_else(|| {
            unknown(
                layer,
                path,
                "its parameters are not those of a sample's shape",
            )
        })?;
        self.graph.tensor(&name, &shape, values);
        Ok(name)
    }

    /// An operator of `x` and parameters that have one element for each channel of an image, or for each element of a flat value.
    fn with_statistics(
        &mut self,
        layer: &LayerInfo,
        path: &str,
        operator: &str,
        x: &str,
        role: &str,
    ) -> Result<String, Error> {
        let name = format!("{path}{role}");
        let Some(tensor) = self.tensors.get(&name) else {
            return Err(unknown(layer, path, "its table has no statistics"));
        };
        let mut shape = vec![tensor.range.len()];
        if matches!(layer.input, Shape::Image(..)) {
            shape.extend([1, 1]);
        }
        self.graph
            .tensor(&name, &shape, &self.params[tensor.range.clone()]);
        Ok(self.node(path, operator, &[x, &name], &[]))
    }

    /// The outputs of the chains in a layer, at least one.
    fn branches(&mut self, layer: &LayerInfo, path: &str, x: &str) -> Result<Vec<String>, Error> {
        let many = layer.inner.len() > 1;
        let mut outputs = Vec::new();
        for (branch, layers) in layer.inner.iter().enumerate() {
            let path = match many {
                true => format!("{path}{branch}."),
                false => path.to_owned(),
            };
            outputs.push(self.layers(layers, &path, x)?);
        }
        match outputs.is_empty() {
            true => Err(unknown(layer, path, "it has no layers")),
            false => Ok(outputs),
        }
    }

    /// A window over images.
    fn window(
        &mut self,
        layer: &LayerInfo,
        path: &str,
        operator: &str,
        inputs: &[&str],
    ) -> Result<String, Error> {
        let (Some(window), Shape::Image(height, width, _), Shape::Image(rows, columns, _)) =
            (layer.window, layer.input, layer.output)
        else {
            return Err(unknown(layer, path, "its table has no window"));
        };
        let WindowInfo {
            size,
            stride,
            padding: (top, left),
        } = window;
        // Whatever the padding behind the image is declared as: as much as the last window sees of it.
        let after = |side: usize, before: usize, size: usize, stride: usize, count: usize| {
            (count.saturating_sub(1) * stride + size).saturating_sub(side + before)
        };
        let bottom = after(height, top, size.0, stride.0, rows);
        let right = after(width, left, size.1, stride.1, columns);
        let (size, stride) = ([size.0, size.1], [stride.0, stride.1]);
        let pads = [top, left, bottom, right];
        let mut attributes = vec![
            Attribute::Ints("kernel_shape", &size),
            Attribute::Ints("strides", &stride),
            Attribute::Ints("pads", &pads),
        ];
        if operator == "Conv" {
            attributes.push(Attribute::Int("group", count(layer, "groups").unwrap_or(1)));
        }
        Ok(self.node(path, operator, inputs, &attributes))
    }

    /// `slope (x - near) + start`, as the layer computes it: `near` is the mean in the type of the numbers.
    fn affine(&mut self, layer: &LayerInfo, path: &str, x: &str) -> Result<String, Error> {
        let len = layer.input.len();
        let [mean, std, factor, offset] =
            ["mean", "std", "factor", "offset"].map(|name| numbers(layer, name).unwrap_or(&[]));
        let lens = [mean, std, factor, offset].map(<[f64]>::len);
        let values = lens.into_iter().max().unwrap_or(0).max(1);
        let shape = match (layer.input, values) {
            (_, 1) => vec![],
            (shape, values) if values == shape.len() => dimensions(shape),
            (Shape::Image(_, _, channels), values) if values == channels => vec![channels, 1, 1],
            _ => {
                return Err(unknown(
                    layer,
                    path,
                    "its constants are neither for channels nor for elements",
                ));
            }
        };
        let constant = |constants: &[f64], index: usize, default: f64| {
            let element = index * len / values;
            match constants.len() {
                0 => default,
                count => constants[element * count / len],
            }
        };
        let (mut slopes, mut nears, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        for index in 0..values {
            let mean = constant(mean, index, 0.0);
            let near = T::from_f64(mean).to_f64();
            let slope = constant(factor, index, 1.0) / constant(std, index, 1.0);
            slopes.push(slope);
            nears.push(near);
            starts.push(constant(offset, index, 0.0) - slope * (mean - near));
        }
        let mut x = x.to_owned();
        for (operator, values, neutral) in [
            ("Sub", nears, 0.0),
            ("Mul", slopes, 1.0),
            ("Add", starts, 0.0),
        ] {
            if values.iter().any(|value| *value != neutral) {
                let constant = self.graph.constant::<T>(path, &shape, &values);
                x = self.node(path, operator, &[&x, &constant], &[]);
            }
        }
        Ok(x)
    }

    fn fourier(&mut self, layer: &LayerInfo, path: &str, x: &str) -> Result<String, Error> {
        let (Some(features), Some(&[period])) = (count(layer, "count"), numbers(layer, "period"))
        else {
            return Err(unknown(layer, path, "its table has no constants"));
        };
        let len = layer.input.len();
        let frequency = |k: usize| k as f64 * core::f64::consts::TAU / period;
        let frequencies: Vec<f64> = (1..=features).map(frequency).collect();
        let x = self.graph.reshape(path, x, &[len, 1]);
        let frequencies = self.graph.constant::<T>(path, &[features], &frequencies);
        let angle = self.node(path, "Mul", &[&x, &frequencies], &[]);
        let [cos, sin] = ["Cos", "Sin"].map(|function| {
            let value = self.node(path, function, &[&angle], &[]);
            self.graph.reshape(path, &value, &[len, features, 1])
        });
        let pairs = self.node(path, "Concat", &[&cos, &sin], &[Attribute::Int("axis", 3)]);
        Ok(self.graph.reshape(path, &pairs, &dimensions(layer.output)))
    }

    fn chebyshev(&mut self, layer: &LayerInfo, path: &str, x: &str) -> Result<String, Error> {
        let Some(degree) = count(layer, "degree") else {
            return Err(unknown(layer, path, "its table has no degree"));
        };
        let x = self.graph.reshape(path, x, &[layer.input.len(), 1]);
        let twice = self.node(path, "Add", &[&x, &x], &[]);
        let mut polynomials = vec![x];
        while polynomials.len() < degree {
            let product = self.node(
                path,
                "Mul",
                &[&twice, &polynomials[polynomials.len() - 1]],
                &[],
            );
            let next = match polynomials.len().checked_sub(2) {
                Some(before) => self.node(path, "Sub", &[&product, &polynomials[before]], &[]),
                None => self.with_constant(path, "Sub", &product, 1.0),
            };
            polynomials.push(next);
        }
        let all = self.node(
            path,
            "Concat",
            &as_strs(&polynomials),
            &[Attribute::Int("axis", 2)],
        );
        Ok(self.graph.reshape(path, &all, &dimensions(layer.output)))
    }

    /// The activation of a layer, from its pre-activation.
    fn activation(&mut self, layer: &LayerInfo, path: &str, z: String) -> Result<String, Error> {
        if layer.own.is_some() {
            return Err(unknown(layer, path, "its activation is a type of your own"));
        }
        let z = &*z;
        let mut node =
            |operator: &str, inputs: &[&str]| self.graph.node(path, operator, inputs, &[]);
        let y = match layer.activation {
            "" | "id" => z.to_owned(),
            "tanh" => node("Tanh", &[z]),
            "relu" => node("Relu", &[z]),
            "sigmoid" => node("Sigmoid", &[z]),
            "softplus" => node("Softplus", &[z]),
            "softsign" => node("Softsign", &[z]),
            "elu" => node("Elu", &[z]),
            "sin" => node("Sin", &[z]),
            "silu" => {
                let sigmoid = node("Sigmoid", &[z]);
                node("Mul", &[z, &sigmoid])
            }
            "mish" => {
                let softplus = node("Softplus", &[z]);
                let tanh = node("Tanh", &[&softplus]);
                node("Mul", &[z, &tanh])
            }
            "hard_tanh" => {
                let [low, high] =
                    [-1.0, 1.0].map(|end| self.graph.constant::<T>(path, &[], &[end]));
                self.node(path, "Clip", &[z, &low, &high], &[])
            }
            // The operator `Gelu` is newer (2023), and is these nodes.
            "gelu" => {
                let argument = self.with_constant(path, "Mul", z, core::f64::consts::FRAC_1_SQRT_2);
                let erf = self.node(path, "Erf", &[&argument], &[]);
                let twice = self.with_constant(path, "Add", &erf, 1.0);
                let below = self.with_constant(path, "Mul", &twice, 0.5);
                self.node(path, "Mul", &[z, &below], &[])
            }
            // `(1 + tanh(u)) / 2` is the sigmoid of `2 u`.
            "gelu_tanh" => {
                let square = self.node(path, "Mul", &[z, z], &[]);
                let square = self.with_constant(path, "Mul", &square, 0.044715);
                let factor = self.with_constant(path, "Add", &square, 1.0);
                let argument = self.node(path, "Mul", &[z, &factor], &[]);
                let twice = 2.0 * (2.0 / core::f64::consts::PI).sqrt();
                let argument = self.with_constant(path, "Mul", &argument, twice);
                let sigmoid = self.node(path, "Sigmoid", &[&argument], &[]);
                self.node(path, "Mul", &[z, &sigmoid], &[])
            }
            "leaky_relu" => match numbers(layer, SLOPE) {
                // Attributes are `f32`.
                Some(&[slope]) if T::from_f64(slope).to_f64() == f64::from(slope as f32) => {
                    self.node(path, "LeakyRelu", &[z], &[Attribute::Float("alpha", slope)])
                }
                Some(&[slope]) => {
                    let slope = self.graph.constant::<T>(path, &[1], &[slope]);
                    self.node(path, "PRelu", &[z, &slope], &[])
                }
                _ => return Err(unknown(layer, path, "its table has no slope")),
            },
            _ => return Err(unknown(layer, path, "its activation is a type of your own")),
        };
        Ok(y)
    }
}

fn as_strs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// A constant that is an integer.
fn count(layer: &LayerInfo, name: &str) -> Option<usize> {
    match constant(layer, name)? {
        ConstantValue::Count(count) => Some(count),
        ConstantValue::Numbers(_) => None,
    }
}

/// A constant that is a list of numbers.
fn numbers(layer: &LayerInfo, name: &str) -> Option<&'static [f64]> {
    match constant(layer, name)? {
        ConstantValue::Numbers(numbers) => Some(numbers),
        ConstantValue::Count(_) => None,
    }
}

fn constant(layer: &LayerInfo, name: &str) -> Option<ConstantValue> {
    let found = layer
        .constants
        .iter()
        .find(|constant| constant.name == name);
    found.map(|constant| constant.value)
}

/// The error of a layer that cannot be written.
fn unknown(layer: &LayerInfo, path: &str, why: &'static str) -> Error {
    let mut layer_text = path.trim_end_matches('.').to_owned();
    if !layer.activation.is_empty() {
        layer_text += &format!(" ({})", layer.activation);
    }
    Error::NotExportable {
        layer: layer_text,
        why,
    }
}
