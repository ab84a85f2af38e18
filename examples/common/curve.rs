//! A small chain and a curve to fit, for the examples with third-party optimizers.

use simplechain::prelude::*;

simple_chain! {
    pub(crate) struct Net: 1 => dense(tanh, 4) => dense(id, 1)
}

/// Weight of the penalty, half the squared parameters. Without it the minimum is at the end of a valley that no method reaches.
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
