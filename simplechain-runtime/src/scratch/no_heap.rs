//! What stands for scratch memory where there is no heap.

use core::convert::Infallible;

use crate::simd::Number;

/// Large arrays are on the stack as well.
pub(crate) use super::stack::OnStack as OffStack;

/// Numbers on the stack. Their vectors straddle no cache line.
#[repr(C, align(64))]
pub(crate) struct Numbers<T, const N: usize>(pub(crate) [T; N]);

/// The exponent of the power of two that is the length of [`Numbers`] for so many: a length that is computed cannot be that of an array.
pub(crate) const fn size_class(len: usize) -> u32 {
    len.next_power_of_two().ilog2()
}

/// Evaluates `$body` with at least `$len` numbers, which is constant. Only one of the arms reaches the code generator.
macro_rules! with_numbers {
    ($T:ty, $len:expr, |$numbers:ident| $body:block) => {
        $crate::scratch::with_numbers!(
            @ $T, $len, $numbers, $body,
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24
        )
    };
    (@ $T:ty, $len:expr, $numbers:ident, $body:block, $($class:literal)*) => {
        match const { $crate::scratch::size_class($len) } {
            $($class => {
                let mut memory = $crate::scratch::Numbers([<$T>::ZERO; 1 << $class]);
                let $numbers = &mut memory.0[..];
                $body
            })*
            _ => unreachable!("an image of more than 16 million numbers"),
        }
    };
}
pub(crate) use with_numbers;

/// A buffer of a length that is known when the program runs: there is none. Batches take it, which need the heap.
pub(crate) struct Scratch(Infallible);

#[expect(
    clippy::extra_unused_type_parameters,
    reason = "those of a buffer on the heap"
)]
impl Scratch {
    pub(crate) fn take<T: Number>(_: usize) -> Self {
        const { panic!("batches need memory: enable the feature `alloc` of simplechain") }
    }

    pub(crate) fn lines<T: Number>(&mut self) -> &mut [T::Line] {
        match self.0 {}
    }

    pub(crate) fn numbers<T: Number>(&mut self) -> &mut [T] {
        match self.0 {}
    }
}
