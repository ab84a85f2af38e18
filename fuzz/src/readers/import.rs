//! Files of other frameworks, safetensors and archives of NumPy arrays: parameters or an error, and parameters survive.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use simplechain::exchange::{Framework, Mapping};
use simplechain::prelude::*;
use simplechain_test_exchange::networks::{Branches, Deep, Sequence};

use crate::chains::Plain;
use crate::files::{check_message, directory, within_memory};

/// The window of a decompressor and the tables of a message; headers of arrays are kept.
const FIXED: usize = 512 << 10;
const TIMES: usize = 100;

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    for framework in [Framework::PyTorch, Framework::Keras, Framework::Flax] {
        chain::<_, f32>(Plain, data, framework);
        chain::<_, f64>(Branches, data, framework);
        chain::<_, f32>(Sequence, data, framework);
    }
    chain::<_, f64>(Deep, data, Framework::PyTorch);
}

/// Epsilons that are ours, so that nothing has to be converted but the arrangement.
fn mapping(framework: Framework) -> Mapping {
    let mapping = Mapping::new(framework);
    mapping
        .layer_norm_epsilon(1e-5)
        .rms_norm_epsilon(1e-5)
        .batch_norm_epsilon(1e-5)
}

fn chain<C: Chain, T: Real>(chain: C, data: &[u8], framework: Framework) {
    let import = |bytes: &[u8]| chain.import_bytes::<T>(bytes, mapping(framework));
    let params = match within_memory(FIXED, TIMES, data, || import(data)) {
        Err(error) => return check_message(&error),
        Ok(params) => params,
    };
    if data.starts_with(b"PK") {
        return;
    }
    static PATHS: OnceLock<[PathBuf; 2]> = OnceLock::new();
    let [from, to] =
        PATHS.get_or_init(|| ["from", "to"].map(|name| directory("import").join(name)));
    fs::write(from, data).expect("a file");
    chain
        .export_state_dict_like::<T>(to, &params, from, mapping(framework))
        .expect("the template that was read");
    let again = chain
        .import::<T>(to, mapping(framework))
        .expect("what was written");
    for (a, b) in params.as_slice().iter().zip(again.as_slice()) {
        let (a, b) = (a.to_f64(), b.to_f64());
        assert!(
            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
            "{a} became {b}"
        );
    }
}
