//! How good a classifier is: what it says, and how often it is right.

use core::fmt;

use crate::array::Array;
use crate::error::{Error, check_len};
use crate::loss::{Label, check_labels};
use crate::simd::Real;

/// The index of the largest number, the first of them if there are several; numbers that are NaN are passed over, and
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

/// The share of the outputs whose largest number is that of the label.
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
/// is no index of an output's numbers.
pub fn accuracy<T: Real, A: Array<T>, Y: Label>(ys: &[A], labels: &[Y]) -> Result<f64, Error> {
    ConfusionMatrix::of(ys, labels).map(|matrix| matrix.accuracy())
}

/// How often each class was taken for each.
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
    /// Row by row: a row is an actual class, a column what it was taken for.
    counts: Vec<usize>,
}

impl ConfusionMatrix {
    /// Counts the outputs' largest numbers by label.
    ///
    /// # Errors
    /// As those of [`accuracy`].
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

    /// How many classes there are.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How often class `actual` was taken for class `predicted`.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn count(&self, actual: usize, predicted: usize) -> usize {
        assert!(predicted < self.classes, "there is no class {predicted}");
        self.counts[actual * self.classes + predicted]
    }

    /// The share of what was taken for what it is.
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.classes)
            .map(|class| self.count(class, class))
            .sum();
        share(right, self.counts.iter().sum())
    }

    /// The share of a class that was taken for it; NaN if there was none of it.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn recall(&self, class: usize) -> f64 {
        let all = (0..self.classes)
            .map(|other| self.count(class, other))
            .sum();
        share(self.count(class, class), all)
    }

    /// The share of what was taken for a class that is of it; NaN if there was none.
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

/// A table, a row for each actual class.
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
