//! Steps of an optimizer that leave some parameters as they are.

use core::ops::Range;

use super::Optimizer;
use crate::held;
use crate::info::LayerInfo;
use crate::simd::Real;

/// Lets an optimizer update the parameters except the held ones, which weight decay, for example, would change.
pub(crate) fn hold<T: Real, O: Optimizer<T>, R>(
    layers: &[LayerInfo],
    held: &[Range<usize>],
    optimizer: &mut O,
    params: &mut [T],
    change: impl FnOnce(&mut O, &mut [T]) -> R,
) -> R {
    let result = held::keep(layers, params, |params| change(optimizer, params));
    optimizer.settle(params, held);
    result
}
