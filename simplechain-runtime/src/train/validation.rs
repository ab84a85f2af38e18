//! Validation samples and early stopping.

#[cfg(all(feature = "std", feature = "safetensors"))]
use alloc::{format, string::String};

use crate::error::{Error, check_range};

/// Samples and targets on which the training loss, including its penalty, is computed after every epoch.
/// The parameters of the best epoch are kept.
///
/// ```
/// use simplechain::train::Validation;
///
/// let (xs, targets) = ([[0.1_f32], [0.7]], [[1.0_f32], [0.0]]);
/// // Stops when 20 epochs have not made the loss less by more than 1e-6.
/// let validation = Validation::new(&xs, &targets).patience(20).min_delta(1e-6);
/// ```
#[derive(Debug)]
pub struct Validation<'a, X: ?Sized, Y> {
    pub(super) xs: &'a X,
    pub(super) targets: &'a [Y],
    patience: usize,
    min_delta: f64,
}

impl<'a, X: ?Sized, Y> Validation<'a, X, Y> {
    /// Without early stopping.
    pub fn new(xs: &'a X, targets: &'a [Y]) -> Self {
        Self {
            xs,
            targets,
            patience: usize::MAX,
            min_delta: 0.0,
        }
    }

    /// Stops after this many consecutive epochs without improvement on the best loss, at least 1.
    #[must_use]
    pub fn patience(self, epochs: usize) -> Self {
        Self {
            patience: epochs,
            ..self
        }
    }

    /// The minimum decrease below the lowest loss so far that counts as an improvement.
    #[must_use]
    pub fn min_delta(self, delta: f64) -> Self {
        Self {
            min_delta: delta,
            ..self
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        check_range(
            "the patience",
            self.patience as f64,
            self.patience > 0,
            "at least 1",
        )?;
        let ok = self.min_delta >= 0.0 && self.min_delta.is_finite();
        check_range("min_delta", self.min_delta, ok, "finite, and not below 0")
    }

    /// An observer of the losses of one run, from the best epoch so far on.
    pub(super) fn watch<P>(&self, best: Option<(usize, f64, P)>) -> EarlyStopping<P> {
        EarlyStopping {
            patience: self.patience,
            min_delta: self.min_delta,
            best,
        }
    }

    /// The settings in a checkpoint.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    pub(super) fn settings(&self) -> String {
        let (patience, min_delta) = (self.patience, self.min_delta);
        let samples = self.targets.len();
        match patience {
            usize::MAX => format!("{samples} samples"),
            _ => format!("{samples} samples, patience {patience}, min_delta {min_delta:?}"),
        }
    }
}

/// The best epoch so far, with its parameters.
pub(super) struct EarlyStopping<P> {
    patience: usize,
    min_delta: f64,
    best: Option<(usize, f64, P)>,
}

impl<P> EarlyStopping<P> {
    /// Records an epoch; `params` returns a copy of its parameters. Returns whether to stop.
    pub(super) fn record(
        &mut self,
        epoch: usize,
        loss: f64,
        params: impl FnOnce(Option<P>) -> P,
    ) -> bool {
        let best = self.best.as_ref().map_or(f64::INFINITY, |best| best.1);
        if loss < best - self.min_delta || self.best.is_none() && !loss.is_nan() {
            let memory = self.best.take().map(|best| best.2);
            self.best = Some((epoch, loss, params(memory)));
        }
        self.is_over(epoch + 1)
    }

    /// Whether to stop after so many epochs.
    pub(super) fn is_over(&self, epochs: usize) -> bool {
        let best = self.best.as_ref().map(|best| best.0.saturating_add(1));
        epochs.saturating_sub(best.unwrap_or(0)) >= self.patience
    }

    /// The best epoch, its loss and its parameters.
    pub(super) fn so_far(&self) -> Option<(usize, f64, &P)> {
        let (epoch, loss, params) = self.best.as_ref()?;
        Some((*epoch, *loss, params))
    }

    /// The best epoch and its parameters.
    pub(super) fn best(self) -> Option<(usize, P)> {
        self.best.map(|(epoch, _, params)| (epoch, params))
    }
}
