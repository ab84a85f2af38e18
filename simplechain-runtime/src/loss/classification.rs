//! Losses of classifiers.

use core::marker::PhantomData;

use super::{Loss, SecondOrderLoss, value_and_grad_by_formula};
use crate::chain::{Array, Chain, check_len};
use crate::error::{Error, check_range};
use crate::simd::{Number, Real, Simd};

/// The number of a class, counted from 0: `u8`, `u32` or `usize`.
pub trait Label: sealed::Sealed + Copy + Send + Sync + 'static {
    /// The label as an index.
    fn index(self) -> usize;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! label {
    ($($Y:ident)*) => {$(
        impl sealed::Sealed for $Y {}
        impl Label for $Y {
            fn index(self) -> usize {
                self as usize
            }
        }
    )*};
}
label!(u8 u32 usize);

/// Whether every label is one of so many classes.
pub(crate) fn check_labels<Y: Label>(labels: &[Y], classes: usize) -> Result<(), Error> {
    match labels.iter().position(|label| label.index() >= classes) {
        None => Ok(()),
        Some(sample) => Err(Error::Label {
            sample,
            label: labels[sample].index(),
            classes,
        }),
    }
}

/// The cross-entropy of a class and the softmax of the outputs, `logsumexp(y) - y[label]`: for classifiers whose last
/// layer has `id` for an activation, an output a class.
///
/// With weights `w` of the classes and a smoothing `e`, over `K` classes,
///
/// ```text
/// sum_o q_o (logsumexp(y) - y_o)   with   q_o = w_o ((1 - e) [o = label] + e / K)
/// gradient: (sum_o q_o) softmax(y) - q
/// ```
///
/// which is PyTorch's `cross_entropy` of a sample (`reduction='none'`). The loss of a batch is the mean over the samples;
/// PyTorch's divides by the sum of the labels' weights instead.
///
/// ```
/// use simplechain_runtime::loss::LogitCrossEntropy;
///
/// let loss = LogitCrossEntropy::<u8>::new();
/// let other = LogitCrossEntropy::<u8>::new().class_weights([1.0, 2.5]).label_smoothing(0.1);
/// ```
#[derive(Clone, Debug)]
pub struct LogitCrossEntropy<Y = u8> {
    class_weights: Option<Vec<f64>>,
    label_smoothing: f64,
    labels: PhantomData<fn() -> Y>,
}

impl<Y: Label> Default for LogitCrossEntropy<Y> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Y: Label> LogitCrossEntropy<Y> {
    /// All classes alike, no smoothing.
    pub fn new() -> Self {
        Self {
            class_weights: None,
            label_smoothing: 0.0,
            labels: PhantomData,
        }
    }

    /// Weighs the classes, each with a number that is finite and not negative.
    #[must_use]
    pub fn class_weights(self, weights: impl Into<Vec<f64>>) -> Self {
        Self {
            class_weights: Some(weights.into()),
            ..self
        }
    }

    /// Gives a part of every target, at least 0 and below 1, to all classes alike (Szegedy et al., 2016).
    #[must_use]
    pub fn label_smoothing(self, part: f64) -> Self {
        Self {
            label_smoothing: part,
            ..self
        }
    }
}

impl<C: Chain, T: Real, Y: Label> Loss<C, T> for LogitCrossEntropy<Y> {
    type Target = Y;

    /// Whether there is a weight for every class, weights and smoothing are in their ranges, and so are all labels.
    fn check(&self, targets: &[Y]) -> Result<(), Error> {
        if let Some(weights) = &self.class_weights {
            check_len("class weights", C::OUTPUT_LEN, weights.len())?;
            for weight in weights {
                let holds = *weight >= 0.0 && weight.is_finite();
                check_range("a class weight", *weight, holds, "at least 0 and finite")?;
            }
        }
        let part = self.label_smoothing;
        let holds = (0.0..1.0).contains(&part);
        check_range("label_smoothing", part, holds, "at least 0 and below 1")?;
        check_labels(targets, C::OUTPUT_LEN)
    }

