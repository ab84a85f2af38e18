//! Memory for the values between layers on the stack.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use crate::array::Array;
use crate::simd::Number;

/// Where a single-sample call keeps its arrays: on the stack, or in scratch memory. The sizes decide
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
