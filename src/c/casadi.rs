//! A chain as an external function of [CasADi](https://web.casadi.org), with exact derivatives: for optimal control and
//! whatever else is written in CasADi, such as acados.
//!
//! ```
//! use simplechain::prelude::*;
//!
//! simple_chain! { pub struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4) }
//! simplechain::export_casadi!(MatExp, name = matexp); // in a crate of the type `cdylib`
//! ```
//!
//! ```python
//! f = casadi.external("matexp", "./libmatexp.so")      # f: (x[4], params[756]) -> (y[4])
//! x = casadi.MX.sym("x", 4)
//! hessian, gradient = casadi.hessian(casadi.sumsqr(f(x, params)), x)
//! ```
//!
//! Exported are, with `f` for the name, in `f64`:
//!
//! | function | results | by |
//! |---|---|---|
//! | `f(x, params)` | `y` | [`forward`](crate::chain::Chain::forward) |
//! | `jac_f(x, params, out_y)` | `dy/dx` | [`jacobian_input`](crate::derivatives::Derivatives::jacobian_input) |
//! | `fwd1_f(x, params, out_y, fwd_x, fwd_params)` | `dy/dx fwd_x` | [`jvp_input`](crate::derivatives::Derivatives::jvp_input) |
//! | `adj1_f(x, params, out_y, adj_y)` | `adj_y^T dy/dx` | [`vjp_input`](crate::chain::Chain::vjp_input) |
//! | `jac_adj1_f(x, params, out_y, adj_y, ..)` | the Hessian of `adj_y^T y`, and `(dy/dx)^T` | [`hessian_input`](crate::derivatives::Derivatives::hessian_input) |
//!
//! CasADi finds them by their names, and asks each for its shapes and for the memory that it needs (`f_n_in`, `f_sparsity_out`, `f_work`, ..).
//! `params` is an argument without derivatives (`is_diff_in`): a constant, or a parameter of a solver. Nothing is allocated but what
//! [`c`](super) says.
//!
//! # Rules
//!
//! Those [of CasADi](https://web.casadi.org/docs/#external-interface): an argument that is null is zero, a result that is null is not
//! wanted, and there is as much memory behind the others as the shapes say. Integers have 64 bits. Any code but 0 is a failure, one of
//! [`Status`].

use core::ffi::{CStr, c_char, c_int};
use core::ptr::{null, null_mut};
use std::sync::OnceLock;

use super::Status;
use super::calls::code;
use super::memory::Memory;
use crate::chain::{Array, Chain};
use crate::derivatives::Derivatives;

/// One of the functions of a chain `f`.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Function {
    /// `f`
    Value,
    /// `jac_f`
    Jacobian,
    /// `fwd1_f`
    Forward,
    /// `adj1_f`
    Reverse,
    /// `jac_adj1_f`
    ReverseJacobian,
}

/// A length of a matrix.
#[derive(Clone, Copy, PartialEq)]
enum Len {
    One,
    Input,
    Output,
    Params,
}

impl Len {
    const fn of<C: Chain>(self) -> usize {
        match self {
            Len::One => 1,
            Len::Input => C::INPUT_LEN,
            Len::Output => C::OUTPUT_LEN,
            Len::Params => C::PARAM_COUNT,
        }
    }
}

/// An argument or a result: a matrix that is dense, or has no elements.
#[derive(Clone, Copy)]
struct Matrix {
    name: &'static CStr,
    rows: Len,
    columns: Len,
    is_dense: bool,
}

impl Matrix {
    const fn len<C: Chain>(&self) -> usize {
        if self.is_dense {
            self.rows.of::<C>() * self.columns.of::<C>()
        } else {
            0
        }
    }
}

const fn dense(name: &'static CStr, rows: Len, columns: Len) -> Matrix {
    Matrix {
        name,
        rows,
        columns,
        is_dense: true,
    }
}

const fn empty(name: &'static CStr, rows: Len, columns: Len) -> Matrix {
    Matrix {
        is_dense: false,
        ..dense(name, rows, columns)
    }
}

const X: Matrix = dense(c"x", Len::Input, Len::One);
const PARAMS: Matrix = dense(c"params", Len::Params, Len::One);
const OUT_Y: Matrix = empty(c"out_y", Len::Output, Len::One);
const ADJ_Y: Matrix = dense(c"adj_y", Len::Output, Len::One);

/// The patterns of the arguments or results of a function, in CasADi's form.
#[doc(hidden)]
#[derive(Debug)]
pub struct Patterns(Vec<Box<[i64]>>);

impl Patterns {
    fn new<C: Chain>(matrices: &[Matrix]) -> Self {
        let pattern = |matrix: &Matrix| {
            let [rows, columns] = [matrix.rows, matrix.columns].map(|len| len.of::<C>());
            let shape = [rows as i64, columns as i64];
            if matrix.is_dense {
                return shape.into_iter().chain([1]).collect();
            }
            // Where each column begins.
            let begins = core::iter::repeat_n(0, columns + 1);
            shape.into_iter().chain(begins).collect()
        };
        Self(matrices.iter().map(pattern).collect())
    }
}

