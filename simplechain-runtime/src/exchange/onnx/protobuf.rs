//! Messages in the encoding of Protocol Buffers, as far as ONNX needs it.

use alloc::vec::Vec;

/// An encoded message. Fields are appended in any order; a repeated field is appended several times.
#[derive(Clone, Default)]
pub(super) struct Message(Vec<u8>);

/// The wire types.
const VARINT: u64 = 0;
const LENGTH_DELIMITED: u64 = 2;
const FIXED_32: u64 = 5;

impl Message {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn tag(&mut self, field: u64, wire_type: u64) {
        self.varint(field << 3 | wire_type);
    }

    /// An integer or an enumeration.
    #[must_use]
    pub(super) fn int(mut self, field: u64, value: i64) -> Self {
        self.tag(field, VARINT);
        self.varint(value as u64);
        self
    }

    /// A float.
    #[must_use]
    pub(super) fn float(mut self, field: u64, value: f32) -> Self {
        self.tag(field, FIXED_32);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Bytes or a text.
    #[must_use]
    pub(super) fn bytes(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.tag(field, LENGTH_DELIMITED);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    /// A message within this one.
    #[must_use]
    pub(super) fn message(self, field: u64, value: &Message) -> Self {
        self.bytes(field, &value.0)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Message;
    use std::vec;

    /// The examples of the specification of the encoding.
    #[test]
    fn encoding() {
        let message = Message::new().int(1, 150).bytes(2, "testing");
        let inner = Message::new().int(1, 150);
        let outer = Message::new().message(3, &inner);
        let mut expected = vec![0x08, 0x96, 0x01, 0x12, 0x07];
        expected.extend(b"testing");
        assert_eq!(message.into_bytes(), expected);
        assert_eq!(outer.into_bytes(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        let negative = Message::new().int(1, -2).into_bytes();
        assert_eq!(negative.len(), 11); // of 64 bits
        assert_eq!(
            Message::new().float(2, 1.0).into_bytes(),
            [0x15, 0, 0, 0x80, 0x3f]
        );
    }
}
