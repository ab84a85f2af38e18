//! The functions, for any chain and both number types. All pointers of a call are checked before memory is read or written.
//!
//! Every `SAFETY` below rests on two things: the caller's promise, which is the [rules](super#rules), and
//! [`Memory::check_disjoint`].

use core::any::Any;
use core::ffi::{c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Status;
use super::memory::Memory;
use crate::chain::{Array, Chain};
use crate::derivatives::Derivatives;
use crate::init::rng;
use crate::simd::Real;

/// The code of a call, which may panic: a layer may be the user's own.
#[inline(always)]
pub(super) fn code(call: impl FnOnce() -> Result<(), Status>) -> i32 {
    let status = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => Status::Ok,
        Ok(Err(status)) => status,
        Err(panic) => {
            forget(panic);
            Status::Panic
        }
    };
    status as i32
}

/// Drops what a panic carries. That could panic again: what that carries is not dropped.
pub(super) fn forget(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        core::mem::forget(again);
    }
}

/// The length of the parameters, if the caller's is the same.
pub(super) fn check_param_count<C: Chain>(len: usize) -> Result<(), Status> {
    if len == C::PARAM_COUNT {
        Ok(())
    } else {
        Err(Status::Length)
    }
}

/// [`Network::INPUT_LEN`](crate::chain::Network::INPUT_LEN)
#[must_use]
pub fn input_len<C: Chain>(_: C) -> usize {
    C::INPUT_LEN
}

/// [`Network::OUTPUT_LEN`](crate::chain::Network::OUTPUT_LEN)
#[must_use]
pub fn output_len<C: Chain>(_: C) -> usize {
    C::OUTPUT_LEN
}

/// [`Network::PARAM_COUNT`](crate::chain::Network::PARAM_COUNT)
#[must_use]
pub fn param_count<C: Chain>(_: C) -> usize {
    C::PARAM_COUNT
}

/// [`Chain::FINGERPRINT`]
#[must_use]
pub fn fingerprint<C: Chain>(_: C) -> u64 {
    C::FINGERPRINT
}

/// [`Chain::init`] from a seed.
///
/// # Safety
/// The [rules](super#rules).
pub unsafe fn init<C: Chain, T: Real>(
    chain: C,
    seed: u64,
    params: *mut T,
    params_len: usize,
) -> i32 {
    code(|| {
        check_param_count::<C>(params_len)?;
        let mut params = Memory::new().output(params, 1, C::PARAM_COUNT)?;
        // SAFETY: the caller's promise.
        let params = unsafe { params.slice() };
        params.copy_from_slice(chain.init(&mut rng(seed)).as_slice());
        Ok(())
    })
}

/// [`Storage::from_safetensors_converted`](crate::storage::Storage). If `message` is not null, the text of the error is written there, cut
/// to `message_len` bytes, the last of which is a zero.
///
/// # Safety
/// The [rules](super#rules).
pub unsafe fn load<C: Chain, T: Real>(
    chain: C,
    bytes: *const c_void,
    bytes_len: usize,
    params: *mut T,
    params_len: usize,
    message: *mut c_char,
    message_len: usize,
) -> i32 {
    code(|| {
        check_param_count::<C>(params_len)?;
        let mut memory = Memory::new();
        let bytes = memory.argument(bytes.cast::<u8>(), bytes_len, 1)?;
        let mut params = memory.output(params, 1, C::PARAM_COUNT)?;
        let mut message = memory.optional_output(message.cast::<u8>(), message_len, 1)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (bytes, params) = unsafe { (bytes.slice(), params.slice()) };
        // SAFETY: the same.
        let message = message.as_mut().map(|message| unsafe { message.slice() });
        read(chain, bytes, params, message.unwrap_or_default())
    })
}

#[cfg(feature = "safetensors")]
fn read<C: Chain, T: Real>(
    chain: C,
    bytes: &[u8],
    params: &mut [T],
    message: &mut [u8],
) -> Result<(), Status> {
    use crate::Error;
    use crate::storage::Storage;

    match chain.from_safetensors_converted(bytes) {
        Ok(read) => {
            params.copy_from_slice(read.as_slice());
            write_text(message, "");
            Ok(())
        }
        Err(error) => {
            write_text(message, &error.to_string());
            Err(match error {
                Error::Architecture { .. } | Error::Tensors(_) => Status::Architecture,
                _ => Status::Format,
            })
        }
    }
}

#[cfg(not(feature = "safetensors"))]
fn read<C: Chain, T: Real>(_: C, _: &[u8], _: &mut [T], message: &mut [u8]) -> Result<(), Status> {
    write_text(
        message,
        "the library was built without the feature `safetensors`",
    );
    Err(Status::Unsupported)
}

