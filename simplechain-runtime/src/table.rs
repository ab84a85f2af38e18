//! The table of layers that a chain displays as.

use core::fmt;

use crate::info::{Function, LayerInfo, Shape, width};

/// Writes the table of layers that a chain displays as.
#[doc(hidden)]
pub fn fmt_layers(name: &str, layers: &[LayerInfo], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (mut names, mut functions) = (10, 14);
    for_each_row(layers, 0, &mut |indent, layer| {
        names = names.max(indent + layer.name.len());
        functions = functions.max(width(format_args!("{}", Function(layer))));
        Ok(())
    })?;
    writeln!(f, "{name}")?;
    writeln!(
        f,
        "{:<names$} {:<functions$} {:>10} {:>10} {:>12}",
        "layer", "activation", "input", "output", "parameters"
    )?;
    for_each_row(layers, 0, &mut |indent, layer| {
        let (function, rest) = (Function(layer), names - indent);
        let spaces = functions - width(format_args!("{function}"));
        writeln!(
            f,
            "{:indent$}{:<rest$} {function}{:spaces$} {:>10} {:>10} {:>12}",
            "",
            layer.name,
            "",
            layer.input,
            layer.output,
            layer.param_count()
        )
    })?;
    let total: usize = layers.iter().map(LayerInfo::param_count).sum();
    write!(
        f,
        "{:<names$} {:<functions$} {:>10} {:>10} {total:>12}",
        "total", "", "", ""
    )?;
    match layers.first().map(|first| first.input) {
        Some(input @ Shape::Image(height, width, channels)) if may_be_channels_first(input) => {
            write!(
                f,
                "\nnote: the input is {height} high and {width} wide, of {channels} channels. Are the channels written first? An image is (height, width, channels)"
            )
        }
        _ => Ok(()),
    }
}

/// Calls `f` with every layer and the indent of its row: those within a layer stand behind it, further to the right.
fn for_each_row(
    layers: &[LayerInfo],
    indent: usize,
    f: &mut dyn FnMut(usize, &LayerInfo) -> fmt::Result,
) -> fmt::Result {
    for layer in layers {
        f(indent, layer)?;
        for inner in layer.inner {
            for_each_row(inner, indent + 2, f)?;
        }
    }
    Ok(())
}

/// Whether an image looks as if its channels had been written first: its channels are its longest side, or its height
/// is its shortest. What is 1 high is a sequence.
const fn may_be_channels_first(shape: Shape) -> bool {
    match shape {
        Shape::Flat(_) | Shape::Image(1, ..) => false,
        Shape::Image(height, width, channels) => {
            channels > height && (width > height || channels > width)
        }
    }
}
