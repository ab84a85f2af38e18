//! ONNX models of chains.
//!
//! The writer is written here because it is small: of the format, nodes, attributes, constants and shapes are needed.

mod graph;
mod layers;
mod protobuf;

use alloc::vec::Vec;

use self::layers::Writer;
use crate::error::Error;
use crate::info::{self, LayerInfo};
use crate::simd::Real;

/// The file of the model of a chain with these layers, lengths of input and output, and parameters.
///
/// # Errors
/// [`Error::NotExportable`]
pub(super) fn model<T: Real>(
    layers: &'static [LayerInfo],
    (input_len, output_len): (usize, usize),
    params: &[T],
) -> Result<Vec<u8>, Error> {
    let mut writer = Writer::new(layers, params);
    let last = writer.layers(layers, "", "x")?;
    let input = info::input_shape(layers, input_len);
    let output = info::output_shape(layers, output_len);
    Ok(writer.graph.into_model(input, &last, output))
}
