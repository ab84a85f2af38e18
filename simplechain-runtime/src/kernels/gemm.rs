//! Matrix kernels of the batch path: one sample per lane, one panel of samples per wide vector.
//!
//! A tile is a slice of panels; a panel holds one vector for every element of a sample's tensors. [`product`] keeps a column
//! of accumulators in registers while it runs down the inner dimension: every step loads one vector and issues
//! multiply-adds whose other factor is a broadcast weight. [`outer`] keeps 16 accumulators over all panels of the tile and
//! adds their lanes at the end, sixteen sums in one transposed tree. For weights larger than a cache both are blocked (`large`).

mod large;
mod outer;
mod panels;
mod product;

use crate::simd::{Number, Simd};

pub use large::INPUTS;
pub use outer::outer;
pub(super) use outer::{add_lanes, set_part};
pub use product::product;

/// A matrix as the kernel reads it: `R` rows of sums, inner index `k`.
pub trait Matrix<T: Number> {
    /// The factor of input `k` in sum `r`.
    fn at<S: Simd<T>>(&self, simd: S, r: usize, k: usize) -> S::W;
    /// The value that sum `r` starts from.
    fn start<S: Simd<T>>(&self, simd: S, r: usize) -> S::V;
    /// Copies the factors of `inputs` inputs from `k` on in `sums` sums from `r` on.
    fn pack<'a, const R: usize>(
        &self,
        r_and_sums: [usize; 2],
        k_and_inputs: [usize; 2],
        memory: &'a mut [T],
    ) -> Packed<'a, T>;
}

/// A part of a [`Matrix`], copied to `R` times [`INPUTS`] numbers for every `R` sums: the factor of input `k` in the `r`-th of them
/// is number `r * strides[0] + k * strides[1]`.
#[derive(Clone, Copy)]
pub struct Packed<'a, T: Number> {
    weights: T::Params<'a>,
    strides: [usize; 2],
}

impl<'a, T: Number> Packed<'a, T> {
    /// What [`Number::copy_params`] has copied to `memory`.
    #[inline(always)]
    pub fn new(memory: &'a [T], strides: [usize; 2]) -> Self {
        Self {
            weights: T::copied_params(memory),
            strides,
        }
    }
}

/// The rows of a tensor of `N` elements in a panel: its values, then as many for its cotangents.
pub type TensorRows<V, const N: usize> = [[V; N]; 2];

/// The operation on a finished sum.
pub trait SumEpilogue<T: Number, S: Simd<T>, const N: usize> {
    /// Stores what follows from sum `r` in the rows of the tensor that the sums are for.
    fn finish(&self, simd: S, rows: &mut TensorRows<S::V, N>, r: usize, sum: S::V);
}
