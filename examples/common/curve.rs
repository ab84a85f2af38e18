//! A small chain and a curve for it: what the examples with optimizers of other crates fit.

use simplechain::prelude::*;

simple_chain! {
    pub(crate) struct Net: 1 => dense(tanh, 4) => dense(id, 1)
}

/// Weight of half the squares of the parameters. Without it the minimum is the end of a valley that no method gets to.
pub(crate) const PENALTY: f64 = 1e-3;

/// 40 points of a damped oscillation.
pub(crate) fn data() -> (Vec<[f64; 1]>, Vec<[f64; 1]>) {
    (0..40)
        .map(|i| {
            let x = f64::from(i) / 10.0 - 2.0;
            ([x], [(-0.3 * x).exp() * (2.0 * x).sin()])
        })
        .unzip()
}
