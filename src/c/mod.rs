//! A chain behind a C interface: what [`export_c!`](crate::export_c) exports, and the only `unsafe` code of this crate.
//!
//! In a crate of the type `cdylib` or `staticlib`,
//!
//! ```
//! use simplechain::prelude::*;
//!
//! simple_chain! {
//!     /// 2x2 matrix -> its matrix exponential.
//!     pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)
//! }
//! simplechain::export_c!(MatExp, prefix = matexp);
//!
//! let header: String = matexp_header(); // for a file, written by a test or a small program
//! assert!(header.contains("#define MATEXP_PARAM_COUNT 756"));
//! ```
//!
//! writes the functions below with `extern "C"`, for a program such as
//!
//! ```c
//! #include "matexp.h"
//! #include <stdio.h>
//! #include <stdlib.h>
//!
//! int main(void) {
//!     float x[MATEXP_INPUT_LEN] = {0.1f, 0.2f, 0.3f, 0.4f}, y[MATEXP_OUTPUT_LEN];
//!     float *params = malloc(MATEXP_PARAM_COUNT * sizeof *params);
//!     int32_t code = matexp_init(1, params, MATEXP_PARAM_COUNT);
//!     if (code == MATEXP_OK) code = matexp_forward(x, params, y);
//!     printf("%s: %f\n", matexp_message(code), y[0]);
//!     free(params);
//!     return code;
//! }
//! ```
//!
//! | `PREFIX_`.. | computes | as in Rust |
//! |---|---|---|
//! | `forward(x, params, y)` | `y` | [`forward`](crate::chain::Chain::forward) |
//! | `vjp(x, params, y_bar, y, x_bar, params_bar)` | `x_bar = y_bar^T dy/dx`, `params_bar = y_bar^T dy/dparams` | [`vjp`](crate::chain::Chain::vjp) |
//! | `jvp(x, params, x_dot, params_dot, y, y_dot)` | `y_dot = dy/dx x_dot + dy/dparams params_dot` | [`jvp`](crate::derivatives::Derivatives::jvp) |
//! | `hvp(x, params, y_bar, x_dot, params_dot, y, x_out, params_out)` | the derivatives of `vjp` in a direction | [`hvp`](crate::derivatives::Derivatives::hvp) |
//! | `forward_batch`, `vjp_batch`, `jvp_batch`, `hvp_batch` | the same for many samples; gradients of parameters are summed | |
//! | `init(seed, params, params_len)` | first parameters | [`init`](crate::chain::Chain::init) |
//! | `load(bytes, bytes_len, params, params_len, message, message_len)` | parameters of a saved file, converted to the number type | [`from_safetensors_converted`](crate::storage::Storage) |
//! | `input_len()`, `output_len()`, `param_count()`, `fingerprint()` | the constants of the chain, which are in the header too | |
//! | `message(code)` | the text of a code, static | [`Status`] |
//! | `fit(..)`, by [`export_fit!`](crate::export_fit) | trains parameters | [`fit()`] |
//!
//! Those on numbers are there for `float`, and with the ending `_f64` for `double`. They are wrappers of the generic functions of
//! this module, which may be exported by hand under other names.
//!
//! A program that was compiled with an old header passes arrays of the wrong length. It can compare `fingerprint()` with the constant in its
//! header.
//!
//! # Rules
//!
//! - Every pointer is aligned to its type ([`Status::Misaligned`]); no more is needed.
//! - None is null ([`Status::Null`]), unless the function says that it may be, or there are no elements behind it.
//! - Arguments may overlap each other. A result overlaps neither an argument nor another result ([`Status::Overlap`]).
//! - There is memory for as many elements as the chain has, times `samples`; that of arguments is initialised. *This cannot be checked.*
//! - During a call nobody writes its arguments, or uses its results. *Nor can this.*
//!
//! Any number of threads may call at once. A call on one sample allocates nothing; but `hvp`, and chains with some thousand values between
//! their layers, need memory that the first call of a thread allocates and the thread keeps, and so do batches. Outputs go through
//! the stack. Batches with much work run on the threads of rayon's global pool.
//!
//! A panic, such as one in a custom layer, ends the call with [`Status::Panic`]; its message goes where Rust's panics go.
//! Without unwinding (`panic = "abort"`) it ends the process.
//!
//! Unless the code is [`Status::Ok`], [`Status::Training`] or [`Status::Panic`], nothing has been written but the message of `load`.

mod calls;
pub mod casadi;
mod fit;
mod header;
mod memory;
mod status;
pub mod xla;

pub use calls::{
    fingerprint, forward, forward_batch, hvp, hvp_batch, init, input_len, jvp, jvp_batch, load,
    output_len, param_count, vjp, vjp_batch,
};
pub use fit::fit;
#[doc(hidden)]
pub use header::header;
pub use status::{Status, message};
