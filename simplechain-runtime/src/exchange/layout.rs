//! Where the elements of a chain's tensors are in those of another framework.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::mapping::{Framework, Mapping};
use crate::error::Error;
use crate::info::{ConstantValue, LayerInfo, Shape};
use crate::storage::{Tensor, tensors};

/// A tensor of the chain, as the other framework stores it.
pub(super) struct Placed {
    pub(super) tensor: Tensor,
    /// The shapes that it may have there; all have the same elements in the same order. The first is the one that is written.
    pub(super) shapes: Vec<Vec<usize>>,
    /// Where each of our elements is there.
    pub(super) index: Vec<usize>,
}

impl Placed {
    /// The name of its layer: its own without its role.
    pub(super) fn layer(&self) -> &str {
        let name = &*self.tensor.name;
        name.rsplit_once('.').map_or(name, |(layer, _)| layer)
    }
}

/// The error of a name that is neither a layer nor a tensor of the chain.
pub(super) fn unknown_name(name: &str) -> Error {
    Error::Tensors(format!(
        "the chain has no layer or tensor `{name}`: their names are those of `tensors`, such as `0.dense` and `0.dense.weight`"
    ))
}

/// The order of the elements of a flat value: where each of ours is in the other network's; `None` if they are the same.
type Order = Option<Vec<usize>>;

/// The tensors of a chain with these layers that are not skipped, in storage order.
pub(super) fn placed(
    layers: &'static [LayerInfo],
    mapping: &Mapping,
) -> Result<Vec<Placed>, Error> {
    let mut walk = Walk {
        mapping,
        tensors: tensors(layers).into_iter().peekable(),
        placed: Vec::new(),
    };
    walk.layers(layers, "", None, &None)?;
    let mut placed = walk.placed;
    for skipped in &mapping.skipped {
        let before = placed.len();
        placed.retain(|placed| placed.tensor.name != *skipped && placed.layer() != skipped);
        if placed.len() == before {
            return Err(unknown_name(skipped));
        }
    }
    Ok(placed)
}

struct Walk<'a> {
    mapping: &'a Mapping,
    tensors: core::iter::Peekable<alloc::vec::IntoIter<Tensor>>,
    placed: Vec<Placed>,
}

