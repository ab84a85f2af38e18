//! Gradient clipping.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::vector::norm;
use super::{Optimizer, State, check_positive};
use crate::error::Error;
use crate::simd::Real;

/// How gradients are bounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clip {
    /// Every element is clamped to `-limit..=limit`.
    Value(f64),
    /// The gradient is scaled to this Euclidean norm if its norm is larger (Pascanu et al., 2013).
    Norm(f64),
}

/// An optimizer with gradient clipping: [`Optimizer::clip_value`], [`Optimizer::clip_norm`]. NaN stays NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Clipped<O, T> {
    optimizer: O,
    clip: Clip,
    grads: Vec<T>,
}

impl<O, T: Real> Clipped<O, T> {
    pub(super) fn new(optimizer: O, clip: Clip) -> Self {
        Self {
            optimizer,
            clip,
            grads: Vec::new(),
        }
    }

    /// The wrapped optimizer.
    pub fn inner(&self) -> &O {
        &self.optimizer
    }
}

impl<T: Real, O: Optimizer<T>> Optimizer<T> for Clipped<O, T> {
    fn check(&self) -> Result<(), Error> {
        let (Clip::Value(limit) | Clip::Norm(limit)) = self.clip;
        check_positive("limit of the gradients", limit)?;
        self.optimizer.check()
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        self.optimizer.prepare(len)?;
        self.grads.resize(len, T::ZERO);
        Ok(())
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], samples: usize) {
        match self.clip {
            Clip::Value(limit) => {
                let (low, high) = (T::from_f64(-limit), T::from_f64(limit));
                for (clipped, grad) in self.grads.iter_mut().zip(grads) {
                    *clipped = if *grad > high {
                        high
                    } else if *grad < low {
                        low
                    } else {
                        *grad
                    };
                }
            }
            Clip::Norm(limit) => {
                let (unit, norm) = norm(grads);
                // No factor makes a non-finite gradient finite.
                let clips = norm.is_finite() && limit / unit < norm;
                let (inverse, scale) = if clips {
                    (1.0 / unit, limit / norm)
                } else {
                    (1.0, 1.0)
                };
                for (clipped, grad) in self.grads.iter_mut().zip(grads) {
                    *clipped = T::from_f64(grad.to_f64() * inverse * scale);
                }
            }
        }
        self.optimizer.apply(params, &self.grads, samples);
    }

    fn settle(&mut self, params: &[T], held: &[Range<usize>]) {
        self.optimizer.settle(params, held);
    }

    fn finish(&mut self, params: &mut [T]) -> bool {
        self.optimizer.finish(params)
    }

    fn discard(&mut self) {
        self.optimizer.discard();
    }

    fn settings(&self) -> String {
        let inner = self.optimizer.settings();
        match self.clip {
            Clip::Value(limit) => format!("{inner}; clip_value {limit:?}"),
            Clip::Norm(limit) => format!("{inner}; clip_norm {limit:?}"),
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
        self.optimizer.state()
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        self.optimizer.take(state)
    }
}
