//! Networks that travel between frameworks: parameters from PyTorch, Keras and Flax and back, models for ONNX.
//!
//! The calls are those of the trait [`Exchange`], which is in the prelude. A `Mapping` says how the tensors of a file correspond to
//! those of a chain; mostly a `Framework` is enough.

#[cfg(feature = "safetensors")]
mod assign;
#[cfg(feature = "safetensors")]
mod file;
#[cfg(feature = "safetensors")]
mod import;
#[cfg(feature = "safetensors")]
mod layout;
#[cfg(feature = "safetensors")]
mod mapping;
#[cfg(feature = "safetensors")]
mod matching;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "onnx")]
mod onnx;
#[cfg(feature = "safetensors")]
mod state_dict;
#[cfg(feature = "safetensors")]
mod tensor;

#[cfg(feature = "safetensors")]
use alloc::boxed::Box;
#[cfg(feature = "onnx")]
use alloc::vec::Vec;
#[cfg(feature = "safetensors")]
use std::path::Path;

use crate::network::Network;
#[cfg(feature = "safetensors")]
use crate::{
    array::Array,
    error::Error,
    simd::Real,
    storage::{FileSource, replace, source::Source},
};

#[cfg(feature = "safetensors")]
pub use mapping::{Framework, Mapping};

/// The calls that bring parameters from other frameworks and take them there, for every [`Network`].
pub trait Exchange: Network {
    /// The parameters in a file that another framework's user wrote: safetensors or, with the feature `npz`, an archive of NumPy arrays.
    ///
    /// The layers of the file become those of the chain by name, shape and order: modules in the order of the *numbers* in their names
    /// (`0`, `2`; `conv1`, `conv2`; `Dense_0`, `Dense_1`), and wherever names have no numbers, by their shapes alone.
    /// If that leaves more than one possibility, or a tensor on either side, nothing is guessed: the error has both lists side by side,
    /// and [`Mapping::pair`] names what belongs together.
    ///
    /// Transposed matrices, channels that are last, a `dense` layer after `flatten`, groups, sequences and the arrays of
    /// normalizations are converted. An epsilon that is not ours is compensated in `batch_norm`, and an error in the others.
    ///
    /// ```no_run
    /// use simplechain::exchange::{Framework, Mapping};
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: (28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(2, 2) => flatten => dense(id, 10) }
    ///
    /// // save_file(model.state_dict(), "model.safetensors")
    /// let params = Net.import::<f32>("model.safetensors", Framework::PyTorch)?;
    /// // A module that is called `head`, and one more that the chain does not have.
    /// let mapping = Mapping::new(Framework::Keras).pair("3.dense", "head").ignore("auxiliary");
    /// let params = Net.import::<f32>("keras.safetensors", mapping)?;
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Tensors`] if the tensors are not those of the chain; [`Error::Format`] if it is no such file; [`Error::Io`].
    #[cfg(feature = "safetensors")]
    fn import<T: Real>(
        &self,
        path: impl AsRef<Path>,
        mapping: impl Into<Mapping>,
    ) -> Result<Box<Self::Params<T>>, Error> {
        let path = path.as_ref();
        let mut params = Self::Params::boxed(T::ZERO);
        let source = Box::new(FileSource::open(path)?);
        import::read(Self::LAYERS, source, &mapping.into(), params.as_mut_slice())
            .map_err(|error| error.within(path))?;
        Ok(params)
    }

    /// [`import`](Self::import) of the bytes of a file.
    ///
    /// # Errors
    /// As for [`import`](Self::import).
    #[cfg(feature = "safetensors")]
    fn import_bytes<T: Real>(
        &self,
        bytes: &[u8],
        mapping: impl Into<Mapping>,
    ) -> Result<Box<Self::Params<T>>, Error> {
        let mut params = Self::Params::boxed(T::ZERO);
        import::read(
            Self::LAYERS,
            Box::new(bytes),
            &mapping.into(),
            params.as_mut_slice(),
        )?;
        Ok(params)
    }

    /// Writes the parameters to a safetensors file as another framework has them, for `load_state_dict` of PyTorch: the mapping pairs
    /// every layer or tensor with its name there.
    ///
    /// ```
    /// use simplechain::exchange::{Framework, Mapping};
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 4 => dense(tanh, 8) => dense(id, 2) }
    /// let params = Net.init::<f32>(&mut rng(0));
    /// # let path = std::env::temp_dir().join(format!("simplechain-doc-state-dict-{}.safetensors", std::process::id()));
    /// let mapping = Mapping::new(Framework::PyTorch).pair("0.dense", "body.0").pair("1.dense", "head");
    /// Net.export_state_dict(&path, &params, mapping.clone())?; // body.0.weight (8, 4), body.0.bias, head.weight (2, 8), head.bias
    /// assert_eq!(Net.import::<f32>(&path, mapping)?, params);
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Tensors`] if a tensor has no name, or two have the same, or the network there computes something else, by its epsilon;
    /// [`Error::Io`].
    #[cfg(feature = "safetensors")]
    fn export_state_dict<T: Real>(
        &self,
        path: impl AsRef<Path>,
        params: &Self::Params<T>,
        mapping: impl Into<Mapping>,
    ) -> Result<(), Error> {
        let bytes = state_dict::named(Self::LAYERS, &mapping.into(), params.as_slice())?;
        replace(path.as_ref(), &[&bytes])
    }

    /// [`export_state_dict`](Self::export_state_dict) with the names and shapes of a file that the other framework wrote: that of the
    /// untrained module, for example. Tensors that are no parameters, such as `num_batches_tracked`, are copied.
    ///
    /// ```no_run
    /// # use simplechain::exchange::Framework;
    /// # use simplechain::prelude::*;
    /// # simple_chain! { struct Net: 4 => dense(tanh, 8) => dense(id, 2) }
    /// # let params = Net.init::<f32>(&mut rng(0));
    /// // save_file(Module().state_dict(), "untrained.safetensors")
    /// Net.export_state_dict_like("trained.safetensors", &params, "untrained.safetensors", Framework::PyTorch)?;
    /// // model.load_state_dict(load_file("trained.safetensors"))
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`import`](Self::import) of the template.
    #[cfg(feature = "safetensors")]
    fn export_state_dict_like<T: Real>(
        &self,
        path: impl AsRef<Path>,
        params: &Self::Params<T>,
        template: impl AsRef<Path>,
        mapping: impl Into<Mapping>,
    ) -> Result<(), Error> {
        let template = template.as_ref();
        let source: Box<dyn Source + '_> = Box::new(FileSource::open(template)?);
        let bytes = state_dict::like(Self::LAYERS, source, &mapping.into(), params.as_slice())
            .map_err(|error| error.within(template))?;
        replace(path.as_ref(), &[&bytes])
    }

    /// Writes the model of this chain with its parameters in the format ONNX.
    ///
    /// The input `x` is `(samples, features)` or, for images, `(samples, channels, height, width)`, with a height of 1 for
    /// sequences; the output is `y`. Both have any number of samples and the type of the parameters. `dropout` is left out, and
    /// `batch_norm` uses its running statistics.
    ///
    /// It needs version 17 of the operators, which onnxruntime has since 1.12. (Of `f64` models, onnxruntime runs those without
    /// convolutions and some activations; the reference evaluator of the Python package `onnx` runs all.)
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: (8, 8, 2) => conv(relu, (3, 3), 4) => flatten => dense(id, 10) }
    /// let params = Net.init::<f32>(&mut rng(0));
    /// # let path = std::env::temp_dir().join(format!("simplechain-doc-{}.onnx", std::process::id()));
    /// Net.export_onnx(&path, &params)?;
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NotExportable`] for a custom layer or activation; [`Error::Io`].
    #[cfg(feature = "onnx")]
    fn export_onnx<T: Real>(
        &self,
        path: impl AsRef<Path>,
        params: &Self::Params<T>,
    ) -> Result<(), Error> {
        replace(path.as_ref(), &[&self.to_onnx(params)?])
    }

    /// [`export_onnx`](Self::export_onnx) that returns the bytes of the file.
    ///
    /// # Errors
    /// [`Error::NotExportable`] for a custom layer or activation.
    #[cfg(feature = "onnx")]
    fn to_onnx<T: Real>(&self, params: &Self::Params<T>) -> Result<Vec<u8>, Error> {
        let lens = (Self::INPUT_LEN, Self::OUTPUT_LEN);
        onnx::model(Self::LAYERS, lens, params.as_slice())
    }
}

impl<N: Network> Exchange for N {}
