//! Gradient descent.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::elementwise::{Rule, compiled_here, constant, faded, step};
use super::{Optimizer, State, check_decay, check_positive, reserve};
use crate::error::Error;
use crate::simd::{Real, Simd};

/// Gradient descent, with momentum as in PyTorch (Sutskever et al., 2013):
///
/// ```text
/// v = momentum v + g
/// p = p - rate v                       with Nesterov's: p - rate (g + momentum v)
/// ```
///
/// ```
/// use simplechain::optim::Sgd;
///
/// let sgd = Sgd::<f32>::new(0.1).momentum(0.9).nesterov(true);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Sgd<T> {
    rate: f64,
    momentum: f64,
    nesterov: bool,
    v: Vec<T>,
}

impl<T: Real> Sgd<T> {
    /// Without momentum.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            momentum: 0.0,
            nesterov: false,
            v: Vec::new(),
        }
    }

    /// The fraction of the last step that is added to the next, in `[0, 1)`.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }

    /// Whether to use Nesterov momentum.
    #[must_use]
    pub fn nesterov(self, nesterov: bool) -> Self {
        Self { nesterov, ..self }
    }
}

impl<T: Real> Optimizer<T> for Sgd<T> {
    fn check(&self) -> Result<(), Error> {
        check_positive("learning rate", self.rate)?;
        check_decay("momentum", self.momentum)
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        reserve(&mut self.v, len)
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], _: usize) {
        step(
            Step {
                rate: self.rate,
                momentum: self.momentum,
                nesterov: self.nesterov,
            },
            params,
            grads,
            [&mut self.v],
        );
    }

    fn settings(&self) -> String {
        let nesterov = if self.nesterov { ", Nesterov" } else { "" };
        format!(
            "Sgd: rate {:?}, momentum {:?}{nesterov}",
            self.rate, self.momentum
        )
    }

    fn rate(&self) -> f64 {
        self.rate
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
    }

    fn state(&self) -> State<T> {
        State::default().push([], [&self.v])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([], [v]) = state.pop()?;
        self.v = v;
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Step {
    rate: f64,
    momentum: f64,
    nesterov: bool,
}

compiled_here!(Step, 1);

impl Rule<1> for Step {
    #[inline(always)]
    fn update<T: Real, S: Simd<T>>(self, simd: S, p: S::V, g: S::V, [v]: &mut [S::V; 1]) -> S::V {
        *v = faded::<T, S>(simd, self.momentum, *v, g);
        let direction = if self.nesterov {
            faded::<T, S>(simd, self.momentum, *v, g)
        } else {
            *v
        };
        simd.neg_mul_add(constant::<T, S>(simd, self.rate), direction, p)
    }
}
