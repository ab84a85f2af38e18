//! The architecture of a chain as text, to be stored with its parameters.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::error::Error;
use crate::info::{Constant, ConstantValue, LayerInfo, Part, SLOPE, Shape};
use crate::json::{Json, write_text};

/// The description of a chain, as JSON.
pub(crate) fn to_json(fingerprint: u64, layers: &[LayerInfo]) -> String {
    let mut json = String::new();
    let params: usize = layers.iter().map(LayerInfo::param_count).sum();
    write_to(&mut json, format_args!("{{\n"));
    write_to(
        &mut json,
        format_args!("  \"format\": \"simplechain 2\",\n"),
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
        write_function(json, layer);
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

/// The activation, or the user-defined type, and all constants.
fn write_function(json: &mut String, layer: &LayerInfo) {
    if !layer.activation.is_empty() {
        let key = if layer.name == "layer" {
            "type"
        } else {
            "activation"
        };
        write_to(json, format_args!(", \"{key}\": "));
        write_text(json, layer.activation);
    }
    let own = layer.own.map(|own| own.to_string());
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        json.push_str(", \"value\": ");
        write_text(json, &own);
    }
    for Constant { name, value } in layer.constants {
        write_to(json, format_args!(", \"{name}\": "));
        match *value {
            ConstantValue::Count(count) => write_to(json, format_args!("{count}")),
            ConstantValue::Numbers([number]) => write_number(json, *number),
            ConstantValue::Numbers(numbers) => {
                json.push('[');
                for (index, number) in numbers.iter().enumerate() {
                    json.push_str(if index == 0 { "" } else { ", " });
                    write_number(json, *number);
                }
                json.push(']');
            }
        }
    }
}

/// JSON cannot represent non-finite values: they are strings.
fn write_number(json: &mut String, number: f64) {
    if number.is_finite() {
        write_to(json, format_args!("{number:?}"));
    } else {
        write_to(json, format_args!("\"{number}\""));
    }
}

fn write_shape(json: &mut String, name: &str, shape: Shape) {
    match shape {
        Shape::Flat(len) => write_to(json, format_args!(", \"{name}\": [{len}]")),
        Shape::Image(h, w, c) => write_to(json, format_args!(", \"{name}\": [{h}, {w}, {c}]")),
    }
}

/// Whether a text written by [`to_json`], possibly reformatted, describes the chain with these layers.
///
/// The fingerprint decides, except for what it does not cover: values of user-defined types.
pub(crate) fn check(json: &str, expected: u64, layers: &[LayerInfo]) -> Result<(), Error> {
    let text = Json::parse(json).ok_or(Error::NoArchitecture)?;
    let found = fingerprint(&text).ok_or(Error::NoArchitecture)?;
    let theirs = text.get("layers").and_then(Json::list);
    let theirs = theirs.ok_or(Error::NoArchitecture)?;
    let own = Json::parse(&to_json(expected, layers));
    let ours = own.as_ref().and_then(|own| own.get("layers")?.list());
    let ours = ours.expect("what is written can be read");

    let differs = if found == expected {
        |key: &str| key == "value"
    } else {
        |_: &str| true
    };
    match difference(ours, theirs, "layer", differs) {
        None if found == expected => Ok(()),
        difference => Err(Error::Architecture {
            expected,
            found,
            difference: difference.unwrap_or_else(|| {
                "its layers are the same, but another version of this library wrote it".to_owned()
            }),
        }),
    }
}

fn fingerprint(text: &Json) -> Option<u64> {
    let digits = text.get("fingerprint")?.text()?;
    u64::from_str_radix(digits, 16)
        .ok()
        .filter(|_| digits.len() == 16)
}

/// A compared layer, with its position.
type Placed<'a> = (String, &'a Json);

/// The layers that matter for what a chain computes, with nested chains flattened.
fn parts<'a>(layers: &'a [Json], place: &str, parts: &mut Vec<Placed<'a>>) {
    for (index, layer) in layers.iter().enumerate() {
        let place = format!("{place} {index}");
        match Part::of(name(layer)) {
            Part::Nothing => {}
            Part::Chain => {
                for chain in chains(layer) {
                    self::parts(chain, &format!("{place}, its layer"), parts);
                }
            }
            Part::Layer => parts.push((format!("{place} `{}`", name(layer)), layer)),
        }
    }
}

fn name(layer: &Json) -> &str {
    layer.get("name").and_then(Json::text).unwrap_or("?")
}

