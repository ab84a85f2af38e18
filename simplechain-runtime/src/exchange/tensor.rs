//! Tensors of other frameworks' files, and their elements as numbers.

use alloc::string::String;
use alloc::vec::Vec;

/// A tensor of a file.
pub(super) struct Foreign {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
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
    let (exponent, fraction) = (bits >> 10 & 31, f64::from(bits & 0x3ff));
    // `powi` need not be exact.
    let unit = 1.0 / f64::from(1 << 24);
    let value = match exponent {
        0 => fraction * unit,
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * f64::from(1 << (exponent - 1)) * unit,
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
            (0x0400, 1.0 / 16_384.0),
            (0x0001, 1.0 / 16_777_216.0),
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
