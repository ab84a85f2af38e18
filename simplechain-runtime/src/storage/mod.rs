//! Networks that survive the process: parameters as named tensors, and files of the format
//! [safetensors](https://github.com/huggingface/safetensors), which other programs read too.
//!
//! The calls are those of the trait [`Storage`], which is in the prelude. A file has
//!
//! - a tensor for each array of weights, biases and running statistics, under the name that [`Storage::tensors`] gives;
//! - in its metadata `simplechain.architecture`, the text of [`Chain::architecture`](crate::chain::Chain::architecture),
//!   `simplechain.fingerprint` and `simplechain.version`, and the entries of the user;
//! - if it is a [checkpoint](crate::train::Checkpoints), the state of the training in tensors whose names begin with `training.`, which
//!   readers of parameters pass over.
//!
//! Files are written to a temporary file (`.simplechain-*.tmp`) in the same directory, flushed to the disk, and renamed, so that a reader
//! never sees a part of one, and the old one stays if anything fails. When they are read nothing in them is trusted.

#[cfg(feature = "safetensors")]
mod cow;
#[cfg(all(feature = "std", feature = "safetensors"))]
mod directory;
#[cfg(all(feature = "alloc", feature = "safetensors"))]
pub(crate) mod elements;
#[cfg(feature = "safetensors")]
#[doc(hidden)]
pub mod embedded;
#[cfg(all(feature = "std", feature = "safetensors"))]
mod extra;
#[cfg(all(feature = "alloc", feature = "safetensors"))]
mod file;
#[cfg(all(feature = "std", feature = "safetensors"))]
mod file_source;
#[cfg(all(feature = "alloc", feature = "safetensors"))]
pub(crate) mod header;
#[cfg(any(feature = "alloc", feature = "safetensors"))]
mod names;
#[cfg(all(feature = "std", feature = "safetensors"))]
pub(crate) mod replace;
#[cfg(all(feature = "alloc", feature = "safetensors"))]
pub(crate) mod source;
#[cfg(feature = "alloc")]
mod tensors;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
#[cfg(all(feature = "alloc", feature = "safetensors"))]
use alloc::{boxed::Box, collections::BTreeMap, string::String};
#[cfg(all(feature = "std", feature = "safetensors"))]
use std::path::Path;

#[cfg(feature = "safetensors")]
use crate::error::Error;
use crate::network::Network;
#[cfg(feature = "safetensors")]
use crate::simd::Real;