/// Writes as much of a text as fits, whole characters and a zero.
pub(super) fn write_text(to: &mut [u8], text: &str) {
    let Some(room) = to.len().checked_sub(1) else {
        return;
    };
    let mut len = text.len().min(room);
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    to[..len].copy_from_slice(&text.as_bytes()[..len]);
    to[len] = 0;
}

/// [`Chain::forward`]
///
/// # Safety
/// The [rules](super#rules).
#[inline]
pub unsafe fn forward<C: Chain, T: Real>(
    chain: C,
    x: *const T,
    params: *const T,
    y: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let x = memory.argument(x, 1, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let mut y = memory.output(y, 1, C::OUTPUT_LEN)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (x, params, y) = unsafe { (x.array(), params.array(), y.array()) };
        chain.forward_into(x, params, y);
        Ok(())
    })
}

/// [`Chain::vjp`]; if `x_bar` or `params_bar` is null, [`Chain::vjp_params`] or [`Chain::vjp_input`]. `y` may be null.
///
/// # Safety
/// The [rules](super#rules).
#[inline]
pub unsafe fn vjp<C: Chain, T: Real>(
    chain: C,
    x: *const T,
    params: *const T,
    y_bar: *const T,
    y: *mut T,
    x_bar: *mut T,
    params_bar: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let x = memory.argument(x, 1, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let y_bar = memory.argument(y_bar, 1, C::OUTPUT_LEN)?;
        let mut y = memory.optional_output(y, 1, C::OUTPUT_LEN)?;
        let mut x_bar = memory.optional_output(x_bar, 1, C::INPUT_LEN)?;
        let mut params_bar = memory.optional_output(params_bar, 1, C::PARAM_COUNT)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (x, params, y_bar) = unsafe { (x.array(), params.array(), y_bar.array()) };
        // SAFETY: the same.
        let x_bar = x_bar.as_mut().map(|x_bar| unsafe { x_bar.array() });
        // SAFETY: the same.
        let params_bar = params_bar.as_mut().map(|bar| unsafe { bar.array() });
        let value: C::Output<T> = match (x_bar, params_bar) {
            (Some(x_bar), Some(params_bar)) => chain.vjp(x, params, y_bar, x_bar, params_bar),
            (Some(x_bar), None) => chain.vjp_input(x, params, y_bar, x_bar),
            (None, Some(params_bar)) => chain.vjp_params(x, params, y_bar, params_bar),
            (None, None) => return Err(Status::Null),
        };
        if let Some(y) = &mut y {
            // SAFETY: the same.
            *unsafe { y.array() } = value;
        }
        Ok(())
    })
}

/// [`Derivatives::jvp`]; if `x_dot` or `params_dot` is null, [`Derivatives::jvp_params`] or [`Derivatives::jvp_input`]. `y` may be
/// null.
///
/// # Safety
/// The [rules](super#rules).
#[inline]
pub unsafe fn jvp<C: Chain, T: Real>(
    chain: C,
    x: *const T,
    params: *const T,
    x_dot: *const T,
    params_dot: *const T,
    y: *mut T,
    y_dot: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let x = memory.argument(x, 1, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let x_dot = memory.optional_argument(x_dot, 1, C::INPUT_LEN)?;
        let params_dot = memory.optional_argument(params_dot, 1, C::PARAM_COUNT)?;
        let mut y = memory.optional_output(y, 1, C::OUTPUT_LEN)?;
        let mut y_dot = memory.output(y_dot, 1, C::OUTPUT_LEN)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (x, params) = unsafe { (x.array(), params.array()) };
        // SAFETY: the same.
        let x_dot = x_dot.as_ref().map(|x_dot| unsafe { x_dot.array() });
        // SAFETY: the same.
        let params_dot = params_dot.as_ref().map(|dot| unsafe { dot.array() });
        let (value, slope): (C::Output<T>, C::Output<T>) = match (x_dot, params_dot) {
            (Some(x_dot), Some(params_dot)) => chain.jvp(x, params, x_dot, params_dot),
            (Some(x_dot), None) => chain.jvp_input(x, params, x_dot),
            (None, Some(params_dot)) => chain.jvp_params(x, params, params_dot),
            (None, None) => return Err(Status::Null),
        };
        // SAFETY: the same.
        *unsafe { y_dot.array() } = slope;
        if let Some(y) = &mut y {
            // SAFETY: the same.
            *unsafe { y.array() } = value;
        }
        Ok(())
    })
}

