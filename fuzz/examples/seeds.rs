//! Writes the seeds: small inputs of every kind that the targets accept.

use std::fs;
use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use simplechain::prelude::*;
use simplechain::train::Checkpoints;
use simplechain_fuzz::chains::{Others, Plain, Windows};
use simplechain_fuzz::checkpoints::{data, double, single};
use simplechain_fuzz::files::directory;
use simplechain_fuzz::replay::seeds;

/// Of everything a macro takes; one line is an invocation.
const INVOCATIONS: &str = "\
#[doc = \"x\"] pub struct Net: 4 => dense(tanh, 32, bias = false) => dense(id, N) => 4
A: 2 => dense(sin, 1); B: 3 => chain(A)
(28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(2, 2) => flatten => dense(leaky_relu(0.01), 10)
(16, 4) => conv(relu, 3, 6, padding = same, groups = 2, stride = 1) => batch_norm => avgpool(2) => global_maxpool
4 => residual(dense(my::Act::<A, 3>::new(-0.5), 4)) => concat(layer(D<5>), activation(sin)) => frozen(layer_norm)
N => normalize(M, 2.0) => scale(0.5, D) => fourier(2, period = 3.0) => chebyshev(4) => dropout(0.1) => rms_norm
";

fn main() {
    for (index, line) in INVOCATIONS.lines().enumerate() {
        write("pipeline", &format!("text-{index}"), line.as_bytes());
    }
    // A soup, and a chain of the target's that is not changed.
    let soup: Vec<u8> = (0..=255).collect();
    write("pipeline", "soup", &[&[0], &soup[..]].concat());
    // Many mistakes of one kind, for each of which a word is looked for that was meant.
    write("pipeline", "unknown", &[&[0][..], &[0x43; 64]].concat());
    for chain in 0..8 {
        write(
            "pipeline",
            &format!("chain-{chain}"),
            &[1, chain, 43, 43, 43],
        );
    }

    let plain = Plain.init::<f32>(&mut rng(0));
    let saved = Plain
        .to_safetensors(&plain, &[("unit", "m")])
        .expect("an entry");
    write("storage", "plain", &saved);
    let others = Others.init::<f64>(&mut rng(0));
    write(
        "storage",
        "others",
        &Others.to_safetensors(&others, &[]).expect("no entries"),
    );
    let windows = Windows.init::<f32>(&mut rng(0));
    write(
        "storage",
        "windows",
        &Windows.to_safetensors(&windows, &[]).expect("no entries"),
    );

    write("architecture", "plain", Plain.architecture().as_bytes());
    write("architecture", "others", Others.architecture().as_bytes());
    write("architecture", "windows", Windows.architecture().as_bytes());

    checkpoint("single", single(), false);
    checkpoint("double", double(), false);
    checkpoint("validated", double(), true);

    for name in [
        "pytorch_branches.safetensors",
        "flax_branches.safetensors",
        "keras_branches.safetensors",
        "pytorch_deep.safetensors",
    ] {
        let path = format!(
            "{}/../tests/exchange/fixtures/{name}",
            env!("CARGO_MANIFEST_DIR")
        );
        write("import", name, &fs::read(path).expect("a fixture"));
    }
    let tensors = [
        ("0.weight", "'<f4'", "False", "(5, 3)", 60),
        ("0.bias", "'<f8'", "False", "(5,)", 40),
        ("2.weight", "'<f2'", "True", "(2, 5)", 20),
        ("2.bias", "'<f4'", "False", "(2,)", 8),
    ];
    write("import", "plain.npz", &archive(&tensors));

    let mut images = vec![0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28];
    images.extend((0..28 * 28).map(|i| (i % 251) as u8));
    let labels = [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9];
    write("idx", "images", &images);
    write("idx", "labels", &labels);
    for (name, file) in [("images.gz", &images[..]), ("labels.gz", &labels)] {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(file).expect("memory");
        write("idx", name, &gzip.finish().expect("memory"));
    }

    let mut table =
        "area_m2,year_built,floors,mean_temperature_c,occupants,heating,energy_kwh\n".to_owned();
    for row in 0..12 {
        let heating = ["gas", "oil", "\"heat, pump\""][row % 3];
        table += &format!(
            "{},{},,10.{row},{},{heating},{}e1\n",
            75 + row,
            1990 + row,
            row % 4,
            858 - row
        );
    }
    write("csv_table", "houses", table.as_bytes());

    let bits = plain.iter().flat_map(|x| x.to_le_bytes());
    write("onnx", "plain", &bits.collect::<Vec<u8>>());
    let special = [f32::NAN, f32::INFINITY, -0.0, f32::MIN_POSITIVE, f32::MAX];
    write("onnx", "special", &special.map(f32::to_le_bytes).concat());

    let numbers: Vec<u8> = (0..1200_u32).map(|i| ((i * i % 7919) >> 3) as u8).collect();
    for kind in 0..7 {
        write(
            "calls",
            &format!("kind-{kind}"),
            &[&[kind, 16], &numbers[..]].concat(),
        );
        write(
            "calls",
            &format!("few-{kind}"),
            &[&[kind, 1], &numbers[..40]].concat(),
        );
    }
    // Everything at the corners of the activations.
    write("calls", "zero", &[0]);
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    let directory = seeds(target);
    fs::create_dir_all(&directory).expect("a directory");
    fs::write(directory.join(name), bytes).expect("a file");
}

/// The second checkpoint of a training.
fn checkpoint<T: Real, O: Optimizer<T> + Send>(
    name: &str,
    trainer: Trainer<simplechain_fuzz::chains::Stateful, SquaredLoss, O>,
    validates: bool,
) {
    let path = directory("seeds");
    let checkpoints = Checkpoints::new(&path).every(Duration::ZERO).keep(100);
    let mut trainer = trainer.checkpoints(checkpoints);
    let mut params = simplechain_fuzz::chains::Stateful.init::<T>(&mut rng(4));
    let (xs, ys) = data::<T>();
    let fitted = if validates {
        trainer.fit_validated(
            &mut params,
            &xs,
            &ys,
            &Validation::new(&xs, &ys).patience(2),
            2,
        )
    } else {
        trainer.fit(&mut params, &xs, &ys, 2)
    };
    fitted.expect("a training");
    let file = path.join("checkpoint-000000000004.safetensors");
    write("checkpoints", name, &fs::read(file).expect("a checkpoint"));
    fs::remove_dir_all(path).expect("a directory");
}

/// An archive of arrays of zeros, not compressed.
fn archive(tensors: &[(&str, &str, &str, &str, usize)]) -> Vec<u8> {
    let (mut files, mut directory) = (Vec::new(), Vec::new());
    for (name, descr, fortran, shape, len) in tensors {
        let header =
            format!("{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n");
        let mut array = b"\x93NUMPY\x01\x00".to_vec();
        array.extend((header.len() as u16).to_le_bytes());
        array.extend(header.bytes());
        array.resize(array.len() + len, 0);
        let mut crc = flate2::Crc::new();
        crc.update(&array);
        let name = format!("{name}.npy");
        let mut shared = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
        shared.extend(crc.sum().to_le_bytes());
        shared.extend((array.len() as u32).to_le_bytes());
        shared.extend((array.len() as u32).to_le_bytes());
        shared.extend((name.len() as u16).to_le_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&shared);
        directory.extend([0; 12]);
        directory.extend((files.len() as u32).to_le_bytes());
        directory.extend(name.bytes());
        files.extend(b"PK\x03\x04");
        files.extend(&shared);
        files.extend([0, 0]);
        files.extend(name.bytes());
        files.extend(array);
    }
    let start = files.len() as u32;
    let count = (tensors.len() as u16).to_le_bytes();
    files.extend(&directory);
    files.extend(b"PK\x05\x06\x00\x00\x00\x00");
    files.extend([count, count].concat());
    files.extend((directory.len() as u32).to_le_bytes());
    files.extend(start.to_le_bytes());
    files.extend([0, 0]);
    files
}
