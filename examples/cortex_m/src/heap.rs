//! An allocator that hands out memory and never takes it back.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 2 << 20;

/// Memory from which pieces are cut.
#[repr(align(64))]
pub struct Bump {
    memory: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: pieces do not overlap, because `used` is changed atomically, and `memory` is not used otherwise.
unsafe impl Sync for Bump {}

impl Bump {
    /// All of its memory.
    #[expect(clippy::new_without_default, reason = "it is made for a static")]
    pub const fn new() -> Self {
        Self {
            memory: UnsafeCell::new([0; SIZE]),
            used: AtomicUsize::new(0),
        }
    }

    /// The bytes that were handed out.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

// SAFETY:
// - A piece is within `memory`, and after all that were handed out before.
// - It is aligned: `memory` begins at a multiple of 64, and more is not given.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let piece = |used: usize| {
            let start = used.checked_next_multiple_of(layout.align())?;
            let end = start.checked_add(layout.size())?;
            (end <= SIZE && layout.align() <= 64).then_some((start, end))
        };
        let (order, end) = (Ordering::Relaxed, |used| piece(used).map(|(_, end)| end));
        match self
            .used
            .fetch_update(order, order, end)
            .ok()
            .and_then(piece)
        {
            Some((start, _)) => self.memory.get().cast::<u8>().wrapping_add(start),
            None => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
