//! Files of other frameworks: names, shapes and elements of their tensors.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

#[cfg(feature = "npz")]
use super::npz::Npz;
use super::tensor::{Elements, Foreign};
use crate::error::Error;
use crate::storage::header::{Entry, Header};
use crate::storage::source::Source;

/// An open file.
pub(super) struct File<'a> {
    pub(super) list: Vec<Foreign>,
    contents: Contents<'a>,
}

enum Contents<'a> {
    Safetensors {
        source: Box<dyn Source + 'a>,
        data_start: u64,
        tensors: Vec<Entry>,
    },
    #[cfg(feature = "npz")]
    Npz(Box<Npz<'a>>),
}

impl<'a> File<'a> {
    /// Opens a file of either format: a zip archive has NumPy arrays.
    pub(super) fn open(mut source: Box<dyn Source + 'a>) -> Result<Self, Error> {
        let mut start = [0; 2];
        if source.len() >= 2 {
            source.read(0, &mut start)?;
        }
        if start == *b"PK" {
            return Self::npz(source);
        }
        let header = Header::read(&mut *source)?;
        let list = header.tensors.iter().map(|tensor| Foreign {
            name: tensor.name.clone(),
            shape: tensor
                .shape
                .iter()
                .map(|len| usize::try_from(*len).unwrap_or(usize::MAX))
                .collect(),
        });
        Ok(Self {
            list: list.collect(),
            contents: Contents::Safetensors {
                data_start: header.data_start,
                tensors: header.tensors,
                source,
            },
        })
    }

    #[cfg(feature = "npz")]
    fn npz(source: Box<dyn Source + 'a>) -> Result<Self, Error> {
        let (npz, list) = Npz::open(source)?;
        Ok(Self {
            list,
            contents: Contents::Npz(Box::new(npz)),
        })
    }

    #[cfg(not(feature = "npz"))]
    fn npz(_: Box<dyn Source + 'a>) -> Result<Self, Error> {
        Err(Error::Format {
            format: "safetensors",
            why: "it is an archive, as of NumPy; those are read with the feature `npz`".to_owned(),
        })
    }

    /// The elements of a tensor, which has `len` by its shape.
    pub(super) fn read(&mut self, index: usize, len: usize) -> Result<Vec<f64>, Error> {
        match &mut self.contents {
            Contents::Safetensors {
                source,
                data_start,
                tensors,
            } => {
                let tensor = &tensors[index];
                let elements = match tensor.dtype.name {
                    "F16" => Elements::F16,
                    "BF16" => Elements::Bf16,
                    "F32" => Elements::F32,
                    "F64" => Elements::F64,
                    other => {
                        return Err(Error::Tensors(format!(
                            "tensor `{}` has the type {other}, but floats are read: convert it",
                            tensor.name.escape_debug()
                        )));
                    }
                };
                let mut bytes = vec![0; len * elements.size()];
                source.read(*data_start + tensor.range.start, &mut bytes)?;
                Ok(elements.decode(&bytes))
            }
            #[cfg(feature = "npz")]
            Contents::Npz(npz) => npz.read(index, len),
        }
    }

    /// The bytes of a tensor of a safetensors file, its type and its shape: to be written again.
    pub(super) fn raw(&mut self, index: usize) -> Result<(Entry, Vec<u8>), Error> {
        match &mut self.contents {
            Contents::Safetensors {
                source,
                data_start,
                tensors,
            } => {
                let tensor = tensors[index].clone();
                let mut bytes = vec![0; (tensor.range.end - tensor.range.start) as usize];
                source.read(*data_start + tensor.range.start, &mut bytes)?;
                Ok((tensor, bytes))
            }
            #[cfg(feature = "npz")]
            Contents::Npz(_) => Err(Error::Format {
                format: "safetensors",
                why: "it is an archive of NumPy arrays".to_owned(),
            }),
        }
    }
}
