//! Parameters that no optimizer updates: those of `frozen` layers, which do not change, and running statistics, which follow
//! the data.

use alloc::vec::Vec;
use core::ops::Range;

use crate::error::Error;
use crate::info::{LayerInfo, for_each_held};
use crate::scratch::Scratch;
use crate::simd::Real;

/// How far a step moves the running statistics.
const MOMENTUM: f64 = 0.1;

/// Their ranges.
pub(crate) fn ranges(layers: &[LayerInfo]) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for_each_held(layers, &mut |range, _| ranges.push(range));
    ranges
}

/// The minimum size of a training batch: two, if a sample has only one element per channel whose
/// variance is needed.
pub(crate) fn min_batch(layers: &[LayerInfo]) -> usize {
    let mut least = 1;
    for_each_held(layers, &mut |range, statistics| {
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
pub(crate) fn check_batch(layers: &[LayerInfo], samples: usize) -> Result<(), Error> {
    if samples < min_batch(layers) {
        return Err(Error::NoVariance);
    }
    Ok(())
}

/// Updates the running statistics with those of the batch, which are stored in place of their gradient, and zeroes that gradient.
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

/// Lets a closure change a vector with one element per parameter, then restores the held elements.
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
