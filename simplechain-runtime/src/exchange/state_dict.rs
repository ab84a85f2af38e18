//! Files of parameters for other frameworks.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::file::File;
use super::import::{check_epsilons, variance_shift};
use super::layout::{Placed, placed, unknown_name};
use super::mapping::Mapping;
use super::matching::{is_ignored, matching};
use crate::error::Error;
use crate::info::LayerInfo;
use crate::simd::Real;
use crate::storage::elements;
use crate::storage::header::{self, Dtype};
use crate::storage::source::Source;

/// A tensor to be written.
struct Written {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

/// The parameters of a chain under the names that the mapping pairs.
pub(super) fn named<T: Real>(
    layers: &'static [LayerInfo],
    mapping: &Mapping,
    params: &[T],
) -> Result<Vec<u8>, Error> {
    let ours = tensors(layers, mapping, size_of::<T>() == 4)?;
    for (name, _) in &mapping.pairs {
        if !ours
            .iter()
            .any(|placed| placed.tensor.name == *name || placed.layer() == name)
        {
            return Err(unknown_name(name));
        }
    }
    let mut written: Vec<Written> = Vec::new();
    for placed in &ours {
        let name = name(placed, mapping).ok_or_else(|| {
            Error::Tensors(format!(
                "tensor `{0}` has no name there: write `.pair(\"{0}\", ..)`, or pair its layer",
                placed.tensor.name
            ))
        })?;
        if written.iter().any(|other| other.name == name) {
            return Err(Error::Tensors(format!(
                "two tensors are called `{name}` there"
            )));
        }
        let shape = placed.shapes[0].clone();
        written.push(of_params(placed, name, shape, mapping, params)?);
    }
    Ok(file(&written))
}

/// The parameters of a chain under the names of a file, with all else that is in it.
pub(super) fn like<'a, T: Real>(
    layers: &'static [LayerInfo],
    template: Box<dyn Source + 'a>,
    mapping: &Mapping,
    params: &[T],
) -> Result<Vec<u8>, Error> {
    let ours = tensors(layers, mapping, size_of::<T>() == 4)?;
    let mut template = File::open(template)?;
    let found = matching(&ours, &template.list, mapping)?;
    let mut written = Vec::new();
    for (placed, found) in ours.iter().zip(found) {
        let foreign = &template.list[found];
        let (name, shape) = (foreign.name.clone(), foreign.shape.clone());
        written.push(of_params(placed, name, shape, mapping, params)?);
    }
    for index in 0..template.list.len() {
        if is_ignored(&template.list[index].name, mapping) {
            let (entry, bytes) = template.raw(index)?;
            let shape = template.list[index].shape.clone();
            written.push(Written {
                name: entry.name,
                dtype: entry.dtype,
                shape,
                bytes,
            });
        }
    }
    Ok(file(&written))
}

fn tensors(
    layers: &'static [LayerInfo],
    mapping: &Mapping,
    is_f32: bool,
) -> Result<Vec<Placed>, Error> {
    check_epsilons(layers, mapping, is_f32)?;
    placed(layers, mapping)
}

/// The name that a tensor is paired with, or that its layer is, with the framework's name of its role.
fn name(placed: &Placed, mapping: &Mapping) -> Option<String> {
    let own = &*placed.tensor.name;
    let find = |name: &str| mapping.pairs.iter().find(|(ours, _)| ours == name);
    if let Some((_, theirs)) = find(own) {
        return Some(theirs.clone());
    }
    let (_, module) = find(placed.layer())?;
    let roles = (mapping.framework).roles(placed.tensor.layer.name, placed.tensor.role());
    let role = roles.first()?;
    Some(format!("{module}{}{role}", mapping.framework.separator()))
}

fn of_params<T: Real>(
    placed: &Placed,
    name: String,
    shape: Vec<usize>,
    mapping: &Mapping,
    params: &[T],
) -> Result<Written, Error> {
    let Placed { tensor, index, .. } = placed;
    let shift = variance_shift(tensor.role(), mapping);
    let mut values = vec![T::ZERO; index.len()];
    for (param, index) in params[tensor.range.clone()].iter().zip(index) {
        let value = param.to_f64() - shift;
        if shift > 0.0 && value < 0.0 {
            return Err(Error::Tensors(format!(
                "a variance of tensor `{}` is {param:?}, too small for an epsilon of {:e} there: make the network with one of 1e-5, \
                 and say so by `.batch_norm_epsilon(1e-5)`",
                tensor.name, mapping.batch_norm_epsilon
            )));
        }
        values[*index] = T::from_f64(value);
    }
    Ok(Written {
        name,
        dtype: elements::dtype::<T>(),
        shape,
        bytes: elements::bytes(&values).into_owned(),
    })
}

fn file(tensors: &[Written]) -> Vec<u8> {
    let entries: Vec<_> = tensors
        .iter()
        .map(|tensor| (&*tensor.name, tensor.dtype, &*tensor.shape))
        .collect();
    // `format` is what readers in Python ask for.
    let mut bytes = header::write(&[("format", "pt")], &entries);
    for tensor in tensors {
        bytes.extend(&tensor.bytes);
    }
    bytes
}
