//! `layer(Type)`, a user-defined layer: its sizes are associated constants of the type.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{
    At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, custom_definition, plain_info, shown,
};
use crate::checker::Checker;
use crate::error::spell;
use crate::hygiene::{at_path, ident, quote_mixed};
use crate::ir::{Definition, Layer, Requirement, ResolvedLayer};
use crate::shape::Shape;

pub(super) const LAYER: Entry = Entry {
    word: "layer",
    aliases: &["custom"],
    options: &[],
    example: "layer(MyLayer)",
    parse: Parse::Tokens(parse),
};

struct ParsedCustom(Option<TokenStream>);

struct Custom(TokenStream);

fn parse(parser: &mut Parser<'_>, call: &Call<'_>) -> Box<dyn ParsedLayer> {
    Box::new(ParsedCustom(call.own_type(parser.errors)))
}

impl ParsedLayer for ParsedCustom {
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
            quote_mixed!(<#own as __lib::CustomLayer>::#name)
        };
        let len = checker.named_size(&at.name("output"), constant("OUTPUT_LEN"));
        *output = Some(Shape::Flat(len));
        let input = input?;
        checker.requirements.push(Requirement::Equal {
            function: "custom_layer",
            place: own.clone(),
            takes: constant("INPUT_LEN"),
            gets: input.len(),
        });
        let weight_count = checker.named_size(&at.name("weights"), constant("PARAM_COUNT"));
        Some(Plan {
            weight_count,
            width: own.clone(),
            ..Plan::of(Custom(own.clone()))
        })
    }
}

impl ResolvedLayer for Custom {
    fn definition(&self, _: &Layer, path: &str) -> Definition {
        let (own, function) = (&self.0, at_path("own", path));
        // If the type is not a layer, rustc reports that at the return type, so its span is that of the type.
        let lib = quote_mixed!(__lib);
        let any_layer = quote_spanned!(own.span()=> impl #lib::CustomLayer);
        let value = quote_mixed!(<#own as ::core::default::Default>::default());
        let shown = shown(path, &value);
        Definition {
            items: quote_mixed! {
                #[inline(always)]
                fn #function() -> #any_layer {
                    #value
                }
                #shown
            },
            ..custom_definition(
                quote_mixed!(impl __lib::CustomLayer),
                quote_mixed!(#function()),
            )
        }
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        plain_info("layer", &spell_type(&self.0), layer)
    }

    fn has_own_value(&self) -> bool {
        true
    }
}

/// A type as it is usually written: `Squares<9>`.
fn spell_type(own: &TokenStream) -> String {
    spell(own)
        .replace(" < ", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
}
