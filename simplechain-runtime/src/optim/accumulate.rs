//! Gradient accumulation over several batches.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::vector::blend;
use super::{Optimizer, State, reserve};
use crate::error::{Error, check_range};
use crate::simd::Real;

/// An optimizer that makes a step after several gradients, with their mean over all samples: [`Optimizer::accumulate`]. Between
/// steps the parameters do not change.
///
/// With the gradients `g_1 .. g_k` of batches of `n_1 .. n_k` samples, the step uses `sum_i n_i g_i / sum_i n_i`.
#[derive(Clone, Debug, PartialEq)]
pub struct Accumulated<O, T> {
    optimizer: O,
    gradients: usize,
    /// Gradients accumulated in `mean`, and their samples.
    count: usize,
    samples: usize,
    mean: Vec<T>,
}

impl<O, T: Real> Accumulated<O, T> {
    pub(super) fn new(optimizer: O, gradients: usize) -> Self {
        Self {
            optimizer,
            gradients,
            count: 0,
            samples: 0,
            mean: Vec::new(),
        }
    }

    /// The wrapped optimizer.
    pub fn inner(&self) -> &O {
        &self.optimizer
    }
}

impl<T: Real, O: Optimizer<T>> Optimizer<T> for Accumulated<O, T> {
    fn check(&self) -> Result<(), Error> {
        let gradients = self.gradients;
        check_range(
            "gradients for a step",
            gradients as f64,
            gradients > 0,
            "at least 1",
        )?;
        self.optimizer.check()
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        self.optimizer.prepare(len)?;
        reserve(&mut self.mean, len)
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], samples: usize) {
        self.count += 1;
        self.samples += samples;
        let share = samples as f64 / self.samples as f64;
        blend(&mut self.mean, grads, share);
        if self.count == self.gradients {
            self.finish(params);
        }
    }

    // An average around this one counts steps, not gradients.
    fn settle(&mut self, params: &[T], held: &[Range<usize>]) {
        if self.count == 0 {
            self.optimizer.settle(params, held);
        }
    }

    fn finish(&mut self, params: &mut [T]) -> bool {
        if self.count == 0 {
            return self.optimizer.finish(params);
        }
        self.optimizer.apply(params, &self.mean, self.samples);
        (self.count, self.samples) = (0, 0);
        true
    }

    fn discard(&mut self) {
        (self.count, self.samples) = (0, 0);
        self.optimizer.discard();
    }

    fn settings(&self) -> String {
        let inner = self.optimizer.settings();
        format!("{inner}; accumulate {}", self.gradients)
    }

    fn rate(&self) -> f64 {
        self.optimizer.rate()
    }

    fn set_rate(&mut self, rate: f64) {
        self.optimizer.set_rate(rate);
    }

    fn observe(&mut self, loss: f64) {
        self.optimizer.observe(loss);
    }

    fn state(&self) -> State<T> {
        let numbers = [self.count as f64, self.samples as f64];
        self.optimizer.state().push(numbers, [&self.mean])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([count, samples], [mean]) = state.pop()?;
        (self.count, self.samples, self.mean) = (count as usize, samples as usize, mean);
        self.optimizer.take(state)
    }
}
