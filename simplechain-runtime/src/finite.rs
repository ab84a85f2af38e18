//! Detection of non-finite values and their cause.

use crate::array::Array;
use crate::data::Samples;
use crate::error::NotFinite;
use crate::loss::Loss;
use crate::network::Network;
use crate::simd::{Kernel, Real, Simd};

/// Whether no element is infinite or NaN.
pub(crate) fn all_finite<T: Real>(numbers: &[T]) -> bool {
    // `0 x` is 0, or NaN if `x` is not finite; a sum that contains NaN is NaN.
    T::dispatch_batch(ZeroTimes(numbers)) == T::ZERO
}

struct ZeroTimes<'a, T>(&'a [T]);

impl<T: Real> Kernel<T> for ZeroTimes<'_, T> {
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

/// The first of the given samples with an infinite or NaN input or target, unless its weight is 0.
pub(crate) fn find_not_finite<C, T, L, X>(
    _: C,
    loss: &L,
    xs: &X,
    targets: &[L::Target],
    samples: impl IntoIterator<Item = usize>,
) -> Option<NotFinite>
where
    C: Network,
    T: Real,
    L: Loss<C, T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    let mut input = C::Input::boxed(T::ZERO);
    let mut encoded = C::Output::boxed(T::ZERO);
    let first = |what, sample, numbers: &[T]| {
        let column = numbers.iter().position(|x| !x.is_finite())?;
        Some(NotFinite {
            what,
            sample,
            column,
            value: numbers[column].to_f64(),
        })
    };
    samples.into_iter().find_map(|sample| {
        if L::WEIGHTED && loss.weight(&targets[sample]) == 0.0 {
            return None;
        }
        xs.read(sample, 0, input.as_mut_slice());
        loss.encode(&targets[sample], encoded.as_mut_slice());
        first("input", sample, input.as_slice())
            .or_else(|| first("target", sample, encoded.as_slice()))
    })
}
