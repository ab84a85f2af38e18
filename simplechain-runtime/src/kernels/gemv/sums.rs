//! In which order the terms of a sum are added, and what is done with it: the same for vectors and for one output after the other.

use crate::activation::Activation;
use crate::kernels::blocks::min;
use crate::kernels::lanes::store_at;
use crate::simd::{Number, Simd};

/// Chains of dependent multiply-adds for each sum: together with those of other vectors they hide the latency. Their number
/// depends only on the shape, so that every tier adds in the same order.
pub(super) const fn chains(inputs: usize, vectors: usize) -> usize {
    let wanted = match vectors {
        1 => MAX_CHAINS,
        2 => 4,
        _ => 2,
    };
    // Two terms in each at least.
    match inputs {
        ..4 => 1,
        4..8 => min(wanted, 2),
        8..16 => min(wanted, 4),
        _ => wanted,
    }
}

pub(super) const MAX_CHAINS: usize = 8;

/// The sum of the first `n` vectors, a power of two, by a tree.
#[inline(always)]
pub(super) fn total<T: Number, S: Simd<T>>(
    simd: S,
    mut sums: [S::V; MAX_CHAINS],
    n: usize,
) -> S::V {
    if n >= 8 {
        for c in 0..4 {
            sums[c] = simd.add(sums[c], sums[c + 4]);
        }
    }
    if n >= 4 {
        for c in 0..2 {
            sums[c] = simd.add(sums[c], sums[c + 2]);
        }
    }
    if n >= 2 {
        sums[0] = simd.add(sums[0], sums[1]);
    }
    sums[0]
}

/// Whether the weights do not fit the second-level cache: then the speed is that of reading them, which is highest in the order of
/// storage.
pub(super) const fn is_streamed<T: Number>(inputs: usize, outputs: usize) -> bool {
    inputs * outputs * size_of::<T::Real>() > 512 * 1024 && outputs >= 128
}

/// Stores `act(z)` from `y[at]` on.
#[inline(always)]
pub(super) fn activate<T: Number, S: Simd<T>, A: Activation, const SAVE: bool>(
    simd: S,
    activation: A,
    z: S::V,
    y: &mut [T],
    saved: &mut [T],
    at: usize,
) {
    if const { SAVE && !A::FROM_OUTPUT } {
        let (value, derivative) = activation.value_and_derivative(simd, z);
        store_at(simd, value, y, at);
        store_at(simd, derivative, saved, at);
    } else {
        store_at(simd, activation.value(simd, z), y, at);
    }
}
