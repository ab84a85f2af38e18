//! Parameters that go to another framework and come back.

use safetensors::SafeTensors;
use simplechain::exchange::{Framework, Mapping};
use simplechain::prelude::*;

use crate::fixture::{Temporary, bytes, path};
use simplechain_test_exchange::networks::{LeNet, Sequence};

/// The names, types and shapes in a file, sorted.
fn list(file: &[u8]) -> Vec<String> {
    let file = SafeTensors::deserialize(file).unwrap();
    let mut list: Vec<String> = (file.iter())
        .map(|(name, tensor)| format!("{name} {:?} {:?}", tensor.dtype(), tensor.shape()))
        .collect();
    list.sort();
    list
}

/// The file that was imported is written again, bit for bit.
#[test]
fn like_a_file() {
    let file = Temporary::new("like");
    let to = &file.0;
    for (name, framework) in [
        ("pytorch_sequence", Framework::PyTorch),
        ("keras_sequence", Framework::Keras),
        ("flax_sequence", Framework::Flax),
    ] {
        let from = path(&format!("{name}.safetensors"));
        let mapping = Mapping::new(framework)
            .layer_norm_epsilon(1e-5)
            .rms_norm_epsilon(1e-5);
        let params = Sequence.import::<f64>(&from, mapping.clone()).unwrap();
        Sequence
            .export_state_dict_like(to, &params, &from, mapping.clone())
            .unwrap();
        let (written, original) = (std::fs::read(to).unwrap(), std::fs::read(&from).unwrap());
        assert_eq!(list(&written), list(&original), "{name}");
        let (written, original) = (
            SafeTensors::deserialize(&written).unwrap(),
            SafeTensors::deserialize(&original).unwrap(),
        );
        for (tensor_name, tensor) in original.iter() {
            let other = written.tensor(tensor_name).unwrap();
            // Keras' variances have another epsilon in them here.
            if !tensor_name.ends_with("moving_variance") {
                assert_eq!(other.data(), tensor.data(), "{name} {tensor_name}");
            }
        }
        assert_eq!(Sequence.import::<f64>(to, mapping).unwrap(), params);
    }
}

/// Names without a file: as the module of `fixtures/pytorch_modules.py` has them.
#[test]
fn named() {
    let file = Temporary::new("named");
    let to = &file.0;
    let params = LeNet.init::<f64>(&mut rng(3));
    let mapping = Mapping::new(Framework::PyTorch)
        .pair("0.conv", "conv1")
        .pair("2.conv", "conv2")
        .pair("5.dense", "fc1")
        .pair("6.dense", "fc2")
        .pair("7.dense.weight", "fc3.weight")
        .pair("7.dense.bias", "fc3.bias");
    LeNet
        .export_state_dict(to, &params, mapping.clone())
        .unwrap();
    assert_eq!(
        list(&std::fs::read(to).unwrap()),
        list(&bytes("pytorch_lenet.safetensors"))
    );
    assert_eq!(LeNet.import::<f64>(to, Framework::PyTorch).unwrap(), params);
    // As `f32`, which is read as `f64` too.
    let single = LeNet.cast::<f64, f32>(&params);
    LeNet
        .export_state_dict(to, &single, mapping.clone())
        .unwrap();
    assert_eq!(
        LeNet.import::<f64>(to, mapping).unwrap(),
        LeNet.cast::<f32, f64>(&single)
    );

    let incomplete = Mapping::new(Framework::PyTorch).pair("0.conv", "conv1");
    let error = LeNet
        .export_state_dict(to, &params, incomplete)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`2.conv.weight` has no name there"),
        "{error}"
    );
    let twice = Mapping::new(Framework::PyTorch)
        .pair("0.conv", "conv1")
        .pair("2.conv", "conv1");
    let error = LeNet
        .export_state_dict(to, &params, twice)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("two tensors are called `conv1.weight` there"),
        "{error}"
    );
}