#[cfg(feature = "safetensors")]
pub use cow::CowParams;
#[cfg(all(feature = "safetensors", not(feature = "alloc")))]
use embedded as file;
#[cfg(all(feature = "alloc", feature = "safetensors"))]
pub(crate) use header::Header;
#[cfg(feature = "alloc")]
pub use tensors::Tensor;
#[cfg(all(feature = "std", feature = "safetensors"))]
pub(crate) use {
    directory::for_each_name,
    extra::read_tensor,
    file::{Encoded, Extra, OWN, Places},
    file_source::FileSource,
    header::malformed,
    replace::{is_temporary, replace},
    tensors::tensors,
};

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
    /// | `standardize`, `unstandardize` | `mean`, `std`, each `(length)` or `(channels)` |
    /// | `layer(Type)` | `weight`, all of its parameters |
    /// | layers that contain others | those of their layers |
    /// | other layers | none |
    #[cfg(feature = "alloc")]
    fn tensors(&self) -> Vec<Tensor> {
        tensors::tensors(Self::LAYERS)
    }

    /// Writes the parameters to a file, with the architecture of the chain.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// # let directory = std::env::temp_dir().join(format!("simplechain-save-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// # let path = directory.join("net.safetensors");
    /// let params = Net.init::<f32>(&mut rng(0));
    /// Net.save(&path, &params)?;
    ///
    /// let loaded = Net.load::<f32>(&path)?; // in another program
    /// assert_eq!(loaded, params);
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Io`]; then an old file of this name is still there.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    fn save<T: Real>(&self, path: impl AsRef<Path>, params: &Self::Params<T>) -> Result<(), Error> {
        self.save_with(path, params, &[])
    }

    /// [`save`](Self::save) with entries of your own, names and texts: what the data were, the unit of an output, the name of a class.
    /// [`entries`] reads them.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// # let directory = std::env::temp_dir().join(format!("simplechain-entries-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// # let path = directory.join("net.safetensors");
    /// let params = Net.init::<f32>(&mut rng(0));
    /// Net.save_with(&path, &params, &[("dataset", "pendulum"), ("unit", "rad/s^2")])?;
    /// assert_eq!(simplechain::storage::entries(&path)?["unit"], "rad/s^2");
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`save`](Self::save); [`Error::Entry`] for a name that is given twice or begins with `simplechain.`.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    fn save_with<T: Real>(
        &self,
        path: impl AsRef<Path>,
        params: &Self::Params<T>,
        entries: &[(&str, &str)],
    ) -> Result<(), Error> {
        let encoded = file::Encoded::new::<Self, T>(params, entries)?;
        replace(path.as_ref(), &encoded.parts())
    }

    /// Reads the parameters from a file that [`save`](Self::save) or a [checkpoint](crate::train::Checkpoints) wrote, for this chain or one that
    /// computes the same: `dropout` and `frozen(..)`, which act only in training, may differ.
    ///
    /// Everything is checked before a number is read. Memory is allocated for what a file has, whatever lengths it claims.
    ///
    /// # Errors
    /// [`Error::Io`]; or [`Error::File`] with the path and
    /// - [`Error::Architecture`], the first layer that differs, if the file is of another chain; [`Error::NoArchitecture`];
    /// - [`Error::Tensors`] for missing, other and misshapen tensors, and for those of another type;
    /// - [`Error::Format`] if it is not a whole safetensors file, or has no architecture.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    fn load<T: Real>(&self, path: impl AsRef<Path>) -> Result<Box<Self::Params<T>>, Error> {
        load::<Self, T>(path.as_ref(), false)
    }

    /// [`load`](Self::load) that converts `f32` to `f64`, or `f64` to the nearest `f32`, which is infinite for numbers beyond its range.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    #[cfg(all(feature = "std", feature = "safetensors"))]
    fn load_converted<T: Real>(
        &self,
        path: impl AsRef<Path>,
    ) -> Result<Box<Self::Params<T>>, Error> {
        load::<Self, T>(path.as_ref(), true)
    }

    /// The bytes of the file that [`save_with`](Self::save_with) writes.
    ///
    /// # Errors
    /// [`Error::Entry`] for a name that is given twice or begins with `simplechain.`.
    #[cfg(all(feature = "alloc", feature = "safetensors"))]
    fn to_safetensors<T: Real>(
        &self,
        params: &Self::Params<T>,
        entries: &[(&str, &str)],
    ) -> Result<Vec<u8>, Error> {
        let encoded = file::Encoded::new::<Self, T>(params, entries)?;
        Ok(encoded.parts().concat())
    }

    /// Parameters from the bytes of a file, without a copy if they are aligned, as those that
    /// [`include_aligned!`](https://docs.rs/simplechain/latest/simplechain/macro.include_aligned.html) puts into a program are.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// let bytes = Net.to_safetensors(&Net.init::<f32>(&mut rng(0)), &[])?;
    /// let params = Net.from_safetensors::<f32>(&bytes)?;
    /// assert!(Net.forward(&[0.3, 0.7], &params)[0].is_finite());
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those in the [`Error::File`] of [`load`](Self::load).
    #[expect(
        clippy::wrong_self_convention,
        reason = "a chain is a value, as in all calls"
    )]
    #[cfg(feature = "safetensors")]
    fn from_safetensors<'a, T: Real>(
        &self,
        bytes: &'a [u8],
    ) -> Result<CowParams<'a, Self::Params<T>>, Error> {
        file::borrow::<Self, T>(bytes)
    }

    /// [`from_safetensors`](Self::from_safetensors) that converts as [`load_converted`](Self::load_converted) does.
    ///
    /// # Errors
    /// As [`from_safetensors`](Self::from_safetensors).
    #[expect(
        clippy::wrong_self_convention,
        reason = "a chain is a value, as in all calls"
    )]
    #[cfg(all(feature = "alloc", feature = "safetensors"))]
    fn from_safetensors_converted<T: Real>(
        &self,
        mut bytes: &[u8],
    ) -> Result<Box<Self::Params<T>>, Error> {
        file::read::<Self, T>(&mut bytes, true)
    }
}

impl<N: Network> Storage for N {}

#[cfg(all(feature = "std", feature = "safetensors"))]
fn load<C: Network, T: Real>(path: &Path, converts: bool) -> Result<Box<C::Params<T>>, Error> {
    let mut source = FileSource::open(path)?;
    file::read::<C, T>(&mut source, converts).map_err(|error| error.within(path))
}

/// The user's own entries in a file, as given to [`Storage::save_with`]: of any chain, or of any safetensors file.
///
/// # Errors
/// [`Error::Io`]; [`Error::File`] with [`Error::Format`].
#[cfg(all(feature = "std", feature = "safetensors"))]
pub fn entries(path: impl AsRef<Path>) -> Result<BTreeMap<String, String>, Error> {
    let path = path.as_ref();
    let header = Header::read(&mut FileSource::open(path)?);
    header
        .map(file::entries)
        .map_err(|error| error.within(path))
}

/// The user's own entries in the bytes of a file.
///
/// # Errors
/// [`Error::Format`]
#[cfg(all(feature = "alloc", feature = "safetensors"))]
pub fn entries_of(mut bytes: &[u8]) -> Result<BTreeMap<String, String>, Error> {
    Header::read(&mut bytes).map(file::entries)
}
