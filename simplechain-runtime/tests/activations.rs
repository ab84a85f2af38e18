//! `activation::apply`, on slices of any length.

use simplechain_runtime::Error;
use simplechain_runtime::activation::{Activation, Elu, Gelu, Relu, Sin, Tanh, apply};
use simplechain_runtime::reference;
use simplechain_runtime::simd::{Real, Tier};

fn check<A: Activation, T: Real>(activation: A, name: &str, tolerance: f64) {
    let reference = reference::Function::named(name).expect("a name");
    for len in [0, 1, 3, 7, 8, 15, 16, 17, 33, 50] {
        let z: Vec<T> = (0..len)
            .map(|i| T::from_f64((f64::from(i) - 20.0) * 0.37))
            .collect();
        for tier in Tier::available() {
            // What is behind the slice stays as it is.
            let mut y = vec![T::from_f64(7.0); z.len() + 20];
            let (front, behind) = y.split_at_mut(z.len());
            tier.with(|| apply(activation, &z, front)).unwrap().unwrap();
            assert!(behind.iter().all(|y| y.to_f64() == 7.0));
            for (z, y) in z.iter().zip(front) {
                let want = reference.value(z.to_f64());
                let off = (y.to_f64() - want).abs();
                assert!(
                    off <= tolerance * want.abs().max(1.0),
                    "{name}({z:?}) = {y:?} on {tier}"
                );
            }
        }
    }
}

fn all<T: Real>(tolerance: f64) {
    check::<_, T>(Tanh, "tanh", tolerance);
    check::<_, T>(Relu, "relu", tolerance);
    check::<_, T>(Gelu, "gelu", tolerance);
    check::<_, T>(Elu, "elu", tolerance);
    check::<_, T>(Sin, "sin", tolerance);
}

#[test]
fn slices_of_any_length() {
    all::<f32>(1e-6);
    all::<f64>(1e-14);
}

#[test]
fn lengths_must_agree() {
    let error = apply(Tanh, &[0.0_f32; 3], &mut [0.0; 4]).unwrap_err();
    assert!(matches!(
        error,
        Error::Length {
            expected: 3,
            found: 4,
            ..
        }
    ));
}
