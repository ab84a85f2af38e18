//! Instructions of the FPU of a Cortex-M that `core` has no function for.
//!
//! Of the targets with the calling convention `eabihf`, those without atomics of 64 bits are of the M profile, and all FPUs of that
//! profile (FPv4 and later) have a fused multiply-add.

use core::arch::asm;

/// `a * b + c`, rounded once.
#[inline(always)]
pub(super) fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    let mut sum = c;
    // SAFETY: the instruction reads and writes registers only, and every target that this module is compiled for has it.
    unsafe {
        asm!(
            "vfma.f32 {sum}, {a}, {b}",
            sum = inout(sreg) sum,
            a = in(sreg) a,
            b = in(sreg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// The square root.
#[inline(always)]
pub(super) fn sqrt(a: f32) -> f32 {
    let root;
    // SAFETY: as above.
    unsafe {
        asm!(
            "vsqrt.f32 {root}, {a}",
            root = lateout(sreg) root,
            a = in(sreg) a,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    root
}
