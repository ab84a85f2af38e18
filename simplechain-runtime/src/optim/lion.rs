//! Lion.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::elementwise::{Rule, compiled_here, constant, faded, step};
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
        step(
            Step {
                rate: self.rate,
                betas: [self.beta1, self.beta2],
                complements: [1.0 - self.beta1, 1.0 - self.beta2],
                keep: 1.0 - self.rate * self.weight_decay,
            },
            params,
            grads,
            [&mut self.m],
        );
    }

    fn settings(&self) -> String {
        format!(
            "Lion: rate {:?}, betas {:?} {:?}, weight decay {:?}",
            self.rate, self.beta1, self.beta2, self.weight_decay
        )
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

#[derive(Clone, Copy)]
struct Step {
    rate: f64,
    betas: [f64; 2],
    complements: [f64; 2],
    keep: f64,
}

compiled_here!(Step, 1);

impl Rule<1> for Step {
    #[inline(always)]
    fn update<T: Real, S: Simd<T>>(self, simd: S, p: S::V, g: S::V, [m]: &mut [S::V; 1]) -> S::V {
        let direction = self.mixed::<T, S>(simd, 0, *m, g);
        let step = simd.copysign(constant::<T, S>(simd, self.rate), direction);
        let step = simd.select(simd.eq(direction, simd.zero()), simd.zero(), step);
        // NaN must not become a step of the full rate.
        let step = simd.select(simd.eq(direction, direction), step, direction);
        *m = self.mixed::<T, S>(simd, 1, *m, g);
        simd.sub(simd.mul(p, constant::<T, S>(simd, self.keep)), step)
    }
}

impl Step {
    #[inline(always)]
    fn mixed<T: Real, S: Simd<T>>(self, simd: S, index: usize, m: S::V, g: S::V) -> S::V {
        let g = simd.mul(constant::<T, S>(simd, self.complements[index]), g);
        faded::<T, S>(simd, self.betas[index], m, g)
    }
}
