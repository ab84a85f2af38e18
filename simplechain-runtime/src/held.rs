//! Parameters that no optimizer moves: those of `frozen` layers, which stand still, and running statistics, which follow
//! the data.

use core::ops::Range;

use crate::error::Error;
use crate::info::{LayerInfo, for_each_held};
use crate::scratch::Scratch;
use crate::simd::Real;

/// How far a step moves the running statistics.
const MOMENTUM: f64 = 0.1;

/// Where they are.
pub(crate) fn ranges(layers: &[LayerInfo]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for_each_held(layers, &mut |range, _| ranges.push(range));
    ranges
}

/// The fewest samples that a batch of training must have: two, if a sample has a single number of a channel whose
/// variance is taken.
pub(crate) fn min_batch(layers: &[LayerInfo]) -> usize {
    let mut least = 1;
    for_each_held(layers, &mut |range, statistics| {
        // Of every channel a mean and a variance.
        if statistics.is_some_and(|layer| range.len() == 2 * layer.input.len()) {
            least = 2;
        }
    });
    least
}

/// Whether a batch of training has enough samples.
///
/// # Errors
/// [`Error::NoVariance`]
pub(crate) fn check_batch(layers: &[LayerInfo], samples: usize) -> Result<(), Error> {
    if samples < min_batch(layers) {
        return Err(Error::NoVariance);
    }
    Ok(())
}

/// Moves the running statistics to those of the batch, which stand in the place of their gradient, and puts 0 there.
pub(crate) fn follow<T: Real>(layers: &[LayerInfo], params: &mut [T], grads: &mut [T]) {
    let momentum = T::from_f64(MOMENTUM);
    for_each_held(layers, &mut |range, statistics| {
        if statistics.is_some() {
            let seen = &mut grads[range.clone()];
            for (value, seen) in params[range].iter_mut().zip(seen) {
                *value += momentum * (*seen - *value);
                *seen = T::ZERO;
            }
        }
    });
}

/// Lets something change numbers of which there is one for every parameter, and puts back those that are held.
pub(crate) fn keep<T: Real, R>(
    layers: &[LayerInfo],
    numbers: &mut [T],
    change: impl FnOnce(&mut [T]) -> R,
) -> R {
    let mut count = 0;
    for_each_held(layers, &mut |range, _| count += range.len());
    let mut memory = Scratch::take::<T>(count.div_ceil(T::PANEL));
    let kept = memory.numbers::<T>();
    let mut at = 0;
    for_each_held(layers, &mut |range, _| {
        kept[at..][..range.len()].copy_from_slice(&numbers[range.clone()]);
        at += range.len();
    });
    let result = change(numbers);
    let mut at = 0;
    for_each_held(layers, &mut |range, _| {
        numbers[range.clone()].copy_from_slice(&kept[at..][..range.len()]);
        at += range.len();
    });
    result
}
