//! Files of other frameworks: names, shapes and elements of their tensors.

#[cfg(feature = "npz")]
use super::npz::Npz;
use crate::error::Error;
use crate::storage::header::{Entry, Header};
use crate::storage::source::Source;

/// A tensor of a file.
pub(super) struct Foreign {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
}

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

/// The types of elements that are read, in little-endian order.
#[derive(Clone, Copy)]
pub(super) enum Elements {
    F16,
    Bf16,
    F32,
    F64,
}

impl Elements {
    pub(super) fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    pub(super) fn decode(self, bytes: &[u8]) -> Vec<f64> {
        let halves = bytes
            .as_chunks()
            .0
            .iter()
            .map(|bytes| u16::from_le_bytes(*bytes));
        match self {
            Self::F16 => halves.map(half).collect(),
            Self::Bf16 => halves
                .map(|half| f64::from(f32::from_bits(u32::from(half) << 16)))
                .collect(),
            Self::F32 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|bytes| f64::from(f32::from_le_bytes(*bytes)))
                .collect(),
            Self::F64 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|bytes| f64::from_le_bytes(*bytes))
                .collect(),
        }
    }
}

/// A number of IEEE's 16 bits: sign, 5 bits of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
    let value = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves() {
        for (bits, value) in [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0400, 2f64.powi(-14)),
            (0x0001, 2f64.powi(-24)),
            (0x3555, 0.333251953125),
            (0xfc00, f64::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7e00).is_nan());
        assert_eq!(
            Elements::Bf16.decode(&[0x80, 0x3f, 0x49, 0x40]),
            [1.0, 3.140625]
        );
    }
}
