//! The entries of a chain's table of layers, as `simple_chain!` writes them.

use core::fmt;
use core::ops::Range;

use simplechain_runtime::chain::{
    Constant, ConstantValue, LayerInfo, Own, Shape, Start, WindowInfo,
};

/// Height, width, channels.
type Image = (usize, usize, usize);

pub const fn window(
    size: (usize, usize),
    stride: (usize, usize),
    padding: (usize, usize),
) -> WindowInfo {
    WindowInfo {
        size,
        stride,
        padding,
    }
}

pub const fn dense(
    activation: &'static str,
    inputs: usize,
    outputs: usize,
    bias: bool,
    params_start: usize,
) -> LayerInfo {
    let (input, output) = (Shape::Flat(inputs), Shape::Flat(outputs));
    LayerInfo {
        weight_count: inputs * outputs,
        bias_count: if bias { outputs } else { 0 },
        ..layer(
            "dense",
            activation,
            input,
            output,
            params_start..params_start,
        )
    }
}

pub const fn conv(
    activation: &'static str,
    input: Image,
    output: Image,
    window: WindowInfo,
    bias: bool,
    params_start: usize,
) -> LayerInfo {
    let (_, _, inputs) = input;
    let (_, _, outputs) = output;
    LayerInfo {
        activation,
        weight_count: window.size.0 * window.size.1 * inputs * outputs,
        bias_count: if bias { outputs } else { 0 },
        ..pool("conv", input, output, window, params_start)
    }
}

pub const fn pool(
    name: &'static str,
    input: Image,
    output: Image,
    window: WindowInfo,
    params_start: usize,
) -> LayerInfo {
    let input = Shape::Image(input.0, input.1, input.2);
    let output = Shape::Image(output.0, output.1, output.2);
    LayerInfo {
        window: Some(window),
        ..layer(name, "id", input, output, params_start..params_start)
    }
}

pub const fn flatten(input: Image, params_start: usize) -> LayerInfo {
    let output = Shape::Flat(input.0 * input.1 * input.2);
    let input = Shape::Image(input.0, input.1, input.2);
    layer("flatten", "id", input, output, params_start..params_start)
}

/// Any layer; its parameters are weights.
pub const fn layer(
    name: &'static str,
    activation: &'static str,
    input: Shape,
    output: Shape,
    params: Range<usize>,
) -> LayerInfo {
    LayerInfo {
        name,
        activation,
        constants: &[],
        own: None,
        input,
        output,
        params_start: params.start,
        weight_count: params.end - params.start,
        bias_count: 0,
        state_count: 0,
        window: None,
        start: Start::Scheme,
        trained: true,
        inner: &[],
    }
}

/// Any layer from a flat shape to a flat shape.
pub const fn flat(
    name: &'static str,
    activation: &'static str,
    inputs: usize,
    outputs: usize,
    params: Range<usize>,
) -> LayerInfo {
    let (input, output) = (Shape::Flat(inputs), Shape::Flat(outputs));
    layer(name, activation, input, output, params)
}

/// A normalization: its parameters are factors, which start as 1, and then, with `bias`, as many biases.
pub const fn norm(layer: LayerInfo, bias: bool) -> LayerInfo {
    let bias_count = if bias { layer.weight_count / 2 } else { 0 };
    LayerInfo {
        weight_count: layer.weight_count - bias_count,
        bias_count,
        start: Start::Ones,
        ..layer
    }
}

/// A normalization with running statistics, which are half of its parameters.
pub const fn batch_norm(layer: LayerInfo) -> LayerInfo {
    let quarter = layer.weight_count / 4;
    LayerInfo {
        weight_count: quarter,
        bias_count: quarter,
        state_count: 2 * quarter,
        start: Start::Ones,
        ..layer
    }
}

/// A layer with constants.
pub const fn with(layer: LayerInfo, constants: &'static [Constant]) -> LayerInfo {
    LayerInfo { constants, ..layer }
}

/// A constant that is a whole number.
pub const fn count(name: &'static str, count: usize) -> Constant {
    Constant {
        name,
        value: ConstantValue::Count(count),
    }
}

/// A constant that is one number for all, or one for each channel or element.
pub const fn numbers(name: &'static str, numbers: &'static [f64]) -> Constant {
    Constant {
        name,
        value: ConstantValue::Numbers(numbers),
    }
}

/// A layer with a value of the user's own type.
pub const fn owned(
    layer: LayerInfo,
    show: fn(&mut fmt::Formatter<'_>) -> fmt::Result,
) -> LayerInfo {
    LayerInfo {
        own: Some(Own(show)),
        ..layer
    }
}

/// A convolution in groups of channels.
pub const fn grouped(conv: LayerInfo, groups: usize) -> LayerInfo {
    LayerInfo {
        weight_count: super::check::per_group(conv.weight_count, groups),
        ..conv
    }
}

/// A layer that is made of chains.
pub const fn nested(
    layer: LayerInfo,
    inner: &'static [&'static [LayerInfo]],
    trained: bool,
) -> LayerInfo {
    LayerInfo {
        inner,
        trained,
        ..layer
    }
}
