//! Vectors of parameters and gradients: products, norms and means.

use super::elementwise::{Rule, compiled_here, constant, step};
use crate::simd::{Real, Simd};

/// `sum_i a_i b_i`, in `f64`, with eight accumulators.
pub(super) fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a.to_f64() * b.to_f64();
        }
    }
    sums.iter().sum()
}

/// The largest magnitude; NaN if any element is NaN.
pub(super) fn largest<T: Real>(numbers: &[T]) -> f64 {
    let magnitudes = numbers.iter().map(|x| x.to_f64().abs());
    magnitudes.fold(0.0, |largest, x| {
        if x > largest || x.is_nan() {
            x
        } else {
            largest
        }
    })
}

/// The Euclidean norm as a product `(unit, norm / unit)`, which may exceed the largest `f64`.
///
/// The unit is 1 unless squares would overflow or underflow.
pub(super) fn norm<T: Real>(numbers: &[T]) -> (f64, f64) {
    let squares = dot(numbers, numbers);
    // Terms that underflow are below the rounding error of the sum.
    if squares.is_finite() && squares > f64::MIN_POSITIVE / f64::EPSILON {
        return (1.0, squares.sqrt());
    }
    let unit = largest(numbers);
    if unit == 0.0 || !unit.is_finite() {
        return (1.0, unit);
    }
    let unit = unit.max(f64::MIN_POSITIVE);
    let shares = numbers.iter().map(|x| x.to_f64() / unit);
    (unit, shares.map(|x| x * x).sum::<f64>().sqrt())
}

/// `mean += weight (new - mean)`: equal values stay unchanged, bit for bit. With weight 1 nothing of the old mean remains.
pub(super) fn blend<T: Real>(mean: &mut [T], new: &[T], weight: f64) {
    if weight == 1.0 {
        mean.copy_from_slice(new);
    } else {
        step(Blend(weight), mean, new, []);
    }
}

#[derive(Clone, Copy)]
struct Blend(f64);

compiled_here!(Blend, 0);

impl Rule<0> for Blend {
    #[inline(always)]
    fn update<T: Real, S: Simd<T>>(
        self,
        simd: S,
        mean: S::V,
        new: S::V,
        _: &mut [S::V; 0],
    ) -> S::V {
        simd.mul_add(constant::<T, S>(simd, self.0), simd.sub(new, mean), mean)
    }
}