/// The inner chains of a layer.
fn chains(layer: &Json) -> impl Iterator<Item = &[Json]> {
    let chains = layer.get("chains").and_then(Json::list).unwrap_or(&[]);
    chains.iter().filter_map(Json::list)
}

/// The first layer that differs, and how; only the properties accepted by the filter `of` are compared.
fn difference(ours: &[Json], theirs: &[Json], place: &str, of: fn(&str) -> bool) -> Option<String> {
    let mut lists = (Vec::new(), Vec::new());
    parts(ours, place, &mut lists.0);
    parts(theirs, place, &mut lists.1);
    let (ours, theirs) = lists;
    for ((place, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        let (own, other) = (name(ours), name(theirs));
        if own != other {
            return Some(format!(
                "{place}: the saved chain has `{}` there",
                short(other)
            ));
        }
        // A difference inside a layer is more informative than the sizes that follow from it.
        let mut others = chains(theirs);
        for chain in chains(ours) {
            let place = format!("{place}, its layer");
            let other = others.next().unwrap_or(&[]);
            if let Some(difference) = difference(chain, other, &place, of) {
                return Some(difference);
            }
        }
        if let Some(difference) = difference_of_layers(ours, theirs, of) {
            return Some(format!("{place} {difference}"));
        }
    }
    let count = ours.len().min(theirs.len());
    match (ours.get(count), theirs.get(count)) {
        (Some((place, _)), _) => Some(format!("{place}: the saved chain has no such layer")),
        (_, Some((place, _))) => Some(format!("the saved chain has one more, {}", short(place))),
        _ => None,
    }
}

/// The compared properties of a layer, causes before their consequences.
const PROPERTIES: [&str; 19] = [
    "input",
    "activation",
    "type",
    "value",
    "mean",
    "std",
    "factor",
    "offset",
    "count",
    "period",
    "degree",
    "window",
    "stride",
    "padding",
    "groups",
    "output",
    "weights",
    "bias",
    "state",
];

fn difference_of_layers(ours: &Json, theirs: &Json, of: fn(&str) -> bool) -> Option<String> {
    for key in PROPERTIES.into_iter().filter(|key| of(key)) {
        let (own, other) = (property(ours, key), property(theirs, key));
        // A type may have gained its `Debug` since.
        let unknown = key == "value" && (own == NONE || other == NONE);
        if own == other || unknown {
            continue;
        }
        // Of several values, the first that differs.
        if let (Some(own), Some(other)) = (many(ours, key), many(theirs, key))
            && own.len() == other.len()
        {
            let pairs = own.iter().map(show).zip(other.iter().map(show));
            let mut pairs = pairs.enumerate().filter(|(_, (own, other))| own != other);
            if let Some((index, (own, other))) = pairs.next() {
                let (own, other) = (short(&own), short(&other));
                return Some(format!(
                    "has the {key} {own} at index {index}, the saved chain has {other}"
                ));
            }
        }
        let (own, other) = (short(&own), short(&other));
        return Some(format!(
            "has the {} {own}, the saved chain has {other}",
            noun(key)
        ));
    }
    None
}

/// A property whose list is too long for a message.
fn many<'a>(layer: &'a Json, key: &str) -> Option<&'a [Json]> {
    let list = layer.get(key)?.list()?;
    Some(list).filter(|list| list.len() > 4)
}

/// The label of a property before its value.
fn noun(key: &str) -> &str {
    match key {
        "weights" => "number of weights",
        "bias" => "number of biases",
        "state" => "number of running statistics",
        key => key,
    }
}

/// The text of a missing property.
const NONE: &str = "none";

/// A property as text; equal values have equal texts.
fn property(layer: &Json, key: &str) -> String {
    let Some(value) = layer.get(key) else {
        return NONE.to_owned();
    };
    match (key, value) {
        ("activation", activation) => match layer.get(SLOPE) {
            Some(slope) => format!("{}({})", show(activation), show(slope)),
            None => show(activation),
        },
        // The position of parameters depends on the layers before: only their count is compared.
        ("weights" | "bias" | "state", Json::List(range)) => match range[..] {
            [Json::Number(start), Json::Number(end)] => (end - start).to_string(),
            _ => show(value),
        },
        _ => show(value),
    }
}

/// A value in a message.
fn show(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.to_string(),
        Json::Text(text) => text.clone(),
        Json::List(list) => {
            let shown: Vec<String> = list.iter().map(show).collect();
            format!("[{}]", shown.join(", "))
        }
        Json::Object(_) => "{..}".to_owned(),
    }
}

/// Shortens external text, which may be of any length.
fn short(text: &str) -> &str {
    match text.char_indices().nth(60) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}
