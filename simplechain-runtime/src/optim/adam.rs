//! Adam and AdamW.

use super::elementwise::{ElementwiseStep, Rule, faded};
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
        T::dispatch_batch(ElementwiseStep {
            rule: Step {
                betas: [self.beta1, self.beta2].map(T::from_f64),
                complements: [1.0 - self.beta1, 1.0 - self.beta2].map(T::from_f64),
                // rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), with the square root factored out
                rate: T::from_f64(self.rate / (1.0 - self.powers.0)),
                root: T::from_f64(1.0 / (1.0 - self.powers.1).sqrt()),
                epsilon: T::from_f64(self.epsilon),
                keep: T::from_f64(1.0 - self.rate * self.weight_decay),
            },
            params,
            grads,
            states: [&mut self.m, &mut self.v],
        });
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

struct Step<T> {
    betas: [T; 2],
    complements: [T; 2],
    rate: T,
    root: T,
    epsilon: T,
    /// The factor of a parameter after weight decay.
    keep: T,
}

impl<T: Real> Rule<T, 2> for Step<T> {
    #[inline(always)]
    fn update<S: Simd<T>>(&self, simd: S, p: S::V, g: S::V, [m, v]: &mut [S::V; 2]) -> S::V {
        let [beta1, beta2] = self.betas;
        let [complement1, complement2] = self.complements;
        *m = faded(simd, beta1, *m, simd.mul(simd.splat(complement1), g));
        let square = simd.mul(simd.splat(complement2), simd.mul(g, g));
        *v = faded(simd, beta2, *v, square);
        let root = simd.splat(self.root);
        let denominator = simd.mul_add(simd.sqrt(*v), root, simd.splat(self.epsilon));
        let step = simd.div(simd.mul(simd.splat(self.rate), *m), denominator);
        simd.sub(simd.mul(p, simd.splat(self.keep)), step)
    }
}
