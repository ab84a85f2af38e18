//! Temporary memory: aligned, a stack of buffers for each thread, kept from call to call so that nothing allocates
//! once the largest batch has been seen.

use core::cell::RefCell;

use crate::simd::{Line, Real};

type Bytes = Line<[f32; 16]>;

thread_local! {
    static FREE: RefCell<Vec<Vec<Bytes>>> = const { RefCell::new(Vec::new()) };
}

/// Fresh memory holds NaN, so that a kernel which reads what it did not write is seen.
const POISON: Bytes = Line([f32::NAN; 16]);

/// A buffer of this thread, given back when it is dropped. Its content is arbitrary.
pub(crate) struct Scratch {
    buffer: Vec<Bytes>,
    lines: usize,
}

impl Scratch {
    /// At least so many wide vectors. Calls may be nested.
    pub(crate) fn take(lines: usize) -> Self {
        // One that is large enough, if there is: which buffer comes back first depends on what the thread did before.
        let mut buffer = FREE.with_borrow_mut(|free| {
            match free.iter().rposition(|buffer| buffer.len() >= lines) {
                Some(index) => free.swap_remove(index),
                None => free.pop().unwrap_or_default(),
            }
        });
        if buffer.len() < lines {
            buffer.resize(lines, POISON);
        }
        Self { buffer, lines }
    }

    /// The buffer as vectors.
    #[inline(always)]
    pub(crate) fn lines<T: Real>(&mut self) -> &mut [T::Line] {
        bytemuck::cast_slice_mut(&mut self.buffer[..self.lines])
    }

    /// The buffer as numbers.
    #[inline(always)]
    pub(crate) fn numbers<T: Real>(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.buffer[..self.lines])
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let buffer = core::mem::take(&mut self.buffer);
        // A thread that is ending has no stack of buffers any more; the buffer is freed then.
        let _ = FREE.try_with(|free| free.borrow_mut().push(buffer));
    }
}
