//! The header of a safetensors file: names, types, shapes and places of its tensors, and texts beside them.
//!
//! ```text
//! length of the header (8 bytes, little-endian) | header (JSON, padded with spaces) | data
//! {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [3, 5], "data_offsets": [0, 60]}}
//! ```
//!
//! It is written here because the crate `safetensors` sorts tensors by name, so the parameters of a file would not be those of a chain
//! in its order; and it is read here because nothing in a file is trusted: its lengths are compared with the length of the file
//! before anything is allocated.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::source::Source;
use crate::error::Error;
use crate::json::{Parser, write_text};

/// The length of the length.
const PREFIX: u64 = 8;

/// The maximum length of a header, that of the reference implementation.
const MAX_LEN: u64 = 100_000_000;

/// Data begin at a multiple of this, as the vectors of all tiers want it.
const ALIGNMENT: usize = 64;

const METADATA: &str = "__metadata__";

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dtype {
    /// As it is written in a header.
    pub(crate) name: &'static str,
    /// Bytes of an element.
    pub(crate) size: u64,
}

impl Dtype {
    pub(crate) const F32: Self = Self::new("F32", 4);
    pub(crate) const F64: Self = Self::new("F64", 8);
    pub(crate) const U64: Self = Self::new("U64", 8);

    const ALL: [Self; 16] = [
        Self::F32,
        Self::F64,
        Self::new("BOOL", 1),
        Self::new("U8", 1),
        Self::new("I8", 1),
        Self::new("F8_E5M2", 1),
        Self::new("F8_E4M3", 1),
        Self::new("F16", 2),
        Self::new("BF16", 2),
        Self::new("I16", 2),
        Self::new("U16", 2),
        Self::new("I32", 4),
        Self::new("U32", 4),
        Self::new("I64", 8),
        Self::U64,
        Self::new("C64", 8),
    ];

    const fn new(name: &'static str, size: u64) -> Self {
        Self { name, size }
    }
}

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<u64>,
    /// Its bytes in the data.
    pub(crate) range: Range<u64>,
}

/// The header of a file: the tensors cover its data without gaps and overlaps, in this order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Header {
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) tensors: Vec<Entry>,
    /// Where the data begin in the file.
    pub(crate) data_start: u64,
}

/// The error of a file that is not as the format demands.
pub(crate) fn malformed(why: impl Into<String>) -> Error {
    Error::Format {
        format: "safetensors",
        why: why.into(),
    }
}

impl Header {
    /// Reads and checks the header of a file.
    ///
    /// # Errors
    /// [`Error::Format`], or that of the source.
    pub(crate) fn read(source: &mut dyn Source) -> Result<Self, Error> {
        let file_len = source.len();
        let Some(rest) = file_len.checked_sub(PREFIX) else {
            return Err(malformed(format!(
                "it ends after {file_len} bytes, within the length of its header"
            )));
        };
        let mut prefix = [0; PREFIX as usize];
        source.read(0, &mut prefix)?;
        let len = u64::from_le_bytes(prefix);
        if len > rest {
            return Err(malformed(format!(
                "its header has {len} bytes, but only {rest} follow: it is another kind of file, or not a whole one"
            )));
        }
        if len > MAX_LEN {
            return Err(malformed(format!(
                "its header has {len} bytes, more than the {MAX_LEN} that are allowed"
            )));
        }
        let mut text = vec![0; len as usize];
        source.read(PREFIX, &mut text)?;
        let Ok(text) = core::str::from_utf8(&text) else {
            return Err(malformed("its header is not UTF-8"));
        };
        let mut header = parse(text)?;
        header.data_start = PREFIX + len;
        header.check(rest - len)?;
        Ok(header)
    }

    /// Sorts the tensors by their place; checks that names are unique and that the tensors cover the data exactly.
    fn check(&mut self, data_len: u64) -> Result<(), Error> {
        unique(self.tensors.iter().map(|tensor| &*tensor.name))?;
        unique(self.metadata.iter().map(|(key, _)| &**key))?;
        self.tensors
            .sort_by_key(|tensor| (tensor.range.start, tensor.range.end));
        let mut end = 0;
        for tensor in &self.tensors {
            let name = shown(&tensor.name);
            let Range { start, end: last } = tensor.range;
            if last > data_len {
                return Err(malformed(format!(
                    "tensor {name} is at the bytes {start}..{last} of the data, which have {data_len}: it is not whole"
                )));
            }
            if start != end {
                let what = if start < end {
                    "overlaps the one before"
                } else {
                    "follows a gap"
                };
                return Err(malformed(format!("tensor {name} {what}")));
            }
            let elements = (tensor.shape.iter()).try_fold(1_u64, |len, n| len.checked_mul(*n));
            let bytes = elements.and_then(|len| len.checked_mul(tensor.dtype.size));
            if start.checked_add(bytes.unwrap_or(u64::MAX)) != Some(last) {
                return Err(malformed(format!(
                    "tensor {name} has {} bytes, which is not the size of its shape in {}",
                    last.saturating_sub(start),
                    tensor.dtype.name
                )));
            }
            end = last;
        }
        if end != data_len {
            return Err(malformed(format!(
                "{} bytes at its end belong to no tensor",
                data_len - end
            )));
        }
        Ok(())
    }

