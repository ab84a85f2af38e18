//! Gradients of several batches for one step.

use super::{Optimizer, State, reserve};
use crate::error::{Error, check_range};
use crate::simd::Real;

/// An optimizer that makes a step after several gradients, by their mean: [`Optimizer::accumulate`]. Between the steps the
/// parameters stay as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Accumulated<O, T> {
    optimizer: O,
    gradients: usize,
    /// Gradients in `sum`.
    count: usize,
    sum: Vec<T>,
}

impl<O, T: Real> Accumulated<O, T> {
    pub(super) fn new(optimizer: O, gradients: usize) -> Self {
        Self {
            optimizer,
            gradients,
            count: 0,
            sum: Vec::new(),
        }
    }

    /// The optimizer itself.
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
        reserve(&mut self.sum, len)
    }

    fn step(&mut self, params: &mut [T], grads: &[T]) {
        for (sum, grad) in self.sum.iter_mut().zip(grads) {
            *sum = grad.mul_add(T::ONE, *sum);
        }
        self.count += 1;
        if self.count == self.gradients {
            let share = T::from_f64(1.0 / self.gradients as f64);
            for sum in &mut self.sum {
                *sum = sum.mul_add(share, T::ZERO);
            }
            self.optimizer.step(params, &self.sum);
            self.sum.fill(T::ZERO);
            self.count = 0;
        }
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
        self.optimizer
            .state()
            .push([self.count as f64], [&self.sum])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([count], [sum]) = state.pop()?;
        (self.count, self.sum) = (count as usize, sum);
        self.optimizer.take(state)
    }
}
