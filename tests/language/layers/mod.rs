//! Layers other than `dense`, `conv` and pools: numbers and behaviour.
//!
//! What is right is said by differences of the forward pass, by PyTorch, and by the same chain written without the layer.

mod architecture;
mod batch_norm;
mod dropout;
mod frozen;
mod nested;
mod normalize;
mod pytorch_layers;
mod rms_norm;
mod standardize;

use simplechain::chain::{Chain, Network};
use simplechain::simple_chain;
use support::{gradients, gradients_but};

/// Means of data.
const MEAN: [f64; 3] = [0.1, -0.2, 0.3];

simple_chain! {
    struct Encoder: 5 => dense(tanh, 4) => dense(sin, 3);
    /// Every flat layer, in front of and behind activations that need what they saved.
    struct Flat: 3 => normalize(MEAN, 2.0) => fourier(2, period = 3.0) => dense(gelu, 5) => layer_norm => activation(silu)
        => residual(dense(tanh, 7) => dense(gelu, 5)) => chain(Encoder) => chebyshev(3) => layer(support::Squares<9>)
        => dropout(0.3)
        => concat(dense(tanh, 3) => residual(dense(silu, 3)), frozen(dense(sigmoid, 2)), activation(sin))
        => scale(0.5, 1.0) => dense(id, 2);
    struct Images: (4, 5, 2) => concat(conv(tanh, (3, 3), 3, padding = same), conv(gelu, (1, 1), 2)) => layer_norm
        => residual(conv(silu, (3, 3), 5, padding = same)) => maxpool(2, 2) => concat(global_avgpool => flatten, global_maxpool
        => flatten => dense(gelu, 3)) => dense(id, 2);
    struct Sequence: (16, 3) => maxpool(2, stride = 1) => conv(gelu, 5, 4, stride = 2, padding = 1) => avgpool(2, stride = 1)
        => conv(silu, 3, 8, padding = same, groups = 2, bias = false) => conv(tanh, 3, 8, padding = same, groups = 8)
        => conv(tanh, 3, 5, padding = same) => avgpool(3) => flatten => dense(id, 2);
    /// Every layer with all sizes 1.
    struct Ones: (1, 1) => normalize(0.5, 2.0) => conv(tanh, 1, 1) => maxpool(1) => conv(gelu, 1, 1, groups = 1) => maxpool(1)
        => avgpool(1) => global_maxpool => global_avgpool => frozen(batch_norm) => concat(layer_norm, activation(sin)) => flatten
        => dense(silu, 1) => fourier(1) => dense(tanh, 1) => chebyshev(1) => layer(support::Squares<1>) => residual(dense(gelu, 1))
        => dropout(0.5) => scale(0.5, 1.0)
}

#[test]
fn gradients_are_those_of_the_forward_pass() {
    gradients_but(Flat, 1, frozen::range(Flat));
    gradients(Images, 2);
    // A seed with which no maximum changes within the step of the differences.
    gradients(Sequence, 4);
    let frozen = Ones::LAYERS.iter().find(|layer| layer.name == "frozen");
    let frozen = frozen.expect("a frozen layer");
    let start = frozen.params_start;
    gradients_but(Ones, 1, start..start + frozen.param_count());
}

#[test]
fn a_chain_shows_the_layers_within() {
    let table = Flat.to_string();
    for line in [
        "normalize      mean [0.1, -0.2, 0.3], std 2.0          3          3            0",
        "fourier        count 2, period 3.0                     3         12            0",
        "  dense        tanh                                    5          7           42",
        "layer          support::Squares<9>                     9          9            9",
        "dropout        rate 0.3                                9          9            0",
        "      dense    sigmoid                                 9          2           20",
    ] {
        assert!(table.contains(line), "{line}\nis missing in\n{table}");
    }
    assert_ne!(Flat::FINGERPRINT, Images::FINGERPRINT);
}

#[test]
fn normalizations_start_as_none() {
    let params = Flat.init::<f64>(&mut simplechain::init::rng(1));
    let norm = Flat::LAYERS.iter().position(|l| l.name == "layer_norm");
    let norm = norm.expect("a normalization");
    assert_eq!(Flat.weights(&params, norm), [1.0; 5]);
    assert_eq!(Flat.bias(&params, norm), [0.0; 5]);
    let within = Flat::LAYERS.iter().position(|l| l.name == "residual");
    let within = Flat.weights(&params, within.expect("a residual"));
    assert!(within[..35].iter().all(|weight| *weight != 0.0), "weights");
    assert_eq!(within[35..42], [0.0; 7], "biases");
}
