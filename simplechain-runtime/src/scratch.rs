//! Temporary memory: aligned, one stack of buffers a thread, kept from call to call so that nothing allocates
//! once the largest batch has been seen.

use core::cell::RefCell;

use crate::simd::{Line, Real};

type Bytes = Line<[f32; 16]>;

thread_local! {
    static FREE: RefCell<Vec<Vec<Bytes>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `f` with `lines` vectors of memory whose content is arbitrary. May be nested.
#[inline(always)]
pub(crate) fn with<T: Real, R>(lines: usize, f: impl FnOnce(&mut [T::Line]) -> R) -> R {
    let mut buffer = take(lines);
    let result = f(bytemuck::cast_slice_mut(&mut buffer[..lines]));
    FREE.with_borrow_mut(|free| free.push(buffer));
    result
}

fn take(lines: usize) -> Vec<Bytes> {
    let mut buffer = FREE.with_borrow_mut(Vec::pop).unwrap_or_default();
    if buffer.len() < lines {
        buffer.resize(lines, Line([POISON; 16]));
    }
    buffer
}

/// Fresh memory holds NaN, so that a kernel which reads what it did not write is seen.
const POISON: f32 = f32::NAN;
