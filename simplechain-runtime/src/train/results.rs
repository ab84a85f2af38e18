//! A file of results: the numbers of some fits, and what they belong to.
//!
//! It is of the format safetensors: the tensor `items` has the indices of the fits, the tensor `results` a row of numbers for each, and the metadata
//! the settings and a checksum of both tensors.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use std::path::Path;

use crate::error::Error;
use crate::hash::mix;
use crate::simd::Real;
use crate::storage::elements::{self, dtype};
use crate::storage::header::{self, Dtype};
use crate::storage::source::Source;
use crate::storage::{FileSource, Header, malformed, replace};

const ITEMS: &str = "items";
const RESULTS: &str = "results";
const VERSION: &str = "simplechain.version";
const CHECKSUM: &str = "simplechain.checksum";
/// What the keys of the settings begin with.
const SETTING: &str = "simplechain.fits.";

/// The value of a setting that is not there.
const NOT_GIVEN: &str = "not given";

/// What results belong to: names and values.
pub(super) type Settings = BTreeMap<String, String>;

/// Results in the order in which they were computed.
pub(super) struct Results<T, const N: usize> {
    items: Vec<usize>,
    numbers: Vec<[T; N]>,
}

impl<T: Real, const N: usize> Results<T, N> {
    pub(super) fn new() -> Self {
        Self {
            items: Vec::new(),
            numbers: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, (item, numbers): (usize, [T; N])) {
        self.items.push(item);
        self.numbers.push(numbers);
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = (usize, [T; N])> {
        self.items.into_iter().zip(self.numbers)
    }

    /// Writes all of them, over what is there.
    pub(super) fn write(&self, path: &Path, settings: &Settings) -> Result<(), Error> {
        let items = self.items.iter().map(|item| *item as u64);
        let items: Vec<u8> = items.flat_map(u64::to_le_bytes).collect();
        let numbers = elements::bytes(self.numbers.as_flattened());
        let checksum = checksum(&[&items, &numbers]);
        let keys: Vec<String> = settings
            .keys()
            .map(|name| SETTING.to_owned() + name)
            .collect();
        let mut metadata = vec![(VERSION, env!("CARGO_PKG_VERSION")), (CHECKSUM, &*checksum)];
        metadata.extend(
            keys.iter()
                .zip(settings.values())
                .map(|(key, value)| (&**key, &**value)),
        );
        let count = self.items.len();
        let tensors: [header::Written<'_>; 2] = [
            (ITEMS, Dtype::U64, &[count]),
            (RESULTS, dtype::<T>(), &[count, N]),
        ];
        replace(
            path,
            &[&header::write(&metadata, &tensors), &items, &numbers],
        )
    }

    /// Reads a file, which must be of these settings and whole.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::File`] with [`Error::OtherFits`] or [`Error::Format`].
    pub(super) fn read(path: &Path, settings: &Settings) -> Result<Self, Error> {
        Self::try_read(path, settings).map_err(|error| error.within(path))
    }

    fn try_read(path: &Path, settings: &Settings) -> Result<Self, Error> {
        let mut source = FileSource::open(path)?;
        let header = Header::read(&mut source)?;
        check(&header, settings)?;
        let tensors = (header.tensor(ITEMS), header.tensor(RESULTS));
        let (Some(rows), Some(results)) = tensors else {
            return Err(malformed("it has no results of fits"));
        };
        let types = [rows.dtype, results.dtype];
        let [count] = rows.shape[..] else {
            return Err(malformed("its items are no vector"));
        };
        if types != [Dtype::U64, dtype::<T>()] || results.shape != [count, N as u64] {
            return Err(malformed("its results are no table of these numbers"));
        }
        let mut items = vec![0; count as usize * size_of::<u64>()];
        source.read(header.data_start + rows.range.start, &mut items)?;
        let mut numbers = vec![[T::ZERO; N]; count as usize];
        let at = header.data_start + results.range.start;
        elements::read(&mut source, at, numbers.as_flattened_mut())?;
        let expected = checksum(&[&items, &elements::bytes(numbers.as_flattened())]);
        if header.get(CHECKSUM) != Some(&expected) {
            return Err(malformed("its numbers are not those that were written"));
        }
        let items = items.as_chunks().0.iter();
        let items = items.map(|item| usize::try_from(u64::from_le_bytes(*item)));
        let items = items.collect::<Result<_, _>>();
        let items = items.map_err(|_| malformed("it has an item that no fit has"))?;
        Ok(Self { items, numbers })
    }
}

/// Whether the settings are those in a file.
fn check(header: &Header, settings: &Settings) -> Result<(), Error> {
    let found = header.metadata.iter();
    let found = found.filter_map(|(key, value)| Some((key.strip_prefix(SETTING)?, &**value)));
    let found: BTreeMap<&str, &str> = found.collect();
    let names = settings.keys().map(|name| &**name);
    for name in names.chain(found.keys().copied()) {
        let (now, there) = (settings.get(name).map(|value| &**value), found.get(name));
        if now != there.copied() {
            return Err(Error::OtherFits {
                what: name.to_owned(),
                expected: now.unwrap_or(NOT_GIVEN).to_owned(),
                found: there.copied().unwrap_or(NOT_GIVEN).to_owned(),
            });
        }
    }
    Ok(())
}

fn checksum(parts: &[&[u8]]) -> String {
    let mut hash = 0;
    for part in parts {
        for word in part.chunks(size_of::<u64>()) {
            let mut bytes = [0; size_of::<u64>()];
            bytes[..word.len()].copy_from_slice(word);
            hash = mix(hash ^ u64::from_le_bytes(bytes));
        }
    }
    format!("{hash:016x}")
}
