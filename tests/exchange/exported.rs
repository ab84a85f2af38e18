//! Writes models, samples and predictions to a directory: ONNX models for `compare_onnx.py`, and for `compare_pytorch.py` the parameters of the
//! modules in `fixtures/pytorch_modules.py`.

use std::fs;
use std::path::{Path, PathBuf};

use simplechain::exchange::{Framework, Mapping};
use simplechain::prelude::*;
use simplechain_test_exchange::networks;
use simplechain_test_exchange::{ForEach, for_each, parameters, samples};

const SAMPLES: usize = 100;

struct Writer {
    directory: PathBuf,
}

impl Writer {
    fn write<T: Real>(&self, name: &str, numbers: impl Iterator<Item = T>) {
        let bytes: Vec<u8> = numbers
            .flat_map(|number| number.to_f64().to_le_bytes())
            .collect();
        fs::write(self.directory.join(name), bytes).expect("written");
    }

    /// Samples and predictions.
    fn predict<C: Chain, T: Real>(&self, net: C, params: &C::Params<T>, name: &str) {
        let xs = samples::<C, T>(net, SAMPLES);
        let mut ys = C::Output::vec(T::ZERO, SAMPLES);
        net.forward_batch(&xs[..], params, &mut ys)
            .expect("as many");
        let (xs, ys) = (
            xs.iter().flat_map(|x| x.as_slice().iter().copied()),
            ys.iter().flat_map(|y| y.as_slice().iter().copied()),
        );
        self.write(&format!("{name}.x"), xs);
        self.write(&format!("{name}.y"), ys);
    }

    /// Other parameters than those of the file that the module wrote.
    fn state_dict<C: Chain>(&self, net: C, name: &str) {
        let params = parameters::<C, f64>(net, 2);
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let template = fixtures.join(format!("pytorch_{name}.safetensors"));
        let path = self.directory.join(format!("{name}.safetensors"));
        let mapping = Mapping::new(Framework::PyTorch).rms_norm_epsilon(1e-5);
        net.export_state_dict_like(path, &params, template, mapping)
            .expect("written");
        self.predict(net, &params, name);
    }
}

impl ForEach for Writer {
    fn chain<C: Chain, T: Real>(&mut self, net: C) {
        let name = format!("{net:?}_{}", T::NAME);
        let params = parameters::<C, T>(net, 1);
        let path = self.directory.join(format!("{name}.onnx"));
        net.export_onnx(path, &params).expect("a model");
        self.predict(net, &params, &name);
    }
}

fn main() {
    let directory = std::env::args_os()
        .nth(1)
        .expect("the directory as an argument");
    let mut writer = Writer {
        directory: directory.into(),
    };
    for_each(&mut writer);
    writer.state_dict(networks::Trained, "deep");
    writer.state_dict(networks::LeNet, "lenet");
    writer.state_dict(networks::Sequence, "sequence");
    writer.state_dict(networks::Branches, "branches");
}
