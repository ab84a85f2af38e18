//! What tensors the layers of a chain have, in the order of its parameters.

use crate::info::{LayerInfo, Shape};

/// The roles of a layer's tensors and their lengths, in storage order.
pub(super) const fn roles(layer: &LayerInfo) -> [(&'static str, usize); 4] {
    let (mean, deviation) = match layer.name.as_bytes() {
        b"batch_norm" => ("running_mean", "running_var"),
        _ => ("mean", "std"),
    };
    let half = layer.state_count / 2;
    [
        ("weight", layer.weight_count),
        ("bias", layer.bias_count),
        (mean, half),
        (deviation, layer.state_count - half),
    ]
}

/// The lengths of up to four axes.
pub(super) struct Axes {
    lens: [usize; 4],
    count: usize,
}

impl Axes {
    const fn new<const N: usize>(axes: [usize; N]) -> Self {
        let (mut lens, mut i) = ([1; 4], 0);
        while i < N {
            lens[i] = axes[i];
            i += 1;
        }
        Self { lens, count: N }
    }

    pub(super) const fn as_slice(&self) -> &[usize] {
        self.lens.split_at(self.count).0
    }
}

/// The shape of a layer's tensor in this role.
pub(super) const fn shape(layer: &LayerInfo, role: &str, len: usize) -> Axes {
    let axes = match (
        layer.name.as_bytes(),
        role.as_bytes(),
        layer.input,
        layer.output,
    ) {
        (b"dense", b"weight", input, output) => Axes::new([input.len(), output.len()]),
        (b"conv", b"weight", _, Shape::Image(_, _, outputs)) => match layer.window {
            Some(window) => {
                let (height, width) = window.size;
                // Of a group.
                let inputs = match len.checked_div(outputs * height * width) {
                    Some(inputs) => inputs,
                    None => len,
                };
                Axes::new([outputs, inputs, height, width])
            }
            None => Axes::new([len]),
        },
        (name, _, Shape::Image(height, width, channels), _)
            if !matches!(name, b"layer") && len == height * width * channels && len != channels =>
        {
            Axes::new([channels, height, width])
        }
        _ => Axes::new([len]),
    };
    // A table that was written by hand may say anything.
    let [a, b, c, d] = axes.lens;
    if a * b * c * d == len {
        axes
    } else {
        Axes::new([len])
    }
}
