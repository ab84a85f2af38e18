//! Sharing work among threads: how many, of which pool, and a loop over items.
//!
//! A call that forks inside of a rayon worker, a user's or ours, stays in that pool: a pool of its own would have to be waited
//! for, and a worker that waits takes other work of its pool onto its stack, which would fork again, and so on. For the
//! same reason a thread that is at work for a call which forked ([`is_shared_out`]) never forks once more.

use core::cell::Cell;
#[cfg(feature = "rayon")]
use std::sync::OnceLock;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, check_range};

thread_local! {
    /// Whether this thread works on a share of a call.
    static SHARED_OUT: Cell<bool> = const { Cell::new(false) };
}

/// Where the work of a call is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the caller's thread or, if it is more than 1, on so many threads of the pool that it is a worker of.
    Here(usize),
    /// In a pool of its own, of so many threads.
    Own(usize),
}

impl Place {
    /// For a call that was asked to take so many threads, and takes `unasked` in a pool that is not its own.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for 0.
    pub(crate) fn of(asked: Option<usize>, unasked: Unasked) -> Result<Self, Error> {
        let threads = asked.unwrap_or_else(available);
        check_range(
            "the number of threads",
            threads as f64,
            threads > 0,
            "at least 1",
        )?;
        Ok(match (SHARED_OUT.get(), workers()) {
            (true, _) => Self::Here(1),
            (false, Some(workers)) => Self::Here(match (asked, unasked) {
                (None, Unasked::One) => 1,
                (None, Unasked::All) => workers,
                (Some(threads), _) => threads.min(workers),
            }),
            (false, None) if threads > 1 && cfg!(feature = "rayon") => Self::Own(threads),
            (false, None) => Self::Here(1),
        })
    }

    pub(crate) fn threads(self) -> usize {
        match self {
            Self::Here(threads) | Self::Own(threads) => threads,
        }
    }
}

/// What a call takes of a pool that it finds itself in, if it is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// One thread: the others have such calls of their own.
    One,
    /// All threads.
    All,
}

/// Bytes of a thread's stack. They are taken as they are used: in a build without optimisation the kernels of a large
/// convolution use some megabytes, otherwise a tenth.
#[cfg(feature = "rayon")]
const STACK_SIZE: usize = 8 << 20;

/// Threads that wait for the calls of one owner.
#[cfg(feature = "rayon")]
#[derive(Debug)]
pub(crate) struct OwnPool {
    /// There until it is dropped.
    pool: Option<rayon_core::ThreadPool>,
    /// The process that the threads are in.
    process: u32,
}

#[cfg(feature = "rayon")]
impl OwnPool {
    /// Starts so many.
    pub(crate) fn new(threads: usize) -> Result<Self, Error> {
        let pool = rayon_core::ThreadPoolBuilder::new()
            .num_threads(threads)
            .stack_size(STACK_SIZE);
        let pool = pool
            .build()
            .map_err(|error| Error::Threads(error.to_string()))?;
        Ok(Self {
            pool: Some(pool),
            process: std::process::id(),
        })
    }

    /// The pool.
    fn pool(&self) -> &rayon_core::ThreadPool {
        self.pool.as_ref().expect("it is there until it is dropped")
    }

    /// Runs `f` in the pool.
    pub(crate) fn run<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R {
        let (mut f, mut result) = (Some(f), None);
        self.run_one(&mut || result = f.take().map(|f| f()));
        result.expect("a panic would have come through")
    }

    /// Not generic, so that there is one copy of the work: so are the next two.
    fn run_one(&self, f: &mut (dyn FnMut() + Send)) {
        self.pool().install(f);
    }

    /// Runs `f` on every thread of the pool.
    pub(crate) fn on_every_thread(&self, f: &(dyn Fn() + Sync)) {
        self.pool().broadcast(|_| f());
    }

    /// Runs `there` in the pool, and meanwhile `here` on this thread.
    pub(crate) fn beside(&self, there: &mut (dyn FnMut() + Send), here: &mut dyn FnMut()) {
        self.pool().in_place_scope(|scope| {
            scope.spawn(|_| there());
            here();
        });
    }

    /// Whether this process is a `fork` of the one that the threads are in.
    pub(crate) fn is_lost(&self) -> bool {
        self.process != std::process::id()
    }
}

#[cfg(feature = "rayon")]
impl Drop for OwnPool {
    fn drop(&mut self) {
        if self.is_lost() {
            // Its locks may be held by threads that are not there.
            core::mem::forget(self.pool.take());
        }
    }
}

/// Runs `f` where it belongs, in a pool that is made for it if it has one of its own.
pub(crate) fn install<R: Send>(place: Place, f: impl FnOnce() -> R + Send) -> Result<R, Error> {
    #[cfg(feature = "rayon")]
    if let Place::Own(threads) = place {
        return Ok(OwnPool::new(threads)?.run(f));
    }
    let _ = place;
    Ok(f())
}

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

/// Calls `worker` on so many threads at once. Not generic, so that there is one copy of the work.
fn fork(threads: usize, worker: &(dyn Fn() + Sync)) {
    struct Leave(bool);
    impl Drop for Leave {
        fn drop(&mut self) {
            SHARED_OUT.set(self.0);
        }
    }
    // Also while a `join` waits, and takes other work meanwhile.
    let _leave = Leave(SHARED_OUT.replace(true));
    #[cfg(feature = "rayon")]
    if threads > 1 {
        let half = threads / 2;
        rayon_core::join(|| fork(half, worker), || fork(threads - half, worker));
        return;
    }
    let _ = threads;
    worker();
}

/// Threads for a batch: those of the pool that the caller is in, or of the global one.
pub(crate) fn current() -> usize {
    #[cfg(feature = "rayon")]
    if !SHARED_OUT.get() && (workers().is_some() || !is_forked()) {
        return rayon_core::current_num_threads();
    }
    1
}

/// One for every CPU.
fn available() -> usize {
    if cfg!(feature = "rayon") {
        std::thread::available_parallelism().map_or(1, usize::from)
    } else {
        1
    }
}

/// How many workers the pool has that the caller is one of.
fn workers() -> Option<usize> {
    #[cfg(feature = "rayon")]
    return rayon_core::current_thread_index().map(|_| rayon_core::current_num_threads());
    #[cfg(not(feature = "rayon"))]
    None
}

/// Whether this process is a `fork` of one that may have started threads: they are not here.
#[cfg(feature = "rayon")]
fn is_forked() -> bool {
    static FIRST: OnceLock<u32> = OnceLock::new();
    let process = std::process::id();
    *FIRST.get_or_init(|| process) != process
}
