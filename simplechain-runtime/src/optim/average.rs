//! A moving average of the parameters.

use super::{Optimizer, State, check_decay, reserve};
use crate::error::Error;
use crate::simd::Real;

/// An optimizer with an exponential moving average of the parameters beside it (Polyak and Juditsky, 1992):
/// [`Optimizer::average`]. After step `t`, from the parameters `p_1 .. p_t` that the steps gave,
///
/// ```text
/// a_t = decay a_(t-1) + (1 - decay) p_t,   average = a_t / (1 - decay^t)
/// ```
///
/// The training does not see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Averaged<O, T> {
    optimizer: O,
    decay: f64,
    /// `decay^t`
    power: f64,
    sum: Vec<T>,
}

impl<O, T: Real> Averaged<O, T> {
    pub(super) fn new(optimizer: O, decay: f64) -> Self {
        Self {
            optimizer,
            decay,
            power: 1.0,
            sum: Vec::new(),
        }
    }

    /// The optimizer itself.
    pub fn inner(&self) -> &O {
        &self.optimizer
    }

    /// Writes the average.
    ///
    /// # Errors
    /// [`Error::Length`] if there are not as many numbers as parameters, or there was no step yet.
    pub fn write_average(&self, params: &mut [T]) -> Result<(), Error> {
        let steps = if self.power == 1.0 { 0 } else { self.sum.len() };
        crate::chain::check_len("parameters in the average", steps, params.len())?;
        let scale = T::from_f64(1.0 / (1.0 - self.power));
        for (param, sum) in params.iter_mut().zip(&self.sum) {
            *param = sum.mul_add(scale, T::ZERO);
        }
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
        reserve(&mut self.sum, len)
    }

    fn step(&mut self, params: &mut [T], grads: &[T]) {
        self.optimizer.step(params, grads);
        self.power *= self.decay;
        let [decay, complement] = [self.decay, 1.0 - self.decay].map(T::from_f64);
        for (sum, param) in self.sum.iter_mut().zip(params) {
            *sum = sum.mul_add(decay, param.mul_add(complement, T::ZERO));
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
        self.optimizer.state().push([self.power], [&self.sum])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([power], [sum]) = state.pop()?;
        (self.power, self.sum) = (power, sum);
        self.optimizer.take(state)
    }
}
