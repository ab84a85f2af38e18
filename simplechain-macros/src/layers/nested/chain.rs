//! `chain(Type)`, a chain declared elsewhere: its sizes and its output shape are associated constants of the type.

use proc_macro2::TokenStream;

use crate::checker::Checker;
use crate::hygiene::{ident, quote_mixed};
use crate::ir::{LayerKind, NamedKind, Nested, Requirement};
use crate::layers::{At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan};
use crate::shape::Shape;

pub(in super::super) const CHAIN: Entry = Entry {
    word: "chain",
    aliases: &[],
    options: &[],
    example: "chain(Encoder)",
    parse: Parse::Tokens(parse),
};

struct ParsedChain(Option<TokenStream>);

fn parse(parser: &mut Parser<'_>, call: &Call<'_>) -> Box<dyn ParsedLayer> {
    Box::new(ParsedChain(call.own_type(parser.errors)))
}

impl ParsedLayer for ParsedChain {
    fn needs(&self) -> Form {
        Form::Any
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let own = self.0.as_ref()?;
        let constant = |name: &str| {
            let name = ident(name);
            quote_mixed!(<#own as __lib::Network>::#name)
        };
        let mut number =
            |name: &str, value: &str| checker.named_size(&at.name(name), constant(value));
        let output_len = number("output", "OUTPUT_LEN");
        let weight_count = number("weights", "PARAM_COUNT");
        let (layers, len) = (constant("LAYERS"), constant("OUTPUT_LEN"));
        let shape = quote_mixed!(__lib::check::output_shape(#layers, #len));
        *output = Some(Shape::Open {
            shape: checker.named(&at.name("shape"), NamedKind::Shape, shape),
            len: output_len,
        });
        checker.requirements.push(Requirement::Equal {
            function: "inner_chain",
            place: own.clone(),
            takes: constant("INPUT_LEN"),
            gets: input?.len(),
        });
        let site = checker.next_site();
        Some(Plan {
            weight_count,
            width: own.clone(),
            kind: Some(LayerKind::Nested(Nested::Declared {
                own: own.clone(),
                site,
            })),
            ..Plan::default()
        })
    }
}
