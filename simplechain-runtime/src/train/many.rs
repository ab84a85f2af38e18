//! Many fits at once.

use core::cell::Cell;

use crate::error::Error;
use crate::simd::Tier;
use crate::threads;

thread_local! {
    /// Whether this thread is inside of `fit_many`.
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Whether the caller is one fit of many: then it takes one thread, because the others have fits of their own.
#[cfg(feature = "rayon")]
pub(super) fn is_one_of_many() -> bool {
    WITHIN.get()
}

/// Calls `fit` for every item, several at once: hundreds of small fits, or the members of an ensemble, each on one thread.
///
/// A [`Trainer`](super::Trainer) inside takes one thread unless it is told otherwise. What comes out does not depend on
/// the number of threads, which is that of the CPUs if it is `None`. (Without the feature `rayon`, always one.)
///
/// For networks this small it is the way to use more than one CPU: a batch of a few hundred samples is over before a second
/// thread has begun with it.
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 1 => dense(tanh, 4) => dense(id, 1) }
/// let subjects: Vec<(Vec<[f32; 1]>, Vec<[f32; 1]>)> = vec![(vec![[0.1], [0.5]], vec![[0.3], [0.2]]); 20];
///
/// let mut params: Vec<_> = (0..subjects.len()).map(|s| Net.init::<f32>(&mut rng(s as u64))).collect();
/// let losses = fit_many(&mut params, None, |s, params| {
///     let (xs, ys) = &subjects[s];
///     let history = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).fit(params, xs, ys, 500)?;
///     Ok::<_, simplechain::Error>(history.last_loss())
/// })?;
/// assert!(losses.into_iter().all(|loss| loss.is_ok_and(|loss| loss < 1e-3)));
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// [`Error::OutOfRange`] for no threads, [`Error::Threads`] if they cannot be started; `fit` is not called then.
pub fn fit_many<I: Send, R: Send>(
    items: &mut [I],
    threads: Option<usize>,
    fit: impl Fn(usize, &mut I) -> R + Sync,
) -> Result<Vec<R>, Error> {
    let threads = threads.unwrap_or_else(threads::available);
    threads::check(threads)?;
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    let tier = Tier::current();
    let one = |(index, (item, result)): (usize, (&mut I, &mut Option<R>))| {
        struct Leave(bool);
        impl Drop for Leave {
            fn drop(&mut self) {
                WITHIN.set(self.0);
            }
        }
        let _leave = Leave(WITHIN.replace(true));
        let fitted = tier.with(|| fit(index, item));
        *result = Some(fitted.expect("a tier that is in use"));
    };
    let work = items.iter_mut().zip(&mut results).enumerate();
    threads::install(threads, || threads::for_each(threads, work, one))?;
    let results = results
        .into_iter()
        .map(|result| result.expect("a fit of every item"));
    Ok(results.collect())
}
