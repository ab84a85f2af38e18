//! Loops over slices that depend on nothing but the number type. They are compiled in this crate, not in every program that trains.

use super::{Kernel, Number, Simd};

/// The loops, for a real number type.
pub trait Slices: Sized {
    /// Whether no element is infinite or NaN.
    fn all_finite(numbers: &[Self]) -> bool;
    /// The index of the first element that is infinite or NaN.
    fn first_not_finite(numbers: &[Self]) -> Option<usize>;
}

/// The sum of `0 x`: 0, or NaN if some `x` is not finite.
struct ZeroTimes<'a, T>(&'a [T]);

impl<T: Number> Kernel<T> for ZeroTimes<'_, T> {
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let mut sums = [simd.zero(); 4];
        let mut blocks = self.0.chunks_exact(4 * S::LANES);
        for block in &mut blocks {
            for (k, sum) in sums.iter_mut().enumerate() {
                *sum = simd.mul_add(simd.load(&block[k * S::LANES..]), simd.zero(), *sum);
            }
        }
        for rest in blocks.remainder().chunks(S::LANES) {
            sums[0] = simd.mul_add(simd.load_partial(rest), simd.zero(), sums[0]);
        }
        let sum = simd.add(simd.add(sums[0], sums[1]), simd.add(sums[2], sums[3]));
        simd.sum(sum)
    }
}

/// Adds the second slice to the first, of equal length.
pub(super) struct AddAssign<'a, T>(pub(super) &'a mut [T], pub(super) &'a [T]);

impl<T: Number> Kernel<T> for AddAssign<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self(sums, terms) = self;
        let mut sums = sums.chunks_exact_mut(S::LANES);
        let mut terms = terms.chunks_exact(S::LANES);
        for (sums, terms) in (&mut sums).zip(&mut terms) {
            simd.store(simd.add(simd.load(sums), simd.load(terms)), sums);
        }
        for (sum, term) in sums.into_remainder().iter_mut().zip(terms.remainder()) {
            *sum += *term;
        }
    }
}

macro_rules! slices {
    ($T:ident) => {
        impl Slices for $T {
            fn all_finite(numbers: &[Self]) -> bool {
                Self::dispatch_batch(ZeroTimes(numbers)) == 0.0
            }
            fn first_not_finite(numbers: &[Self]) -> Option<usize> {
                numbers.iter().position(|x| !x.is_finite())
            }
        }
    };
}

slices!(f32);
slices!(f64);
