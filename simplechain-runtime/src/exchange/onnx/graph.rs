//! The parts of an ONNX model: nodes, constants, and the model around them.
//!
//! The numbers of the fields are those of `onnx.proto`.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::protobuf::Message;
use crate::info::Shape;
use crate::simd::Real;
use crate::storage::elements;

/// The version of the format, and that of the operators: those that onnxruntime has since 1.12 (2022).
const IR_VERSION: i64 = 8;
const OPSET: i64 = 17;

/// The types of elements.
const FLOAT: i64 = 1;
const INT64: i64 = 7;
const DOUBLE: i64 = 11;

/// An attribute of a node.
pub(super) enum Attribute<'a> {
    Int(&'a str, usize),
    Ints(&'a str, &'a [usize]),
    Float(&'a str, f64),
}

impl Attribute<'_> {
    fn message(&self) -> Message {
        const NAME: u64 = 1;
        const TYPE: u64 = 20;
        match *self {
            Self::Float(name, value) => Message::new()
                .bytes(NAME, name)
                .float(2, value as f32)
                .int(TYPE, 1),
            Self::Int(name, value) => Message::new()
                .bytes(NAME, name)
                .int(3, value as i64)
                .int(TYPE, 2),
            Self::Ints(name, values) => {
                let mut message = Message::new().bytes(NAME, name).int(TYPE, 7);
                for value in values {
                    message = message.int(8, *value as i64);
                }
                message
            }
        }
    }
}

/// A graph whose constants have the type `T`. Values have names: of a node, and of the constants that belong to it, they begin with that of
/// its layer.
pub(super) struct Graph {
    message: Message,
    /// The type of its floats.
    float: i64,
    /// Unique suffixes.
    count: usize,
}

impl Graph {
    pub(super) fn new<T: Real>() -> Self {
        const NAME: u64 = 2;
        let float = match size_of::<T>() {
            4 => FLOAT,
            _ => DOUBLE,
        };
        Self {
            message: Message::new().bytes(NAME, "simplechain"),
            float,
            count: 0,
        }
    }

    /// A name in the layer at `path`.
    fn name(&mut self, path: &str, what: &str) -> String {
        self.count += 1;
        format!("{path}{what}_{}", self.count)
    }

    /// Adds a node of the layer at `path`; returns its output.
    pub(super) fn node(
        &mut self,
        path: &str,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute<'_>],
    ) -> String {
        let output = self.name(path, operator);
        self.named_node(&output, operator, inputs, attributes);
        output
    }

    fn named_node(
        &mut self,
        output: &str,
        operator: &str,
        inputs: &[&str],
        attributes: &[Attribute<'_>],
    ) {
        const NODE: u64 = 1;
        let mut node = Message::new();
        for input in inputs {
            node = node.bytes(1, input);
        }
        node = node.bytes(2, output).bytes(3, output).bytes(4, operator);
        for attribute in attributes {
            node = node.message(5, &attribute.message());
        }
        self.message = core::mem::take(&mut self.message).message(NODE, &node);
    }

    fn initializer(&mut self, name: &str, data_type: i64, shape: &[usize], bytes: &[u8]) {
        const INITIALIZER: u64 = 5;
        let mut tensor = Message::new();
        for len in shape {
            tensor = tensor.int(1, *len as i64);
        }
        let tensor = tensor.int(2, data_type).bytes(8, name).bytes(9, bytes);
        self.message = core::mem::take(&mut self.message).message(INITIALIZER, &tensor);
    }

    /// Adds a constant with this name.
    pub(super) fn tensor<T: Real>(&mut self, name: &str, shape: &[usize], values: &[T]) {
        self.initializer(name, self.float, shape, &elements::bytes(values));
    }

    /// Adds a constant of the layer at `path`; returns its name.
    pub(super) fn constant<T: Real>(
        &mut self,
        path: &str,
        shape: &[usize],
        values: &[f64],
    ) -> String {
        let name = self.name(path, "constant");
        let values: Vec<T> = values.iter().map(|value| T::from_f64(*value)).collect();
        self.tensor(&name, shape, &values);
        name
    }

    /// Adds a node that gives every sample the shape `shape`; returns its output.
    pub(super) fn reshape(&mut self, path: &str, x: &str, shape: &[usize]) -> String {
        let name = self.name(path, "shape");
        let lens = shape.iter().map(|len| *len as i64);
        let bytes: Vec<u8> = [-1]
            .into_iter()
            .chain(lens)
            .flat_map(i64::to_le_bytes)
            .collect();
        self.initializer(&name, INT64, &[shape.len() + 1], &bytes);
        self.node(path, "Reshape", &[x, &name], &[])
    }

    /// The file of the model with this graph, whose input is called `x`; its output will be called `y`.
    pub(super) fn into_model(mut self, input: Shape, last: &str, output: Shape) -> Vec<u8> {
        self.named_node("y", "Identity", &[last], &[]);
        let (x, y) = (self.value("x", input), self.value("y", output));
        let graph = self.message.message(11, &x).message(12, &y);
        let opset = Message::new().bytes(1, "").int(2, OPSET);
        Message::new()
            .int(1, IR_VERSION)
            .bytes(2, "simplechain")
            .bytes(3, env!("CARGO_PKG_VERSION"))
            .message(7, &graph)
            .message(8, &opset)
            .into_bytes()
    }

    /// The name, type and shape of an input or output: samples, then what each has.
    fn value(&self, name: &str, shape: Shape) -> Message {
        const DIM: u64 = 1;
        let mut dims = Message::new().message(DIM, &Message::new().bytes(2, "samples"));
        for len in dimensions(shape) {
            dims = dims.message(DIM, &Message::new().int(1, len as i64));
        }
        let tensor = Message::new().int(1, self.float).message(2, &dims);
        let value_type = Message::new().message(1, &tensor);
        Message::new().bytes(1, name).message(2, &value_type)
    }
}

/// The dimensions of a sample: features; or channels, height, width.
pub(super) fn dimensions(shape: Shape) -> Vec<usize> {
    match shape {
        Shape::Flat(len) => vec![len],
        Shape::Image(height, width, channels) => vec![channels, height, width],
    }
}
