//! Lion.

use super::elementwise::{ElementwiseStep, Rule, faded};
use super::{Optimizer, State, check_decay, check_not_negative, check_positive, reserve};
use crate::error::Error;
use crate::simd::{Real, Simd};

/// Lion (Chen et al., 2023, algorithm 2): every parameter moves up or down by the learning rate.
///
/// ```text
/// p = (1 - rate * weight_decay) p - rate * sign(beta1 m + (1 - beta1) g)
/// m = beta2 m + (1 - beta2) g
/// ```
///
/// ```
/// use simplechain::optim::Lion;
///
/// let lion = Lion::<f32>::new(1e-4).weight_decay(0.1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lion<T> {
    rate: f64,
    beta1: f64,
    beta2: f64,
    weight_decay: f64,
    m: Vec<T>,
}

impl<T: Real> Lion<T> {
    /// Lion with the given learning rate (a third to a tenth of Adam's), betas (0.9, 0.99) and no weight decay.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            beta1: 0.9,
            beta2: 0.99,
            weight_decay: 0.0,
            m: Vec::new(),
        }
    }

    /// The fraction of the momentum in a step, and the decay rate of the momentum, each in `[0, 1)`.
    #[must_use]
    pub fn betas(self, beta1: f64, beta2: f64) -> Self {
        Self {
            beta1,
            beta2,
            ..self
        }
    }

    /// All parameters shrink by the factor `1 - rate * decay` before each step.
    #[must_use]
    pub fn weight_decay(self, decay: f64) -> Self {
        Self {
            weight_decay: decay,
            ..self
        }
    }
}

impl<T: Real> Optimizer<T> for Lion<T> {
    fn check(&self) -> Result<(), Error> {
        check_positive("learning rate", self.rate)?;
        check_decay("beta1", self.beta1)?;
        check_decay("beta2", self.beta2)?;
        check_not_negative("weight decay", self.weight_decay)
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        reserve(&mut self.m, len)
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], _: usize) {
        T::dispatch_batch(ElementwiseStep {
            rule: Step {
                rate: T::from_f64(self.rate),
                betas: [self.beta1, self.beta2].map(T::from_f64),
                complements: [1.0 - self.beta1, 1.0 - self.beta2].map(T::from_f64),
                keep: T::from_f64(1.0 - self.rate * self.weight_decay),
            },
            params,
            grads,
            states: [&mut self.m],
        });
    }

    fn rate(&self) -> f64 {
        self.rate
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
    }

    fn state(&self) -> State<T> {
        State::default().push([], [&self.m])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([], [m]) = state.pop()?;
        self.m = m;
        Ok(())
    }
}

struct Step<T> {
    rate: T,
    betas: [T; 2],
    complements: [T; 2],
    keep: T,
}

impl<T: Real> Rule<T, 1> for Step<T> {
    #[inline(always)]
    fn update<S: Simd<T>>(&self, simd: S, p: S::V, g: S::V, [m]: &mut [S::V; 1]) -> S::V {
        let direction = self.mixed(simd, 0, *m, g);
        let step = simd.copysign(simd.splat(self.rate), direction);
        let step = simd.select(simd.eq(direction, simd.zero()), simd.zero(), step);
        // NaN must not become a step of the full rate.
        let step = simd.select(simd.eq(direction, direction), step, direction);
        *m = self.mixed(simd, 1, *m, g);
        simd.sub(simd.mul(p, simd.splat(self.keep)), step)
    }
}

impl<T: Real> Step<T> {
    #[inline(always)]
    fn mixed<S: Simd<T>>(&self, simd: S, index: usize, m: S::V, g: S::V) -> S::V {
        let g = simd.mul(simd.splat(self.complements[index]), g);
        faded(simd, self.betas[index], m, g)
    }
}
