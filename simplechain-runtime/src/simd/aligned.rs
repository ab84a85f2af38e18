//! Memory in which no vector lies in two cache lines.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::ops::{Deref, DerefMut};

use bytemuck::{Pod, Zeroable};

/// A value that starts at a multiple of 64 bytes, which is a cache line and a vector: parameters, gradients, inputs.
///
/// An array of numbers may start anywhere, on the heap usually at a multiple of 16 bytes. Then three of four vectors of AVX-512 and every
/// second one of AVX2 lie in two cache lines, and the CPU reads them twice. A call on one sample of a network with rows of whole vectors (16 or more `f32`
/// a layer) takes up to a third more time for it, on Zen 4. Results are the same.
///
/// ```
/// use simplechain::{Aligned, prelude::*};
///
/// simple_chain! { struct Net: 3 => dense(tanh, 64) => dense(tanh, 64) => dense(id, 1) }
/// let params = Aligned::boxed(&*Net.init::<f32>(&mut rng(0))); // on the heap; `Aligned([0.0; 3])` is a value
/// let y = Net.forward(&[0.1, 0.2, 0.3], &params);
///
/// let mut params_bar = Aligned::boxed(&[0.0; Net::PARAM_COUNT]);
/// let mut x_bar = [0.0; 3];
/// Net.vjp(&[0.1, 0.2, 0.3], &params, &[1.0], &mut x_bar, &mut params_bar);
/// assert_eq!(params_bar.as_ptr() as usize % 64, 0);
/// # assert!(y[0].is_finite());
/// ```
///
/// Batches and trainings copy what they read to memory of their own, which is aligned anyway.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub struct Aligned<A>(pub A);

impl<A: Copy + Zeroable> Aligned<A> {
    /// A copy on the heap, without going through the stack.
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn boxed(of: &A) -> Box<Self> {
        let mut copy: Box<Self> = bytemuck::zeroed_box();
        copy.0 = *of;
        copy
    }
}

impl<A> Deref for Aligned<A> {
    type Target = A;
    #[inline(always)]
    fn deref(&self) -> &A {
        &self.0
    }
}

impl<A> DerefMut for Aligned<A> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut A {
        &mut self.0
    }
}

// SAFETY: the value is zeroable, and the rest is padding.
unsafe impl<A: Zeroable> Zeroable for Aligned<A> {}
// SAFETY:
// - `A` is an array of 64 bytes, so the alignment adds no padding, and every bit pattern of it is a value.
unsafe impl Pod for Aligned<[f32; 16]> {}
// SAFETY: as for `f32`.
unsafe impl Pod for Aligned<[f64; 8]> {}
