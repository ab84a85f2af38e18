//! Metrics of predicted numbers. With several outputs, each is the mean of that of every output, as in scikit-learn.

use alloc::vec::Vec;

use crate::array::Array;
use crate::error::{Error, check_len};
use crate::simd::Real;

/// The coefficient of determination: `R^2 = 1 - sum (t - y)^2 / sum (t - mean(t))^2` over the samples, of predictions `y` and
/// targets `t`; the mean over the outputs.
///
/// 1 is a perfect prediction, 0 is as good as the mean of the targets, and it may be negative. For an output whose targets are all equal,
/// the fraction has no denominator: it counts as 1 if all predictions equal them too, otherwise as 0. One sample has no variance: NaN.
///
/// ```
/// # use simplechain::metrics::r2;
/// assert_eq!(r2(&[[1.0], [2.0], [4.0]], &[[1.0], [2.0], [3.0]])?, 0.5);
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyBatch`]; [`Error::Length`] unless there are as many targets as predictions.
pub fn r2<T: Real, A: Array<T>>(ys: &[A], targets: &[A]) -> Result<f64, Error> {
    if ys.len() == 1 && targets.len() == 1 {
        return Ok(f64::NAN);
    }
    mean_of_outputs(ys, targets, |pairs, count| {
        let mean = pairs.clone().map(|(_, t)| t).sum::<f64>() / count;
        // The mean of equal numbers may be rounded; their differences from the first are exactly 0.
        let first = pairs.clone().next().map_or(0.0, |(_, t)| t);
        let residual: f64 = pairs.clone().map(|(y, t)| (t - y) * (t - y)).sum();
        if pairs.clone().all(|(_, t)| t == first) {
            return match residual {
                0.0 => 1.0,
                residual if residual.is_nan() => f64::NAN,
                _ => 0.0,
            };
        }
        let total: f64 = pairs.map(|(_, t)| (t - mean) * (t - mean)).sum();
        1.0 - residual / total
    })
}

/// The mean absolute error `1/n sum |t - y|` of predictions `y` and targets `t`, in the units of the targets; the mean over
/// the outputs.
///
/// ```
/// # use simplechain::metrics::mean_absolute_error;
/// assert_eq!(mean_absolute_error(&[[1.0], [5.0]], &[[2.0], [2.0]])?, 2.0);
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// As [`r2`].
pub fn mean_absolute_error<T: Real, A: Array<T>>(ys: &[A], targets: &[A]) -> Result<f64, Error> {
    mean_of_outputs(ys, targets, |pairs, count| {
        pairs.map(|(y, t)| (t - y).abs()).sum::<f64>() / count
    })
}

/// The root mean squared error `sqrt(1/n sum (t - y)^2)` of predictions `y` and targets `t`, in the units of the targets; the
/// mean over the outputs, each of which has its own root.
///
/// ```
/// # use simplechain::metrics::rmse;
/// assert_eq!(rmse(&[[1.0], [5.0]], &[[2.0], [-2.0]])?, 5.0);
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// As [`r2`].
pub fn rmse<T: Real, A: Array<T>>(ys: &[A], targets: &[A]) -> Result<f64, Error> {
    mean_of_outputs(ys, targets, |pairs, count| {
        let sum: f64 = pairs.map(|(y, t)| (t - y) * (t - y)).sum();
        (sum / count).sqrt()
    })
}

/// (prediction, target) of every sample.
type Pairs<'a> = core::iter::Copied<core::slice::Iter<'a, (f64, f64)>>;

/// The mean over the outputs of a metric of (prediction, target) pairs; it is given their number, too.
fn mean_of_outputs<T: Real, A: Array<T>>(
    ys: &[A],
    targets: &[A],
    metric: impl Fn(Pairs<'_>, f64) -> f64,
) -> Result<f64, Error> {
    if ys.is_empty() {
        return Err(Error::EmptyBatch);
    }
    check_len("targets", ys.len(), targets.len())?;
    let pair = |(y, t): (&A, &A), output: usize| {
        (y.as_slice()[output].to_f64(), t.as_slice()[output].to_f64())
    };
    let mut pairs = Vec::with_capacity(ys.len());
    let outputs = (0..A::LEN).map(|output| {
        pairs.clear();
        pairs.extend(ys.iter().zip(targets).map(|both| pair(both, output)));
        metric(pairs.iter().copied(), ys.len() as f64)
    });
    Ok(outputs.sum::<f64>() / A::LEN as f64)
}
