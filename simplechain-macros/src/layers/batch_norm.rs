//! `batch_norm`

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{At, Entry, Form, Parse, ParsedLayer, Plan, plain_info};
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::shape::{Shape, Size};

pub(super) const BATCH_NORM: Entry = Entry {
    word: "batch_norm",
    aliases: &["batchnormalization", "bn"],
    options: &[],
    example: "batch_norm",
    parse: Parse::Word(|| Box::new(ParsedBatchNorm)),
};

struct ParsedBatchNorm;

struct BatchNorm {
    channels: Size,
    /// Per channel.
    pixels: Size,
}

impl ParsedLayer for ParsedBatchNorm {
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
        *output = input.cloned();
        let (channels, pixels) = checker.channels(input?, at.index);
        Some(Plan {
            weight_count: Size::Literal(4).times(&channels),
            width: at.word.to_token_stream(),
            ..Plan::of(BatchNorm { channels, pixels })
        })
    }
}

impl ResolvedLayer for BatchNorm {
    fn definition(&self, _: &Layer, _: &str) -> Definition {
        let channels = self.channels.const_argument();
        let pixels = self.pixels.const_argument();
        Definition::of(
            quote_mixed!(__lib::BatchNorm<#channels, #pixels>),
            quote_mixed!(__lib::BatchNorm),
        )
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let info = plain_info("batch_norm", "", layer);
        quote_mixed!(__lib::batch_norm(#info))
    }
}
