//! What a pass tells the layers about training.

use crate::hash::mix;

/// The purpose of a forward pass.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// Inference: evaluates the function that the chain represents.
    Inference,
    /// A step of training.
    Training(TrainingStep),
}

/// What a layer knows about the current training step.
#[derive(Clone, Copy, Debug)]
pub struct TrainingStep {
    /// The seed of this step.
    pub rng_seed: u64,
    /// The index in the batch of the tile's first sample.
    pub first: usize,
    /// The number of samples in the batch.
    pub samples: usize,
    /// Whether the layer is within `frozen`: then running statistics are used as they are.
    pub frozen: bool,
}

#[cfg_attr(
    not(feature = "alloc"),
    expect(dead_code, reason = "only batches are trained on")
)]
impl Mode {
    /// Step number `step` of the training with this seed, on so many samples.
    pub(crate) fn training(seed: u64, step: u64, samples: usize) -> Self {
        Self::Training(TrainingStep {
            rng_seed: mix(seed ^ mix(step)),
            first: 0,
            samples,
            frozen: false,
        })
    }

    /// The same for a tile that begins with this sample of the batch.
    #[must_use]
    #[inline(always)]
    pub(crate) const fn starting_at(self, first: usize) -> Self {
        match self {
            Self::Inference => Self::Inference,
            Self::Training(step) => Self::Training(TrainingStep { first, ..step }),
        }
    }

    /// The same within `frozen`.
    #[must_use]
    #[inline(always)]
    pub(crate) const fn frozen(self) -> Self {
        match self {
            Self::Inference => Self::Inference,
            Self::Training(step) => Self::Training(TrainingStep {
                frozen: true,
                ..step
            }),
        }
    }

    /// The same for a chain inside a chain: the `site` tells apart what is drawn at random there, however often that chain is
    /// used.
    #[must_use]
    #[inline(always)]
    pub(crate) const fn at(self, site: u64) -> Self {
        match self {
            Self::Inference => Self::Inference,
            Self::Training(step) => Self::Training(TrainingStep {
                rng_seed: mix(step.rng_seed ^ mix(!site)),
                ..step
            }),
        }
    }
}
