//! Many fits at once.

use crate::error::Error;
use crate::simd::Tier;
use crate::threads::{self, Place, Unasked};

/// Calls `fit` for every item, several at once: hundreds of small fits, or the members of an ensemble, each on one thread.
///
/// What comes out does not depend on the number of threads, which is that of the CPUs if it is `None`; inside of a rayon pool it
/// is at most that of the pool's, which are used. (Without the feature `rayon`, always one.) Whatever a fit calls takes the one
/// thread that the fit has, also if it is told otherwise.
///
/// For networks this small it is the way to use more than one CPU: a batch of a few hundred samples is over before a second
/// thread has begun with it.
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 1 => dense(tanh, 4) => dense(id, 1) }
///
/// let xs: Vec<[f64; 1]> = (0..20).map(|i| [f64::from(i) / 20.0]).collect();
/// let mut params: Vec<_> = (0..8).map(|s| Net.init::<f64>(&mut rng(s))).collect();
/// let losses = fit_many(&mut params, None, |s, params| {
///     let ys: Vec<[f64; 1]> = xs.iter().map(|x| [(x[0] * s as f64).sin()]).collect();
///     let history = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).fit(params, &xs, &ys, 50)?;
///     Ok(history.last_loss())
/// })?;
/// for loss in losses {
///     println!("{:.1e}", loss?); // an error says which fit it was
/// }
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for no threads, [`Error::Threads`] if they cannot be started; `fit` is not called then. An error of a
/// fit stands in its own place, as [`Error::Fit`], and does not keep the others from being made.
pub fn fit_many<I: Send, R: Send>(
    items: &mut [I],
    threads: Option<usize>,
    fit: impl Fn(usize, &mut I) -> Result<R, Error> + Sync,
) -> Result<Vec<Result<R, Error>>, Error> {
    let place = Place::of(threads, Unasked::All)?;
    let mut results: Vec<Option<Result<R, Error>>> = items.iter().map(|_| None).collect();
    let tier = Tier::current();
    let one = |(index, (item, result)): (usize, (&mut I, &mut Option<_>))| {
        let fitted = tier.with(|| fit(index, item));
        let fitted = fitted.expect("a tier that is in use");
        *result = Some(fitted.map_err(|error| Error::Fit {
            index,
            error: Box::new(error),
        }));
    };
    let work = items.iter_mut().zip(&mut results).enumerate();
    threads::install(place, || threads::for_each(place.threads(), work, one))?;
    let results = results
        .into_iter()
        .map(|result| result.expect("a fit of every item"));
    Ok(results.collect())
}
