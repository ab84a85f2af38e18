//! Archives of NumPy arrays: `.npz`.
//!
//! ```text
//! zip archive of files NAME.npy:
//! "\x93NUMPY" | version (2 bytes) | length of the header (2 bytes, from version 2 on 4) | header | data
//! {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//! ```
//!
//! Nothing in a file is trusted: a header has a maximum length, and of the data only as many are unpacked as the chain has parameters.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::tensor::{Elements, Foreign};
use crate::error::Error;
use crate::storage::source::Source;

/// The maximum length of a header; those of NumPy have at most 10 000 bytes.
const MAX_HEADER: usize = 1 << 16;

/// The maximum number of axes, that of NumPy 2.
const MAX_AXES: usize = 64;

/// A source as `zip` reads it.
struct Reader<'a> {
    source: Box<dyn Source + 'a>,
    at: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let rest = self.source.len().saturating_sub(self.at);
        let len = to.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
        // `zip` may seek beyond the end.
        if len == 0 {
            return Ok(0);
        }
        let read = self.source.read(self.at, &mut to[..len]);
        read.map_err(|error| io::Error::other(error.to_string()))?;
        self.at += len as u64;
        Ok(len)
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// An open archive.
pub(super) struct Npz<'a> {
    archive: ZipArchive<Reader<'a>>,
    arrays: Vec<Array>,
}

/// What the header of an array says.
#[derive(Debug, PartialEq)]
struct Header {
    descr: String,
    is_fortran: bool,
    shape: Vec<usize>,
}

struct Array {
    /// Its entry in the archive.
    entry: usize,
    header: Header,
}

fn malformed(why: impl Into<String>) -> Error {
    Error::Format {
        format: "npz",
        why: why.into(),
    }
}

impl<'a> Npz<'a> {
    pub(super) fn open(source: Box<dyn Source + 'a>) -> Result<(Self, Vec<Foreign>), Error> {
        let archive = ZipArchive::new(Reader { source, at: 0 });
        let mut archive = archive.map_err(|error| malformed(error.to_string()))?;
        let (mut arrays, mut list) = (Vec::new(), Vec::new());
        for entry in 0..archive.len() {
            let mut file = archive
                .by_index(entry)
                .map_err(|error| malformed(error.to_string()))?;
            let name = file.name().map_err(|error| malformed(error.to_string()))?;
            let Some(name) = name.strip_suffix(".npy").map(str::to_owned) else {
                continue;
            };
            let header = Header::read(&mut file)
                .map_err(|why| malformed(format!("array `{}`: {why}", name.escape_debug())))?;
            list.push(Foreign {
                name,
                shape: header.shape.clone(),
            });
            arrays.push(Array { entry, header });
        }
        Ok((Self { archive, arrays }, list))
    }

    /// The elements of an array, of which there are `len`.
    pub(super) fn read(&mut self, index: usize, len: usize) -> Result<Vec<f64>, Error> {
        let Array { entry, header } = &self.arrays[index];
        let elements = match &*header.descr {
            "<f2" => Elements::F16,
            "<f4" => Elements::F32,
            "<f8" => Elements::F64,
            other => {
                return Err(Error::Tensors(format!(
                    "an array has the type `{}`, but floats in little-endian order are read: convert it with `.astype(\"float32\")`",
                    other.escape_debug()
                )));
            }
        };
        let mut file = self
            .archive
            .by_index(*entry)
            .map_err(|error| malformed(error.to_string()))?;
        Header::read(&mut file).map_err(malformed)?;
        let mut bytes = Vec::new();
        let wanted = len * elements.size();
        let read = file.take(wanted as u64).read_to_end(&mut bytes);
        read.map_err(|error| malformed(error.to_string()))?;
        if bytes.len() != wanted {
            return Err(malformed("an array ends before its last element"));
        }
        let numbers = elements.decode(&bytes);
        Ok(match header.is_fortran {
            true => from_fortran(&numbers, &header.shape),
            false => numbers,
        })
    }
}

