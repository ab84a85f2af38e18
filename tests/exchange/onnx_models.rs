//! Writes the model of every chain, samples and predictions to a directory, for `compare_onnx.py`.

use std::fs;
use std::path::PathBuf;

use simplechain::prelude::*;
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
}

impl ForEach for Writer {
    fn chain<C: Chain, T: Real>(&mut self, net: C) {
        let name = format!("{net:?}_{}", T::NAME);
        let (params, xs) = (parameters::<C, T>(net, 1), samples::<C, T>(net, SAMPLES));
        let mut ys = C::Output::vec(T::ZERO, SAMPLES);
        net.forward_batch(&xs[..], &params, &mut ys)
            .expect("as many");
        let path = self.directory.join(format!("{name}.onnx"));
        net.export_onnx(path, &params).expect("a model");
        self.write(
            &format!("{name}.x"),
            xs.iter().flat_map(|x| x.as_slice().iter().copied()),
        );
        self.write(
            &format!("{name}.y"),
            ys.iter().flat_map(|y| y.as_slice().iter().copied()),
        );
    }
}

fn main() {
    let directory = std::env::args_os()
        .nth(1)
        .expect("the directory as an argument")
        .into();
    for_each(&mut Writer { directory });
}
