//! The files of `fixtures`, read by the reference implementation of their format.

use std::path::PathBuf;

use safetensors::{Dtype, SafeTensors};
use simplechain::prelude::*;

/// The path of a file.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

/// A tensor of `float64`.
pub(crate) fn tensor(file: &[u8], name: &str) -> Vec<f64> {
    let file = SafeTensors::deserialize(file).unwrap();
    let tensor = file.tensor(name).unwrap();
    assert_eq!(tensor.dtype(), Dtype::F64, "{name}");
    let (numbers, _) = tensor.data().as_chunks();
    numbers
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect()
}

/// The largest error of the predictions for the samples of a file, relative to the largest output.
pub(crate) fn error<C: Chain, T: Real>(net: C, params: &C::Params<T>, name: &str, ys: &str) -> f64 {
    let file = bytes(&format!("{name}.expected.safetensors"));
    let xs: Vec<T> = tensor(&file, "x").into_iter().map(T::from_f64).collect();
    let expected = tensor(&file, ys);
    let scale = expected.iter().fold(0.0_f64, |scale, y| scale.max(y.abs()));
    let mut predicted = C::Output::vec(T::ZERO, xs.len() / C::INPUT_LEN);
    net.forward_batch(net.inputs(&xs).unwrap(), params, &mut predicted)
        .unwrap();
    let predicted = predicted
        .iter()
        .flat_map(|y| y.as_slice().iter().map(|y| y.to_f64()));
    assert_eq!(expected.len(), predicted.clone().count());
    let errors = predicted.zip(expected).map(|(a, b)| (a - b).abs() / scale);
    errors.fold(0.0, |most, error| if error <= most { most } else { error })
}

/// The path of a file that a test writes; the file is removed at its end.
pub(crate) struct Temporary(pub(crate) PathBuf);

impl Temporary {
    /// Of a name that no other test has.
    pub(crate) fn new(name: &str) -> Self {
        let process = std::process::id();
        Self(std::env::temp_dir().join(format!("simplechain-exchange-{process}-{name}")))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
