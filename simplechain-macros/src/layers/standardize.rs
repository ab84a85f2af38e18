//! `standardize` and `unstandardize`

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::{
    At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, custom_definition, plain_info,
};
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::shape::{Shape, Size};

pub(super) const STANDARDIZE: Entry = Entry {
    word: "standardize",
    aliases: &["standardise", "normalization", "standardscaler"],
    options: &[],
    example: "standardize",
    parse: Parse::Tokens(|parser, call| parse(parser, call, Direction::Forward)),
};

pub(super) const UNSTANDARDIZE: Entry = Entry {
    word: "unstandardize",
    aliases: &[
        "unstandardise",
        "denormalize",
        "denormalise",
        "destandardize",
    ],
    options: &[],
    example: "unstandardize",
    parse: Parse::Tokens(|parser, call| parse(parser, call, Direction::Inverse)),
};

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Inverse,
}

struct ParsedStandardize(Direction);

struct Standardize {
    direction: Direction,
    channels: Size,
    /// Per channel.
    pixels: Size,
}

/// There are no arguments; but who writes some wants the layer that has constants.
fn parse(parser: &mut Parser<'_>, call: &Call<'_>, direction: Direction) -> Box<dyn ParsedLayer> {
    if let Some(group) = call.group
        && !group.stream().is_empty()
    {
        let (source, constant) = match direction {
            Direction::Forward => ("inputs (`adapt`)", "normalize(MEAN, STD)"),
            Direction::Inverse => ("targets (`adapt_outputs`)", "scale(STD, MEAN)"),
        };
        let message = format!("`{}` takes no arguments", call.word);
        let help = format!(
            "write `{}`, which is filled from the training {source}; constants are for `{constant}`",
            call.entry.word
        );
        parser.errors.report(group.stream(), &message, &help);
    }
    Box::new(ParsedStandardize(direction))
}

impl ParsedLayer for ParsedStandardize {
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
            weight_count: Size::Literal(2).times(&channels),
            width: at.word.to_token_stream(),
            ..Plan::of(Standardize {
                direction: self.0,
                channels,
                pixels,
            })
        })
    }
}

impl ResolvedLayer for Standardize {
    fn definition(&self, _: &Layer, _: &str) -> Definition {
        let channels = self.channels.const_argument();
        let pixels = self.pixels.const_argument();
        let name = match self.direction {
            Direction::Forward => quote_mixed!(__lib::Standardize),
            Direction::Inverse => quote_mixed!(__lib::Unstandardize),
        };
        custom_definition(quote_mixed!(#name<#channels, #pixels>), name)
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let (name, of_targets) = match self.direction {
            Direction::Forward => ("standardize", false),
            Direction::Inverse => ("unstandardize", true),
        };
        let info = plain_info(name, "", layer);
        quote_mixed!(__lib::standardize(#info, #of_targets))
    }

    fn is_trained(&self) -> bool {
        false
    }
}
