//! `rms_norm` of flat inputs and of images, against differences and PyTorch; what it does to zeros.

use simplechain::chain::Chain;
use simplechain::derivatives::Derivatives;
use simplechain::init::rng;
use simplechain::simple_chain;
use support::gradients;

use super::pytorch_layers::compare;

simple_chain! {
    struct Flat: 3 => rms_norm => dense(gelu, 5) => rms_norm => dense(id, 2);
    struct Image: (2, 3, 2) => rms_norm => conv(tanh, (2, 2), 3) => rms_norm => flatten;
    struct Alone: 4 => rms_norm
}

#[test]
fn gradients_are_those_of_the_forward_pass() {
    gradients(Flat, 1);
    gradients(Image, 2);
}

#[test]
fn pytorch_gives_the_same() {
    compare::<_, f64>(Flat, "rms_flat");
    compare::<_, f32>(Flat, "rms_flat");
    compare::<_, f64>(Image, "rms_image");
    compare::<_, f32>(Image, "rms_image");
}

#[test]
fn it_starts_as_a_division_by_the_root_mean_square() {
    let params = Alone.init::<f64>(&mut rng(1));
    assert_eq!(params[..], [1.0; 4]);
    assert_eq!(Alone.weights(&params, 0), [1.0; 4]);
    assert!(Alone.bias(&params, 0).is_empty());
    let y = Alone.forward(&[3.0, -3.0, 3.0, 3.0], &params);
    let want = 3.0 / (9.0_f64 + 1e-5).sqrt();
    for (y, sign) in y.iter().zip([1.0, -1.0, 1.0, 1.0]) {
        assert!((y - sign * want).abs() < 1e-15, "{y}");
    }
}

/// At 0 it is a product with `1 / sqrt(eps)`.
#[test]
fn zeros_stay_zeros() {
    let slope = 1.0 / 1e-5_f64.sqrt();
    let [y, first, second] = Alone.jet(&[0.0; 4], &[1.0; 4], &[1.0, 0.0, -2.0, 0.0]);
    assert_eq!(y, [0.0; 4]);
    assert_eq!(second, [0.0; 4]);
    for (first, want) in first.iter().zip([slope, 0.0, -2.0 * slope, 0.0]) {
        assert!((first - want).abs() < 1e-12 * slope, "{first}");
    }
}
