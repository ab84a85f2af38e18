//! Instructions of the FPU of a Cortex-M that `core` has no function for.
//!
//! Of the targets with the calling convention `eabihf`, those without atomics of 64 bits are of the M profile, and all FPUs of that
//! profile (FPv4 and later) have a fused multiply-add.
//!
//! Operands are in registers of the CPU: those of the FPU can be operands only if it has double precision too, until
//! <https://github.com/rust-lang/rust/pull/159988> is in a stable compiler.

use core::arch::asm;

/// `a * b + c`, rounded once.
#[inline(always)]
pub(in crate::simd) fn mul_add(a: f32, b: f32, c: f32) -> f32 {
    let mut sum = c.to_bits();
    // SAFETY: the instructions read and write registers only, all of which are declared, and every target that this module is
    // compiled for has them.
    unsafe {
        asm!(
            "vmov s14, s15, {a}, {b}",
            "vmov s13, {sum}",
            "vfma.f32 s13, s14, s15",
            "vmov {sum}, s13",
            a = in(reg) a.to_bits(),
            b = in(reg) b.to_bits(),
            sum = inout(reg) sum,
            out("s13") _,
            out("s14") _,
            out("s15") _,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    f32::from_bits(sum)
}

/// The square root.
#[inline(always)]
pub(in crate::simd) fn sqrt(a: f32) -> f32 {
    let mut root = a.to_bits();
    // SAFETY: as above.
    unsafe {
        asm!(
            "vmov s15, {root}",
            "vsqrt.f32 s15, s15",
            "vmov {root}, s15",
            root = inout(reg) root,
            out("s15") _,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    f32::from_bits(root)
}
