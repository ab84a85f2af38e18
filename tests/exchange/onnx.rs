//! ONNX models, read back by a reader that knows nothing of the writer. That onnxruntime predicts the same, `compare_onnx.py` checks.

use simplechain::prelude::*;
use simplechain_test_exchange::{ForEach, LeNet, for_each, parameters};
use support::Squares;

/// A field of a message: its number, and a number or the bytes.
#[derive(Clone, Copy)]
enum Field<'a> {
    Number(u64, u64),
    Bytes(u64, &'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (first, rest) = bytes.split_first().expect("a byte");
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        shift += 7;
        if first & 0x80 == 0 {
            return value;
        }
    }
}

fn fields(mut bytes: &[u8]) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes);
        let number = tag >> 3;
        fields.push(match tag & 7 {
            0 => Field::Number(number, varint(&mut bytes)),
            kind => {
                let len = if kind == 5 {
                    4
                } else {
                    varint(&mut bytes) as usize
                };
                let (field, rest) = bytes.split_at(len);
                bytes = rest;
                Field::Bytes(number, field)
            }
        });
    }
    fields
}

fn all(message: &[u8], number: u64) -> Vec<&[u8]> {
    let bytes = |field| match field {
        Field::Bytes(own, bytes) if own == number => Some(bytes),
        _ => None,
    };
    fields(message).into_iter().filter_map(bytes).collect()
}

fn numbers(message: &[u8], number: u64) -> Vec<u64> {
    let value = |field| match field {
        Field::Number(own, value) if own == number => Some(value),
        _ => None,
    };
    fields(message).into_iter().filter_map(value).collect()
}

fn texts(message: &[u8], number: u64) -> Vec<String> {
    let texts = all(message, number).into_iter();
    texts
        .map(|text| String::from_utf8(text.to_vec()).unwrap())
        .collect()
}

/// The nodes of a model, one a line, and its constants that are parameters.
fn text(model: &[u8]) -> String {
    let graph = all(model, 7)[0];
    let mut text = String::new();
    for node in all(graph, 1) {
        let attributes = all(node, 5).into_iter().map(|attribute| {
            let name = &texts(attribute, 1)[0];
            let ints = [numbers(attribute, 8), numbers(attribute, 3)].concat();
            let floats = all(attribute, 2)
                .into_iter()
                .map(|float| f32::from_le_bytes(float.try_into().unwrap()));
            format!(" {name}{ints:?}{:?}", floats.collect::<Vec<_>>()).replace("[]", "")
        });
        let attributes: String = attributes.collect();
        text += &format!(
            "{} = {}({}){attributes}\n",
            texts(node, 2)[0],
            texts(node, 4)[0],
            texts(node, 1).join(", ")
        );
    }
    for tensor in all(graph, 5) {
        text += &format!("{} {:?}\n", texts(tensor, 8)[0], numbers(tensor, 1));
    }
    text
}

#[test]
fn nodes_of_lenet() {
    let model = LeNet.to_onnx(&LeNet.init::<f32>(&mut rng(0))).unwrap();
    assert_eq!(numbers(&model, 1), [8]);
    let windows = |size: usize| format!("kernel_shape[{size}, {size}]");
    let pool = format!("{} strides[2, 2] pads[0, 0, 0, 0]", windows(2));
    let conv = format!("{} strides[1, 1] pads[0, 0, 0, 0] group[1]", windows(5));
    let expected = format!(
        "\
0.conv.Conv_1 = Conv(x, 0.conv.weight, 0.conv.bias) {conv}
0.conv.Relu_2 = Relu(0.conv.Conv_1)
1.maxpool.MaxPool_3 = MaxPool(0.conv.Relu_2) {pool}
2.conv.Conv_4 = Conv(1.maxpool.MaxPool_3, 2.conv.weight, 2.conv.bias) {conv}
2.conv.Relu_5 = Relu(2.conv.Conv_4)
3.maxpool.MaxPool_6 = MaxPool(2.conv.Relu_5) {pool}
4.flatten.Flatten_7 = Flatten(3.maxpool.MaxPool_6) axis[1]
5.dense.Gemm_8 = Gemm(4.flatten.Flatten_7, 5.dense.weight, 5.dense.bias)
5.dense.Relu_9 = Relu(5.dense.Gemm_8)
6.dense.Gemm_10 = Gemm(5.dense.Relu_9, 6.dense.weight, 6.dense.bias)
6.dense.Relu_11 = Relu(6.dense.Gemm_10)
7.dense.Gemm_12 = Gemm(6.dense.Relu_11, 7.dense.weight, 7.dense.bias)
y = Identity(7.dense.Gemm_12)
0.conv.weight [6, 1, 5, 5]
0.conv.bias [6]
2.conv.weight [16, 6, 5, 5]
2.conv.bias [16]
5.dense.weight [256, 120]
5.dense.bias [120]
6.dense.weight [120, 84]
6.dense.bias [84]
7.dense.weight [84, 10]
7.dense.bias [10]
"
    );
    assert_eq!(text(&model), expected);
}

/// The parameters of every model, in its constants.
struct Constants;

impl ForEach for Constants {
    fn chain<C: Chain, T: Real>(&mut self, net: C) {
        let params = parameters::<C, T>(net, 1);
        let model = net.to_onnx(&params).unwrap();
        let graph = all(&model, 7)[0];
        let mut found = 0;
        for constant in all(graph, 5) {
            let name = &texts(constant, 8)[0];
            let Some(tensor) = net
                .tensors()
                .into_iter()
                .find(|tensor| tensor.name == *name)
            else {
                continue;
            };
            let data = all(constant, 9)[0];
            let values = data
                .chunks_exact(size_of::<T>())
                .map(|bytes| match bytes.try_into() {
                    Ok(bytes) => f64::from(f32::from_le_bytes(bytes)),
                    Err(_) => f64::from_le_bytes(bytes.try_into().unwrap()),
                });
            let own = params.as_slice()[tensor.range.clone()]
                .iter()
                .map(|param| param.to_f64());
            assert!(values.eq(own), "{net:?} {name}");
            let elements: u64 = numbers(constant, 1).iter().product();
            assert_eq!(elements as usize, tensor.range.len());
            found += tensor.range.len();
        }
        assert_eq!(found, C::PARAM_COUNT, "{net:?}");
        // Every value is computed before it is used, and once.
        let mut known: Vec<String> = all(graph, 5)
            .iter()
            .map(|tensor| texts(tensor, 8)[0].clone())
            .collect();
        known.push("x".to_owned());
        for node in all(graph, 1) {
            assert!(
                texts(node, 1).iter().all(|input| known.contains(input)),
                "{net:?}"
            );
            let output = texts(node, 2).remove(0);
            assert!(!known.contains(&output), "{net:?} {output}");
            known.push(output);
        }
        assert_eq!(known.last().unwrap(), "y");
    }
}

#[test]
fn parameters_of_all_models() {
    for_each(&mut Constants);
}

#[test]
fn what_has_no_operator() {
    simple_chain! {
        struct Layer: 4 => residual(dense(tanh, 4) => layer(Squares<4>)) => dense(id, 2)
    }
    let error = Layer
        .to_onnx(&Layer.init::<f32>(&mut rng(0)))
        .unwrap_err()
        .to_string();
    let expected =
        "layer 0.residual.1.layer (Squares<4>) cannot be exported: ONNX has no operator for it";
    assert!(error.starts_with(expected), "{error}");
}
