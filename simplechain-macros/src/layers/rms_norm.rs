//! `rms_norm`

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{At, Entry, Form, Parse, ParsedLayer, Plan, custom_definition, plain_info};
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::shape::Shape;

pub(super) const RMS_NORM: Entry = Entry {
    word: "rms_norm",
    aliases: &["rmsnormalization", "rms"],
    options: &[],
    example: "rms_norm",
    parse: Parse::Word(|| Box::new(ParsedRmsNorm)),
};

struct ParsedRmsNorm;

struct RmsNorm;

impl ParsedLayer for ParsedRmsNorm {
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
        Some(Plan {
            weight_count: input?.len(),
            width: at.word.to_token_stream(),
            ..Plan::of(RmsNorm)
        })
    }
}

impl ResolvedLayer for RmsNorm {
    fn definition(&self, layer: &Layer, _: &str) -> Definition {
        let input = layer.input.len().const_argument();
        custom_definition(
            quote_mixed!(__lib::RmsNorm<#input>),
            quote_mixed!(__lib::RmsNorm),
        )
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let info = plain_info("rms_norm", "", layer);
        quote_mixed!(__lib::norm(#info, false))
    }
}
