//! Bytes that are read from a file.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::source::Source;
use crate::error::Error;

/// An open file.
pub(crate) struct FileSource<'a> {
    path: &'a Path,
    file: File,
    len: u64,
}

impl<'a> FileSource<'a> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Io`]
    pub(crate) fn open(path: &'a Path) -> Result<Self, Error> {
        let open = || {
            let file = File::open(path)?;
            let len = file.metadata()?.len();
            Ok((file, len))
        };
        let (file, len) = open().map_err(|error| Error::io("read", path, &error))?;
        Ok(Self { path, file, len })
    }
}

impl Source for FileSource<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read(&mut self, at: u64, to: &mut [u8]) -> Result<(), Error> {
        let sought = self.file.seek(SeekFrom::Start(at));
        let read = sought.and_then(|_| self.file.read_exact(to));
        read.map_err(|error| Error::io("read", self.path, &error))
    }
}
