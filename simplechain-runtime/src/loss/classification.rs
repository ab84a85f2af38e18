//! Classification losses.

use alloc::vec::Vec;
use core::marker::PhantomData;

use super::{Loss, SecondOrderLoss, value_and_grad_by_formula};
use crate::array::Array;
use crate::error::{Error, check_len, check_range};
use crate::network::Network;
use crate::simd::{Number, Real, Simd};

/// The index of a class, counted from 0: an integer of any type, or `bool`.
pub trait Label: sealed::Sealed + Copy + Send + Sync + 'static {
    /// The label as an integer.
    fn number(self) -> i128;
}

/// The targets of [`LogitCrossEntropy`]: a [`Label`], or an array with the probability of every class, such as
/// a one-hot vector.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no target of a class",
    label = "neither the index of a class nor an array of probabilities",
    note = "give the index of the class as an integer, counted from 0 (`2_u8`, not `2.0`, and no text), or an array with the probability of every class"
)]
pub trait ClassTarget<T>: sealed::Sealed + Copy + Send + Sync + 'static {
    /// Whether all targets are valid for this number of classes.
    ///
    /// # Errors
    /// [`Error::Label`], [`Error::Length`] or [`Error::Target`]
    fn check(targets: &[Self], classes: usize) -> Result<(), Error>;

    /// Writes the probability of every class.
    fn write(&self, probabilities: &mut [T]);
}

mod sealed {
    pub trait Sealed {}
    impl<T: crate::simd::Real, const N: usize> Sealed for [T; N] {}
}

macro_rules! label {
    ($($Y:ident)*) => {$(
        impl sealed::Sealed for $Y {}
        impl Label for $Y {
            fn number(self) -> i128 {
                self as i128
            }
        }
        impl<T: Real> ClassTarget<T> for $Y {
            fn check(targets: &[Self], classes: usize) -> Result<(), Error> {
                check_labels(targets, classes)
            }
            fn write(&self, probabilities: &mut [T]) {
                probabilities.fill(T::ZERO);
                probabilities[*self as usize] = T::ONE;
            }
        }
    )*};
}
label!(bool u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

/// How far a sum of rounded probabilities may be from 1.
const SUM_TOLERANCE: f64 = 1e-4;

impl<T: Real, const N: usize> ClassTarget<T> for [T; N] {
    fn check(targets: &[Self], classes: usize) -> Result<(), Error> {
        check_len("numbers of a target, one for every class", classes, N)?;
        for (sample, target) in targets.iter().enumerate() {
            let wrong = |value, allowed| {
                Err(Error::Target {
                    sample,
                    value,
                    allowed,
                })
            };
            let mut sum = 0.0;
            for t in target.map(T::to_f64) {
                if t < 0.0 || t.is_nan() {
                    return wrong(t, "a probability, at least 0");
                }
                sum += t;
            }
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                return wrong(sum, "1 as the sum over its classes");
            }
        }
        Ok(())
    }
    fn write(&self, probabilities: &mut [T]) {
        probabilities.copy_from_slice(self);
    }
}

/// Whether every label is below the number of classes.
pub(crate) fn check_labels<Y: Label>(labels: &[Y], classes: usize) -> Result<(), Error> {
    let is_class = |label: &Y| (0..classes as i128).contains(&label.number());
    match labels.iter().position(|label| !is_class(label)) {
        None => Ok(()),
        Some(sample) => Err(Error::Label {
            sample,
            label: labels[sample].number(),
            classes,
        }),
    }
}

/// The cross-entropy of a class and the softmax of the outputs, `logsumexp(y) - y[label]`: for classifiers with one output
/// per class and the activation `id` in the last layer.
///
/// A target is a label `Y`, of any integer type or `bool`, or an array `[T; K]` of the probabilities of the `K` classes, which
/// are not negative and sum to 1 (within 1e-4): one-hot or soft. With class weights `w` and label smoothing `e`,
///
/// ```text
/// sum_o q_o (logsumexp(y) - y_o)   with   q_o = w_o ((1 - e) t_o + e / K),   of a label: t_o = [o = label]
/// gradient: (sum_o q_o) softmax(y) - q
/// ```
///
/// which is PyTorch's `cross_entropy` per sample (`reduction='none'`). The loss of a batch is the mean over the samples;
/// PyTorch divides by the sum of the labels' weights instead.
///
/// ```
/// use simplechain::loss::LogitCrossEntropy;
///
/// let loss = LogitCrossEntropy::<u8>::new();
/// let other = LogitCrossEntropy::<i64>::new().class_weights([1.0, 2.5]).label_smoothing(0.1);
/// let soft = LogitCrossEntropy::<[f32; 2]>::new(); // for targets such as [0.0, 1.0] or [0.7, 0.3]
/// ```
#[derive(Clone, Debug)]
pub struct LogitCrossEntropy<Y = u8> {
    class_weights: Option<Vec<f64>>,
    label_smoothing: f64,
    labels: PhantomData<fn() -> Y>,
}

