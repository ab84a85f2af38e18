//! A hash that distinguishes what chains compute with the same parameters.

use crate::hash::mix;
use crate::info::{Constant, ConstantValue, LayerInfo, Part, Shape, WindowInfo};

/// A hash that distinguishes architectures, to be stored with parameters.
///
/// It covers everything that determines what the chain computes at inference with given parameters: the layers' names, activations,
/// constants (by value), shapes, parameter counts and windows. So it does not change when a `dropout` is added, changed or
/// removed, and `frozen(layers)` and `chain(Type)` hash like their layers written out. For a value of a user-defined type, `Snake(A)`,
/// it covers the source text, because the value is only known at run time.
pub const fn fingerprint(layers: &[LayerInfo]) -> u64 {
    of_layers(0, layers)
}

const fn of_layers(mut hash: u64, layers: &[LayerInfo]) -> u64 {
    let mut i = 0;
    while i < layers.len() {
        hash = match Part::of(layers[i].name) {
            Part::Nothing => hash,
            Part::Chain => of_chains(hash, layers[i].inner),
            Part::Layer => of_layer(hash, &layers[i]),
        };
        i += 1;
    }
    hash
}

const fn of_chains(mut hash: u64, chains: &[&[LayerInfo]]) -> u64 {
    let mut i = 0;
    while i < chains.len() {
        hash = of_layers(hash, chains[i]);
        i += 1;
    }
    hash
}

const fn of_layer(hash: u64, layer: &LayerInfo) -> u64 {
    let mut hash = text(text(hash, layer.name), layer.activation);
    hash = shape(shape(hash, layer.input), layer.output);
    hash = number(number(hash, layer.weight_count), layer.bias_count);
    hash = number(hash, layer.state_count);
    if let Some(WindowInfo {
        size,
        stride,
        padding,
    }) = layer.window
    {
        hash = number(number(hash, size.0), size.1);
        hash = number(number(hash, stride.0), stride.1);
        hash = number(number(hash, padding.0), padding.1);
    }
    let mut i = 0;
    while i < layer.constants.len() {
        hash = constant(hash, &layer.constants[i]);
        i += 1;
    }
    // The boundaries of its chains are part of it.
    let mut i = 0;
    while i < layer.inner.len() {
        hash = text(of_layers(text(hash, "("), layer.inner[i]), ")");
        i += 1;
    }
    hash
}

const fn constant(hash: u64, constant: &Constant) -> u64 {
    // One group is the same as none, and more are distinguished by the number of weights.
    if matches!(constant.name.as_bytes(), b"groups") {
        return hash;
    }
    let mut hash = text(hash, constant.name);
    match constant.value {
        ConstantValue::Count(count) => number(hash, count),
        ConstantValue::Numbers(numbers) => {
            let mut i = 0;
            while i < numbers.len() {
                hash = word(hash, numbers[i].to_bits());
                i += 1;
            }
            number(hash, numbers.len())
        }
    }
}

const fn shape(hash: u64, shape: Shape) -> u64 {
    match shape {
        Shape::Flat(n) => number(hash, n),
        Shape::Image(height, width, channels) => {
            number(number(number(hash, height), width), channels)
        }
    }
}

const fn text(mut hash: u64, text: &str) -> u64 {
    let mut i = 0;
    while i < text.len() {
        hash = word(hash, text.as_bytes()[i] as u64);
        i += 1;
    }
    // Terminates the text: `ab`, `c` differs from `a`, `bc`.
    number(hash, text.len())
}

const fn number(hash: u64, number: usize) -> u64 {
    word(hash, number as u64)
}

const fn word(hash: u64, word: u64) -> u64 {
    mix(hash ^ word)
}
