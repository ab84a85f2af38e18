//! Parallelism: the number of threads, the pool, and a parallel loop over items.
//!
//! A call that forks inside a rayon worker, the user's or ours, stays in that pool: it would have to wait for a pool of its own,
//! and a waiting worker takes other work of its pool onto its stack, which would fork again, and so on. For the
//! same reason a thread that works for a call that has forked ([`is_shared_out`]) never forks again.

#[cfg(feature = "rayon")]
use alloc::string::ToString;
use core::cell::Cell;
#[cfg(feature = "rayon")]
use std::sync::OnceLock;
use std::sync::{Mutex, PoisonError};

use crate::error::{Error, check_range};
use crate::simd::Forced;

std::thread_local! {
    /// Whether this thread works on a part of a parallel call.
    static SHARED_OUT: Cell<bool> = const { Cell::new(false) };
}

/// Whether calls start threads. On WebAssembly they cannot, and there are no processes: there a call takes more than one
/// thread only in a rayon pool that the program has made.
const STARTS: bool = cfg!(all(feature = "rayon", not(target_family = "wasm")));

/// Where the work of a call runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the caller's thread or, if more than 1, on this many threads of the caller's pool.
    Here(usize),
    /// In its own pool, with this many threads.
    Own(usize),
}

impl Place {
    /// For a call with this requested number of threads, or `unasked` in a pool that is not its own.
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
            (false, None) if threads > 1 && STARTS => Self::Own(threads),
            (false, None) => Self::Here(1),
        })
    }

    /// With no more threads than there are parts of the work.
    pub(crate) fn at_most(self, parts: usize) -> Self {
        match self {
            Self::Own(threads) if threads.min(parts) > 1 => Self::Own(threads.min(parts)),
            Self::Own(_) => Self::Here(1),
            Self::Here(threads) => Self::Here(threads.min(parts.max(1))),
        }
    }

    pub(crate) fn threads(self) -> usize {
        match self {
            Self::Here(threads) | Self::Own(threads) => threads,
        }
    }
}

/// How many threads of the surrounding pool a call takes by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// One thread: the other workers have such calls of their own.
    One,
    /// All threads.
    All,
}

/// Bytes of a thread's stack. They are committed when used: in a build without optimisation the kernels of a large
/// convolution use some megabytes, otherwise a tenth.
#[cfg(feature = "rayon")]
const STACK_SIZE: usize = 8 << 20;

/// Threads that wait for the calls of one owner.
#[cfg(feature = "rayon")]
#[derive(Debug)]
pub(crate) struct OwnPool {
    /// Present until it is dropped.
    pool: Option<rayon_core::ThreadPool>,
    /// The process that the threads belong to.
    process: u32,
}

#[cfg(feature = "rayon")]
impl OwnPool {
    /// Starts this many threads.
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

    /// Not generic, so that the code exists once; the same holds for the next two.
    fn run_one(&self, f: &mut (dyn FnMut() + Send)) {
        let tier = Forced::here();
        self.pool().install(|| tier.during(f));
    }

    /// Runs `f` on every thread of the pool.
    pub(crate) fn on_every_thread(&self, f: &(dyn Fn() + Sync)) {
        self.pool().broadcast(|_| f());
    }

    /// Runs `there` in the pool, and `here` on this thread at the same time.
    pub(crate) fn beside(&self, there: &mut (dyn FnMut() + Send), here: &mut dyn FnMut()) {
        let tier = Forced::here();
        self.pool().in_place_scope(|scope| {
            scope.spawn(|_| tier.during(there));
            here();
        });
    }

    /// Whether this process is a `fork` of the one that the threads belong to.
    pub(crate) fn is_lost(&self) -> bool {
        self.process != std::process::id()
    }
}

#[cfg(feature = "rayon")]
impl Drop for OwnPool {
    fn drop(&mut self) {
        if self.is_lost() {
            // Its locks may be held by threads that do not exist here.
            core::mem::forget(self.pool.take());
        }
    }
}

/// Runs `f` in its place, in a new pool if it needs its own.
pub(crate) fn install<R: Send>(place: Place, f: impl FnOnce() -> R + Send) -> Result<R, Error> {
    #[cfg(feature = "rayon")]
    if let Place::Own(threads) = place {
        return Ok(OwnPool::new(threads)?.run(f));
    }
    let _ = place;
    Ok(f())
}

/// Runs `work` on every item. The assignment of items to threads is unspecified, so results must not depend on it.
///
/// Must be called inside the intended pool; forks by `join`, which allocates nothing.
pub(crate) fn for_each<I: Send>(
    threads: usize,
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(I) + Sync,
) {
    let items = Mutex::new(items);
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let tier = Forced::here();
    fork(threads, &|| {
        tier.during(|| {
            while let Some(item) = next() {
                work(item);
            }
        });
    });
}

/// Calls `worker` on this many threads at once. Not generic, so that the code exists once.
fn fork(threads: usize, worker: &(dyn Fn() + Sync)) {
    struct Leave(bool);
    impl Drop for Leave {
        fn drop(&mut self) {
            SHARED_OUT.set(self.0);
        }
    }
    // Also while a `join` waits, and runs other work meanwhile.
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

/// The number of threads for a batch: those of the caller's pool, or of the global one.
pub(crate) fn current() -> usize {
    #[cfg(feature = "rayon")]
    if !SHARED_OUT.get() && (workers().is_some() || STARTS && !is_forked()) {
        return rayon_core::current_num_threads();
    }
    1
}

/// One per CPU.
fn available() -> usize {
    if STARTS {
        std::thread::available_parallelism().map_or(1, usize::from)
    } else {
        1
    }
}

/// The number of workers in the caller's pool.
fn workers() -> Option<usize> {
    #[cfg(feature = "rayon")]
    return rayon_core::current_thread_index().map(|_| rayon_core::current_num_threads());
    #[cfg(not(feature = "rayon"))]
    None
}

/// Whether this process is a `fork` of one that may have started threads, which do not exist here.
#[cfg(feature = "rayon")]
fn is_forked() -> bool {
    static FIRST: OnceLock<u32> = OnceLock::new();
    let process = std::process::id();
    *FIRST.get_or_init(|| process) != process
}
