//! Where kernels run.

use core::fmt;

use super::tiers::{Tier, Token};
use super::{Number, Simd};

/// A computation that is generic over the tier.
///
/// `run` and all that it calls must be `#[inline(always)]`.
pub trait Kernel<T: Number> {
    /// The result type.
    type Output;
    /// Does the work with the vectors of `simd`.
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output;
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Tier {
    /// The tier that calls on this thread use. Without the feature `std` it is the best one that all CPUs have which the program is
    /// built for.
    pub fn current() -> Self {
        Token::current().tier()
    }
}

impl Token {
    /// The tier of this thread.
    #[inline(always)]
    pub(super) fn current() -> Self {
        #[cfg(feature = "std")]
        return Self::chosen();
        #[cfg(not(feature = "std"))]
        Tier::LOWEST
            .token()
            .expect("a CPU that the program was built for")
    }
}
