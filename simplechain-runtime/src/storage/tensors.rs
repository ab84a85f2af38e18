//! The parameters of a chain as named tensors.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::names::{roles, shape};
use crate::info::LayerInfo;

/// What the tensors of a layer can be, in the order in which it has them.
#[cfg(feature = "safetensors")]
pub(crate) const ROLES: [&str; 6] = [
    "weight",
    "bias",
    "running_mean",
    "running_var",
    "mean",
    "std",
];

/// A tensor among the parameters of a chain.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tensor {
    /// Its name: the indices and keywords of its layer and of those that contain it, and its role: `0.dense.weight`,
    /// `2.residual.0.dense.bias`, `1.concat.0.1.conv.weight` (branch 0, layer 1), `3.batch_norm.running_mean`.
    pub name: String,
    /// Its layer.
    pub layer: &'static LayerInfo,
    /// Its shape in storage order: the last index is the fastest.
    pub shape: Vec<usize>,
    /// Its elements in the parameters of the chain.
    pub range: Range<usize>,
}

impl Tensor {
    /// The last part of its name: `weight`, `bias`, `running_mean`, `running_var`, ..
    pub fn role(&self) -> &str {
        self.name
            .rsplit_once('.')
            .map_or(&*self.name, |(_, role)| role)
    }
}

/// The tensors of a chain with these layers, in storage order: they cover its parameters without gaps.
pub(crate) fn tensors(layers: &'static [LayerInfo]) -> Vec<Tensor> {
    let mut tensors = Vec::new();
    collect(layers, "", 0, &mut tensors);
    tensors
}

/// The tensors of layers whose parameters begin at `start`.
fn collect(layers: &'static [LayerInfo], path: &str, start: usize, tensors: &mut Vec<Tensor>) {
    for (index, layer) in layers.iter().enumerate() {
        let path = format!("{path}{index}.{}.", layer.name);
        let mut start = start + layer.params_start;
        if layer.inner.is_empty() {
            for (role, len) in roles(layer) {
                if len > 0 {
                    tensors.push(Tensor {
                        name: format!("{path}{role}"),
                        layer,
                        shape: shape(layer, role, len).as_slice().to_vec(),
                        range: start..start + len,
                    });
                }
                start += len;
            }
        }
        for (branch, inner) in layer.inner.iter().enumerate() {
            let path = match layer.inner.len() {
                1 => path.clone(),
                _ => format!("{path}{branch}."),
            };
            collect(inner, &path, start, tensors);
            start += inner.iter().map(LayerInfo::param_count).sum::<usize>();
        }
    }
}
