//! Tensors beside the parameters are read: the state of a training.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::elements;
use super::file::TRAINING;
use super::header::{Entry, Header, malformed};
use super::source::Source;
use crate::error::Error;
use crate::simd::Real;

/// The numbers of a tensor beside the parameters, if there is one.
///
/// # Errors
/// [`Error::Format`] if it has another type, or that of the source.
pub(crate) fn read_tensor<T: Real>(
    source: &mut dyn Source,
    header: &Header,
    name: &str,
) -> Result<Option<Vec<T>>, Error> {
    let tensor = header.tensor(&format!("{TRAINING}{name}"));
    let read = tensor.map(|tensor| read_all(source, header.data_start, tensor));
    read.transpose()
}

/// All numbers of a tensor, which has this type; its header was checked, so they are in the file.
fn read_all<T: Real>(
    source: &mut dyn Source,
    data_start: u64,
    tensor: &Entry,
) -> Result<Vec<T>, Error> {
    if tensor.dtype != elements::dtype::<T>() {
        return Err(malformed(format!(
            "tensor `{}` has the type {}, but {} was expected",
            tensor.name,
            tensor.dtype.name,
            elements::dtype::<T>().name
        )));
    }
    let len = (tensor.range.end - tensor.range.start) / tensor.dtype.size;
    let mut numbers = vec![T::ZERO; len as usize];
    elements::read(source, data_start + tensor.range.start, &mut numbers)?;
    Ok(numbers)
}
