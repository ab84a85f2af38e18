//! Metrics of predicted classes.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use crate::array::Array;
use crate::error::{Error, check_len, check_range};
#[cfg(not(feature = "std"))]
use crate::float::Float as _;
use crate::loss::{Label, check_labels};
use crate::simd::Real;

/// The index of the largest value, the first of equal ones; NaN is skipped, and
/// the result is 0 if there is nothing else.
///
/// ```
/// # use simplechain::metrics::argmax;
/// assert_eq!(argmax(&[0.5, 2.0, -1.0, 2.0]), 1);
/// assert_eq!(argmax(&[f64::NAN, 2.0]), 1);
/// ```
pub fn argmax<T: Real>(y: &[T]) -> usize {
    let is_nan = |x: T| x.partial_cmp(&x).is_none();
    let mut best = 0;
    for (index, number) in y.iter().enumerate() {
        if *number > y[best] || is_nan(y[best]) && !is_nan(*number) {
            best = index;
        }
    }
    best
}

/// Fraction of samples classified correctly: those whose largest output is that of the label.
///
/// ```
/// # use simplechain::metrics::accuracy;
/// let outputs = [[0.1, 0.9], [0.8, 0.2], [0.6, 0.4]];
/// assert_eq!(accuracy(&outputs, &[1_u8, 0, 1])?, 2.0 / 3.0);
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyBatch`], [`Error::Length`] unless there are as many labels as outputs, [`Error::Label`] for one that
/// is not the index of a class.
pub fn accuracy<T: Real, A: Array<T>, Y: Label>(ys: &[A], labels: &[Y]) -> Result<f64, Error> {
    ConfusionMatrix::of(ys, labels).map(|matrix| matrix.accuracy())
}

/// The indices of the `k` largest values, the largest first, of equal ones the first; NaN is less than anything. All indices if
/// there are fewer than `k`.
///
/// ```
/// # use simplechain::metrics::top_k;
/// assert_eq!(top_k(&[0.1, 0.7, 0.2, 0.7], 3), [1, 3, 2]);
/// assert_eq!(top_k(&[f64::NAN, -1.0], 9), [1, 0]);
/// ```
pub fn top_k<T: Real>(y: &[T], k: usize) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..y.len()).collect();
    // A stable sort, with NaN after everything.
    indices.sort_by(|a, b| {
        let (a, b) = (y[*a].to_f64(), y[*b].to_f64());
        let by_value = b.partial_cmp(&a);
        by_value.unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
    });
    indices.truncate(k);
    indices
}

/// Fraction of samples whose label is among the `k` largest outputs, as [`top_k`] finds them: with `k = 1`, the [`accuracy`].
///
/// ```
/// # use simplechain::metrics::top_k_accuracy;
/// let outputs = [[0.1, 0.3, 0.6], [0.5, 0.3, 0.2]];
/// assert_eq!(top_k_accuracy(&outputs, &[1_u8, 2], 2)?, 0.5);
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// As [`accuracy`]; [`Error::OutOfRange`] unless `k` is from 1 to the number of classes.
pub fn top_k_accuracy<T: Real, A: Array<T>, Y: Label>(
    ys: &[A],
    labels: &[Y],
    k: usize,
) -> Result<f64, Error> {
    check(ys, labels)?;
    let holds = (1..=A::LEN).contains(&k);
    check_range("k", k as f64, holds, "from 1 to the number of classes")?;
    let found = ys.iter().zip(labels).filter(|(y, label)| {
        let label = label.number() as usize;
        top_k(y.as_slice(), k).contains(&label)
    });
    Ok(share(found.count(), ys.len()))
}

/// Probabilities from logits: `p_i = exp(y_i) / sum_j exp(y_j)`. The largest logit is subtracted first, so that nothing overflows.
///
/// A NaN makes all NaN, and so does an infinite maximum, whose probability is not defined; a logit of minus infinity has probability 0.
///
/// ```
/// # use simplechain::metrics::softmax;
/// let p = softmax(&[1000.0_f64, 1000.0, 1000.0 + 2_f64.ln()]);
/// assert!((p[2] - 0.5).abs() < 1e-12);
/// ```
#[must_use]
pub fn softmax<T: Real, A: Array<T>>(logits: &A) -> A {
    let mut probabilities = *logits;
    let values = probabilities.as_mut_slice();
    let largest = values
        .iter()
        .fold(f64::NEG_INFINITY, |most, y| most.max(y.to_f64()));
    let exp = |y: T| (y.to_f64() - largest).exp();
    let sum: f64 = values.iter().map(|y| exp(*y)).sum();
    for value in values {
        *value = T::from_f64(exp(*value) / sum);
    }
    probabilities
}

/// How the values of the classes are averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Average {
    /// The mean over the classes that occur, as labels or as predictions, each with the same weight; a value without a denominator
    /// counts as 0.
    Macro,
    /// The mean over the classes, weighted with their numbers of samples; a value without a denominator counts as 0.
    Weighted,
    /// From the sums of the counts over the classes. Every sample has one label and one prediction, so precision, recall and F1 all
    /// equal the accuracy.
    Micro,
}

