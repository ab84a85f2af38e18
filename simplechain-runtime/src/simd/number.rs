//! What kernels compute with: number types, and the slices that parameters are read from.

use core::fmt::Debug;
use core::ops::{Add, AddAssign, Mul, Range, Sub};

use super::{Kernel, Math, Real, Simd, Tier};

mod sealed {
    use super::super::{Real, Taylor};

    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl<T: Real, const K: usize, const PARAM_TANGENTS: bool> Sealed for Taylor<T, K, PARAM_TANGENTS> {}
}

/// A number that every kernel can compute with: a [`Real`], or a [`Taylor`](super::Taylor) polynomial of them, which
/// carries derivatives along. Sealed.
pub trait Number:
    sealed::Sealed
    + Math
    + bytemuck::Pod
    + Debug
    + PartialEq
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + AddAssign
    + Send
    + Sync
    + 'static
{
    /// `f32` or `f64`.
    type Real: Real;
    /// Coefficients of the polynomial; 1 for a real number.
    const COEFFICIENTS: usize = 1;
    /// Samples in a panel: the lanes of a wide vector.
    const PANEL: usize = <Self::Real as Number>::PANEL;
    /// 0
    const ZERO: Self;
    /// 1
    const ONE: Self;
    /// A wide vector of any tier, as memory.
    type Line: bytemuck::Pod + Send + Sync;
    /// Vectors with one lane.
    type OneLane: Simd<Self> + Default;
    /// The type that the parameters of a chain are read from.
    type Params<'a>: Params<'a>;

    /// Converts `x`; for a polynomial, a constant whose derivatives are 0.
    fn constant(x: Self::Real) -> Self;
    /// The nearest number to `x`.
    fn from_f64(x: f64) -> Self;

    /// Copies `len` parameters from `at` on to place `to` of `memory`, as [`copied_params`](Self::copied_params) reads it.
    fn copy_params(params: Self::Params<'_>, at: usize, len: usize, memory: &mut [Self], to: usize);
    /// The parameters that were copied to `memory`.
    fn copied_params(memory: &[Self]) -> Self::Params<'_>;

    /// Writes one lane of a wide vector in memory.
    fn set_lane(line: &mut [Self], lane: usize, x: Self);
    /// One lane of a wide vector in memory.
    fn lane(line: &[Self], lane: usize) -> Self;

    /// Runs `kernel` with wide vectors (one sample per lane) in the tier that [`Tier::current`] gives.
    #[inline]
    fn dispatch_batch<K: Kernel<Self>>(kernel: K) -> K::Output {
        Self::dispatch_batch_in(Tier::current(), kernel)
    }
    /// [`dispatch_batch`](Self::dispatch_batch) in this tier, or in the scalar one if the CPU does not have it: for work that was forked to
    /// another thread.
    fn dispatch_batch_in<K: Kernel<Self>>(tier: Tier, kernel: K) -> K::Output;
    /// Adds `terms` to `sums`, of equal length, in this tier.
    fn add_assign_in(tier: Tier, sums: &mut [Self], terms: &[Self]);
    /// Runs `kernel` for one sample (one feature per lane) in the tier that [`Tier::current`] gives.
    fn dispatch_sample<K: Kernel<Self>>(kernel: K) -> K::Output;
}

/// Parameters for reading: a slice, or for Taylor polynomials one slice of values and one of tangents.
#[allow(clippy::len_without_is_empty)]
pub trait Params<'a>: Copy + Send + Sync + 'a {
    /// The parameter count.
    fn len(self) -> usize;
    /// A range of them.
    #[must_use]
    fn range(self, range: Range<usize>) -> Self;
    /// Splits them at `at`.
    #[inline(always)]
    fn split_at(self, at: usize) -> (Self, Self) {
        (self.range(0..at), self.range(at..self.len()))
    }
}

impl<'a, T: Real> Params<'a> for &'a [T] {
    #[inline(always)]
    fn len(self) -> usize {
        <[T]>::len(self)
    }
    #[inline(always)]
    fn range(self, range: Range<usize>) -> Self {
        &self[range]
    }
}
