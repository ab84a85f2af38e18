//! What is ambiguous, missing, left over or malformed is an error that says so.

use simplechain::Error;
use simplechain::exchange::{Framework, Mapping};
use simplechain::prelude::*;

use crate::fixture::{Temporary, bytes};
use simplechain_test_exchange::networks::{Branches, Deep, LeNet, Sequence};

simple_chain! {
    struct Square: 3 => dense(tanh, 3) => dense(id, 3);
    struct Table: 3 => standardize => dense(tanh, 3) => dense(id, 3)
}

/// A file of `f32` tensors; the elements count up.
fn file(tensors: &[(&str, &[usize])]) -> Vec<u8> {
    let (mut header, mut data) = (String::new(), Vec::new());
    for (name, shape) in tensors {
        let start = data.len();
        for index in 0..shape.iter().product() {
            data.extend((index as f32).to_le_bytes());
        }
        let comma = if header.is_empty() { "" } else { "," };
        header += &format!(
            "{comma}\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape:?},\"data_offsets\":[{start},{}]}}",
            data.len()
        );
    }
    let header = format!("{{{header}}}");
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

fn message<C: Chain>(net: C, bytes: &[u8], mapping: impl Into<Mapping>) -> String {
    net.import_bytes::<f32>(bytes, mapping)
        .unwrap_err()
        .to_string()
}

/// Two layers of the same shapes, called by words.
fn encoder_decoder() -> Vec<u8> {
    file(&[
        ("decoder.weight", &[3, 3]),
        ("decoder.bias", &[3]),
        ("encoder.bias", &[3]),
        ("encoder.weight", &[3, 3]),
    ])
}

#[test]
fn ambiguous_names() {
    let text = message(Square, &encoder_decoder(), Framework::PyTorch);
    let expected = "\
layer `0.dense` may be `decoder` or `encoder`: shapes do not say which, and names without numbers have no order; \
write `.pair(\"0.dense\", ..)`
  the chain             | as PyTorch has it | the file
  0.dense.weight [3, 3] | weight [3, 3]     | decoder.bias [3]
  0.dense.bias [3]      | bias [3]          | decoder.weight [3, 3]
  1.dense.weight [3, 3] | weight [3, 3]     | encoder.bias [3]
  1.dense.bias [3]      | bias [3]          | encoder.weight [3, 3]";
    assert_eq!(text, expected);
    let mapping = Mapping::new(Framework::PyTorch).pair("0.dense", "encoder");
    let params = Square
        .import_bytes::<f32>(&encoder_decoder(), mapping)
        .unwrap();
    // Of a `Linear` the rows are outputs.
    assert_eq!(Square.weights(&params, 0)[..4], [0.0, 3.0, 6.0, 1.0]);
}

/// The same bytes are another matrix in another framework.
#[test]
fn the_framework_decides() {
    let file = file(&[
        ("dense_1/kernel", &[3, 3]),
        ("dense_1/bias", &[3]),
        ("dense/bias", &[3]),
        ("dense/kernel", &[3, 3]),
    ]);
    let params = Square.import_bytes::<f32>(&file, Framework::Keras).unwrap();
    assert_eq!(Square.weights(&params, 0)[..4], [0.0, 1.0, 2.0, 3.0]);
    let text = message(Square, &file, Framework::PyTorch);
    assert!(
        text.contains("the shapes or names are not those of the chain"),
        "{text}"
    );
}

#[test]
fn missing_and_left_over() {
    let deep = bytes("pytorch_deep.safetensors");
    let text = message(Square, &deep, Framework::PyTorch);
    assert!(
        text.contains("the file has 13 modules with parameters where the chain has 2 layers"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 2 + 26, "{text}");
    let text = message(Deep, &encoder_decoder(), Framework::PyTorch);
    assert!(
        text.contains("the file has 2 modules with parameters where the chain has 13 layers"),
        "{text}"
    );
    // Left out, on either side.
    let more = file(&[
        ("0.weight", &[3, 3]),
        ("0.bias", &[3]),
        ("1.bias", &[3]),
        ("1.weight", &[3, 3]),
        ("head.weight", &[7, 7]),
        ("0.num_batches_tracked", &[]),
    ]);
    let mapping = Mapping::new(Framework::PyTorch).ignore("head");
    assert!(Square.import_bytes::<f32>(&more, mapping.clone()).is_ok());
    let params = Table
        .import_bytes::<f32>(&more, mapping.clone().skip("0.standardize"))
        .unwrap();
    assert_eq!(params[..6], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    let text = message(Table, &more, mapping.skip("1.standardize"));
    assert!(
        text.contains("no layer or tensor `1.standardize`"),
        "{text}"
    );
}

#[test]
fn wrong_pairs() {
    let file = encoder_decoder();
    let pair = |ours: &str, theirs: &str| Mapping::new(Framework::PyTorch).pair(ours, theirs);
    for (mapping, expected) in [
        (
            pair("2.dense", "encoder"),
            "the chain has no layer or tensor `2.dense`",
        ),
        (
            pair("0.dense", "body"),
            "the tensors of layer `0.dense` are not those of `body`",
        ),
        (
            pair("0.dense.weight", "body.weight"),
            "the file has no tensor `body.weight`",
        ),
        (
            pair("0.dense.weight", "encoder.bias"),
            "tensor `0.dense.weight` cannot be `encoder.bias`",
        ),
        (
            pair("0.dense.weight", "encoder.weight").pair("1.dense.weight", "encoder.weight"),
            "tensor `1.dense.weight` cannot be `encoder.weight`",
        ),
    ] {
        let text = message(Square, &file, mapping);
        assert!(text.starts_with(expected), "{text}");
        assert_eq!(text.lines().count(), 6, "{text}");
    }
}

/// No parameter makes up for another epsilon of a layer normalization.
#[test]
fn epsilons() {
    let keras = bytes("keras_sequence.safetensors");
    let text = message(Sequence, &keras, Framework::Keras);
    assert!(
        text.contains("`layer_norm` has an epsilon of 1e-5, but that of the other network is 1e-3"),
        "{text}"
    );
    let text = message(
        Sequence,
        &keras,
        Mapping::new(Framework::Keras).layer_norm_epsilon(1e-5),
    );
    assert!(
        text.contains("`rms_norm` has an epsilon of 1e-5, but that of the other network is 1e-6"),
        "{text}"
    );
    let text = message(
        Sequence,
        &bytes("pytorch_sequence.safetensors"),
        Framework::PyTorch,
    );
    assert!(text.contains("network is 1.1920928955078125e-7"), "{text}");
}

/// Whatever is changed or cut off, nothing panics and no memory is taken that the file does not have.
#[test]
fn hostile_files() {
    for (name, framework) in [
        ("pytorch_deep.npz", Framework::PyTorch),
        ("keras_lenet.npz", Framework::Keras),
        ("flax_branches.safetensors", Framework::Flax),
    ] {
        let whole = bytes(name);
        let read = |bytes: &[u8]| match name {
            "pytorch_deep.npz" => Deep.import_bytes::<f32>(bytes, framework).map(drop),
            "keras_lenet.npz" => LeNet.import_bytes::<f32>(bytes, framework).map(drop),
            _ => Branches.import_bytes::<f32>(bytes, framework).map(drop),
        };
        read(&whole).unwrap();
        for len in (0..whole.len()).step_by(13) {
            assert!(read(&whole[..len]).is_err(), "{name}, {len} bytes");
        }
        for at in (0..whole.len()).step_by(7) {
            for value in [0, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                // Some changes are of numbers.
                let _ = read(&changed);
            }
        }
    }
}

/// An archive of one array without compression, with this header.
fn archive(header: &[u8]) -> Vec<u8> {
    let name = b"0.weight.npy";
    let crc = header.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    });
    let mut shared = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    shared.extend((!crc).to_le_bytes());
    shared.extend((header.len() as u32).to_le_bytes());
    shared.extend((header.len() as u32).to_le_bytes());
    shared.extend((name.len() as u16).to_le_bytes());
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(&shared);
    bytes.extend([0, 0]);
    bytes.extend(name);
    bytes.extend(header);
    let directory = bytes.len() as u32;
    bytes.extend(b"PK\x01\x02\x14\x00");
    bytes.extend(&shared);
    bytes.extend([0; 16]);
    bytes.extend(name);
    let len = bytes.len() as u32 - directory;
    bytes.extend(b"PK\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00");
    bytes.extend(len.to_le_bytes());
    bytes.extend(directory.to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

#[test]
fn hostile_arrays() {
    simple_chain! { struct One: 2 => dense(id, 1, bias = false) }
    let npy = |version: u8, len: &[u8], text: &str, data: &[u8]| {
        let mut header = b"\x93NUMPY".to_vec();
        header.extend([version, 0]);
        header.extend(len);
        header.extend(text.bytes());
        header.extend(data);
        archive(&header)
    };
    let of = |text: &str, data: &[u8]| npy(1, &(text.len() as u16).to_le_bytes(), text, data);
    let data: Vec<u8> = [0.5_f32, -2.0]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    let good = of(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }",
        &data,
    );
    let params = One.import_bytes::<f32>(&good, Framework::PyTorch).unwrap();
    assert_eq!(*params, [0.5, -2.0]);
    for (file, expected) in [
        (
            of(
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }",
                &data[..7],
            ),
            "ends before its last element",
        ),
        (
            of(
                "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2), }",
                &data,
            ),
            "has the type `<i8`",
        ),
        (
            of(
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1152921504606846976), }",
                &data,
            ),
            "are not those of the chain",
        ),
        (of("((((((((", &data), "its header is not that of one array"),
        (
            npy(2, &u32::MAX.to_le_bytes(), "{}", &data),
            "more than the 65536 that are read",
        ),
        (npy(9, &[0, 0], "", &data), "version 9"),
        (
            archive(b"\x93NUMPZ\x01\x00"),
            "does not begin as one of NumPy",
        ),
        (b"PK".to_vec(), "it is no npz file"),
    ] {
        let text = message(One, &file, Framework::PyTorch);
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn errors_name_the_file() {
    let file = Temporary::new("missing.safetensors");
    let path = &file.0;
    let error = Square.import::<f32>(path, Framework::PyTorch).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
    std::fs::write(path, encoder_decoder()).unwrap();
    let error = Square.import::<f32>(path, Framework::PyTorch).unwrap_err();
    assert!(
        error.to_string().contains("missing.safetensors`: layer"),
        "{error}"
    );
}
