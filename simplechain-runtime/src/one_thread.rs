//! What stands for `threads` without the standard library: all work is done by the thread of the caller.

use crate::error::{Error, check_range};

/// Where the work of a call runs: here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place;

impl Place {
    /// For a call with this requested number of threads.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for 0.
    pub(crate) fn of(asked: Option<usize>, _: Unasked) -> Result<Self, Error> {
        let threads = asked.unwrap_or(1);
        check_range(
            "the number of threads",
            threads as f64,
            threads > 0,
            "at least 1",
        )?;
        Ok(Self)
    }

    /// One is never too many.
    pub(crate) fn at_most(self, _: usize) -> Self {
        self
    }

    pub(crate) fn threads(self) -> usize {
        1
    }
}

/// How many threads of the surrounding pool a call takes by default; there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unasked {
    One,
    All,
}

/// Runs `f`.
pub(crate) fn install<R>(_: Place, f: impl FnOnce() -> R) -> Result<R, Error> {
    Ok(f())
}

/// Runs `work` on every item.
pub(crate) fn for_each<I>(_: usize, items: impl Iterator<Item = I>, work: impl Fn(I)) {
    items.for_each(work);
}

/// The number of threads for a batch.
pub(crate) fn current() -> usize {
    1
}
