//! What the chains have that is not the library's own.

pub(crate) use support::{Ramp, Squares};

/// A size that the macro does not know.
pub(crate) struct Size<const N: usize>;

impl<const N: usize> Size<N> {
    pub(crate) const N: usize = N;
}

/// Constants of `normalize` and `scale`, none of them 0.
pub(crate) struct Constants<const N: usize>;

impl<const N: usize> Constants<N> {
    pub(crate) const FIRST: [f64; N] = Self::from(-0.5);
    pub(crate) const SECOND: [f64; N] = Self::from(0.75);

    const fn from(first: f64) -> [f64; N] {
        let mut constants = [first; N];
        let mut i = 1;
        while i < N {
            constants[i] = first + 0.125 * (i % 4) as f64;
            i += 1;
        }
        constants
    }
}
