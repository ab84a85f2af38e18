//! Adam and AdamW.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::elementwise::{Rule, compiled_here, constant, faded, step};
use super::{Optimizer, State, check_decay, check_not_negative, check_positive, reserve};
use crate::error::Error;
use crate::simd::{Real, Simd};

/// Adam (Kingma and Ba, 2015, algorithm 1), step `t`:
///
/// ```text
/// m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
/// p = p - rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
/// ```
///
/// With a [weight decay](Self::weight_decay) it is AdamW.
///
/// ```
/// use simplechain::optim::Adam;
///
/// let adam = Adam::<f32>::new(1e-3).betas(0.9, 0.99);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[doc(alias = "AdamW")]
pub struct Adam<T> {
    rate: f64,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    weight_decay: f64,
    /// `beta1^t` and `beta2^t`
    powers: (f64, f64),
    m: Vec<T>,
    v: Vec<T>,
}

impl<T: Real> Adam<T> {
    /// Adam with the given learning rate, betas (0.9, 0.999), epsilon 1e-8 and no weight decay.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.0,
            powers: (1.0, 1.0),
            m: Vec::new(),
            v: Vec::new(),
        }
    }

    /// The decay rates of the first and second moment, each in `[0, 1)`.
    #[must_use]
    pub fn betas(self, beta1: f64, beta2: f64) -> Self {
        Self {
            beta1,
            beta2,
            ..self
        }
    }

    /// Keeps the denominator away from 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// AdamW (Loshchilov and Hutter, 2019): all parameters, including biases, shrink by the factor `1 - rate * decay` before
    /// each step, independently of the gradient. PyTorch's default is 0.01.
    #[must_use]
    pub fn weight_decay(self, decay: f64) -> Self {
        Self {
            weight_decay: decay,
            ..self
        }
    }

    /// The first and second moments, empty before the first step.
    pub fn moments(&self) -> (&[T], &[T]) {
        (&self.m, &self.v)
    }
}

impl<T: Real> Optimizer<T> for Adam<T> {
    fn check(&self) -> Result<(), Error> {
        check_positive("learning rate", self.rate)?;
        check_decay("beta1", self.beta1)?;
        check_decay("beta2", self.beta2)?;
        check_positive("epsilon", self.epsilon)?;
        check_not_negative("weight decay", self.weight_decay)
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        reserve(&mut self.m, len)?;
        reserve(&mut self.v, len)
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], _: usize) {
        self.powers = (self.powers.0 * self.beta1, self.powers.1 * self.beta2);
        step(
            Step {
                betas: [self.beta1, self.beta2],
                complements: [1.0 - self.beta1, 1.0 - self.beta2],
                // rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), with the square root factored out
                rate: self.rate / (1.0 - self.powers.0),
                root: 1.0 / (1.0 - self.powers.1).sqrt(),
                epsilon: self.epsilon,
                keep: 1.0 - self.rate * self.weight_decay,
            },
            params,
            grads,
            [&mut self.m, &mut self.v],
        );
    }

    fn settings(&self) -> String {
        format!(
            "Adam: rate {:?}, betas {:?} {:?}, epsilon {:?}, weight decay {:?}",
            self.rate, self.beta1, self.beta2, self.epsilon, self.weight_decay
        )
    }

    fn rate(&self) -> f64 {
        self.rate
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
    }

    fn state(&self) -> State<T> {
        let (first, second) = self.powers;
        State::default().push([first, second], [&self.m, &self.v])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([first, second], [m, v]) = state.pop()?;
        self.powers = (first, second);
        (self.m, self.v) = (m, v);
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Step {
    betas: [f64; 2],
    complements: [f64; 2],
    rate: f64,
    root: f64,
    epsilon: f64,
    /// The factor of a parameter after weight decay.
    keep: f64,
}

compiled_here!(Step, 2);

impl Rule<2> for Step {
    #[inline(always)]
    fn update<T: Real, S: Simd<T>>(
        self,
        simd: S,
        p: S::V,
        g: S::V,
        [m, v]: &mut [S::V; 2],
    ) -> S::V {
        let [beta1, beta2] = self.betas;
        let [complement1, complement2] = self.complements;
        *m = faded::<T, S>(
            simd,
            beta1,
            *m,
            simd.mul(constant::<T, S>(simd, complement1), g),
        );
        let square = simd.mul(constant::<T, S>(simd, complement2), simd.mul(g, g));
        *v = faded::<T, S>(simd, beta2, *v, square);
        let root = constant::<T, S>(simd, self.root);
        let denominator = simd.mul_add(simd.sqrt(*v), root, constant::<T, S>(simd, self.epsilon));
        let step = simd.div(simd.mul(constant::<T, S>(simd, self.rate), *m), denominator);
        simd.sub(simd.mul(p, constant::<T, S>(simd, self.keep)), step)
    }
}
