//! Handlers for XLA's foreign function interface, through which a program in JAX calls a chain: [`export_xla!`](crate::export_xla)
//! exports them. `examples/python` registers them and gives JAX their derivatives.
//!
//! With inputs `x`, parameters `p`, and sums over the samples that share `p`:
//!
//! | `PREFIX_xla_`.. | arguments | results |
//! |---|---|---|
//! | `forward` | `x, p` | `y` |
//! | `jvp` | `x, p, x_dot, p_dot` | `y_dot = dy/dx x_dot + dy/dp p_dot` |
//! | `jvp_input` | `x, p, x_dot` | `y_dot = dy/dx x_dot` |
//! | `jvp_params` | `x, p, p_dot` | `y_dot = dy/dp p_dot` |
//! | `vjp` | `x, p, y_bar` | `x_bar = y_bar^T dy/dx`, `p_bar = sum y_bar^T dy/dp` |
//! | `vjp_input` | `x, p, y_bar` | `x_bar` |
//! | `vjp_params` | `x, p, y_bar` | `p_bar` |
//! | `hvp` | `x, p, y_bar, x_dot, p_dot` | the derivatives of `x_bar` and `p_bar` in a direction |
//! | `second` | `x, p, x_v, p_v, x_w, p_w` | the second derivative of `y` in the directions `v` and `w` |
//!
//! `jvp` and `vjp`, `hvp` and itself, and `hvp` and `second` are transposes of each other in the arguments in which they are linear.
//!
//! All are of one type, `f32` or `f64`, and row-major. Parameters have the shape `(.., PARAM_COUNT)`, inputs `(.., .., INPUT_LEN)` and outputs
//! `(.., .., OUTPUT_LEN)`: the first dots are dimensions that all arguments have, of vectors of parameters with samples of their own;
//! the second are those of samples that share parameters. Anything else is an error that XLA reports, and nothing is written. The
//! handlers have no attributes and no state.

mod calls;
mod layout;

use core::ffi::c_void;
use core::mem::take;
use core::{array, ptr};
use std::panic::{AssertUnwindSafe, catch_unwind};

use self::calls::{Call, Forward, Hvp, Jvp, JvpInput, JvpParams, Second, Vjp, VjpInput, VjpParams};
use self::layout::{Buffer, CallFrame, Code, F32, F64, Failure};
use super::memory::Memory;
use super::status::Status;
use crate::chain::Chain;
use crate::simd::Real;

/// What the last dimension of a buffer holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Input,
    Params,
    Output,
}

impl Role {
    const fn len<C: Chain>(self) -> usize {
        match self {
            Self::Input => C::INPUT_LEN,
            Self::Params => C::PARAM_COUNT,
            Self::Output => C::OUTPUT_LEN,
        }
    }
}

macro_rules! handlers {
    ($($name:ident $call:ident;)*) => {$(
        #[doc = concat!("The handler `", stringify!($name), "`: an error of XLA's, or null.")]
        ///
        /// # Safety
        /// `frame` is an `XLA_FFI_CallFrame` of XLA's, of the API's version 0.1 or later.
        pub unsafe fn $name<C: Chain>(_: C, frame: *mut c_void) -> *mut c_void {
            // SAFETY: the caller's promise.
            unsafe { handle::<C, $call, _, _>(frame) }
        }
    )*};
}

handlers! {
    forward Forward;
    jvp Jvp;
    jvp_input JvpInput;
    jvp_params JvpParams;
    vjp Vjp;
    vjp_input VjpInput;
    vjp_params VjpParams;
    hvp Hvp;
    second Second;
}

/// # Safety
/// `frame` is an `XLA_FFI_CallFrame` of XLA's, of the API's version 0.1 or later.
#[inline(always)]
unsafe fn handle<C: Chain, F: Call<A, R>, const A: usize, const R: usize>(
    frame: *mut c_void,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    let frame = unsafe { &*frame.cast::<CallFrame>() };
    // SAFETY: the same.
    if unsafe { frame.answer_query() } {
        return ptr::null_mut();
    }
    // SAFETY: the same.
    let call = || unsafe { execute::<C, F, A, R>(frame) };
    let failure = match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(())) => return ptr::null_mut(),
        Ok(Err(failure)) => failure,
        Err(panic) => {
            super::calls::forget(panic);
            Failure {
                code: Code::Internal,
                message: text(Status::Panic),
            }
        }
    };
    // SAFETY: the same.
    unsafe { frame.error(failure) }
}

fn text(status: Status) -> String {
    status.message().to_string_lossy().into_owned()
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::invalid(text(status))
    }
}

/// # Safety
/// This is a call frame of XLA.
#[inline]
unsafe fn execute<C: Chain, F: Call<A, R>, const A: usize, const R: usize>(
    frame: &CallFrame,
) -> Result<(), Failure> {
    // SAFETY: the caller's promise.
    let (arguments, results) = unsafe { frame.buffers::<A, R>()? };
    // SAFETY: the same.
    let batch = unsafe { Batch::check::<C, F, A, R>(&arguments, &results)? };
    match arguments[0].dtype {
        // SAFETY: the same, and the checks of `Batch`.
        F32 => unsafe { typed::<C, F, f32, A, R>(&arguments, &results, batch) },
        // SAFETY: the same.
        F64 => unsafe { typed::<C, F, f64, A, R>(&arguments, &results, batch) },
        other => Err(Failure::invalid(format!(
            "numbers are f32 or f64, and not of XLA's type {other}"
        ))),
    }
}

