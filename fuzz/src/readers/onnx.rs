//! The ONNX writer: for any parameters, a message whose fields fill it and whose tensors have the lengths of their shapes.

use simplechain::prelude::*;
use simplechain_test_exchange::{Channels, Features, Nested, Pictures, Sequence, Tables};

use crate::chains::{Plain, Windows};

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    chain::<_, f32>(Plain, data);
    chain::<_, f64>(Windows, data);
    chain::<_, f64>(Features, data);
    chain::<_, f32>(Nested, data);
    chain::<_, f64>(Tables, data);
    chain::<_, f32>(Pictures, data);
    chain::<_, f64>(Sequence, data);
    chain::<_, f32>(Channels, data);
}

fn chain<C: Chain, T: Real>(chain: C, data: &[u8]) {
    let mut params = C::Params::<T>::boxed(T::ZERO);
    // The bits of `f32`, so that all its values occur.
    for (param, bytes) in params.as_mut_slice().iter_mut().zip(data.chunks(4)) {
        let mut word = [0; 4];
        word[..bytes.len()].copy_from_slice(bytes);
        *param = T::from_f64(f32::from_le_bytes(word).into());
    }
    let model = chain.to_onnx::<T>(&params).expect("layers that ONNX has");
    let mut graphs = 0;
    for (field, value) in fields(&model) {
        // ModelProto.graph
        if let (7, Value::Bytes(graph)) = (field, value) {
            graphs += 1;
            for (field, value) in fields(graph) {
                // GraphProto.initializer
                if let (5, Value::Bytes(tensor)) = (field, value) {
                    check_tensor(tensor);
                }
            }
        }
    }
    assert_eq!(graphs, 1);
}

/// A TensorProto with `dims` (1), `data_type` (2) and `raw_data` (9).
fn check_tensor(tensor: &[u8]) {
    let (mut count, mut size, mut len) = (1, 0, None);
    for (field, value) in fields(tensor) {
        match (field, value) {
            (1, Value::Number(dim)) => count *= dim as usize,
            (1, Value::Bytes(packed)) => {
                let mut rest = packed;
                while !rest.is_empty() {
                    count *= number(&mut rest) as usize;
                }
            }
            (2, Value::Number(kind)) => size = if [7, 11].contains(&kind) { 8 } else { 4 },
            (9, Value::Bytes(data)) => len = Some(data.len()),
            _ => {}
        }
    }
    if let Some(len) = len {
        assert_eq!(len, count * size, "a tensor is as long as its shape");
    }
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message of protocol buffers.
fn fields(mut message: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = number(&mut message);
        let value = match key & 7 {
            0 => Value::Number(number(&mut message)),
            2 => {
                let len = number(&mut message) as usize;
                Value::Bytes(message.split_off(..len).expect("a whole field"))
            }
            5 => Value::Bytes(message.split_off(..4).expect("a whole field")),
            kind => panic!("a field of kind {kind}"),
        };
        fields.push((key >> 3, value));
    }
    fields
}

/// A number in groups of 7 bits.
fn number(message: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *message.split_off_first().expect("a whole number");
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return number;
        }
    }
    panic!("a number of more than 64 bits");
}
