//! Predictions of networks from other frameworks, and trainings that continue as they do in PyTorch.

use simplechain::exchange::{Framework, Mapping};
use simplechain::prelude::*;

use crate::fixture::{bytes, error, path, tensor};
use simplechain_test_exchange::networks::{Branches, Deep, LeNet, Sequence, Trained};

/// In both types.
fn check<C: Chain>(net: C, file: &str, mapping: impl Into<Mapping>) {
    // Keras computes some functions in `f32`, whatever its type.
    let tolerance = if file.starts_with("keras") {
        1e-6
    } else {
        1e-12
    };
    let mapping = mapping.into();
    let (name, _) = file.split_once('.').unwrap();
    let params = net.import::<f64>(path(file), mapping.clone()).unwrap();
    let in_f64 = error(net, &params, name, "y");
    let params = net.import_bytes::<f32>(&bytes(file), mapping).unwrap();
    let in_f32 = error(net, &params, name, "y");
    assert!(in_f64 < tolerance, "{file}: {in_f64:e}");
    assert!(in_f32 < 1e-6, "{file}: {in_f32:e}");
}

/// The epsilon of the others is our own by default.
fn with_rms(framework: Framework) -> Mapping {
    Mapping::new(framework).rms_norm_epsilon(1e-5)
}

#[test]
fn pytorch() {
    check(Deep, "pytorch_deep.safetensors", Framework::PyTorch);
    check(Deep, "pytorch_deep.npz", Framework::PyTorch);
    check(LeNet, "pytorch_lenet.safetensors", Framework::PyTorch);
    check(
        Sequence,
        "pytorch_sequence.safetensors",
        with_rms(Framework::PyTorch),
    );
    check(Branches, "pytorch_branches.safetensors", Framework::PyTorch);
}

/// Batch normalization with Keras' epsilon of 1e-3.
#[test]
fn keras() {
    check(Deep, "keras_deep.safetensors", Framework::Keras);
    check(LeNet, "keras_lenet.safetensors", Framework::Keras);
    check(LeNet, "keras_lenet.npz", Framework::Keras);
    let mapping = with_rms(Framework::Keras).layer_norm_epsilon(1e-5);
    check(Sequence, "keras_sequence.safetensors", mapping);
    check(Branches, "keras_branches.safetensors", Framework::Keras);
}

#[test]
fn flax() {
    check(Deep, "flax_deep.safetensors", Framework::Flax);
    let mapping = with_rms(Framework::Flax).layer_norm_epsilon(1e-5);
    check(Sequence, "flax_sequence.safetensors", mapping.clone());
    check(Sequence, "flax_sequence.npz", mapping);
    check(Branches, "flax_branches.safetensors", Framework::Flax);
    // The newer modules, with names of the user.
    check(Branches, "flax_nnx.safetensors", Framework::Flax);
    // The numbers are not in the order of use: that is said, not guessed.
    let failure = LeNet.import::<f64>(path("flax_lenet.safetensors"), Framework::Flax);
    let message = failure.unwrap_err().to_string();
    assert!(
        message.contains("in the order of the numbers in their names"),
        "{message}"
    );
    let mapping = Mapping::new(Framework::Flax)
        .pair("6.dense", "Dense_2")
        .pair("7.dense", "params/Dense_1");
    check(LeNet, "flax_lenet.safetensors", mapping);
}

/// Twenty steps with the whole data, as `fixtures/make.py` makes them.
fn train<C: Chain, L: Loss<C, f64>>(
    net: C,
    name: &str,
    loss: &L,
    targets: &[L::Target],
    mut optimizer: impl Optimizer<f64>,
    tolerance: f64,
) {
    let name = format!("pytorch_{name}");
    let file = bytes(&format!("{name}.expected.safetensors"));
    let mapping = with_rms(Framework::PyTorch);
    let mut params = net
        .import::<f64>(path(&format!("{name}.safetensors")), mapping)
        .unwrap();
    let mut grads = net.zeros();
    let xs = tensor(&file, "x");
    let xs = net.inputs(&xs).unwrap();
    for (step, expected) in (0..).zip(tensor(&file, "losses")) {
        let training = net.training(1, step);
        let value = training
            .value_and_grad_batch(loss, xs, targets, &mut params, &mut grads)
            .unwrap();
        assert!(
            (value - expected).abs() < tolerance * expected.abs(),
            "{name}, step {step}: {value} {expected}"
        );
        net.step(&mut optimizer, &mut params, &grads).unwrap();
    }
    let error = error(net, &params, &name, "y_trained");
    assert!(error < tolerance, "{name}: {error:e}");
}

/// Losses before each step, and the predictions after the last.
#[test]
fn training_continues_as_in_pytorch() {
    let targets = |name: &str| tensor(&bytes(&format!("pytorch_{name}.expected.safetensors")), "t");
    let adam = || Adam::new(0.01);
    let t = targets("deep");
    train(
        Trained,
        "deep",
        &SquaredLoss,
        Trained.outputs(&t).unwrap(),
        adam(),
        1e-9,
    );
    let t = targets("sequence");
    train(
        Sequence,
        "sequence",
        &SquaredLoss,
        Sequence.outputs(&t).unwrap(),
        adam(),
        1e-9,
    );
    let t = targets("branches");
    train(
        Branches,
        "branches",
        &SquaredLoss,
        Branches.outputs(&t).unwrap(),
        adam(),
        1e-9,
    );
    let labels: Vec<u8> = targets("lenet").iter().map(|label| *label as u8).collect();
    let sgd = Sgd::new(0.05).momentum(0.9);
    train(
        LeNet,
        "lenet",
        &LogitCrossEntropy::new(),
        &labels,
        sgd,
        1e-9,
    );
}
