//! `layer_norm`

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{At, Entry, Form, Parse, ParsedLayer, Plan, custom_definition, plain_info};
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::shape::Shape;

pub(super) const LAYER_NORM: Entry = Entry {
    word: "layer_norm",
    aliases: &["layernormalization", "ln"],
    options: &[],
    example: "layer_norm",
    parse: Parse::Word(|| Box::new(ParsedLayerNorm)),
};

struct ParsedLayerNorm;

struct LayerNorm;

impl ParsedLayer for ParsedLayerNorm {
    fn needs(&self) -> Form {
        Form::Any
    }

    fn resolve(
        &self,
        _: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        *output = input.cloned();
        let len = input?.len();
        Some(Plan {
            weight_count: len.clone(),
            bias_count: len,
            width: at.word.to_token_stream(),
            ..Plan::of(LayerNorm)
        })
    }
}

impl ResolvedLayer for LayerNorm {
    fn definition(&self, layer: &Layer, _: &str) -> Definition {
        let input = layer.input.len().const_argument();
        custom_definition(
            quote_mixed!(__lib::LayerNorm<#input>),
            quote_mixed!(__lib::LayerNorm),
        )
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let info = plain_info("layer_norm", "", layer);
        quote_mixed!(__lib::norm(#info, true))
    }
}
