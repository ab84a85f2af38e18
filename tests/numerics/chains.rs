//! The chains that more than one file uses.

use simplechain::simple_chain;

simple_chain! {
    /// 2x2 matrix -> its matrix exponential.
    pub(crate) struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);

    /// Widths that fill no vector, and activations that keep their derivative.
    pub(crate) struct Odd: 3 => dense(gelu, 17) => dense(softplus, 9, bias = false) => dense(sin, 5) => dense(id, 2);

    /// One number to one number.
    pub(crate) struct Curve: 1 => dense(tanh, 16) => dense(tanh, 8) => dense(id, 1)
}
