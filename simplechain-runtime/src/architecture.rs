//! The architecture of a chain as a text, to be stored beside its parameters.

use core::fmt::Write;

use crate::chain::{LayerInfo, Shape};
use crate::error::Error;

/// What a chain says of itself, as JSON.
pub(crate) fn to_json(fingerprint: u64, layers: &[LayerInfo]) -> String {
    let mut json = String::new();
    let params: usize = layers.iter().map(LayerInfo::param_count).sum();
    write_to(&mut json, format_args!("{{\n"));
    write_to(
        &mut json,
        format_args!("  \"format\": \"simplechain 1\",\n"),
    );
    write_to(
        &mut json,
        format_args!("  \"fingerprint\": \"{fingerprint:016x}\",\n"),
    );
    write_to(&mut json, format_args!("  \"params\": {params},\n"));
    write_to(&mut json, format_args!("  \"layers\": "));
    write_layers(&mut json, layers, 0, 1);
    json.push_str("\n}\n");
    json
}

fn write_to(json: &mut String, text: core::fmt::Arguments<'_>) {
    json.write_fmt(text).expect("a string takes all");
}

fn write_layers(json: &mut String, layers: &[LayerInfo], start: usize, depth: usize) {
    let indent = "  ".repeat(depth);
    json.push('[');
    for (index, layer) in layers.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        write_to(json, format_args!("{comma}\n{indent}  {{\"name\": "));
        write_text(json, layer.name);
        json.push_str(", \"activation\": ");
        write_text(json, layer.activation);
        write_shape(json, "input", layer.input);
        write_shape(json, "output", layer.output);
        let first = start + layer.params_start;
        let biases = first + layer.weight_count;
        let end = biases + layer.bias_count;
        write_to(
            json,
            format_args!(", \"weights\": [{first}, {biases}], \"bias\": [{biases}, {end}]"),
        );
        if layer.state_count > 0 {
            let state_end = end + layer.state_count;
            write_to(json, format_args!(", \"state\": [{end}, {state_end}]"));
        }
        if let Some(window) = layer.window {
            let ((a, b), (c, d), (e, f)) = (window.size, window.stride, window.padding);
            write_to(
                json,
                format_args!(
                    ", \"window\": [{a}, {b}], \"stride\": [{c}, {d}], \"padding\": [{e}, {f}]"
                ),
            );
        }
        if !layer.trained {
            json.push_str(", \"trained\": false");
        }
        if !layer.inner.is_empty() {
            json.push_str(", \"chains\": [");
            let mut start = first;
            for (index, inner) in layer.inner.iter().enumerate() {
                json.push_str(if index == 0 { "" } else { ", " });
                write_layers(json, inner, start, depth + 1);
                start += inner.iter().map(LayerInfo::param_count).sum::<usize>();
            }
            json.push(']');
        }
        json.push('}');
    }
    write_to(json, format_args!("\n{indent}]"));
}

fn write_shape(json: &mut String, name: &str, shape: Shape) {
    match shape {
        Shape::Flat(len) => write_to(json, format_args!(", \"{name}\": [{len}]")),
        Shape::Image(h, w, c) => write_to(json, format_args!(", \"{name}\": [{h}, {w}, {c}]")),
    }
}

fn write_text(json: &mut String, text: &str) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => write_to(json, format_args!("\\u{:04x}", c as u32)),
            c => json.push(c),
        }
    }
    json.push('"');
}

/// Whether a text that [`to_json`] gave, or a program that formatted it anew, is of the chain with this fingerprint.
pub(crate) fn check(json: &str, expected: u64) -> Result<(), Error> {
    let found = fingerprint(json).ok_or(Error::NoArchitecture)?;
    if found == expected {
        Ok(())
    } else {
        Err(Error::Architecture { expected, found })
    }
}

fn fingerprint(json: &str) -> Option<u64> {
    let behind = json.split_once("\"fingerprint\"")?.1;
    let value = behind.trim_start().strip_prefix(':')?.trim_start();
    let digits = value.strip_prefix('"')?.split('"').next()?;
    u64::from_str_radix(digits, 16)
        .ok()
        .filter(|_| digits.len() == 16)
}
