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
        let [beta1, beta2] = self.betas.map(|x| simd.splat(x));
        let [complement1, complement2] = self.complements.map(|x| simd.splat(x));
        let [rate, root, epsilon] = [self.rate, self.root, self.epsilon].map(|x| simd.splat(x));
        let lanes = S::LANES;
        let chunks = self.params.chunks_mut(lanes).zip(self.grads.chunks(lanes));
        for ((p, g), (m, v)) in chunks.zip(self.m.chunks_mut(lanes).zip(self.v.chunks_mut(lanes))) {
            let g = simd.load_partial(g);
            let first = simd.mul_add(beta1, simd.load_partial(m), simd.mul(complement1, g));
            let second = simd.mul_add(
                beta2,
                simd.load_partial(v),
                simd.mul(complement2, simd.mul(g, g)),
            );
            let denominator = simd.mul_add(simd.sqrt(second), root, epsilon);
            let step = simd.div(simd.mul(rate, first), denominator);
            simd.store_partial(simd.sub(simd.load_partial(p), step), p);
            simd.store_partial(first, m);
            simd.store_partial(second, v);
        }
    }
}
