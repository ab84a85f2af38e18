//! A moving average of the parameters.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::vector::blend;
use super::{Optimizer, State, check_decay, reserve};
use crate::error::{Error, check_len};
use crate::simd::Real;

/// An optimizer that also keeps an exponential moving average of the parameters (Polyak and Juditsky, 1992):
/// [`Optimizer::average`]. After step `t`, with the parameters `p_1 .. p_t` after each step,
///
/// ```text
/// a_t = sum_s decay^(t-s) p_s / sum_s decay^(t-s) = a_(t-1) + (1 - decay) / (1 - decay^t) (p_t - a_(t-1))
/// ```
///
/// Training does not use it. A parameter that no step changed equals its average, bit for bit.
#[derive(Clone, Debug, PartialEq)]
pub struct Averaged<O, T> {
    optimizer: O,
    decay: f64,
    /// `decay^t`
    power: f64,
    average: Vec<T>,
}

impl<O, T: Real> Averaged<O, T> {
    pub(super) fn new(optimizer: O, decay: f64) -> Self {
        Self {
            optimizer,
            decay,
            power: 1.0,
            average: Vec::new(),
        }
    }

    /// The wrapped optimizer.
    pub fn inner(&self) -> &O {
        &self.optimizer
    }

    /// Writes the average.
    ///
    /// # Errors
    /// [`Error::Length`] if the length differs from the number of parameters, or there was no step yet.
    pub fn write_average(&self, params: &mut [T]) -> Result<(), Error> {
        let there = match self.power {
            1.0 => 0,
            _ => self.average.len(),
        };
        check_len("parameters in the average", there, params.len())?;
        params.copy_from_slice(&self.average);
        Ok(())
    }
}

impl<T: Real, O: Optimizer<T>> Optimizer<T> for Averaged<O, T> {
    fn check(&self) -> Result<(), Error> {
        check_decay("decay of the average", self.decay)?;
        self.optimizer.check()
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        self.optimizer.prepare(len)?;
        reserve(&mut self.average, len)
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], samples: usize) {
        self.optimizer.apply(params, grads, samples);
    }

    fn settle(&mut self, params: &[T], held: &[Range<usize>]) {
        self.optimizer.settle(params, held);
        self.power *= self.decay;
        let weight = (1.0 - self.decay) / (1.0 - self.power);
        blend(&mut self.average, params, weight);
        for range in held {
            self.average[range.clone()].copy_from_slice(&params[range.clone()]);
        }
    }

    fn finish(&mut self, params: &mut [T]) -> bool {
        self.optimizer.finish(params)
    }

    fn discard(&mut self) {
        self.optimizer.discard();
    }

    fn settings(&self) -> String {
        let inner = self.optimizer.settings();
        format!("{inner}; average {:?}", self.decay)
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
        self.optimizer.state().push([self.power], [&self.average])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([power], [average]) = state.pop()?;
        (self.power, self.average) = (power, average);
        self.optimizer.take(state)
    }
}
