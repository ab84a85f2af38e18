//! Moments at which nothing runs in this process, so that what is allocated then is what is kept.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::memory;

/// The threads of a trainer end a moment after it is dropped, which is long on a busy machine.
const MAX_WAIT: Duration = Duration::from_secs(60);

const STEP: Duration = Duration::from_millis(1);

/// What the thread that kills holds while it has a child.
pub(crate) struct Rest {
    /// At rest.
    threads: u64,
    busy: Mutex<()>,
    is_wanted: AtomicBool,
}

impl Rest {
    /// Before any other thread is started than those that stay: rayon's global pool, and what a sanitizer has.
    pub(crate) fn new() -> Result<Self, Box<dyn Error>> {
        rayon_core::broadcast(|_| ());
        let killing = 1;
        Ok(Self {
            threads: memory::status("Threads:")? + killing,
            busy: Mutex::default(),
            is_wanted: AtomicBool::default(),
        })
    }

    /// For a child's life, not before a rest that is wanted has been had.
    pub(crate) fn work(&self) -> MutexGuard<'_, ()> {
        while self.is_wanted.load(Ordering::Relaxed) {
            thread::sleep(STEP);
        }
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `f` when the other thread of this program waits and all others have ended.
    pub(crate) fn take<R>(
        &self,
        f: impl FnOnce() -> Result<R, Box<dyn Error>>,
    ) -> Result<R, Box<dyn Error>> {
        self.is_wanted.store(true, Ordering::Relaxed);
        let _others = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let result = self.alone().and_then(|()| f());
        self.is_wanted.store(false, Ordering::Relaxed);
        result
    }

    /// Waits until threads of dropped trainers have ended.
    fn alone(&self) -> Result<(), Box<dyn Error>> {
        let start = Instant::now();
        while memory::status("Threads:")? > self.threads {
            if start.elapsed() > MAX_WAIT {
                return Err("threads of dropped trainers do not end".into());
            }
            thread::sleep(STEP);
        }
        Ok(())
    }
}
