//! The free buffers of scratch memory: a stack of them per thread, reused from call to call so that nothing allocates after the
//! largest batch. Without `std` a thread has no memory of its own: there every buffer is allocated and freed.

use alloc::vec::Vec;

use crate::simd::Aligned;

pub(super) type Bytes = Aligned<[f32; 16]>;

#[cfg(feature = "std")]
std::thread_local! {
    static FREE: core::cell::RefCell<Vec<Vec<Bytes>>> = const { core::cell::RefCell::new(Vec::new()) };
}

/// A buffer, if there is one; it may be too small.
pub(super) fn take(lines: usize) -> Vec<Bytes> {
    let _ = lines;
    #[cfg(feature = "std")]
    return FREE.with_borrow_mut(|free| best(free, lines));
    #[cfg(not(feature = "std"))]
    Vec::new()
}

/// Keeps a buffer for the next call.
pub(super) fn give(buffer: Vec<Bytes>) {
    // A thread that is ending no longer has a stack of buffers; the buffer is freed then.
    #[cfg(feature = "std")]
    let _ = FREE.try_with(|free| free.borrow_mut().push(buffer));
    #[cfg(not(feature = "std"))]
    drop(buffer);
}

/// The smallest that is large enough: the order of returned buffers depends on earlier calls, and a large one must not serve a small
/// request. If none is large enough, the smallest grows, so that repeated calls soon find all they need.
#[cfg(feature = "std")]
fn best(free: &mut Vec<Vec<Bytes>>, lines: usize) -> Vec<Bytes> {
    // Those that are too small come after all others; one comparison for each.
    let fit =
        |buffer: &Vec<Bytes>| buffer.len() | usize::from(buffer.len() < lines) << (usize::BITS - 1);
    let mut best = (usize::MAX, usize::MAX);
    for (index, buffer) in free.iter().enumerate() {
        let fit = fit(buffer);
        if fit < best.0 {
            best = (fit, index);
        }
    }
    match best.1 {
        usize::MAX => Vec::new(),
        index => free.swap_remove(index),
    }
}
