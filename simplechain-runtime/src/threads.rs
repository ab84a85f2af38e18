//! Sharing the chunks of a batch among threads.

use std::sync::{Mutex, PoisonError};

use crate::error::{Error, check_range};

/// Runs `work` on every item. Which thread takes which item is open, so results must not depend on it.
///
/// Must be called inside the pool whose threads are meant; forks by `join`, which allocates nothing.
pub(crate) fn for_each<I: Send>(
    threads: usize,
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(I) + Sync,
) {
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    fork(threads, &|| {
        while let Some(item) = next() {
            work(item);
        }
    });
}

/// One for every CPU.
pub(crate) fn available() -> usize {
    if cfg!(feature = "rayon") {
        std::thread::available_parallelism().map_or(1, usize::from)
    } else {
        1
    }
}

/// Whether it is a number of threads.
pub(crate) fn check(threads: usize) -> Result<(), Error> {
    check_range(
        "the number of threads",
        threads as f64,
        threads > 0,
        "at least 1",
    )
}

/// Runs `f` inside a pool of so many threads.
pub(crate) fn install<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> Result<R, Error> {
    #[cfg(feature = "rayon")]
    if threads > 1 {
        let pool = rayon_core::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool
            .build()
            .map_err(|error| Error::Threads(error.to_string()))?;
        return Ok(pool.install(f));
    }
    let _ = threads;
    Ok(f())
}

/// Calls `worker` on so many threads at once. Not generic, so that there is one copy of the work.
fn fork(threads: usize, worker: &(dyn Fn() + Sync)) {
    #[cfg(feature = "rayon")]
    if threads > 1 {
        let half = threads / 2;
        rayon_core::join(|| fork(half, worker), || fork(threads - half, worker));
        return;
    }
    let _ = threads;
    worker();
}

/// Threads of the pool that the caller is in, or of the global one.
pub(crate) fn current() -> usize {
    #[cfg(feature = "rayon")]
    return rayon_core::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}