/// [`Derivatives::hvp`]; with null pointers [`Derivatives::hvp_input`] (`x_dot`, `x_out`), [`Derivatives::hvp_params`] (`params_dot`,
/// `params_out`) or [`Derivatives::hvp_mixed`] (`x_dot`, `params_out`). `y` may be null.
///
/// # Safety
/// The [rules](super#rules).
#[inline]
pub unsafe fn hvp<C: Chain, T: Real>(
    chain: C,
    x: *const T,
    params: *const T,
    y_bar: *const T,
    x_dot: *const T,
    params_dot: *const T,
    y: *mut T,
    x_out: *mut T,
    params_out: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let x = memory.argument(x, 1, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let y_bar = memory.argument(y_bar, 1, C::OUTPUT_LEN)?;
        let x_dot = memory.optional_argument(x_dot, 1, C::INPUT_LEN)?;
        let params_dot = memory.optional_argument(params_dot, 1, C::PARAM_COUNT)?;
        let mut y = memory.optional_output(y, 1, C::OUTPUT_LEN)?;
        let mut x_out = memory.optional_output(x_out, 1, C::INPUT_LEN)?;
        let mut params_out = memory.optional_output(params_out, 1, C::PARAM_COUNT)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (x, params, y_bar) = unsafe { (x.array(), params.array(), y_bar.array()) };
        // SAFETY: the same.
        let x_dot = x_dot.as_ref().map(|x_dot| unsafe { x_dot.array() });
        // SAFETY: the same.
        let params_dot = params_dot.as_ref().map(|dot| unsafe { dot.array() });
        // SAFETY: the same.
        let x_out = x_out.as_mut().map(|out| unsafe { out.array() });
        // SAFETY: the same.
        let params_out = params_out.as_mut().map(|out| unsafe { out.array() });
        let value: C::Output<T> = match (x_dot, params_dot, x_out, params_out) {
            (Some(x_dot), Some(params_dot), Some(x_out), Some(params_out)) => {
                chain.hvp(x, params, y_bar, x_dot, params_dot, x_out, params_out)
            }
            (Some(x_dot), None, Some(x_out), None) => {
                chain.hvp_input(x, params, y_bar, x_dot, x_out)
            }
            (None, Some(params_dot), None, Some(params_out)) => {
                chain.hvp_params(x, params, y_bar, params_dot, params_out)
            }
            (Some(x_dot), None, None, Some(params_out)) => {
                chain.hvp_mixed(x, params, y_bar, x_dot, params_out)
            }
            _ => return Err(Status::Null),
        };
        if let Some(y) = &mut y {
            // SAFETY: the same.
            *unsafe { y.array() } = value;
        }
        Ok(())
    })
}

/// [`Chain::forward_batch`]
///
/// # Safety
/// The [rules](super#rules).
pub unsafe fn forward_batch<C: Chain, T: Real>(
    chain: C,
    xs: *const T,
    params: *const T,
    samples: usize,
    ys: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let xs = memory.argument(xs, samples, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let mut ys = memory.output(ys, samples, C::OUTPUT_LEN)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (xs, params, ys) = unsafe { (xs.arrays(), params.array(), ys.arrays()) };
        done(chain.forward_batch(xs, params, ys))
    })
}

/// [`Chain::vjp_batch`]; if `x_bars` or `params_bar` is null, [`Chain::vjp_params_batch`] or [`Chain::vjp_input_batch`].
///
/// # Safety
/// The [rules](super#rules).
pub unsafe fn vjp_batch<C: Chain, T: Real>(
    chain: C,
    xs: *const T,
    params: *const T,
    y_bars: *const T,
    samples: usize,
    x_bars: *mut T,
    params_bar: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let xs = memory.argument(xs, samples, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let y_bars = memory.argument(y_bars, samples, C::OUTPUT_LEN)?;
        let mut x_bars = memory.optional_output(x_bars, samples, C::INPUT_LEN)?;
        let mut params_bar = memory.optional_output(params_bar, 1, C::PARAM_COUNT)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (xs, params, y_bars) = unsafe { (xs.arrays(), params.array(), y_bars.arrays()) };
        // SAFETY: the same.
        let x_bars = x_bars.as_mut().map(|x_bars| unsafe { x_bars.arrays() });
        // SAFETY: the same.
        let params_bar = params_bar.as_mut().map(|bar| unsafe { bar.array() });
        done(match (x_bars, params_bar) {
            (Some(x_bars), Some(params_bar)) => {
                chain.vjp_batch(xs, params, y_bars, x_bars, params_bar)
            }
            (Some(x_bars), None) => chain.vjp_input_batch(xs, params, y_bars, x_bars),
            (None, Some(params_bar)) => chain.vjp_params_batch(xs, params, y_bars, params_bar),
            (None, None) => return Err(Status::Null),
        })
    })
}

