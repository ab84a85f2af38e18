//! Sharing the chunks of a batch among threads.

/// Runs `work` on every item. Which thread takes which item is open, so results must not depend on it.
///
/// Must be called inside the pool whose threads are meant; forks by `join`, which allocates nothing.
#[inline(always)]
pub(crate) fn for_each<I: Send>(
    threads: usize,
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(I) + Sync,
) {
    #[cfg(feature = "rayon")]
    if threads > 1 {
        let items = std::sync::Mutex::new(items);
        fork(threads, &|| {
            loop {
                let next = items
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .next();
                match next {
                    Some(item) => work(item),
                    None => break,
                }
            }
        });
        return;
    }
    let _ = threads;
    items.for_each(work);
}

#[cfg(feature = "rayon")]
fn fork(threads: usize, worker: &(dyn Fn() + Sync)) {
    match threads {
        0 | 1 => worker(),
        _ => {
            rayon_core::join(
                || fork(threads / 2, worker),
                || fork(threads - threads / 2, worker),
            );
        }
    }
}

/// Threads of the pool that the caller is in, or of the global one.
pub(crate) fn current() -> usize {
    #[cfg(feature = "rayon")]
    return rayon_core::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    1
}