/// Counts of (actual, predicted) pairs.
///
/// ```
/// # use simplechain::metrics::ConfusionMatrix;
/// let outputs = [[0.1, 0.9], [0.8, 0.2], [0.6, 0.4]];
/// let matrix = ConfusionMatrix::of(&outputs, &[1_u8, 0, 1])?;
/// assert_eq!(matrix.count(1, 0), 1); // a 1 was taken for a 0
/// assert_eq!(matrix.recall(1), 0.5);
/// assert_eq!(matrix.precision(1), 1.0);
/// # Ok::<(), simplechain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfusionMatrix {
    classes: usize,
    /// Row by row: rows are actual classes, columns predicted ones.
    counts: Vec<usize>,
}

impl ConfusionMatrix {
    /// Counts the predictions by label.
    ///
    /// # Errors
    /// As [`accuracy`].
    pub fn of<T: Real, A: Array<T>, Y: Label>(ys: &[A], labels: &[Y]) -> Result<Self, Error> {
        check(ys, labels)?;
        let mut counts = vec![0; A::LEN * A::LEN];
        for (y, label) in ys.iter().zip(labels) {
            counts[label.number() as usize * A::LEN + argmax(y.as_slice())] += 1;
        }
        Ok(Self {
            classes: A::LEN,
            counts,
        })
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many samples of class `actual` were predicted as class `predicted`.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn count(&self, actual: usize, predicted: usize) -> usize {
        assert!(predicted < self.classes, "there is no class {predicted}");
        self.counts[actual * self.classes + predicted]
    }

    /// Fraction of samples classified correctly.
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.classes)
            .map(|class| self.count(class, class))
            .sum();
        share(right, self.counts.iter().sum())
    }

    /// The number of samples of a class.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn actual(&self, class: usize) -> usize {
        (0..self.classes)
            .map(|other| self.count(class, other))
            .sum()
    }

    /// The number of predictions of a class.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn predicted(&self, class: usize) -> usize {
        (0..self.classes)
            .map(|other| self.count(other, class))
            .sum()
    }

    /// Fraction of a class's samples that were predicted as it, `TP / (TP + FN)`; NaN if there are none.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn recall(&self, class: usize) -> f64 {
        share(self.count(class, class), self.actual(class))
    }

    /// Fraction of the predictions of a class that are correct, `TP / (TP + FP)`; NaN if there are none.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn precision(&self, class: usize) -> f64 {
        share(self.count(class, class), self.predicted(class))
    }

    /// The harmonic mean of precision and recall of a class, `2 TP / (2 TP + FP + FN)`; NaN if it has neither samples nor
    /// predictions.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn f1(&self, class: usize) -> f64 {
        let both = self.actual(class) + self.predicted(class);
        share(2 * self.count(class, class), both)
    }

    /// The [precision](Self::precision) of all classes.
    pub fn mean_precision(&self, average: Average) -> f64 {
        self.mean(average, Self::precision)
    }

    /// The [recall](Self::recall) of all classes. With [`Average::Macro`] it is also called balanced accuracy, if all classes have
    /// samples.
    pub fn mean_recall(&self, average: Average) -> f64 {
        self.mean(average, Self::recall)
    }

    /// The [F1](Self::f1) of all classes.
    ///
    /// ```
    /// # use simplechain::metrics::{Average, ConfusionMatrix};
    /// let outputs = [[0.1, 0.9], [0.8, 0.2], [0.6, 0.4]];
    /// let matrix = ConfusionMatrix::of(&outputs, &[1_u8, 0, 1])?;
    /// assert!((matrix.mean_f1(Average::Macro) - 2.0 / 3.0).abs() < 1e-12);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    pub fn mean_f1(&self, average: Average) -> f64 {
        self.mean(average, Self::f1)
    }

    fn mean(&self, average: Average, of: fn(&Self, usize) -> f64) -> f64 {
        let weight = |class: usize| match average {
            Average::Weighted => self.actual(class),
            Average::Macro | Average::Micro => (self.actual(class) + self.predicted(class)).min(1),
        };
        if average == Average::Micro {
            return self.accuracy();
        }
        let (mut sum, mut weights) = (0.0, 0);
        for class in (0..self.classes).filter(|class| weight(*class) > 0) {
            let value = of(self, class);
            if !value.is_nan() {
                sum += value * weight(class) as f64;
            }
            weights += weight(class);
        }
        sum / weights as f64
    }
}

/// Whether there is a label, and one of a class, for every output.
fn check<T: Real, A: Array<T>, Y: Label>(ys: &[A], labels: &[Y]) -> Result<(), Error> {
    if ys.is_empty() {
        return Err(Error::EmptyBatch);
    }
    check_len("labels", ys.len(), labels.len())?;
    check_labels(labels, A::LEN)
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}

/// A table with one row per actual class.
impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>9}", "actual")?;
        for class in 0..self.classes {
            write!(f, " {class:>6}")?;
        }
        write!(f, " {:>8}", "recall")?;
        for actual in 0..self.classes {
            write!(f, "\n{actual:>9}")?;
            for predicted in 0..self.classes {
                write!(f, " {:>6}", self.count(actual, predicted))?;
            }
            write!(f, " {:>6.1} %", 100.0 * self.recall(actual))?;
        }
        write!(f, "\n{:>9}", "precision")?;
        for class in 0..self.classes {
            write!(f, " {:>4.0} %", 100.0 * self.precision(class))?;
        }
        Ok(())
    }
}
