//! Vectors at the end of a slice.

use super::blocks::min;
use crate::simd::{Number, Simd};

/// Lanes of the widest vector.
pub(super) const MAX_LANES: usize = 16;

/// The numbers from `at` on, as many as there are lanes or left, then zeros.
#[inline(always)]
pub(super) fn load_at<T: Number, S: Simd<T>>(simd: S, x: &[T], at: usize) -> S::V {
    if at + S::LANES <= x.len() {
        simd.load(&x[at..])
    } else {
        simd.load_partial(&x[min(at, x.len())..])
    }
}

/// Writes the lanes from `x[at]` on, as many as there is room for.
#[inline(always)]
pub(super) fn store_at<T: Number, S: Simd<T>>(simd: S, v: S::V, x: &mut [T], at: usize) {
    if at + S::LANES <= x.len() {
        simd.store(v, &mut x[at..]);
    } else {
        let at = min(at, x.len());
        simd.store_partial(v, &mut x[at..]);
    }
}
