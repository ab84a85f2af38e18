//! Gradient descent.

use super::elementwise::{ElementwiseStep, Rule, faded};
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
        T::dispatch_batch(ElementwiseStep {
            rule: Step {
                rate: T::from_f64(self.rate),
                momentum: T::from_f64(self.momentum),
                nesterov: self.nesterov,
            },
            params,
            grads,
            states: [&mut self.v],
        });
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

struct Step<T> {
    rate: T,
    momentum: T,
    nesterov: bool,
}

impl<T: Real> Rule<T, 1> for Step<T> {
    #[inline(always)]
    fn update<S: Simd<T>>(&self, simd: S, p: S::V, g: S::V, [v]: &mut [S::V; 1]) -> S::V {
        *v = faded(simd, self.momentum, *v, g);
        let direction = if self.nesterov {
            faded(simd, self.momentum, *v, g)
        } else {
            *v
        };
        simd.neg_mul_add(simd.splat(self.rate), direction, p)
    }
}