    /// A text of the metadata.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let found = self.metadata.iter().find(|(own, _)| own == key);
        found.map(|(_, text)| &**text)
    }

    /// A tensor.
    #[cfg(feature = "std")]
    pub(crate) fn tensor(&self, name: &str) -> Option<&Entry> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }
}

/// A name from a file in a message: without control characters, and not too long.
pub(crate) fn shown(name: &str) -> String {
    let mut chars = name.chars();
    let start: String = chars
        .by_ref()
        .take(60)
        .flat_map(char::escape_debug)
        .collect();
    let more = if chars.next().is_some() { ".." } else { "" };
    format!("`{start}{more}`")
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(malformed(format!("it has {} twice", shown(pair[0])))),
        None => Ok(()),
    }
}

/// What the text of a header says. It has a fixed depth, so no nesting is too deep for the stack.
fn parse(text: &str) -> Result<Header, Error> {
    let mut header = Header {
        metadata: Vec::new(),
        tensors: Vec::new(),
        data_start: 0,
    };
    let mut parser = Parser::new(text);
    let mut error = None;
    let mut member = |parser: &mut Parser<'_>| {
        let name = parser.text()?;
        parser.eat(":")?;
        if name == METADATA {
            // A second one would be among the names.
            let metadata = &mut header.metadata;
            let entry = |parser: &mut Parser<'_>| {
                let key = parser.text()?;
                parser.eat(":")?;
                metadata.push((key, parser.text()?));
                Some(())
            };
            parser.sequence("{", "}", entry)?;
            return Some(());
        }
        match tensor(parser, name)? {
            Ok(tensor) => {
                header.tensors.push(tensor);
                Some(())
            }
            Err(why) => {
                error = Some(why);
                None
            }
        }
    };
    let whole = parser.sequence("{", "}", &mut member);
    match error {
        Some(error) => Err(error),
        None if whole.is_some() && parser.is_at_end() => Ok(header),
        None => Err(malformed("its header is not the JSON of tensors")),
    }
}

/// A tensor's object; `None` if it is not one, an error if it is one that cannot be.
fn tensor(parser: &mut Parser<'_>, name: String) -> Option<Result<Entry, Error>> {
    let (mut dtype, mut shape, mut range) = (None, None, None);
    let member = |parser: &mut Parser<'_>| {
        let key = parser.text()?;
        parser.eat(":")?;
        match &*key {
            "dtype" => parser.text().and_then(|text| set(&mut dtype, text)),
            "shape" => {
                let lens = parser.sequence("[", "]", Parser::whole)?;
                set(&mut shape, lens)
            }
            "data_offsets" => {
                let ends = parser.sequence("[", "]", Parser::whole)?;
                let [start, end] = ends[..] else {
                    return None;
                };
                set(&mut range, start..end)
            }
            _ => None,
        }
    };
    parser.sequence("{", "}", member)?;
    let (dtype, shape, range) = (dtype?, shape?, range?);
    let Some(dtype) = Dtype::ALL.into_iter().find(|known| known.name == dtype) else {
        return Some(Err(malformed(format!(
            "tensor {} has the type {}, which is not known",
            shown(&name),
            shown(&dtype)
        ))));
    };
    Some(Ok(Entry {
        name,
        dtype,
        shape,
        range,
    }))
}

/// Sets a value that may be given once.
fn set<V>(place: &mut Option<V>, value: V) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// A tensor to be written: name, type, shape.
pub(crate) type Written<'a> = (&'a str, Dtype, &'a [usize]);

/// The beginning of a file whose data are these tensors one after the other.
pub(crate) fn write(metadata: &[(&str, &str)], tensors: &[Written<'_>]) -> Vec<u8> {
    let mut json = String::from("{");
    if !metadata.is_empty() {
        write_text(&mut json, METADATA);
        json.push_str(":{");
        for (index, (key, text)) in metadata.iter().enumerate() {
            json.push_str(if index == 0 { "" } else { "," });
            write_text(&mut json, key);
            json.push(':');
            write_text(&mut json, text);
        }
        json.push('}');
    }
    let mut start = 0;
    for (name, dtype, shape) in tensors {
        json.push_str(if json.len() == 1 { "" } else { "," });
        write_text(&mut json, name);
        let end = start + shape.iter().product::<usize>() as u64 * dtype.size;
        json.push_str(&format!(
            ":{{\"dtype\":\"{}\",\"shape\":{shape:?},\"data_offsets\":[{start},{end}]}}",
            dtype.name
        ));
        start = end;
    }
    json.push('}');
    let len = (PREFIX as usize + json.len()).next_multiple_of(ALIGNMENT) - PREFIX as usize;
    let mut bytes = Vec::with_capacity(PREFIX as usize + len);
    bytes.extend((len as u64).to_le_bytes());
    bytes.extend(json.bytes());
    bytes.resize(PREFIX as usize + len, b' ');
    bytes
}
