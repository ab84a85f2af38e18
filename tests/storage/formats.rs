//! The format against the crate `safetensors`, the reference implementation.

use std::collections::HashMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use simplechain::Error;
use simplechain::prelude::*;
use simplechain::storage::{CowParams, entries_of};

use crate::chains::{Images, Nested};

fn le_bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[test]
fn others_read_what_is_written_here() {
    let params = Images.init::<f32>(&mut rng(0));
    let bytes = Images.to_safetensors(&params, &[("key", "text")]).unwrap();
    let file = SafeTensors::deserialize(&bytes).expect("the reference reads it");
    assert_eq!(file.len(), Images.tensors().len());
    for tensor in Images.tensors() {
        let view = file.tensor(&tensor.name).expect("this name");
        assert_eq!(view.dtype(), Dtype::F32);
        assert_eq!(view.shape(), tensor.shape);
        assert_eq!(view.data(), le_bytes(&params[tensor.range]));
    }
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let metadata = metadata.metadata().as_ref().expect("metadata");
    assert_eq!(metadata["key"], "text");
    assert_eq!(metadata["simplechain.architecture"], Images.architecture());
    let fingerprint = format!("{:016x}", Images::FINGERPRINT);
    assert_eq!(metadata["simplechain.fingerprint"], fingerprint);
}

/// As another program writes it: in an order of its own.
fn rewritten(
    bytes: &[u8],
    change: impl Fn(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>),
) -> Vec<u8> {
    let file = SafeTensors::deserialize(bytes).expect("a file");
    let (_, metadata) = SafeTensors::read_metadata(bytes).unwrap();
    let tensors = file.tensors().into_iter();
    let mut tensors: Vec<_> = tensors
        .map(|(name, view)| {
            let shape = view.shape().to_vec();
            (name, view.dtype(), shape, view.data().to_vec())
        })
        .collect();
    tensors.sort();
    change(&mut tensors);
    let views = tensors.iter().map(|(name, dtype, shape, data)| {
        let view = TensorView::new(*dtype, shape.clone(), data).expect("a tensor");
        (name.clone(), view)
    });
    let metadata: Option<HashMap<String, String>> = metadata.metadata().clone();
    safetensors::serialize(views, metadata).expect("bytes")
}

#[test]
fn what_others_write_is_read_here() {
    let params = Nested.init::<f32>(&mut rng(1));
    let bytes = Nested.to_safetensors(&params, &[("key", "text")]).unwrap();
    let other = rewritten(&bytes, |_| {});
    assert_ne!(bytes, other);
    let read = Nested.from_safetensors::<f32>(&other).unwrap();
    assert!(
        matches!(read, CowParams::Owned(_)),
        "they are in another order"
    );
    assert_eq!(read[..], params[..]);
    assert_eq!(entries_of(&other).unwrap()["key"], "text");
}

fn error(change: impl Fn(&mut Vec<(String, Dtype, Vec<usize>, Vec<u8>)>)) -> String {
    let bytes = Nested.to_safetensors(&Nested.init::<f32>(&mut rng(1)), &[]);
    let bytes = rewritten(&bytes.unwrap(), change);
    let error = Nested.from_safetensors::<f32>(&bytes).unwrap_err();
    assert!(matches!(error, Error::Tensors(_)), "{error}");
    error.to_string()
}

#[test]
fn other_tensors_are_errors() {
    let missing = error(|tensors| {
        tensors.remove(0);
        tensors.remove(0);
    });
    let text = "the file lacks `1.residual.0.dense.weight`, `1.residual.0.dense.bias`";
    assert!(missing.contains(text), "{missing}");

    let extra = error(|tensors| {
        let zero = vec![0; 4];
        tensors.push(("9.dense.weight".into(), Dtype::F32, vec![1], zero));
    });
    let text = "has `9.dense.weight`, which the chain has not";
    assert!(extra.contains(text), "{extra}");

    let renamed = error(|tensors| tensors[0].0 = "weight".into());
    let text = "the file lacks `1.residual.0.dense.bias`, and has `weight`";
    assert!(renamed.contains(text), "{renamed}");

    let misshapen = error(|tensors| {
        let weight = tensors.iter_mut().find(|tensor| tensor.2 == [4, 6]);
        weight.expect("this shape").2 = vec![6, 4];
    });
    let text = "has the shape [6, 4], that of the chain has [4, 6]";
    assert!(misshapen.contains(text), "{misshapen}");

    let of_another_type = error(|tensors| tensors[0].1 = Dtype::I32);
    let text = "has the type I32, but F32 is read";
    assert!(of_another_type.contains(text), "{of_another_type}");
}

#[test]
fn the_state_of_a_training_is_passed_over() {
    let params = Nested.init::<f32>(&mut rng(1));
    let bytes = Nested.to_safetensors(&params, &[]).unwrap();
    let other = rewritten(&bytes, |tensors| {
        let zero = vec![0; 8];
        tensors.push(("training.anything".into(), Dtype::I64, vec![1], zero));
    });
    assert_eq!(
        Nested.from_safetensors::<f32>(&other).unwrap()[..],
        params[..]
    );
}

#[test]
fn a_file_without_architecture_is_an_error() {
    let zero = [0; 8];
    let view = TensorView::new(Dtype::F32, vec![2], &zero).unwrap();
    let bytes = safetensors::serialize([("a", view)], None).unwrap();
    let error = Nested.from_safetensors::<f32>(&bytes).unwrap_err();
    let text = "have no `simplechain.architecture`";
    assert!(error.to_string().contains(text), "{error}");
    assert!(entries_of(&bytes).unwrap().is_empty());
}
