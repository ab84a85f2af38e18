//! Classification metrics: predictions and their accuracy.

use core::fmt;

use crate::array::Array;
use crate::error::{Error, check_len};
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
        if ys.is_empty() {
            return Err(Error::EmptyBatch);
        }
        check_len("labels", ys.len(), labels.len())?;
        check_labels(labels, A::LEN)?;
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

    /// Fraction of a class's samples that were predicted as it; NaN if there are none.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn recall(&self, class: usize) -> f64 {
        let all = (0..self.classes)
            .map(|other| self.count(class, other))
            .sum();
        share(self.count(class, class), all)
    }

    /// Fraction of the predictions of a class that are correct; NaN if there are none.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn precision(&self, class: usize) -> f64 {
        let all = (0..self.classes)
            .map(|other| self.count(other, class))
            .sum();
        share(self.count(class, class), all)
    }
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
