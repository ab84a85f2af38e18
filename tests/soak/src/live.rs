//! How much this process has allocated and not freed, which no cache of the allocator and no fragment is part of.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

static BYTES: AtomicUsize = AtomicUsize::new(0);
static BLOCKS: AtomicUsize = AtomicUsize::new(0);

/// At this moment, over all threads.
pub(crate) fn bytes() -> usize {
    BYTES.load(Ordering::Relaxed)
}

pub(crate) fn blocks() -> usize {
    BLOCKS.load(Ordering::Relaxed)
}

struct Counting;

// SAFETY:
// - every method hands its arguments to `System` and its result back.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { System.alloc(layout) };
        count(block, layout)
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { System.alloc_zeroed(layout) };
        count(block, layout)
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { System.realloc(block, layout, size) };
        if !block.is_null() {
            BYTES.fetch_add(size.wrapping_sub(layout.size()), Ordering::Relaxed);
        }
        block
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        BLOCKS.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

fn count(block: *mut u8, layout: Layout) -> *mut u8 {
    if !block.is_null() {
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        BLOCKS.fetch_add(1, Ordering::Relaxed);
    }
    block
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