/// The elements of an array whose first index is the fastest, in the order in which the last one is.
fn from_fortran(numbers: &[f64], shape: &[usize]) -> Vec<f64> {
    let mut at = vec![0; shape.len()];
    let mut ordered = Vec::with_capacity(numbers.len());
    for _ in 0..numbers.len() {
        let index = at
            .iter()
            .zip(shape)
            .rev()
            .fold(0, |index, (at, len)| index * len + at);
        ordered.push(numbers[index]);
        for axis in (0..shape.len()).rev() {
            at[axis] += 1;
            if at[axis] < shape[axis] {
                break;
            }
            at[axis] = 0;
        }
    }
    ordered
}

impl Header {
    fn read(file: &mut impl Read) -> Result<Self, String> {
        let mut bytes = |len: usize| {
            let mut bytes = vec![0; len];
            let read = file.read_exact(&mut bytes);
            read.map_err(|error| error.to_string()).map(|()| bytes)
        };
        let start = bytes(8)?;
        if start[..6] != *b"\x93NUMPY" {
            return Err("it does not begin as one of NumPy".to_owned());
        }
        let len = match start[6] {
            1 => {
                let len = bytes(2)?;
                usize::from(u16::from_le_bytes([len[0], len[1]]))
            }
            2 | 3 => {
                let len = bytes(4)?;
                u32::from_le_bytes([len[0], len[1], len[2], len[3]]) as usize
            }
            version => return Err(format!("version {version} of its format is not known")),
        };
        if len > MAX_HEADER {
            return Err(format!(
                "its header has {len} bytes, more than the {MAX_HEADER} that are read"
            ));
        }
        let text = String::from_utf8(bytes(len)?).map_err(|_| "its header is not a text")?;
        Self::parse(&text).ok_or_else(|| "its header is not that of one array".to_owned())
    }

    fn parse(text: &str) -> Option<Self> {
        let (mut descr, mut is_fortran, mut shape) = (None, None, None);
        let mut rest = text.trim().strip_prefix('{')?;
        loop {
            rest = rest.trim_start();
            if let Some(end) = rest.strip_prefix('}') {
                rest = end;
                break;
            }
            let (key, after) = rest.strip_prefix('\'')?.split_once('\'')?;
            rest = after.trim_start().strip_prefix(':')?.trim_start();
            match key {
                "descr" => {
                    let (value, after) = rest.strip_prefix('\'')?.split_once('\'')?;
                    (descr, rest) = (Some(value.to_owned()), after);
                }
                "fortran_order" => {
                    let (value, after) = match rest.strip_prefix("True") {
                        Some(after) => (true, after),
                        None => (false, rest.strip_prefix("False")?),
                    };
                    (is_fortran, rest) = (Some(value), after);
                }
                "shape" => {
                    let (value, after) = rest.strip_prefix('(')?.split_once(')')?;
                    let lens = value.split(',').map(str::trim);
                    // One axis is written `(3,)`.
                    let lens = lens
                        .filter(|len| !len.is_empty())
                        .map(|len| len.parse().ok());
                    (shape, rest) = (Some(lens.collect::<Option<Vec<usize>>>()?), after);
                }
                _ => return None,
            }
            rest = rest.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest);
        }
        let shape = shape?;
        (rest.trim().is_empty() && shape.len() <= MAX_AXES).then_some(())?;
        Some(Self {
            descr: descr?,
            is_fortran: is_fortran?,
            shape,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::ToOwned;

    #[test]
    fn headers() {
        let parse = |text: &str| {
            Header::parse(text).map(|header| (header.descr, header.is_fortran, header.shape))
        };
        let expected = |shape: &[usize]| Some(("<f4".to_owned(), false, shape.to_vec()));
        assert_eq!(
            parse("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n"),
            expected(&[3, 4])
        );
        assert_eq!(
            parse("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n"),
            expected(&[3])
        );
        assert_eq!(
            parse("{'shape':(),'descr':'<f4','fortran_order':False}"),
            expected(&[])
        );
        for wrong in [
            "",
            "{",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'shape': (-1,), 'descr': '<f4', 'fortran_order': False}",
            "{'shape': (99999999999999999999,), 'descr': '<f4', 'fortran_order': False}",
            "{'shape': ((",
            "{'descr': [('a', '<f4')]",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} {}",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn fortran_order() {
        assert_eq!(
            from_fortran(&[1.0, 4.0, 2.0, 5.0, 3.0, 6.0], &[2, 3]),
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        );
    }
}
