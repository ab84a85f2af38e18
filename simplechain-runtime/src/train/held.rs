//! Parameters that no optimizer moves: those of `frozen` layers, which stand still, and running statistics, which follow
//! the data.

use core::ops::Range;

use crate::chain::{Array, Chain, for_each_layer};
use crate::error::Error;
use crate::layer::MOMENTUM;
use crate::optim::Optimizer;
use crate::scratch::Scratch;
use crate::simd::Real;

/// Why parameters are held.
enum Held {
    Frozen,
    /// Running statistics, and whether a sample has a single number of each channel that they are of.
    Statistics {
        one_a_sample: bool,
    },
}

/// Calls `f` with every range of parameters that is held, in order.
fn for_each<C: Chain>(mut f: impl FnMut(Held, Range<usize>)) {
    let mut frozen_until = 0;
    for_each_layer(C::LAYERS, 0, &mut |layer, range| {
        if range.start < frozen_until {
            return;
        }
        if !layer.trained {
            frozen_until = range.end;
            f(Held::Frozen, range);
        } else if layer.state_count > 0 {
            let one_a_sample = layer.state_count == 2 * layer.input.len();
            let range = range.end - layer.state_count..range.end;
            f(Held::Statistics { one_a_sample }, range);
        }
    });
}

/// Whether a batch of training has enough samples.
///
/// # Errors
/// [`Error::NoVariance`]
pub(super) fn check_batch<C: Chain>(samples: usize) -> Result<(), Error> {
    if samples < min_batch::<C>() {
        return Err(Error::NoVariance);
    }
    Ok(())
}

/// The fewest samples that a batch of training must have.
pub(super) fn min_batch<C: Chain>() -> usize {
    let mut least = 1;
    for_each::<C>(|held, _| {
        if let Held::Statistics { one_a_sample: true } = held {
            least = 2;
        }
    });
    least
}

/// Moves the running statistics to those of the batch, which stand in the place of their gradient, and puts 0 there.
pub(super) fn follow<C: Chain, T: Real>(_: C, params: &mut [T], grads: &mut [T]) {
    let momentum = T::from_f64(MOMENTUM);
    for_each::<C>(|held, range| {
        if let Held::Statistics { .. } = held {
            let seen = &mut grads[range.clone()];
            for (value, seen) in params[range].iter_mut().zip(seen) {
                *value += momentum * (*seen - *value);
                *seen = T::ZERO;
            }
        }
    });
}

/// A step of the optimizer, after which all that is held is as it was: weight decay would move it, for one.
pub(crate) fn step<C: Chain, T: Real, O: Optimizer<T> + ?Sized>(
    _: C,
    optimizer: &mut O,
    params: &mut C::Params<T>,
    grads: &C::Params<T>,
) {
    let mut count = 0;
    for_each::<C>(|_, range| count += range.len());
    let mut memory = Scratch::take::<T>(count.div_ceil(T::PANEL));
    let kept = memory.numbers::<T>();
    let params = params.as_mut_slice();
    let mut at = 0;
    for_each::<C>(|_, range| {
        kept[at..][..range.len()].copy_from_slice(&params[range.clone()]);
        at += range.len();
    });
    optimizer.step(params, grads.as_slice());
    let mut at = 0;
    for_each::<C>(|_, range| {
        params[range.clone()].copy_from_slice(&kept[at..][..range.len()]);
        at += range.len();
    });
}