impl Walk<'_> {
    /// Places the tensors of layers whose names begin with `path`. `order` is that of their input; `wanted` that which their output
    /// must have, where a dense layer is free to choose it. Returns the order of the output.
    fn layers(
        &mut self,
        layers: &[LayerInfo],
        path: &str,
        mut order: Order,
        wanted: &Order,
    ) -> Result<Order, Error> {
        for (index, layer) in layers.iter().enumerate() {
            let is_last_choice = !layers[index + 1..].iter().any(chooses_order);
            let wanted = if is_last_choice { wanted } else { &None };
            order = self.layer(
                layer,
                &format!("{path}{index}.{}.", layer.name),
                order,
                wanted,
            )?;
        }
        Ok(order)
    }

    fn layer(
        &mut self,
        layer: &LayerInfo,
        path: &str,
        order: Order,
        wanted: &Order,
    ) -> Result<Order, Error> {
        let is_pytorch = self.mapping.framework == Framework::PyTorch;
        // The dense layer's own output has the order that is wanted.
        let out = if layer.name == "dense" {
            wanted
        } else {
            &order
        };
        while let Some(tensor) = self.tensors.next_if(|tensor| {
            let layer = tensor.name.rsplit_once('.').map(|(layer, _)| layer);
            layer == path.strip_suffix('.')
        }) {
            let len = tensor.range.len();
            let (shapes, index) = match (layer.name, tensor.role(), layer.input) {
                ("dense", "weight", _) => {
                    let (inputs, outputs) = (layer.input.len(), layer.output.len());
                    let index = (0..len).map(|at| {
                        let (i, o) = (place(&order, at / outputs), place(out, at % outputs));
                        if is_pytorch {
                            o * inputs + i
                        } else {
                            i * outputs + o
                        }
                    });
                    let shape = if is_pytorch {
                        [outputs, inputs]
                    } else {
                        [inputs, outputs]
                    };
                    (vec![shape.to_vec()], index.collect())
                }
                ("conv", "weight", Shape::Image(height, _, channels))
                    if tensor.shape.len() == 4 =>
                {
                    self.conv(layer, &tensor, height, channels)
                }
                ("layer_norm" | "rms_norm", _, Shape::Image(height, width, channels))
                    if len == layer.input.len() =>
                {
                    let last = self.mapping.channels_last;
                    let index = (0..len).map(|at| match last {
                        true => channels_last(at, height * width, channels),
                        false => at,
                    });
                    let full = if last {
                        vec![height, width, channels]
                    } else {
                        vec![channels, height, width]
                    };
                    (
                        without_height(full, if last { 0 } else { 1 }, height),
                        index.collect(),
                    )
                }
                // For each element of a flat value, or each channel of an image.
                (_, _, Shape::Flat(inputs)) if len == inputs || layer.name == "dense" => {
                    (vec![vec![len]], (0..len).map(|at| place(out, at)).collect())
                }
                _ => (vec![vec![len]], (0..len).collect()),
            };
            self.placed.push(Placed {
                tensor,
                shapes,
                index,
            });
        }
        self.order_after(layer, path, order, wanted)
    }

    fn conv(
        &self,
        layer: &LayerInfo,
        tensor: &Tensor,
        height: usize,
        channels: usize,
    ) -> (Vec<Vec<usize>>, Vec<usize>) {
        let [outputs, inputs, rows, columns] = tensor.shape[..] else {
            unreachable!("four sides were checked");
        };
        let len = tensor.range.len();
        if self.mapping.framework == Framework::PyTorch {
            let shapes = without_height(vec![outputs, inputs, rows, columns], 2, height);
            return (shapes, (0..len).collect());
        }
        let taps = rows * columns;
        let index = (0..len).map(|at| {
            let (tap, rest) = (at % taps, at / taps);
            (tap * inputs + rest % inputs) * outputs + rest / inputs
        });
        let mut shapes = without_height(vec![rows, columns, inputs, outputs], 0, height);
        let groups = layer
            .constants
            .iter()
            .find(|constant| constant.name == "groups");
        let is_depthwise =
            groups.is_some_and(|groups| groups.value == ConstantValue::Count(channels));
        if is_depthwise && channels > 1 && self.mapping.framework == Framework::Keras {
            // As `DepthwiseConv2D` has it.
            shapes.extend(without_height(
                vec![rows, columns, channels, outputs / channels],
                0,
                height,
            ));
        }
        (shapes, index.collect())
    }

    /// The order of the output of a layer; places the tensors of the layers in it.
    fn order_after(
        &mut self,
        layer: &LayerInfo,
        path: &str,
        order: Order,
        wanted: &Order,
    ) -> Result<Order, Error> {
        match (layer.name, layer.input, layer.output) {
            ("dense", _, _) => Ok(wanted.clone()),
            ("flatten", Shape::Image(height, width, channels), _) => {
                let permutes = self.mapping.channels_last && channels > 1 && height * width > 1;
                let len = height * width * channels;
                let order = (0..len).map(|at| channels_last(at, height * width, channels));
                Ok(permutes.then(|| order.collect()))
            }
            ("chain" | "frozen", _, _) => {
                let inner = layer.inner.first().copied().unwrap_or(&[]);
                self.layers(inner, path, order, wanted)
            }
            ("residual", _, _) => {
                let inner = layer.inner.first().copied().unwrap_or(&[]);
                let after = self.layers(inner, path, order.clone(), &order)?;
                if after == order {
                    Ok(order)
                } else {
                    Err(no_order(path, "adds to it what has another order"))
                }
            }
            ("concat", _, _) => {
                let (mut all, mut start, mut permutes) = (Vec::new(), 0, false);
                for (branch, inner) in layer.inner.iter().enumerate() {
                    let path = match layer.inner.len() {
                        1 => path.to_owned(),
                        _ => format!("{path}{branch}."),
                    };
                    let after = self.layers(inner, &path, order.clone(), &None)?;
                    permutes |= after.is_some();
                    let len = inner
                        .last()
                        .map_or(layer.input.len(), |last| last.output.len());
                    all.extend((0..len).map(|at| start + place(&after, at)));
                    start += len;
                }
                Ok(permutes.then_some(all))
            }
            (_, Shape::Flat(inputs), Shape::Flat(outputs)) if order.is_some() => {
                if layer.name == "layer" || inputs == 0 || outputs % inputs != 0 {
                    return Err(no_order(path, "is a custom layer"));
                }
                // Features of each element, one element after the other.
                let each = outputs / inputs;
                Ok(Some(
                    (0..outputs)
                        .map(|at| place(&order, at / each) * each + at % each)
                        .collect(),
                ))
            }
            (_, _, Shape::Flat(_)) => Ok(order),
            (_, _, Shape::Image(..)) => Ok(None),
        }
    }
}

/// Whether the order of a layer's output is independent of that of its input.
fn chooses_order(layer: &LayerInfo) -> bool {
    match layer.name {
        "dense" => true,
        "chain" | "frozen" => layer
            .inner
            .iter()
            .any(|inner| inner.iter().any(chooses_order)),
        _ => false,
    }
}

fn place(order: &Order, at: usize) -> usize {
    order.as_ref().map_or(at, |order| order[at])
}

/// Where an element of an image of channel planes is in one whose pixels have their channels beside each other.
fn channels_last(at: usize, pixels: usize, channels: usize) -> usize {
    at % pixels * channels + at / pixels
}

/// A shape, and for a sequence first the one without its height, which is 1.
fn without_height(full: Vec<usize>, axis: usize, height: usize) -> Vec<Vec<usize>> {
    if height != 1 || full[axis] != 1 {
        return vec![full];
    }
    let mut shape = full.clone();
    shape.remove(axis);
    vec![shape, full]
}

fn no_order(path: &str, why: &str) -> Error {
    let layer = path.trim_end_matches('.');
    Error::Tensors(format!(
        "the elements of a flattened image have another order in the file, and layer {layer} {why}: \
         put a `dense` layer between them, or have the other network flatten images with the channels first (`channels_first`)"
    ))
}
