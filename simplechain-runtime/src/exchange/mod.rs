//! Networks that travel between frameworks.

#[cfg(feature = "onnx")]
mod onnx;

use crate::array::Array;
use crate::error::Error;
use crate::network::Network;
use crate::simd::Real;

/// The calls that bring parameters from other frameworks and take them there, for every [`Network`].
pub trait Exchange: Network {
    /// The model of this chain with its parameters in the format ONNX, as the bytes of a file.
    ///
    /// The input `x` is `(samples, features)` or, for images, `(samples, channels, height, width)`, with a height of 1 for
    /// sequences; the output is `y`. Both have any number of samples and the type of the parameters. `dropout` is left out, and
    /// `batch_norm` uses its running statistics.
    ///
    /// It needs version 17 of the operators, which onnxruntime has since 1.12. (Of `f64` models, onnxruntime runs those without
    /// convolutions and some others; the reference evaluator of the Python package `onnx` runs all.)
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: (8, 8, 2) => conv(relu, (3, 3), 4) => flatten => dense(id, 10) }
    /// let params = Net.init::<f32>(&mut rng(0));
    /// let model: Vec<u8> = Net.onnx(&params)?;
    /// # assert!(model.len() > 4 * Net::PARAM_COUNT);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotExportable`] for a custom layer or activation.
    #[cfg(feature = "onnx")]
    fn onnx<T: Real>(&self, params: &Self::Params<T>) -> Result<Vec<u8>, Error> {
        onnx::model(
            Self::LAYERS,
            (Self::INPUT_LEN, Self::OUTPUT_LEN),
            params.as_slice(),
        )
    }
}

impl<N: Network> Exchange for N {}
