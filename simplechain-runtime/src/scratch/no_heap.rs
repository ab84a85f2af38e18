//! What stands for scratch memory where there is no heap.

use core::convert::Infallible;

use crate::simd::Number;

/// Large arrays are on the stack as well.
pub(crate) use super::stack::OnStack as OffStack;

/// A buffer of a length that no type has. A program that would need one does not compile.
pub(crate) struct Scratch(Infallible);

impl Scratch {
    pub(crate) fn take<T: Number>(_: usize) -> Self {
        const {
            panic!(
                "this layer needs memory that depends on its sizes: enable the feature `alloc` of simplechain"
            )
        }
    }

    pub(crate) fn lines<T: Number>(&mut self) -> &mut [T::Line] {
        match self.0 {}
    }

    pub(crate) fn numbers<T: Number>(&mut self) -> &mut [T] {
        match self.0 {}
    }
}
