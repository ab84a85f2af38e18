//! RMSprop.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::elementwise::{Rule, compiled_here, constant, faded, step};
use super::{Optimizer, State, check_decay, check_positive, reserve};
use crate::error::Error;
use crate::simd::{Real, Simd};

/// RMSprop (Tieleman and Hinton, 2012), with momentum as in PyTorch:
///
/// ```text
/// v = decay v + (1 - decay) g^2
/// b = momentum b + g / (sqrt(v) + epsilon)
/// p = p - rate b
/// ```
///
/// ```
/// use simplechain::optim::RmsProp;
///
/// let rms_prop = RmsProp::<f32>::new(1e-2).decay(0.9);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp<T> {
    rate: f64,
    decay: f64,
    epsilon: f64,
    momentum: f64,
    v: Vec<T>,
    b: Vec<T>,
}

impl<T: Real> RmsProp<T> {
    /// RMSprop with the given learning rate, decay 0.99, epsilon 1e-8 and no momentum.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            decay: 0.99,
            epsilon: 1e-8,
            momentum: 0.0,
            v: Vec::new(),
            b: Vec::new(),
        }
    }

    /// The decay rate of the mean square, in `[0, 1)`.
    #[must_use]
    pub fn decay(self, decay: f64) -> Self {
        Self { decay, ..self }
    }

    /// Keeps the denominator away from 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// The fraction of the last step that is added to the next, in `[0, 1)`.
    #[must_use]
    pub fn momentum(self, momentum: f64) -> Self {
        Self { momentum, ..self }
    }
}

impl<T: Real> Optimizer<T> for RmsProp<T> {
    fn check(&self) -> Result<(), Error> {
        check_positive("learning rate", self.rate)?;
        check_decay("decay", self.decay)?;
        check_positive("epsilon", self.epsilon)?;
        check_decay("momentum", self.momentum)
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        reserve(&mut self.v, len)?;
        reserve(&mut self.b, len)
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], _: usize) {
        step(
            Step {
                rate: self.rate,
                decay: self.decay,
                complement: 1.0 - self.decay,
                epsilon: self.epsilon,
                momentum: self.momentum,
            },
            params,
            grads,
            [&mut self.v, &mut self.b],
        );
    }

    fn settings(&self) -> String {
        format!(
            "RmsProp: rate {:?}, decay {:?}, epsilon {:?}, momentum {:?}",
            self.rate, self.decay, self.epsilon, self.momentum
        )
    }

    fn rate(&self) -> f64 {
        self.rate
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
    }

    fn state(&self) -> State<T> {
        State::default().push([], [&self.v, &self.b])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([], [v, b]) = state.pop()?;
        (self.v, self.b) = (v, b);
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Step {
    rate: f64,
    decay: f64,
    complement: f64,
    epsilon: f64,
    momentum: f64,
}

compiled_here!(Step, 2);

impl Rule<2> for Step {
    #[inline(always)]
    fn update<T: Real, S: Simd<T>>(
        self,
        simd: S,
        p: S::V,
        g: S::V,
        [v, b]: &mut [S::V; 2],
    ) -> S::V {
        let square = simd.mul(constant::<T, S>(simd, self.complement), simd.mul(g, g));
        *v = faded::<T, S>(simd, self.decay, *v, square);
        let scaled = simd.div(
            g,
            simd.add(simd.sqrt(*v), constant::<T, S>(simd, self.epsilon)),
        );
        *b = faded::<T, S>(simd, self.momentum, *b, scaled);
        simd.neg_mul_add(constant::<T, S>(simd, self.rate), *b, p)
    }
}
