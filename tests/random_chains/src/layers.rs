//! What the chains have that is not the library's own.

use simplechain_reference::outputs::Own;
pub use support::{Ramp, Squares};

/// These by their formulas.
pub(crate) const OWN: Own = Own {
    activation: |name, z| {
        assert_eq!(name, "crate::layers::Ramp");
        z / (1.0 + z * z).sqrt()
    },
    layer: |params, x| params.iter().zip(x).map(|(p, x)| p * x * x).collect(),
};

/// A size that the macro does not know.
pub struct Size<const N: usize>;

impl<const N: usize> Size<N> {
    /// The size.
    pub const N: usize = N;
}

/// Constants of `normalize` and `scale`, none of them 0.
pub struct Constants<const N: usize>;

impl<const N: usize> Constants<N> {
    /// Means, or offsets.
    pub const FIRST: [f64; N] = Self::from(-0.5);
    /// Deviations, or factors.
    pub const SECOND: [f64; N] = Self::from(0.75);

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
