//! A training between two steps, and who keeps it.

use alloc::vec::Vec;

use super::order::SampleOrder;
use crate::error::Error;
use crate::optim::State;
#[cfg(all(feature = "std", feature = "safetensors"))]
use crate::simd::Real;

/// How far a call of `fit` has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Progress {
    /// Epochs that are done.
    pub(super) epoch: usize,
    /// Batches of the next one that are done, and the sum of their losses.
    pub(super) batch: usize,
    pub(super) sum: f64,
}

/// Where a call of `fit` begins, other than with the given parameters.
#[derive(Debug, Default)]
pub(super) struct Start<T> {
    pub(super) progress: Progress,
    /// The epoch of the lowest validation loss, this loss, and its parameters.
    pub(super) best: Option<(usize, f64, Vec<T>)>,
    /// The parameters of the last step with a finite loss and gradient.
    pub(super) good: Option<Vec<T>>,
}

#[cfg(all(feature = "std", feature = "safetensors"))]
impl Start<f64> {
    /// In the type that they had: `f64` has all values of `f32`.
    pub(super) fn cast<T: Real>(self) -> Start<T> {
        let cast = |numbers: Vec<f64>| numbers.into_iter().map(T::from_f64).collect();
        Start {
            progress: self.progress,
            best: self
                .best
                .map(|(epoch, loss, params)| (epoch, loss, cast(params))),
            good: self.good.map(cast),
        }
    }
}

/// All that a training needs to continue.
#[cfg_attr(not(all(feature = "std", feature = "safetensors")), expect(dead_code))]
pub(super) struct Snapshot<'a, T> {
    pub(super) params: &'a [T],
    pub(super) optimizer: State<T>,
    pub(super) order: &'a SampleOrder,
    pub(super) progress: Progress,
    pub(super) best: Option<(usize, f64, &'a [T])>,
    pub(super) good: Option<&'a [T]>,
}

/// Who keeps snapshots of a training.
pub(super) trait Keeper<T>: Send {
    /// Whether one is due after so many epochs, within one or at its end.
    fn is_due(&self, progress: Progress) -> bool;

    /// Keeps one.
    ///
    /// # Errors
    /// If the training must stop.
    fn keep(&mut self, snapshot: Snapshot<'_, T>) -> Result<(), Error>;
}
