//! Networks that survive the process: the parameters of a chain as named tensors.

mod tensors;

use crate::network::Network;

pub use tensors::Tensor;

#[cfg(feature = "onnx")]
pub(crate) use tensors::tensors;

/// The calls that take the parameters of a chain out of the process and bring them back, for every [`Network`].
pub trait Storage: Network {
    /// The parameters as named tensors, in storage order: they cover the parameters without gaps.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: (8, 8, 2) => conv(relu, (3, 3), 4) => flatten => dense(id, 10) }
    /// let tensors = Net.tensors();
    /// let names: Vec<&str> = tensors.iter().map(|tensor| &*tensor.name).collect();
    /// assert_eq!(names, ["0.conv.weight", "0.conv.bias", "2.dense.weight", "2.dense.bias"]);
    /// assert_eq!(tensors[0].shape, [4, 2, 3, 3]); // outputs, inputs, height, width
    /// assert_eq!(tensors[2].shape, [144, 10]); // inputs, outputs
    /// assert_eq!(tensors[3].range.end, Net::PARAM_COUNT);
    /// ```
    ///
    /// | layer | tensors |
    /// |---|---|
    /// | `dense` | `weight` `(inputs, outputs)`, `bias` `(outputs)` |
    /// | `conv` | `weight` `(outputs, inputs / groups, height, width)`, `bias` `(outputs)`; the height of a sequence is 1 |
    /// | `layer_norm`, `rms_norm` | `weight` and, of the former, `bias`, of the shape of a sample: `(length)` or `(channels, height, width)` |
    /// | `batch_norm` | `weight`, `bias`, `running_mean`, `running_var`, each `(channels)` |
    /// | `layer(Type)` | `weight`, all of its parameters |
    /// | layers that contain others | those of their layers |
    /// | other layers | none |
    fn tensors(&self) -> Vec<Tensor> {
        tensors::tensors(Self::LAYERS)
    }
}

impl<N: Network> Storage for N {}
