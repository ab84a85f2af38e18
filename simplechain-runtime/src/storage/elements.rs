//! Numbers as the bytes of a file, which are little-endian.

use alloc::borrow::Cow;

use bytemuck::{cast_slice, cast_slice_mut, try_cast_slice};

use super::header::Dtype;
use super::source::Source;
use crate::error::Error;
use crate::simd::Real;

/// Elements that are converted at a time.
const CHUNK: usize = 1024;

/// The type of such numbers in a file.
pub(crate) const fn dtype<T: Real>() -> Dtype {
    if size_of::<T>() == size_of::<f32>() {
        Dtype::F32
    } else {
        Dtype::F64
    }
}

/// The bytes of numbers.
pub(crate) fn bytes<T: Real>(numbers: &[T]) -> Cow<'_, [u8]> {
    let mut bytes = Cow::Borrowed(cast_slice(numbers));
    if cfg!(target_endian = "big") {
        reverse::<T>(bytes.to_mut());
    }
    bytes
}

/// Numbers from bytes, if they are in memory as they would be written here.
pub(crate) fn borrowed<T: Real>(bytes: &[u8]) -> Option<&[T]> {
    if cfg!(target_endian = "big") {
        return None;
    }
    try_cast_slice(bytes).ok()
}

/// Reads numbers of this type that begin at a byte of a file.
pub(crate) fn read<T: Real>(
    source: &mut dyn Source,
    at: u64,
    numbers: &mut [T],
) -> Result<(), Error> {
    let bytes = cast_slice_mut(numbers);
    source.read(at, bytes)?;
    if cfg!(target_endian = "big") {
        reverse::<T>(bytes);
    }
    Ok(())
}

/// Reads numbers of either type.
pub(crate) fn read_converted<T: Real>(
    source: &mut dyn Source,
    from: Dtype,
    at: u64,
    numbers: &mut [T],
) -> Result<(), Error> {
    if from == dtype::<T>() {
        read(source, at, numbers)
    } else if from == Dtype::F32 {
        convert::<f32, T>(source, at, numbers)
    } else {
        convert::<f64, T>(source, at, numbers)
    }
}

fn convert<U: Real, T: Real>(
    source: &mut dyn Source,
    at: u64,
    numbers: &mut [T],
) -> Result<(), Error> {
    let mut memory = [U::ZERO; CHUNK];
    for (index, chunk) in numbers.chunks_mut(CHUNK).enumerate() {
        let from = &mut memory[..chunk.len()];
        read(source, at + (index * CHUNK * size_of::<U>()) as u64, from)?;
        for (to, from) in chunk.iter_mut().zip(from) {
            *to = T::from_f64(from.to_f64());
        }
    }
    Ok(())
}

fn reverse<T>(bytes: &mut [u8]) {
    for number in bytes.chunks_exact_mut(size_of::<T>()) {
        number.reverse();
    }
}
