//! Scratch memory: aligned, a stack of buffers per thread, reused from call to call so that nothing allocates
//! after the largest batch.

use core::cell::RefCell;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU32, Ordering};

use crate::array::Array;
use crate::simd::{Line, Number};

type Bytes = Line<[f32; 16]>;

thread_local! {
    static FREE: RefCell<Vec<Vec<Bytes>>> = const { RefCell::new(Vec::new()) };
}

/// The bits of every 4 bytes of a new buffer, in builds with debug assertions: a kernel that reads what it did not
/// write is detected, because all bits set are NaN in `f32` and in `f64`. A test may set others.
#[doc(hidden)]
pub static POISON: AtomicU32 = AtomicU32::new(u32::MAX);

/// A buffer of this thread, returned when it is dropped. Its contents are arbitrary.
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
        // The smallest that is large enough: the order of returned buffers depends on earlier calls, and a large one
        // must not serve a small request. If none is large enough, the smallest grows, so that repeated calls soon find all they need.
        let mut buffer = FREE.with_borrow_mut(|free| {
            // Those that are too small come after all others; one comparison for each.
            let fit = |buffer: &Vec<Bytes>| {
                buffer.len() | usize::from(buffer.len() < lines) << (usize::BITS - 1)
            };
            let mut best = (usize::MAX, usize::MAX);
            for (index, buffer) in free.iter().enumerate() {
                let fit = fit(buffer);
                if fit < best.0 {
                    best = (fit, index);
                }
            }
            match best.1 {
                usize::MAX => Vec::new(),
                index => free.swap_remove(index),
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

    /// The buffer as scalars.
    #[inline(always)]
    pub(crate) fn numbers<T: Number>(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.buffer[..self.lines])
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let buffer = core::mem::take(&mut self.buffer);
        // A thread that is ending no longer has a stack of buffers; the buffer is freed then.
        let _ = FREE.try_with(|free| free.borrow_mut().push(buffer));
    }
}

/// This many zeros in thread-local memory.
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

/// Bytes that a single-sample call may keep on the stack: enough for LeNet-5 in `f32`. Without optimisation it takes twice as many.
pub(crate) const MAX_ON_STACK: usize = 72 * 1024;
/// Bytes of a single array that may be on the stack in addition.
pub(crate) const MAX_OF_ONE: usize = 8 * 1024;

/// Where a single-sample call keeps its arrays: on the stack, or in thread-local memory. The sizes decide
/// at compile time.
pub(crate) trait Memory {
    /// An array as a slice.
    type Zeros<T: Number, A: Array<T>>: DerefMut<Target = [T]>;
    /// An array of zeros.
    fn zeros<T: Number, A: Array<T>>() -> Self::Zeros<T, A>;
    /// An array copied from a slice of the same length.
    fn copy<T: Number, A: Array<T>>(of: &[T]) -> Self::Zeros<T, A>;
}

/// [`Memory`] for small arrays.
pub(crate) struct OnStack;

/// [`Memory`] for large ones.
pub(crate) struct OffStack;

impl Memory for OnStack {
    type Zeros<T: Number, A: Array<T>> = Local<T, A>;
    #[inline(always)]
    fn zeros<T: Number, A: Array<T>>() -> Local<T, A> {
        Local(A::splat(T::ZERO), PhantomData)
    }
    #[inline(always)]
    fn copy<T: Number, A: Array<T>>(of: &[T]) -> Local<T, A> {
        Local(*A::from_slice(of).expect("as many"), PhantomData)
    }
}

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

/// An array on the stack. Its vectors straddle no cache line.
#[repr(C, align(64))]
pub(crate) struct Local<T, A>(A, PhantomData<T>);

impl<T: Number, A: Array<T>> Deref for Local<T, A> {
    type Target = [T];
    #[inline(always)]
    fn deref(&self) -> &[T] {
        self.0.as_slice()
    }
}

impl<T: Number, A: Array<T>> DerefMut for Local<T, A> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        self.0.as_mut_slice()
    }
}

/// An array in thread-local memory. Its length is known at compile time, like that of a [`Local`].
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

/// Calls `f` with an array of zeros, which is on the stack if it is small.
#[inline(always)]
pub(crate) fn with_zeros<T: Number, A: Array<T>, R>(f: impl FnOnce(&mut A) -> R) -> R {
    #[inline(always)]
    fn within<M: Memory, T: Number, A: Array<T>, R>(f: impl FnOnce(&mut A) -> R) -> R {
        f(A::from_mut_slice(&mut M::zeros::<T, A>()).expect("as many"))
    }
    if const { size_of::<A>() <= MAX_OF_ONE } {
        within::<OnStack, T, A, R>(f)
    } else {
        within::<OffStack, T, A, R>(f)
    }
}
