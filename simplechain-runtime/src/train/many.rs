//! Many fits at once.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::Error;
use crate::threads::{self, Place, Unasked};

/// Calls `fit` for every item, several in parallel: hundreds of small fits, or the members of an ensemble, each on one thread.
///
/// The results do not depend on the number of threads. `None` means one per CPU; inside a rayon pool, that pool is used, with
/// at most its threads. (Without the feature `rayon`, and on WebAssembly, always one.) Calls within a fit run on the
/// thread of that fit, whatever number of threads they ask for.
///
/// For networks this small, this is the way to use more than one CPU: a batch of a few hundred samples is finished before a second
/// thread has started on it.
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
/// [`Error::OutOfRange`] for no threads, [`Error::Threads`] if they cannot be started; then `fit` is not called. The error of a
/// fit is in its own result, as [`Error::Fit`], and does not affect the other fits.
pub fn fit_many<I: Send, R: Send>(
    items: &mut [I],
    threads: Option<usize>,
    fit: impl Fn(usize, &mut I) -> Result<R, Error> + Sync,
) -> Result<Vec<Result<R, Error>>, Error> {
    let place = Place::of(threads, Unasked::All)?.at_most(items.len());
    let mut results: Vec<Option<Result<R, Error>>> = items.iter().map(|_| None).collect();
    let one = |(index, (item, result)): (usize, (&mut I, &mut Option<_>))| {
        *result = Some(fit(index, item).map_err(|error| Error::Fit {
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
