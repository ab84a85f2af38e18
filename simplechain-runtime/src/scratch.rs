//! Memory for the values between layers: on the stack if they are few, else scratch memory on the heap. Without the feature `alloc`
//! all are on the stack.

#[cfg(feature = "alloc")]
mod free;
#[cfg(feature = "alloc")]
mod heap;
#[cfg(not(feature = "alloc"))]
mod no_heap;
mod stack;

use crate::array::Array;
use crate::simd::Number;

#[cfg(feature = "alloc")]
pub use heap::POISON;
#[cfg(feature = "alloc")]
pub(crate) use heap::{OffStack, Scratch, Zeros, with_numbers, zeros};
#[cfg(not(feature = "alloc"))]
pub(crate) use no_heap::{Numbers, OffStack, Scratch, size_class, with_numbers};
pub(crate) use stack::{Memory, OnStack};

/// Bytes that a single-sample call may keep on the stack: enough for LeNet-5 in `f32`. Without optimisation it takes twice as many.
pub(crate) const MAX_ON_STACK: usize = 72 * 1024;
/// Bytes of a single array that may be on the stack in addition.
pub(crate) const MAX_OF_ONE: usize = 8 * 1024;

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
