//! Every exported function against the call in Rust, bit by bit.

use simplechain::c::Status;
use simplechain::prelude::*;
use simplechain_test_c::*;

const SAMPLES: usize = 5;

/// Numbers that differ.
fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
    let number = |i: usize| T::from_f64(((i * 37 + seed * 11) % 101) as f64 / 50.0 - 1.0);
    (0..len).map(number).collect()
}

fn ok(code: i32) {
    assert_eq!(code, Status::Ok as i32);
}

macro_rules! tests {
    ($T:ident, $forward:ident) => {
        mod $T {
            use super::*;
            #[test]
            fn forward() {
                let (x, params) = (numbers::<$T>(3, 1), numbers::<$T>(32, 2));
                let mut y = [0.0; 2];
                ok(unsafe { $forward(x.as_ptr(), params.as_ptr(), y.as_mut_ptr()) });
                let inputs = Small.inputs(&x).unwrap();
                assert_eq!(y, Small.forward(&inputs[0], Small.params(&params).unwrap()));
            }
        }
    };
}

tests!(f32, small_forward);
tests!(f64, small_forward_f64);
