//! The random sample order of each epoch, and the other random state of a training run.

use rand::Rng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::init;
use crate::layer::Mode;

/// A random stream whose state is a seed and two counters.
#[derive(Debug)]
pub(super) struct SampleOrder {
    pub(super) seed: u64,
    rng: Xoshiro256PlusPlus,
    /// How many random numbers were drawn.
    pub(super) drawn: u64,
    /// Steps made: each has its own dropout masks.
    pub(super) steps: u64,
    /// Whether each epoch shuffles the samples.
    pub(super) shuffles: bool,
}

impl SampleOrder {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            rng: init::rng(seed),
            drawn: 0,
            steps: 0,
            shuffles: true,
        }
    }

    /// From the beginning, with another seed.
    pub(super) fn reseeded(&self, seed: u64) -> Self {
        Self {
            shuffles: self.shuffles,
            ..Self::new(seed)
        }
    }

    /// Shuffles the samples for the next epoch.
    pub(super) fn next_epoch(&mut self, order: &mut [u32]) {
        if self.shuffles {
            init::shuffle(order, &mut self.rng);
            // One for every position except the first.
            self.drawn += order.len().saturating_sub(1) as u64;
        }
    }

    /// The mode of the next step.
    pub(super) fn next_step(&mut self, samples: usize) -> Mode {
        let mode = Mode::training(self.seed, self.steps, samples);
        self.steps += 1;
        mode
    }

    /// Draws this many random numbers and discards them.
    pub(super) fn skip(&mut self, numbers: u64) {
        for _ in 0..numbers {
            self.rng.next_u64();
        }
        self.drawn += numbers;
    }
}
