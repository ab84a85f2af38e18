//! The order of the samples, epoch after epoch, and what else is random in a training.

use rand::Rng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::init;
use crate::layer::Mode;

/// A stream of random numbers, of which a seed and two counters are all that must be remembered.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) seed: u64,
    rng: Xoshiro256PlusPlus,
    /// How many numbers were drawn.
    pub(super) drawn: u64,
    /// Steps that were made: each drops other numbers.
    pub(super) steps: u64,
    /// Whether an epoch takes the samples in a new order.
    pub(super) shuffles: bool,
}

impl Order {
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

    /// Brings the samples into the order of the next epoch.
    pub(super) fn next_epoch(&mut self, order: &mut [u32]) {
        if self.shuffles {
            init::shuffle(order, &mut self.rng);
            // One for every place but the first.
            self.drawn += order.len().saturating_sub(1) as u64;
        }
    }

    /// What the next step is for.
    pub(super) fn next_step(&mut self, samples: usize) -> Mode {
        let mode = Mode::training(self.seed, self.steps, samples);
        self.steps += 1;
        mode
    }

    /// Draws so many numbers once more, for nothing.
    pub(super) fn skip(&mut self, numbers: u64) {
        for _ in 0..numbers {
            self.rng.next_u64();
        }
        self.drawn += numbers;
    }
}
