//! Gradients against differences of the chain's own forward pass in `f64`.

use simplechain::simple_chain;
use support::gradients;

use crate::chains::{Curve, Odd};

simple_chain! {
    /// The smooth activations that `Curve` and `Odd` do not have.
    struct Smooth: 5 => dense(sigmoid, 7) => dense(silu, 9) => dense(gelu_tanh, 3) => dense(elu, 2);
    /// Activations with a kink at 0.
    struct Kinked: 2 => dense(leaky_relu(0.2), 6) => dense(relu, 5) => dense(id, 1, bias = false)
}

#[test]
fn tanh() {
    gradients(Curve, 1);
}

#[test]
fn smooth() {
    gradients(Odd, 2);
    gradients(Smooth, 3);
}

#[test]
fn kinked() {
    // The outputs tell how far the pre-activations are from 0, except for the ones below it; the seed is one where
    // none changes sign within the differences.
    gradients(Kinked, 4);
}
