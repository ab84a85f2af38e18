//! `flatten`

use proc_macro2::TokenStream;

use super::window::image_info;
use super::{At, Entry, Form, Parse, ParsedLayer, Plan};
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Layer, LayerKind};
use crate::shape::Shape;

pub(super) const FLATTEN: Entry = Entry {
    word: "flatten",
    aliases: &["flattenlayer", "view"],
    options: &[],
    example: "flatten",
    parse: Parse::Word(|| Box::new(ParsedFlatten)),
};

struct ParsedFlatten;

impl ParsedLayer for ParsedFlatten {
    fn needs(&self) -> Form {
        Form::Image
    }

    fn computes(&self) -> bool {
        false
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let input = input?;
        let len = checker.number(input.len(), &at.name("flattened"));
        *output = Some(Shape::Flat(len));
        if let Shape::Flat(len) = input {
            let message = format!(
                "`{}` needs an image, but {} {len}, which is flat already",
                at.word,
                at.gives()
            );
            checker.errors.report(at.word, &message, "remove it");
            return None;
        }
        Some(Plan {
            kind: Some(LayerKind::Flatten),
            ..Plan::default()
        })
    }
}

/// The entry in the generated table of layers.
pub(super) fn info(layer: &Layer) -> TokenStream {
    let (input, start) = (image_info(&layer.input), &layer.params_start);
    quote_mixed!(__lib::flatten(#input, #start))
}
