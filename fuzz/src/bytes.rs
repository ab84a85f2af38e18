//! Choices and numbers out of the fuzzer's bytes; when they are used up, the first choice and 0.

/// The bytes that are left.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number below `limit`, which is at most 256.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte().unwrap_or(0)) % limit.max(1)
    }

    /// A number from -4 to 4 of 12 bits, 0 and small integers among them.
    pub fn number(&mut self) -> f64 {
        let (low, high) = (self.byte().unwrap_or(0), self.byte().unwrap_or(0));
        f64::from(i16::from_le_bytes([low, high]) >> 4) / 512.0
    }
}
