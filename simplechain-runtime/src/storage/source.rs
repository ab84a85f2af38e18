//! Where bytes are read from: memory, or a file, of which no more is read than is needed.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::error::Error;

/// Bytes that can be read from anywhere.
pub(crate) trait Source {
    /// How many there are.
    fn len(&self) -> u64;

    /// Reads those from `at` on.
    fn read(&mut self, at: u64, to: &mut [u8]) -> Result<(), Error>;
}

/// Bytes in memory.
impl Source for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read(&mut self, at: u64, to: &mut [u8]) -> Result<(), Error> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..));
        let from = from.and_then(|from| from.get(..to.len()));
        to.copy_from_slice(from.expect("within the length that was checked"));
        Ok(())
    }
}

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
