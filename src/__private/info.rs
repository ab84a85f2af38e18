//! The entries of a chain's table of layers, as `simple_chain!` writes them.

use simplechain_runtime::chain::{LayerInfo, Shape, WindowInfo};

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
    LayerInfo {
        name: "dense",
        activation,
        input: Shape::Flat(inputs),
        output: Shape::Flat(outputs),
        params_start,
        weight_count: inputs * outputs,
        bias_count: if bias { outputs } else { 0 },
        window: None,
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
    LayerInfo {
        name,
        activation: "id",
        input: Shape::Image(input.0, input.1, input.2),
        output: Shape::Image(output.0, output.1, output.2),
        params_start,
        weight_count: 0,
        bias_count: 0,
        window: Some(window),
    }
}

pub const fn flatten(input: Image, params_start: usize) -> LayerInfo {
    LayerInfo {
        name: "flatten",
        activation: "id",
        input: Shape::Image(input.0, input.1, input.2),
        output: Shape::Flat(input.0 * input.1 * input.2),
        params_start,
        weight_count: 0,
        bias_count: 0,
        window: None,
    }
}
