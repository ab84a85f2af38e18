//! Temporary memory: aligned, a stack of buffers for each thread, kept from call to call so that nothing allocates
//! once the largest batch has been seen.

use core::cell::RefCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU32, Ordering};

use crate::simd::{Line, Number};

type Bytes = Line<[f32; 16]>;

thread_local! {
    static FREE: RefCell<Vec<Vec<Bytes>>> = const { RefCell::new(Vec::new()) };
}

/// The bits of every 4 bytes of a buffer that is taken, in builds with debug assertions: a kernel which reads what it did not
/// write is seen, because all bits set are NaN in `f32` and in `f64`. A test may set others.
#[doc(hidden)]
pub static POISON: AtomicU32 = AtomicU32::new(u32::MAX);

/// A buffer of this thread, given back when it is dropped. Its content is arbitrary.
pub(crate) struct Scratch {
    buffer: Vec<Bytes>,
    lines: usize,
}

impl Scratch {
    /// At least so many wide vectors of `T`. Calls may be nested.
    pub(crate) fn take<T: Number>(lines: usize) -> Self {
        let lines = lines * const { size_of::<T::Line>() / size_of::<Bytes>() };
        // One that is large enough, if there is: which buffer comes back first depends on what the thread did before.
        let mut buffer = FREE.with_borrow_mut(|free| {
            match free.iter().rposition(|buffer| buffer.len() >= lines) {
                Some(index) => free.swap_remove(index),
                None => free.pop().unwrap_or_default(),
            }
        });
        if buffer.len() < lines {
            buffer.resize(lines, bytemuck::Zeroable::zeroed());
        }
        if cfg!(debug_assertions) {
            let poison = f32::from_bits(POISON.load(Ordering::Relaxed));
            buffer[..lines].fill(Line([poison; 16]));
        }
        Self { buffer, lines }
    }

    /// The buffer as vectors.
    #[inline(always)]
    pub(crate) fn lines<T: Number>(&mut self) -> &mut [T::Line] {
        bytemuck::cast_slice_mut(&mut self.buffer[..self.lines])
    }

    /// The buffer as numbers.
    #[inline(always)]
    pub(crate) fn numbers<T: Number>(&mut self) -> &mut [T] {
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

/// What a layer of one sample gives, where that is too much for the stack: so many zeros.
#[doc(hidden)]
pub fn zeros<T: Number>(len: usize) -> Zeros<T> {
    let mut zeros = Zeros {
        memory: Scratch::take::<T>(len.div_ceil(T::PANEL)),
        len,
        number: PhantomData,
    };
    zeros.fill(T::ZERO);
    zeros
}

/// See [`zeros`].
#[doc(hidden)]
pub struct Zeros<T> {
    memory: Scratch,
    len: usize,
    number: PhantomData<T>,
}

impl<T: Number> Deref for Zeros<T> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        let lines = &self.memory.buffer[..self.memory.lines];
        &bytemuck::cast_slice::<Bytes, T>(lines)[..self.len]
    }
}

impl<T: Number> DerefMut for Zeros<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        let len = self.len;
        &mut self.memory.numbers::<T>()[..len]
    }
}
