//! The random sample order of each epoch, and the other random state of a training run.

use rand::rngs::Xoshiro256PlusPlus;

use super::jump;
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
            let drawn = order.len().saturating_sub(1) as u64;
            self.drawn = self.drawn.wrapping_add(drawn);
        }
    }

    /// The mode of the next step.
    pub(super) fn next_step(&mut self, samples: usize) -> Mode {
        let mode = Mode::training(self.seed, self.steps, samples);
        self.steps = self.steps.wrapping_add(1);
        mode
    }

    /// Goes on as if so many epochs of so many samples had been shuffled.
    pub(super) fn skip_epochs(&mut self, epochs: usize, samples: usize) {
        if self.shuffles {
            let each = samples.saturating_sub(1) as u64;
            self.skip((epochs as u64).wrapping_mul(each));
        }
    }

    /// Goes on as if this many random numbers had been drawn.
    pub(super) fn skip(&mut self, numbers: u64) {
        // Most trainings begin at the beginning, and may be short.
        if numbers > 0 {
            self.drawn = self.drawn.wrapping_add(numbers);
            self.rng = jump::rng(self.seed, self.drawn);
        }
    }
}
