//! How much stack a call takes.

use core::ptr;

/// What unused stack is filled with.
const PAINT: u32 = 0xa5a5_a5a5;

/// Words that are painted: more than any call of this package takes.
const WORDS: usize = 16 * 1024;

/// Words between the frame of [`used`] and what is painted.
const MARGIN: usize = 64;

/// The bytes of stack that `call` takes.
#[inline(never)]
pub fn used(call: &mut dyn FnMut()) -> usize {
    let here = 0_u32;
    let top = ptr::from_ref(&here).wrapping_sub(MARGIN).cast_mut();
    let bottom = top.wrapping_sub(WORDS);
    for i in 0..WORDS {
        // SAFETY: the stack of this machine begins at the end of 4 MB of memory and grows down; all that is below the frames of this
        // function and of the call to `write_volatile` is free.
        unsafe { bottom.wrapping_add(i).write_volatile(PAINT) };
    }
    call();
    let mut unused = 0;
    // SAFETY: as above; what is read was written above, by this function or by `call`.
    while unused < WORDS && unsafe { bottom.wrapping_add(unused).read_volatile() } == PAINT {
        unused += 1;
    }
    (WORDS + MARGIN - unused) * size_of::<u32>()
}
