//! Calls allocate nothing, after the first of a thread where that is said.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "each is a call with pointers to arrays beside it, which are as long as those of the chain"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use simplechain::prelude::*;
use simplechain_test_c as c;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY:
// - every method hands its arguments to `System` and its result back.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations of a call, which succeeds.
fn allocations(call: impl FnOnce() -> i32) -> usize {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    assert_eq!(call(), 0);
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

const SAMPLES: usize = 40;

// One test, so that no other allocates meanwhile.
#[test]
fn nothing_is_allocated() {
    let count = allocations(|| {
        drop(core::hint::black_box(Box::new(1)));
        0
    });
    assert_eq!(count, 1, "the counter counts");
    // The tier is found by the first call of the process.
    let forward = || c::Small.forward(&[0.0_f32; 3], &c::Small.zeros());
    std::thread::spawn(forward).join().expect("a call");
    small();
    large();
}

fn small() {
    let params = c::Small.init::<f64>(&mut rng(1));
    let (xs, mut ys, mut y_dots) = (
        [[0.5; 3]; SAMPLES],
        [[0.0; 2]; SAMPLES],
        [[0.0; 2]; SAMPLES],
    );
    let y_bars = [[0.5; 2]; SAMPLES];
    let (mut x_bars, mut params_bar) = (xs, params.clone());
    let (x, p, y_bar) = (xs.as_ptr().cast(), params.as_ptr(), y_bars.as_ptr().cast());
    let (y, y_dot) = (ys.as_mut_ptr().cast(), y_dots.as_mut_ptr().cast());
    let (x_bar, p_bar) = (x_bars.as_mut_ptr().cast(), params_bar.as_mut_ptr());
    let forward = || unsafe { c::small_forward_f64(x, p, y) };
    let vjp = || unsafe { c::small_vjp_f64(x, p, y_bar, y, x_bar, p_bar) };
    let jvp = || unsafe { c::small_jvp_f64(x, p, x, p, y, y_dot) };
    let hvp = || unsafe { c::small_hvp_f64(x, p, y_bar, x, p, y, x_bar, p_bar) };
    let batches = || unsafe {
        c::small_forward_batch_f64(x, p, SAMPLES, y)
            | c::small_vjp_batch_f64(x, p, y_bar, SAMPLES, x_bar, p_bar)
            | c::small_jvp_batch_f64(x, p, x, p, SAMPLES, y, y_dot)
            | c::small_hvp_batch_f64(x, p, y_bar, x, p, SAMPLES, x_bar, p_bar)
    };
    for call in [&forward as &dyn Fn() -> i32, &vjp, &jvp] {
        assert_eq!(allocations(call), 0, "the first call of a thread");
    }
    for call in [&hvp as &dyn Fn() -> i32, &batches] {
        assert_eq!(call(), 0);
        assert_eq!(allocations(call), 0, "the second call of a thread");
    }
}

/// Its intermediate values are in memory of the thread.
fn large() {
    let params = c::Large.init::<f32>(&mut rng(1));
    let x = [0.5; c::Large::INPUT_LEN];
    let (mut y, mut x_bar, mut params_bar) = ([0.0; 3], x, params.clone());
    let (x, p, y) = (x.as_ptr(), params.as_ptr(), y.as_mut_ptr());
    let (x_bar, p_bar) = (x_bar.as_mut_ptr(), params_bar.as_mut_ptr());
    let y_bar = [1.0; 3];
    let calls = || unsafe {
        c::large_forward(x, p, y) | c::large_vjp(x, p, y_bar.as_ptr(), y, x_bar, p_bar)
    };
    assert!(allocations(calls) > 0);
    assert_eq!(allocations(calls), 0, "a large chain");
}
