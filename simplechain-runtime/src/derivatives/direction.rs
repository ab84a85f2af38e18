//! Directions of the parameters.

use crate::array::Array;
use crate::info::{LayerInfo, for_each_layer};
use crate::network::Network;
use crate::scratch::{Memory, OffStack};
use crate::simd::Real;

/// A direction of the parameters, with zeros for those that are not trained.
pub(super) enum Direction<'a, C: Network, T: Real> {
    /// All parameters are trained: the given direction.
    Given(&'a [T]),
    /// A copy, with zeros for untrained parameters.
    Trained(<OffStack as Memory>::Zeros<T, C::Params<T>>),
}

impl<'a, C: Network, T: Real> Direction<'a, C, T> {
    #[inline]
    pub(super) fn of(params_dot: &'a C::Params<T>) -> Self {
        let given = params_dot.as_slice();
        if const { are_trained(C::LAYERS) } {
            return Self::Given(given);
        }
        let mut trained = OffStack::copy::<T, C::Params<T>>(given);
        for_each_layer(C::LAYERS, 0, &mut |layer, range| {
            let trained_until = if layer.trained {
                range.end - layer.state_count
            } else {
                range.start
            };
            trained[trained_until..range.end].fill(T::ZERO);
        });
        Self::Trained(trained)
    }

    #[inline(always)]
    pub(super) fn as_slice(&self) -> &[T] {
        match self {
            Self::Given(direction) => direction,
            Self::Trained(direction) => direction,
        }
    }
}

/// Whether all parameters of layers, including inner layers, are trained.
const fn are_trained(layers: &[LayerInfo]) -> bool {
    let mut i = 0;
    while i < layers.len() {
        let layer = &layers[i];
        if !layer.trained || layer.state_count > 0 {
            return false;
        }
        let mut chain = 0;
        while chain < layer.inner.len() {
            if !are_trained(layer.inner[chain]) {
                return false;
            }
            chain += 1;
        }
        i += 1;
    }
    true
}