/// The element that CasADi asks for, if there is one.
fn at<T>(elements: &[T], i: i64) -> Option<&T> {
    elements.get(usize::try_from(i).ok()?)
}

fn name(matrices: &[Matrix], i: i64) -> *const c_char {
    at(matrices, i).map_or(core::ptr::null(), |matrix| matrix.name.as_ptr())
}

/// Whether CasADi may differentiate: all but the parameters.
fn is_differentiable(matrices: &[Matrix], i: i64) -> c_int {
    let has_params = |matrix: &Matrix| [matrix.rows, matrix.columns].contains(&Len::Params);
    at(matrices, i)
        .is_some_and(|matrix| !has_params(matrix))
        .into()
}

fn pattern<C: Chain>(
    patterns: &'static OnceLock<Patterns>,
    matrices: &[Matrix],
    i: i64,
) -> *const i64 {
    let patterns = patterns.get_or_init(|| Patterns::new::<C>(matrices));
    at(&patterns.0, i).map_or(core::ptr::null(), |pattern| pattern.as_ptr())
}

#[allow(missing_docs, reason = "CasADi's documentation has them")]
impl Function {
    fn arguments(self) -> &'static [Matrix] {
        match self {
            Self::Value => const { &[X, PARAMS] },
            Self::Jacobian => const { &[X, PARAMS, OUT_Y] },
            Self::Forward => {
                const {
                    &[
                        X,
                        PARAMS,
                        OUT_Y,
                        dense(c"fwd_x", Len::Input, Len::One),
                        empty(c"fwd_params", Len::Params, Len::One),
                    ]
                }
            }
            Self::Reverse => const { &[X, PARAMS, OUT_Y, ADJ_Y] },
            Self::ReverseJacobian => {
                const {
                    &[
                        X,
                        PARAMS,
                        OUT_Y,
                        ADJ_Y,
                        empty(c"out_adj_x", Len::Input, Len::One),
                        empty(c"out_adj_params", Len::Params, Len::One),
                    ]
                }
            }
        }
    }

    fn results(self) -> &'static [Matrix] {
        match self {
            Self::Value => const { &[dense(c"y", Len::Output, Len::One)] },
            Self::Jacobian => {
                const {
                    &[
                        dense(c"jac_y_x", Len::Output, Len::Input),
                        empty(c"jac_y_params", Len::Output, Len::Params),
                    ]
                }
            }
            Self::Forward => const { &[dense(c"fwd_y", Len::Output, Len::One)] },
            Self::Reverse => {
                const {
                    &[
                        dense(c"adj_x", Len::Input, Len::One),
                        empty(c"adj_params", Len::Params, Len::One),
                    ]
                }
            }
            Self::ReverseJacobian => {
                const {
                    &[
                        dense(c"jac_adj_x_x", Len::Input, Len::Input),
                        empty(c"jac_adj_x_params", Len::Input, Len::Params),
                        empty(c"jac_adj_x_out_y", Len::Input, Len::Output),
                        dense(c"jac_adj_x_adj_y", Len::Input, Len::Output),
                        empty(c"jac_adj_params_x", Len::Params, Len::Input),
                        empty(c"jac_adj_params_params", Len::Params, Len::Params),
                        empty(c"jac_adj_params_out_y", Len::Params, Len::Output),
                        empty(c"jac_adj_params_adj_y", Len::Params, Len::Output),
                    ]
                }
            }
        }
    }

    pub fn n_in(self) -> i64 {
        self.arguments().len() as i64
    }

    pub fn n_out(self) -> i64 {
        self.results().len() as i64
    }

    pub fn name_in(self, i: i64) -> *const c_char {
        name(self.arguments(), i)
    }

    pub fn name_out(self, i: i64) -> *const c_char {
        name(self.results(), i)
    }

    pub fn diff_in(self, i: i64) -> c_int {
        is_differentiable(self.arguments(), i)
    }

    pub fn diff_out(self, i: i64) -> c_int {
        is_differentiable(self.results(), i)
    }

    pub fn sparsity_in<C: Chain>(
        self,
        _: C,
        patterns: &'static OnceLock<Patterns>,
        i: i64,
    ) -> *const i64 {
        pattern::<C>(patterns, self.arguments(), i)
    }

    pub fn sparsity_out<C: Chain>(
        self,
        _: C,
        patterns: &'static OnceLock<Patterns>,
        i: i64,
    ) -> *const i64 {
        pattern::<C>(patterns, self.results(), i)
    }

    /// # Safety
    /// There is an integer behind each pointer, or it is null.
    pub unsafe fn work<C: Chain>(self, _: C, to: [*mut i64; 4]) -> c_int {
        let sizes = [
            self.arguments().len(),
            self.results().len(),
            0,
            scratch_len::<C>(),
        ];
        for (to, size) in to.into_iter().zip(sizes) {
            if !to.is_null() {
                // SAFETY: the caller's promise.
                unsafe { to.write(size as i64) };
            }
        }
        0
    }

    /// # Safety
    /// The [rules](super::casadi#rules).
    pub unsafe fn evaluate<C: Chain>(
        self,
        chain: C,
        arg: *const *const f64,
        res: *const *mut f64,
        w: *mut f64,
    ) -> c_int {
        code(|| {
            let (arguments, results) = (self.arguments(), self.results());
            let pointers = [
                Memory::new().argument(arg, 1, arguments.len())?,
                Memory::new().argument(res.cast::<*const f64>(), 1, results.len())?,
            ];
            // SAFETY: the caller's promise.
            let [arg, res] = [0, 1].map(|i| unsafe { pointers[i].slice() });
            let res = |i: usize| res.get(i).map_or(null_mut(), |at| at.cast_mut());
            // The direction or the cotangent is the fourth argument.
            let (seed, seed_len) = match (arg.get(3), arguments.get(3)) {
                (Some(at), Some(matrix)) => (*at, matrix.len::<C>()),
                _ => (null(), 0),
            };
            let mut memory = Memory::new();
            let x = memory.optional_argument(arg[0], 1, C::INPUT_LEN)?;
            let params = memory.optional_argument(arg[1], 1, C::PARAM_COUNT)?;
            let seed = memory.optional_argument(seed, 1, seed_len)?;
            let mut to = memory.optional_output(res(0), 1, results[0].len::<C>())?;
            let mut to_transposed = memory.optional_output(res(3), C::INPUT_LEN, C::OUTPUT_LEN)?;
            let mut scratch = memory.output(w, 1, scratch_len::<C>())?;
            memory.check_disjoint()?;
            // SAFETY: the caller's promise, and the check.
            let (zeros, rows) = unsafe { scratch.slice() }.split_at_mut(longest_argument::<C>());
            zeros.fill(0.0);
            let [x, params, seed] = [&x, &params, &seed].map(|argument| match argument {
                // SAFETY: the same.
                Some(argument) => unsafe { argument.slice() },
                None => &*zeros,
            });
            // SAFETY: the same.
            let to = to.as_mut().map(|to| unsafe { to.slice() });
            // SAFETY: the same.
            let to_transposed = to_transposed.as_mut().map(|to| unsafe { to.slice() });
            self.compute(chain, [x, params, seed], [to, to_transposed], rows)
        })
    }

    /// The first and the fourth result.
    fn compute<C: Chain>(
        self,
        chain: C,
        [x, params, seed]: [&[f64]; 3],
        [to, to_transposed]: [Option<&mut [f64]>; 2],
        rows: &mut [f64],
    ) -> Result<(), Status> {
        let (x, params) = (array(x), array(params));
        if let Some(to) = to {
            match self {
                Self::Value => chain.forward_into(x, params, array_mut(to)),
                Self::Jacobian => {
                    jacobian(chain, x, params, rows)?;
                    // CasADi stores columns.
                    for (i, column) in to.chunks_exact_mut(C::OUTPUT_LEN).enumerate() {
                        let rows = rows.chunks_exact(C::INPUT_LEN);
                        for (to, row) in column.iter_mut().zip(rows) {
                            *to = row[i];
                        }
                    }
                }
                Self::Forward => *array_mut(to) = chain.jvp_input(x, params, array(seed)).1,
                Self::Reverse => {
                    chain.vjp_input(x, params, array(seed), array_mut(to));
                }
                Self::ReverseJacobian => {
                    let rows = C::Input::chunks_mut(to).0;
                    let result = chain.hessian_input(x, params, array(seed), rows);
                    result.map_err(|_| Status::Length)?;
                }
            }
        }
        match to_transposed {
            // Its columns are the rows of the Jacobian.
            Some(to) => jacobian(chain, x, params, to),
            None => Ok(()),
        }
    }
}

/// The Jacobian, row by row.
fn jacobian<C: Chain>(
    chain: C,
    x: &C::Input<f64>,
    params: &C::Params<f64>,
    rows: &mut [f64],
) -> Result<(), Status> {
    let rows = C::Input::chunks_mut(rows).0;
    let result = chain.jacobian_input(x, params, rows);
    result.map_or(Err(Status::Length), |_| Ok(()))
}

/// The array at the start of a slice that is as long.
fn array<A: Array<f64>>(slice: &[f64]) -> &A {
    A::from_slice(slice).expect("as many elements")
}

fn array_mut<A: Array<f64>>(slice: &mut [f64]) -> &mut A {
    A::from_mut_slice(slice).expect("as many elements")
}

/// The elements that a call needs: zeros for arguments that are null, and a Jacobian.
const fn scratch_len<C: Chain>() -> usize {
    longest_argument::<C>() + C::INPUT_LEN * C::OUTPUT_LEN
}

const fn longest_argument<C: Chain>() -> usize {
    let mut longest = C::PARAM_COUNT;
    if longest < C::INPUT_LEN {
        longest = C::INPUT_LEN;
    }
    if longest < C::OUTPUT_LEN {
        longest = C::OUTPUT_LEN;
    }
    longest
}