impl<Y> Default for LogitCrossEntropy<Y> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Y> LogitCrossEntropy<Y> {
    /// Equal class weights, no smoothing.
    pub fn new() -> Self {
        Self {
            class_weights: None,
            label_smoothing: 0.0,
            labels: PhantomData,
        }
    }

    /// Sets the class weights, which are finite and not negative.
    #[must_use]
    pub fn class_weights(self, weights: impl Into<Vec<f64>>) -> Self {
        Self {
            class_weights: Some(weights.into()),
            ..self
        }
    }

    /// Spreads a fraction of every target, at least 0 and below 1, evenly over all classes (Szegedy et al., 2016).
    #[must_use]
    pub fn label_smoothing(self, part: f64) -> Self {
        Self {
            label_smoothing: part,
            ..self
        }
    }
}

impl<C: Network, T: Real, Y: ClassTarget<T>> Loss<C, T> for LogitCrossEntropy<Y> {
    type Target = Y;

    /// Whether every class has a weight, and weights, smoothing and targets are in their ranges.
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
        Y::check(targets, C::OUTPUT_LEN)
    }

    fn encode(&self, target: &Y, encoded: &mut [T]) {
        target.write(encoded);
        if self.label_smoothing > 0.0 {
            let part = T::from_f64(self.label_smoothing / encoded.len() as f64);
            let rest = T::from_f64(1.0 - self.label_smoothing);
            for q in encoded.iter_mut() {
                *q = *q * rest + part;
            }
        }
        if let Some(weights) = &self.class_weights {
            for (q, weight) in encoded.iter_mut().zip(weights) {
                *q *= T::from_f64(*weight);
            }
        }
    }

    value_and_grad_by_formula!();
}

impl<C: Network, T: Real, Y: ClassTarget<T>> SecondOrderLoss<C, T> for LogitCrossEntropy<Y> {
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
        // NaN may be lost in the maximum: it reappears in the sum of the exponentials.
        let (mut exponentials, mut weight, mut below) = (simd.zero(), simd.zero(), simd.zero());
        for o in 0..y.len() {
            let difference = simd.sub(y[o], max);
            exponentials = simd.add(exponentials, N::exp(simd, difference));
            weight = simd.add(weight, target[o]);
            // A class with target 0 contributes nothing, however small its output is.
            let term = simd.mul(target[o], difference);
            let none = simd.eq(target[o], simd.zero());
            below = simd.add(below, simd.select(none, simd.zero(), term));
        }
        // If all targets are 0, because the class weight is 0, the sample contributes nothing, whatever its outputs are.
        let none = simd.eq(weight, simd.zero());
        let scale = simd.div(weight, exponentials);
        for o in 0..y.len() {
            let exponential = N::exp(simd, simd.sub(y[o], max));
            let grad = simd.sub(simd.mul(exponential, scale), target[o]);
            target[o] = simd.select(none, simd.zero(), grad);
        }
        let value = simd.sub(simd.mul(weight, N::ln(simd, exponentials)), below);
        simd.select(none, simd.zero(), value)
    }
}

/// The cross-entropy of probabilities `t` and the sigmoid of the outputs, `-sum_o (t_o ln s(y_o) + (1 - t_o) ln(1 -
/// s(y_o)))` with `s(y) = 1 / (1 + e^-y)`: for independent binary outputs, from a last layer with the activation
/// `id`.
///
/// Computed as `sum_o (ln(1 + e^y_o) - t_o y_o)`, which neither overflows nor cancels; the gradient is `s(y_o) - t_o`.
#[derive(Clone, Copy, Debug, Default)]
pub struct BinaryCrossEntropy;

impl<C: Network, T: Real> Loss<C, T> for BinaryCrossEntropy {
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

impl<C: Network, T: Real> SecondOrderLoss<C, T> for BinaryCrossEntropy {
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
