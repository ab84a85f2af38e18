//! Comparisons, with what was found as the error.

use core::fmt::Display;

use simplechain::chain::Array;

/// What was found, if something is wrong.
pub(crate) type Checked = Result<(), String>;

/// A sum, and that of its terms' absolute values.
pub(crate) struct Sum {
    pub(crate) value: f64,
    pub(crate) terms: f64,
}

impl Sum {
    fn of(terms: impl Iterator<Item = f64>) -> Self {
        let mut sum = Self {
            value: 0.0,
            terms: 0.0,
        };
        for term in terms {
            sum.value += term;
            sum.terms += term.abs();
        }
        sum
    }

    pub(crate) fn of_products<A: Array<f64>>(a: &A, b: &A) -> Self {
        Self::of(a.as_slice().iter().zip(b.as_slice()).map(|(a, b)| a * b))
    }

    /// Of arrays, number by number.
    pub(crate) fn of_arrays<A: Array<f64>>(arrays: &[A]) -> Vec<Self> {
        let number = |i| Self::of(arrays.iter().map(move |array| array.as_slice()[i]));
        (0..A::LEN).map(number).collect()
    }
}

pub(crate) fn near(what: impl Display, got: f64, want: f64, allowed: f64) -> Checked {
    let off = (got - want).abs();
    // NaN is not near.
    if off <= allowed {
        return Ok(());
    }
    Err(format!(
        "{what}: {got:e} instead of {want:e}, off by {off:e} where {allowed:e} is allowed"
    ))
}

/// Relative to the largest number, or to 1.
pub(crate) fn array_near<A: Array<f64>>(
    what: impl Display,
    got: &A,
    want: &A,
    allowed: f64,
) -> Checked {
    slice_near(what, got.as_slice(), want.as_slice(), allowed)
}

/// The same for slices.
pub(crate) fn slice_near(what: impl Display, got: &[f64], want: &[f64], allowed: f64) -> Checked {
    let largest = want.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let what = format_args!("{what}, number {i}");
        near(what, *got, *want, allowed * largest)?;
    }
    Ok(())
}

/// Sample by sample.
pub(crate) fn samples_near<A: Array<f64>>(
    what: impl Display,
    got: &[A],
    want: &[A],
    allowed: f64,
) -> Checked {
    for (s, (got, want)) in got.iter().zip(want).enumerate() {
        array_near(format_args!("{what}, sample {s}"), got, want, allowed)?;
    }
    Ok(())
}

/// A sum over samples, relative to the largest one's terms.
pub(crate) fn sum_near<A: Array<f64>>(
    what: impl Display,
    got: &A,
    samples: &[A],
    allowed: f64,
) -> Checked {
    let sums = Sum::of_arrays(samples);
    let largest = sums.iter().fold(1.0, |most: f64, sum| most.max(sum.terms));
    for (i, (got, want)) in got.as_slice().iter().zip(&sums).enumerate() {
        let what = format_args!("{what}, number {i}");
        near(what, *got, want.value, allowed * largest)?;
    }
    Ok(())
}
