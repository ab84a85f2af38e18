//! Parameters from files of other frameworks.

use alloc::boxed::Box;
use alloc::format;

use super::file::File;
use super::layout::{Placed, placed};
use super::mapping::Mapping;
use super::matching::matching;
use crate::error::Error;
use crate::info::{LayerInfo, for_each_layer};
use crate::init::{Init, rng};
use crate::simd::Real;
use crate::storage::source::Source;

/// That of all layers that normalize.
const EPSILON: f64 = 1e-5;

/// Reads the parameters of a chain with these layers.
pub(super) fn read<'a, T: Real>(
    layers: &'static [LayerInfo],
    source: Box<dyn Source + 'a>,
    mapping: &Mapping,
    params: &mut [T],
) -> Result<(), Error> {
    let ours = placed(layers, mapping)?;
    if !mapping.skipped.is_empty() {
        Init::Zeros.layers(layers, params, &mut rng(0));
    }
    check_epsilons(layers, mapping, size_of::<T>() == 4)?;
    let mut file = File::open(source)?;
    let found = matching(&ours, &file.list, mapping)?;
    for (Placed { tensor, index, .. }, found) in ours.iter().zip(found) {
        let values = file.read(found, index.len())?;
        let shift = variance_shift(tensor.role(), mapping);
        for (param, index) in params[tensor.range.clone()].iter_mut().zip(index) {
            *param = T::from_f64(values[*index] + shift);
        }
    }
    Ok(())
}

/// What is added to a running variance so that `v + epsilon` stays the same.
pub(super) fn variance_shift(role: &str, mapping: &Mapping) -> f64 {
    match role {
        "running_var" => mapping.batch_norm_epsilon - EPSILON,
        _ => 0.0,
    }
}

/// Whether the layers of the other network that normalize samples have our epsilon: no parameter makes up for another one.
pub(super) fn check_epsilons(
    layers: &[LayerInfo],
    mapping: &Mapping,
    is_f32: bool,
) -> Result<(), Error> {
    let machine = if is_f32 {
        f64::from(f32::EPSILON)
    } else {
        f64::EPSILON
    };
    let mut wrong = None;
    for_each_layer(layers, 0, &mut |layer, _| {
        let (epsilon, option) = match layer.name {
            "layer_norm" => (mapping.layer_norm_epsilon, "layer_norm_epsilon"),
            "rms_norm" => (
                mapping.rms_norm_epsilon.unwrap_or(machine),
                "rms_norm_epsilon",
            ),
            _ => return,
        };
        if (epsilon - EPSILON).abs() > 1e-9 * EPSILON {
            wrong.get_or_insert((layer.name, epsilon, option));
        }
    });
    match wrong {
        None => Ok(()),
        Some((layer, epsilon, option)) => Err(Error::Tensors(format!(
            "`{layer}` has an epsilon of 1e-5, but that of the other network is {epsilon:e}, by default or as given, and the outputs would \
             differ: make the network with 1e-5 there, and say so by `.{option}(1e-5)`"
        ))),
    }
}
