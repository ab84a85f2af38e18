//! Where bytes are read from: memory, or a file, of which no more is read than is needed.

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
