//! How near two numbers must be.

use std::fmt::Display;

use simplechain::simd::Real;
use simplechain_reference::{Bounded, Number};

/// Demands `|got - want| <= tolerance * max(|want|, unit)`.
#[track_caller]
pub fn near<T: Real>(what: impl Display, got: &[T], want: &[f64], tolerance: f64, unit: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let off = (got.to_f64() - want).abs();
        assert!(
            off <= tolerance * want.abs().max(unit),
            "{what}, number {i}, {}: {got} instead of {want}",
            T::NAME
        );
    }
}

/// The size of the largest number: a unit for [`near`].
pub fn size(numbers: &[f64]) -> f64 {
    numbers.iter().fold(0.0, |size, x| x.abs().max(size))
}

/// `sum_i a_i b_i`
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Demands that every number is as near as a correct computation must be.
#[track_caller]
pub fn assert_near<T: Real>(what: impl Display, got: &[T], want: &[Bounded]) {
    /// The bound is of first order, and the twin itself rounds.
    const SLACK: f64 = 2.0;
    let u = if T::NAME == "f32" {
        2f64.powi(-24)
    } else {
        2f64.powi(-53)
    };
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let allowed = SLACK * u * want.error + 1e-37;
        let off = (got.to_f64() - want.value).abs();
        assert!(
            off <= allowed,
            "{what}, number {i}: {got} instead of {}, off by {off:e} where {allowed:e} is allowed",
            want.value
        );
    }
}

/// [`assert_near`] for a sum that started at `start`.
#[track_caller]
pub fn assert_added<T: Real>(what: impl Display, got: &[T], start: f64, want: &[Bounded]) {
    let sum = |term: &Bounded| {
        let mut sum = Bounded::exact(start).sum();
        Bounded::add_product(&mut sum, *term, Bounded::exact(1.0));
        Bounded::total(sum)
    };
    assert_near(what, got, &want.iter().map(sum).collect::<Vec<_>>());
}