    fn encode(&self, label: &Y, encoded: &mut [T]) {
        let classes = encoded.len();
        let smooth = self.label_smoothing / classes as f64;
        encoded.fill(T::from_f64(smooth));
        encoded[label.index()] = T::from_f64(1.0 - self.label_smoothing + smooth);
        if let Some(weights) = &self.class_weights {
            for (q, weight) in encoded.iter_mut().zip(weights) {
                *q *= T::from_f64(*weight);
            }
        }
    }

    value_and_grad_by_formula!();
}

impl<C: Chain, T: Real, Y: Label> SecondOrderLoss<C, T> for LogitCrossEntropy<Y> {
    #[inline(always)]
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        let mut max = y[0];
        for o in 1..y.len() {
            max = simd.max(y[o], max);
        }
        // NaN may be lost in the maximum: it comes back in the sum of the exponentials.
        let (mut exponentials, mut weight, mut below) = (simd.zero(), simd.zero(), simd.zero());
        for o in 0..y.len() {
            let difference = simd.sub(y[o], max);
            exponentials = simd.add(exponentials, N::exp(simd, difference));
            weight = simd.add(weight, target[o]);
            // A class that has no part of the target counts nothing, however far below it is.
            let term = simd.mul(target[o], difference);
            let none = simd.eq(target[o], simd.zero());
            below = simd.add(below, simd.select(none, simd.zero(), term));
        }
        let scale = simd.div(weight, exponentials);
        for o in 0..y.len() {
            let exponential = N::exp(simd, simd.sub(y[o], max));
            target[o] = simd.sub(simd.mul(exponential, scale), target[o]);
        }
        simd.sub(simd.mul(weight, N::ln(simd, exponentials)), below)
    }
}

/// The cross-entropy of probabilities `t` and the sigmoid of the outputs, `-sum_o (t_o ln s(y_o) + (1 - t_o) ln(1 -
/// s(y_o)))` with `s(y) = 1 / (1 + e^-y)`: for outputs that are each a yes or no of its own, from a last layer with `id`
/// for an activation.
///
/// Computed as `sum_o (ln(1 + e^y_o) - t_o y_o)`, which neither overflows nor cancels; the gradient is `s(y_o) - t_o`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BinaryCrossEntropy;

impl<C: Chain, T: Real> Loss<C, T> for BinaryCrossEntropy {
    type Target = C::Output<T>;

    /// Whether all targets are probabilities.
    fn check(&self, targets: &[C::Output<T>]) -> Result<(), Error> {
        let is_probability = |t: &T| *t >= T::ZERO && *t <= T::ONE;
        for (sample, target) in targets.iter().enumerate() {
            if let Some(t) = target.as_slice().iter().find(|t| !is_probability(t)) {
                return Err(Error::Target {
                    sample,
                    value: t.to_f64(),
                    allowed: "between 0 and 1",
                });
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    value_and_grad_by_formula!();
}

impl<C: Chain, T: Real> SecondOrderLoss<C, T> for BinaryCrossEntropy {
    #[inline(always)]
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        let mut sum = simd.zero();
        for (y, t) in y.iter().zip(target) {
            // For large y both terms are large where t is 1: ln(1 + e^y) - t y = ln(1 + e^-|y|) + max(y, 0) - t y, and
            // max(y, 0) - t y is y (1 - t) or -t y.
            let positive = simd.lt(simd.zero(), *y);
            let factor = simd.select(positive, simd.sub(simd.splat(N::ONE), *t), simd.neg(*t));
            let tail = N::softplus(simd, simd.select(positive, simd.neg(*y), *y));
            sum = simd.add(sum, simd.mul_add(factor, *y, tail));
            *t = simd.sub(N::sigmoid(simd, *y), *t);
        }
        sum
    }
}
