//! What a training tells of its epochs.

use alloc::vec::Vec;
use core::ops::ControlFlow;
use core::time::Duration;

/// The results of an epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Epoch {
    /// The index of the epoch: counted from 0 in every call of `fit`, and on from the checkpoint in one that was resumed.
    pub index: usize,
    /// The mean loss over the samples, each with the parameters at the time of its batch, and the penalty on these.
    pub loss: f64,
    /// The mean loss of the validation samples with the parameters that the epoch left, and the penalty on these, where there are
    /// such samples. (Without the penalty it is what [`Chain::loss_batch`](crate::chain::Chain::loss_batch) gives for the loss within `Penalized`.)
    pub validation: Option<f64>,
    /// Wall time, without validation; zero where there is no clock (`wasm32-unknown-unknown`).
    pub duration: Duration,
}

/// The results of a call of `fit`, epoch by epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The epochs that were run.
    pub epochs: Vec<Epoch>,
    /// The [`index`](Epoch::index) of the epoch with the lowest validation loss, whose parameters were kept. After a resume it may be an epoch before the
    /// checkpoint, which is not in [`epochs`](Self::epochs): see [`best_epoch`](Self::best_epoch).
    pub best: Option<usize>,
}

impl History {
    /// The epoch with the lowest validation loss, if it is one of [`epochs`](Self::epochs).
    pub fn best_epoch(&self) -> Option<&Epoch> {
        let best = self.best?;
        self.epochs.iter().find(|epoch| epoch.index == best)
    }

    /// The loss of the last epoch, NaN before the first.
    pub fn last_loss(&self) -> f64 {
        self.epochs.last().map_or(f64::NAN, |epoch| epoch.loss)
    }
}

/// The callback after every epoch.
pub(super) type OnEpoch<'a, P> = &'a mut dyn FnMut(&Epoch, &P) -> ControlFlow<()>;
