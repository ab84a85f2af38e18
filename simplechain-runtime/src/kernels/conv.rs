//! Convolution on the batch path: one sample per lane, so every pixel is a vector and every weight a broadcast.
//!
//! Nothing is copied into matrices. [`forward`] keeps a block of pixels times output channels in registers while it
//! runs over the window; with a pool after the convolution the block is a pool window, and only its maximum is
//! stored. [`input_bar`] keeps a row of input pixels and scatters each output cotangent over it, so that no product
//! falls outside the image. [`weights_bar`] keeps the weights of one row of the window times output channels over
//! all pixels, and adds the lanes at the end.
//!
//! A vector of several registers is processed one register after the other.

pub mod sample;

mod forward;
mod input;
mod weights;

use crate::simd::{Number, Simd};

pub use forward::forward;
pub use input::{input_bar, input_bar_pooled, looks_up, weight_tables, weight_tables_len};
pub use weights::{bias_bar, weights_bar, weights_bar_pooled};

/// A register of a wide vector.
pub type Register<T, S> = <<S as Simd<T>>::Register as Simd<T>>::V;

/// The rows of a panel, one register of each.
#[derive(Debug)]
pub struct Panel<'a, V> {
    registers: &'a mut [V],
    part: usize,
    parts: usize,
}

impl<V: Copy> Panel<'_, V> {
    /// The register of a row.
    #[inline(always)]
    pub fn get(&self, row: usize) -> V {
        self.registers[row * self.parts + self.part]
    }
    /// Overwrites the register of a row.
    #[inline(always)]
    pub fn set(&mut self, row: usize, v: V) {
        self.registers[row * self.parts + self.part] = v;
    }
    /// The registers of `rows` rows from `first` on; those of this part are at multiples of `parts`, plus `part`.
    #[inline(always)]
    fn rows(&self, first: usize, rows: usize) -> &[V] {
        &self.registers[first * self.parts..][..rows * self.parts]
    }
}

/// The epilogue of a convolution's sums.
pub trait BlockEpilogue<T: Number, S: Simd<T>> {
    /// The pool window that a block is, if there is a pool. A window of one pixel is a pool as well.
    const POOL: Option<(usize, usize)>;

    /// Stores what follows from the sums of one output channel: `N` pixels from `pixel` on, or one pool window, the
    /// window `pixel`.
    fn finish<const N: usize>(
        &self,
        simd: S,
        panel: &mut Panel<'_, S::V>,
        channel: usize,
        pixel: usize,
        sums: [S::V; N],
    );
}

/// Accumulators that a block may hold besides its inputs.
const fn max_accumulators(registers: usize) -> usize {
    match registers {
        32.. => 24,
        16.. => 12,
        8.. => 6,
        _ => 1,
    }
}
