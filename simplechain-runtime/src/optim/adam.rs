//! Adam.

use super::Optimizer;
use crate::chain::check_len;
use crate::error::Error;
use crate::simd::{Kernel, Real, Simd};

/// Adam (Kingma and Ba, 2015, algorithm 1), step `t`:
///
/// ```text
/// m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
/// p = p - rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
/// ```
///
/// ```
/// use simplechain_runtime::optim::Adam;
///
/// let adam = Adam::<f32>::new(1e-3).betas(0.9, 0.99);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adam<T> {
    rate: f64,
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    /// `beta1^t` and `beta2^t`
    powers: (f64, f64),
    m: Vec<T>,
    v: Vec<T>,
}

impl<T: Real> Adam<T> {
    /// Adam with the learning rate given, betas (0.9, 0.999) and epsilon 1e-8.
    pub fn new(rate: f64) -> Self {
        Self {
            rate,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
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

    /// What keeps the denominator from 0.
    #[must_use]
    pub fn epsilon(self, epsilon: f64) -> Self {
        Self { epsilon, ..self }
    }

    /// Changes the learning rate; the moments stay.
    pub fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
    }

    /// The learning rate.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The first and second moments, empty before the first step.
    pub fn moments(&self) -> (&[T], &[T]) {
        (&self.m, &self.v)
    }
}

impl<T: Real> Optimizer<T> for Adam<T> {
    fn check(&self) -> Result<(), Error> {
        let range = |what, value: f64, ok: bool, allowed| {
            if ok {
                Ok(())
            } else {
                Err(Error::OutOfRange {
                    what,
                    value,
                    allowed,
                })
            }
        };
        range(
            "learning rate",
            self.rate,
            self.rate > 0.0 && self.rate.is_finite(),
            "positive and finite",
        )?;
        range(
            "beta1",
            self.beta1,
            (0.0..1.0).contains(&self.beta1),
            "at least 0 and below 1",
        )?;
        range(
            "beta2",
            self.beta2,
            (0.0..1.0).contains(&self.beta2),
            "at least 0 and below 1",
        )?;
        range(
            "epsilon",
            self.epsilon,
            self.epsilon > 0.0 && self.epsilon.is_finite(),
            "positive and finite",
        )
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        if self.m.is_empty() {
            self.m.resize(len, T::ZERO);
            self.v.resize(len, T::ZERO);
        }
        check_len(
            "parameters, as many as the optimizer has a state for",
            self.m.len(),
            len,
        )
    }

    fn step(&mut self, params: &mut [T], grads: &[T]) {
        self.powers = (self.powers.0 * self.beta1, self.powers.1 * self.beta2);
        T::wide(Step {
            params,
            grads,
            m: &mut self.m,
            v: &mut self.v,
            betas: [self.beta1, self.beta2].map(T::from_f64),
            complements: [1.0 - self.beta1, 1.0 - self.beta2].map(T::from_f64),
            // rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), with the roots taken out once
            rate: T::from_f64(self.rate / (1.0 - self.powers.0)),
            root: T::from_f64(1.0 / (1.0 - self.powers.1).sqrt()),
            epsilon: T::from_f64(self.epsilon),
        });
    }
}

struct Step<'a, T> {
    params: &'a mut [T],
    grads: &'a [T],
    m: &'a mut [T],
    v: &'a mut [T],
    betas: [T; 2],
    complements: [T; 2],
    rate: T,
    root: T,
    epsilon: T,
}

impl<T: Real> Kernel<T> for Step<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let len = self.params.len();
        let full = len / S::LANES * S::LANES;
        for at in (0..full).step_by(S::LANES) {
            let g = simd.load(&self.grads[at..]);
            let (p, m, v) = self.moved(
                simd,
                g,
                simd.load(&self.params[at..]),
                simd.load(&self.m[at..]),
                simd.load(&self.v[at..]),
            );
            simd.store(p, &mut self.params[at..]);
            simd.store(m, &mut self.m[at..]);
            simd.store(v, &mut self.v[at..]);
        }
        if full < len {
            let g = simd.load_partial(&self.grads[full..]);
            let (p, m, v) = self.moved(
                simd,
                g,
                simd.load_partial(&self.params[full..]),
                simd.load_partial(&self.m[full..]),
                simd.load_partial(&self.v[full..]),
            );
            simd.store_partial(p, &mut self.params[full..]);
            simd.store_partial(m, &mut self.m[full..]);
            simd.store_partial(v, &mut self.v[full..]);
        }
    }
}

impl<T: Real> Step<'_, T> {
    /// The parameters and moments after the step.
    #[inline(always)]
    fn moved<S: Simd<T>>(&self, simd: S, g: S::V, p: S::V, m: S::V, v: S::V) -> (S::V, S::V, S::V) {
        let [beta1, beta2] = self.betas;
        let [complement1, complement2] = self.complements;
        let first = simd.mul_add(simd.splat(beta1), m, simd.mul(simd.splat(complement1), g));
        let second = simd.mul_add(
            simd.splat(beta2),
            v,
            simd.mul(simd.splat(complement2), simd.mul(g, g)),
        );
        let root = simd.splat(self.root);
        let denominator = simd.mul_add(simd.sqrt(second), root, simd.splat(self.epsilon));
        let step = simd.div(simd.mul(simd.splat(self.rate), first), denominator);
        (simd.sub(p, step), first, second)
    }
}
