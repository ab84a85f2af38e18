//! Detection of non-finite values and their cause.

use crate::array::Array;
use crate::data::Samples;
use crate::error::NotFinite;
use crate::loss::Loss;
use crate::network::Network;
use crate::simd::Real;

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
        let column = T::first_not_finite(numbers)?;
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