/// [`Derivatives::jvp_batch`]; if `x_dots` or `params_dot` is null, [`Derivatives::jvp_params_batch`] or
/// [`Derivatives::jvp_input_batch`].
///
/// # Safety
/// The [rules](super#rules).
pub unsafe fn jvp_batch<C: Chain, T: Real>(
    chain: C,
    xs: *const T,
    params: *const T,
    x_dots: *const T,
    params_dot: *const T,
    samples: usize,
    ys: *mut T,
    y_dots: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let xs = memory.argument(xs, samples, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let x_dots = memory.optional_argument(x_dots, samples, C::INPUT_LEN)?;
        let params_dot = memory.optional_argument(params_dot, 1, C::PARAM_COUNT)?;
        let mut ys = memory.output(ys, samples, C::OUTPUT_LEN)?;
        let mut y_dots = memory.output(y_dots, samples, C::OUTPUT_LEN)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (xs, params) = unsafe { (xs.arrays(), params.array()) };
        // SAFETY: the same.
        let x_dots = x_dots.as_ref().map(|x_dots| unsafe { x_dots.arrays() });
        // SAFETY: the same.
        let params_dot = params_dot.as_ref().map(|dot| unsafe { dot.array() });
        // SAFETY: the same.
        let (ys, y_dots) = unsafe { (ys.arrays(), y_dots.arrays()) };
        done(match (x_dots, params_dot) {
            (Some(x_dots), Some(params_dot)) => {
                chain.jvp_batch(xs, params, x_dots, params_dot, ys, y_dots)
            }
            (Some(x_dots), None) => chain.jvp_input_batch(xs, params, x_dots, ys, y_dots),
            (None, Some(params_dot)) => chain.jvp_params_batch(xs, params, params_dot, ys, y_dots),
            (None, None) => return Err(Status::Null),
        })
    })
}

/// [`Derivatives::hvp_batch`]; with null pointers [`Derivatives::hvp_input_batch`] (`x_dots`, `x_outs`) or
/// [`Derivatives::hvp_params_batch`] (`params_dot`, `params_out`).
///
/// # Safety
/// The [rules](super#rules).
pub unsafe fn hvp_batch<C: Chain, T: Real>(
    chain: C,
    xs: *const T,
    params: *const T,
    y_bars: *const T,
    x_dots: *const T,
    params_dot: *const T,
    samples: usize,
    x_outs: *mut T,
    params_out: *mut T,
) -> i32 {
    code(|| {
        let mut memory = Memory::new();
        let xs = memory.argument(xs, samples, C::INPUT_LEN)?;
        let params = memory.argument(params, 1, C::PARAM_COUNT)?;
        let y_bars = memory.argument(y_bars, samples, C::OUTPUT_LEN)?;
        let x_dots = memory.optional_argument(x_dots, samples, C::INPUT_LEN)?;
        let params_dot = memory.optional_argument(params_dot, 1, C::PARAM_COUNT)?;
        let mut x_outs = memory.optional_output(x_outs, samples, C::INPUT_LEN)?;
        let mut params_out = memory.optional_output(params_out, 1, C::PARAM_COUNT)?;
        memory.check_disjoint()?;
        // SAFETY: the caller's promise, and the check.
        let (xs, params, y_bars) = unsafe { (xs.arrays(), params.array(), y_bars.arrays()) };
        // SAFETY: the same.
        let x_dots = x_dots.as_ref().map(|x_dots| unsafe { x_dots.arrays() });
        // SAFETY: the same.
        let params_dot = params_dot.as_ref().map(|dot| unsafe { dot.array() });
        // SAFETY: the same.
        let x_outs = x_outs.as_mut().map(|outs| unsafe { outs.arrays() });
        // SAFETY: the same.
        let params_out = params_out.as_mut().map(|out| unsafe { out.array() });
        done(match (x_dots, params_dot, x_outs, params_out) {
            (Some(x_dots), Some(params_dot), Some(x_outs), Some(params_out)) => {
                chain.hvp_batch(xs, params, y_bars, x_dots, params_dot, x_outs, params_out)
            }
            (Some(x_dots), None, Some(x_outs), None) => {
                chain.hvp_input_batch(xs, params, y_bars, x_dots, x_outs)
            }
            (None, Some(params_dot), None, Some(params_out)) => {
                chain.hvp_params_batch(xs, params, y_bars, params_dot, params_out)
            }
            _ => return Err(Status::Null),
        })
    })
}

/// The lengths of a batch are those that its memory was checked with, so no other error is left.
fn done(result: Result<(), crate::Error>) -> Result<(), Status> {
    result.map_err(|_| Status::Length)
}
