//! Scratch memory on the heap, aligned.

use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU32, Ordering};

use super::free::{self, Bytes};
use super::stack::Memory;
use crate::array::Array;
use crate::simd::{Aligned, Number};

/// The bits of every 4 bytes of a new buffer, in builds with debug assertions: a kernel that reads what it did not
/// write is detected, because all bits set are NaN in `f32` and in `f64`. A test may set others.
#[doc(hidden)]
pub static POISON: AtomicU32 = AtomicU32::new(u32::MAX);

/// A buffer, given back when it is dropped. Its contents are arbitrary.
pub(crate) struct Scratch {
    buffer: Vec<Bytes>,
    lines: usize,
}

impl Scratch {
    /// A buffer of at least this many wide vectors of `T`. Calls may be nested.
    #[inline]
    pub(crate) fn take<T: Number>(lines: usize) -> Self {
        Self::take_lines(lines * const { size_of::<T::Line>() / size_of::<Bytes>() })
    }

    fn take_lines(lines: usize) -> Self {
        let mut buffer = free::take(lines);
        if buffer.len() < lines {
            buffer.resize(lines, bytemuck::Zeroable::zeroed());
        }
        if cfg!(debug_assertions) {
            let poison = f32::from_bits(POISON.load(Ordering::Relaxed));
            buffer[..lines].fill(Aligned([poison; 16]));
        }
        Self { buffer, lines }
    }

    /// The buffer as vectors.
    #[inline(always)]
    pub(crate) fn lines<T: Number>(&mut self) -> &mut [T::Line] {
        bytemuck::cast_slice_mut(&mut self.buffer[..self.lines])
    }

    /// The buffer as scalars.
    #[inline(always)]
    pub(crate) fn numbers<T: Number>(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.buffer[..self.lines])
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let buffer = core::mem::take(&mut self.buffer);
        free::give(buffer);
    }
}

/// This many zeros in scratch memory.
#[inline]
pub(crate) fn zeros<T: Number>(len: usize) -> Zeros<T> {
    let mut zeros = Zeros::unset(len);
    zeros.fill(T::ZERO);
    zeros
}

/// See [`zeros`].
pub(crate) struct Zeros<T> {
    memory: Scratch,
    len: usize,
    number: PhantomData<T>,
}

impl<T: Number> Zeros<T> {
    /// Numbers of arbitrary values, which the caller sets.
    #[inline]
    pub(crate) fn unset(len: usize) -> Self {
        Self {
            memory: Scratch::take::<T>(len.div_ceil(T::PANEL)),
            len,
            number: PhantomData,
        }
    }
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

/// [`Memory`] for large ones.
pub(crate) struct OffStack;

impl Memory for OffStack {
    type Zeros<T: Number, A: Array<T>> = Kept<T, A>;
    #[inline(always)]
    fn zeros<T: Number, A: Array<T>>() -> Kept<T, A> {
        Kept(zeros(A::LEN), PhantomData)
    }
    #[inline(always)]
    fn copy<T: Number, A: Array<T>>(of: &[T]) -> Kept<T, A> {
        let mut copy = Kept(Zeros::unset(A::LEN), PhantomData);
        copy.copy_from_slice(of);
        copy
    }
}

/// An array in scratch memory. Its length is known at compile time, like that of a [`Local`].
pub(crate) struct Kept<T, A>(Zeros<T>, PhantomData<A>);

impl<T: Number, A: Array<T>> Deref for Kept<T, A> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        A::from_slice(&self.0).expect("as many").as_slice()
    }
}

impl<T: Number, A: Array<T>> DerefMut for Kept<T, A> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        let numbers = A::from_mut_slice(&mut self.0);
        numbers.expect("as many").as_mut_slice()
    }
}

/// Evaluates `$body` with at least `$len` numbers, which is constant. Their contents are arbitrary.
macro_rules! with_numbers {
    ($T:ty, $len:expr, |$numbers:ident| $body:block) => {{
        let mut memory = $crate::scratch::Scratch::take::<$T>(($len).div_ceil(<$T>::PANEL));
        let $numbers = memory.numbers::<$T>();
        $body
    }};
}
pub(crate) use with_numbers;