/// How many samples there are.
#[derive(Clone, Copy)]
struct Batch {
    /// Vectors of parameters.
    groups: usize,
    /// Samples of each.
    samples: usize,
}

impl Batch {
    /// Those of a call, whose buffers all have the shapes and the type that they must have.
    ///
    /// # Safety
    /// These are buffers of XLA.
    #[inline]
    unsafe fn check<C: Chain, F: Call<A, R>, const A: usize, const R: usize>(
        arguments: &[&Buffer; A],
        results: &[&Buffer; R],
    ) -> Result<Self, Failure> {
        // SAFETY: the caller's promise.
        let (xs, params) = unsafe { (arguments[0].dims(), arguments[1].dims()) };
        let inner = xs.split_last().map_or(xs, |(_, batch)| batch);
        let outer = params.split_last().map_or(params, |(_, batch)| batch);
        let dtype = arguments[0].dtype;
        for index in 0..A + R {
            let (role, buffer) = match index.checked_sub(A) {
                None => (F::ARGUMENTS[index], arguments[index]),
                Some(index) => (F::RESULTS[index], results[index]),
            };
            // SAFETY: the caller's promise.
            let dims = unsafe { buffer.dims() };
            let wanted = if role == Role::Params { outer } else { inner };
            let fits = dims.split_last().is_some_and(|(last, batch)| {
                usize::try_from(*last) == Ok(role.len::<C>()) && is_same(batch, wanted)
            });
            if !fits || buffer.dtype != dtype {
                return Err(mismatch::<C, F, A, R>(index, role, dims, buffer.dtype));
            }
        }
        if inner.len() < outer.len() || !is_same(&inner[..outer.len()], outer) {
            let dims = params;
            return Err(mismatch::<C, F, A, R>(1, Role::Params, dims, dtype));
        }
        let count = |dims: &[i64]| {
            let mut sizes = dims.iter().map(|size| usize::try_from(*size).ok());
            sizes.try_fold(1_usize, |product, size| product.checked_mul(size?))
        };
        match (count(outer), count(&inner[outer.len()..])) {
            (Some(groups), Some(samples)) => Ok(Self { groups, samples }),
            _ => Err(Status::Length.into()),
        }
    }
}

/// Without a call for the usual few dimensions, or none.
#[inline(always)]
fn is_same(a: &[i64], b: &[i64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

#[cold]
#[inline(never)]
fn mismatch<C: Chain, F: Call<A, R>, const A: usize, const R: usize>(
    index: usize,
    role: Role,
    dims: &[i64],
    dtype: i32,
) -> Failure {
    let what = match index.checked_sub(A) {
        None => format!("argument {index}"),
        Some(index) => format!("result {index}"),
    };
    let batch = match role {
        Role::Params => "..",
        Role::Input | Role::Output => "..params, ..samples",
    };
    let dtype = match dtype {
        F32 => "f32".to_owned(),
        F64 => "f64".to_owned(),
        other => format!("type {other}"),
    };
    Failure::invalid(format!(
        "{what} has the shape {dims:?} of {dtype}, but this call needs ({batch}, {}) and the same type for all",
        role.len::<C>()
    ))
}

/// # Safety
/// These are buffers of XLA with elements of type `T`, whose shapes are those of the call, in number `batch`.
#[inline]
unsafe fn typed<C: Chain, F: Call<A, R>, T: Real, const A: usize, const R: usize>(
    arguments: &[&Buffer; A],
    results: &[&Buffer; R],
    Batch { groups, samples }: Batch,
) -> Result<(), Failure> {
    let len = |role: Role| match role {
        Role::Params => C::PARAM_COUNT,
        // What is too long fails in `Memory`.
        Role::Input | Role::Output => role.len::<C>().saturating_mul(samples),
    };
    let (argument_lens, result_lens) = (F::ARGUMENTS.map(len), F::RESULTS.map(len));
    let mut memory = Memory::new();
    let arguments: [_; A] = array::from_fn(|index| {
        let at = arguments[index].data.cast::<T>();
        memory.argument(at.cast_const(), groups, argument_lens[index])
    });
    let mut results: [_; R] = array::from_fn(|index| {
        let at = results[index].data.cast::<T>();
        memory.output(at, groups, result_lens[index])
    });
    memory.check_disjoint()?;
    let mut read: [&[T]; A] = [&[]; A];
    for (slice, argument) in read.iter_mut().zip(&arguments) {
        // SAFETY: the caller's promise, and the check.
        *slice = unsafe { argument.as_ref().map_err(|status| *status)?.slice() };
    }
    let mut written: [&mut [T]; R] = array::from_fn(|_| &mut [][..]);
    for (slice, result) in written.iter_mut().zip(&mut results) {
        // SAFETY: the same.
        *slice = unsafe { result.as_mut().map_err(|status| *status)?.slice() };
    }
    for group in 0..groups {
        let arguments = array::from_fn(|index| {
            let len = argument_lens[index];
            &read[index][group * len..][..len]
        });
        let results = array::from_fn(|index| {
            let (now, later) = take(&mut written[index]).split_at_mut(result_lens[index]);
            written[index] = later;
            now
        });
        F::run::<C, T>(arguments, results).map_err(|error| Failure::invalid(error.to_string()))?;
    }
    Ok(())
}
