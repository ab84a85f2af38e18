//! Every call of a chain against its twin, at widths and batches around the sizes of vectors and blocks.

use simplechain::simple_chain;
use support::{Case, every_other_call, outputs_and_cotangents};

use crate::chains::Odd;

/// Around the 8 and 16 lanes of a panel, and one of many panels that is worth a fork.
const BATCHES: [usize; 7] = [0, 1, 15, 16, 17, 100, 1001];

// Each of the widths 1 2 3 5 7 8 9 15 16 17 31 33 50 64 100 is an input, a hidden width and an output; each
// activation stands behind a layer, some in the middle and some at the end.
simple_chain! {
    struct W1: 1 => dense(tanh, 8) => dense(tanh, 31);
    struct W2: 2 => dense(relu, 9) => dense(gelu_tanh, 33);
    struct W3: 3 => dense(sigmoid, 15, bias = false) => dense(id, 50);
    struct W5: 5 => dense(softplus, 16) => dense(relu, 64);
    struct W7: 7 => dense(gelu, 17) => dense(id, 100, bias = false);
    struct W8: 8 => dense(gelu_tanh, 31) => dense(silu, 1);
    struct W9: 9 => dense(silu, 33) => dense(sigmoid, 2);
    struct W15: 15 => dense(elu, 50) => dense(leaky_relu(0.5), 3);
    struct W16: 16 => dense(leaky_relu(0.1), 64) => dense(tanh, 5);
    struct W17: 17 => dense(sin, 100) => dense(id, 7, bias = false);
    struct W31: 31 => dense(id, 1) => dense(softplus, 8);
    struct W33: 33 => dense(tanh, 2) => dense(gelu, 9);
    struct W50: 50 => dense(id, 3) => dense(elu, 15);
    struct W64: 64 => dense(tanh, 5) => dense(id, 16);
    struct W100: 100 => dense(tanh, 7) => dense(sin, 17);
    /// Layers smaller than any block.
    struct Tiny: 3 => dense(tanh, 1) => dense(id, 1) => dense(tanh, 3) => dense(tanh, 2, bias = false) => dense(id, 2);
    /// One layer: first and last at once.
    struct Single: 5 => dense(tanh, 4)
}

/// One test a chain and number type.
macro_rules! tails {
    ($check:ident::<$T:ident>: $($name:ident $Chain:ident)*) => {
        $(
            #[test]
            fn $name() {
                $check::<_, $T>($Chain, &Case::of($Chain, &BATCHES));
            }
        )*
    };
}

mod f32 {
    use super::*;

    tails! {
        outputs_and_cotangents::<f32>:
        w1 W1 w2 W2 w3 W3 w5 W5 w7 W7 w8 W8 w9 W9 w15 W15 w16 W16 w17 W17 w31 W31 w33 W33 w50 W50 w64 W64 w100 W100
        tiny Tiny single Single odd Odd
    }
    tails! {
        every_other_call::<f32>:
        odd_other Odd w17_other W17
    }
}

/// The code is that of `f32`, with 8 lanes for 16: a part of the chains will do.
mod f64 {
    use super::*;

    tails! {
        outputs_and_cotangents::<f64>:
        w3 W3 w7 W7 w16 W16 w33 W33 w100 W100
        tiny Tiny
    }
    tails! {
        every_other_call::<f64>:
        odd_other Odd
    }
}
