//! Parameters that no optimizer updates: those of `frozen` layers, which do not change, and running statistics, which follow
//! the data.

use core::ops::Range;

use crate::chain::{Chain, for_each_held};
use crate::error::Error;
use crate::layer::MOMENTUM;
use crate::optim::Optimizer;
use crate::scratch::Scratch;
use crate::simd::Real;

/// Their ranges.
pub(crate) fn ranges<C: Chain>() -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for_each_held(C::LAYERS, &mut |range, _| ranges.push(range));
    ranges
}

/// The minimum size of a training batch: two, if a sample has only one element per channel whose
/// variance is needed.
pub(crate) fn min_batch<C: Chain>() -> usize {
    let mut least = 1;
    for_each_held(C::LAYERS, &mut |range, statistics| {
        // A mean and a variance per channel.
        if statistics.is_some_and(|layer| range.len() == 2 * layer.input.len()) {
            least = 2;
        }
    });
    least
}

/// Whether a training batch has enough samples.
///
/// # Errors
/// [`Error::NoVariance`]
pub(crate) fn check_batch<C: Chain>(samples: usize) -> Result<(), Error> {
    if samples < min_batch::<C>() {
        return Err(Error::NoVariance);
    }
    Ok(())
}

/// Updates the running statistics with those of the batch, which are stored in place of their gradient, and zeroes that gradient.
pub(crate) fn follow<C: Chain, T: Real>(_: C, params: &mut [T], grads: &mut [T]) {
    let momentum = T::from_f64(MOMENTUM);
    for_each_held(C::LAYERS, &mut |range, statistics| {
        if statistics.is_some() {
            let seen = &mut grads[range.clone()];
            for (value, seen) in params[range].iter_mut().zip(seen) {
                *value += momentum * (*seen - *value);
                *seen = T::ZERO;
            }
        }
    });
}

/// Lets a closure change a vector with one element per parameter, then restores the held elements.
pub(crate) fn keep<C: Chain, T: Real, R>(
    _: C,
    numbers: &mut [T],
    change: impl FnOnce(&mut [T]) -> R,
) -> R {
    let mut count = 0;
    for_each_held(C::LAYERS, &mut |range, _| count += range.len());
    let mut memory = Scratch::take::<T>(count.div_ceil(T::PANEL));
    let kept = memory.numbers::<T>();
    let mut at = 0;
    for_each_held(C::LAYERS, &mut |range, _| {
        kept[at..][..range.len()].copy_from_slice(&numbers[range.clone()]);
        at += range.len();
    });
    let result = change(numbers);
    let mut at = 0;
    for_each_held(C::LAYERS, &mut |range, _| {
        numbers[range.clone()].copy_from_slice(&kept[at..][..range.len()]);
        at += range.len();
    });
    result
}

/// Lets an optimizer update the parameters except the held ones, which weight decay, for example, would change.
pub(crate) fn hold<C: Chain, T: Real, O: Optimizer<T>, R>(
    chain: C,
    held: &[Range<usize>],
    optimizer: &mut O,
    params: &mut [T],
    change: impl FnOnce(&mut O, &mut [T]) -> R,
) -> R {
    let result = keep(chain, params, |params| change(optimizer, params));
    optimizer.settle(params, held);
    result
}
