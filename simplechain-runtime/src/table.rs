//! The table of layers that a chain displays as.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::info::{LayerInfo, Shape};

/// Writes the table of layers that a chain displays as.
#[doc(hidden)]
pub fn fmt_layers(name: &str, layers: &[LayerInfo], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut rows = Vec::new();
    add_rows(layers, 0, &mut rows);
    let names = rows
        .iter()
        .map(|(name, ..)| name.len())
        .fold(10, usize::max);
    let functions = rows.iter().map(|(_, function, _)| function.len());
    let functions = functions.fold(14, usize::max);
    writeln!(f, "{name}")?;
    writeln!(
        f,
        "{:<names$} {:<functions$} {:>10} {:>10} {:>12}",
        "layer", "activation", "input", "output", "parameters"
    )?;
    for (name, function, layer) in &rows {
        writeln!(
            f,
            "{name:<names$} {function:<functions$} {:>10} {:>10} {:>12}",
            layer.input,
            layer.output,
            layer.param_count()
        )?;
    }
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

/// A row for every layer; those within a layer stand behind it, further to the right.
fn add_rows<'a>(
    layers: &'a [LayerInfo],
    depth: usize,
    rows: &mut Vec<(String, String, &'a LayerInfo)>,
) {
    for layer in layers {
        let name = format!("{:1$}{2}", "", 2 * depth, layer.name);
        rows.push((name, layer.function(), layer));
        for inner in layer.inner {
            add_rows(inner, depth + 1, rows);
        }
    }
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
