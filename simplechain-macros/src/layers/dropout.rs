//! `dropout(rate)`

use proc_macro2::TokenStream;
use syn::Expr;

use super::{At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, number_constant, plain_info};
use crate::ast::is_literal;
use crate::checker::Checker;
use crate::error::{Errors, spell};
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::parse::activation::number;
use crate::parse::arguments::Arguments;
use crate::shape::Shape;

pub(super) const DROPOUT: Entry = Entry {
    word: "dropout",
    aliases: &["alphadropout", "spatialdropout"],
    options: &[],
    example: "dropout(0.2)",
    parse: Parse::Arguments(parse),
};

struct ParsedDropout {
    rate: Option<TokenStream>,
}

struct Dropout {
    rate: TokenStream,
    /// Distinguishes it from the other dropouts of the chain.
    site: u64,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>, arguments: Arguments) -> Box<dyn ParsedLayer> {
    let value = call.value(parser.errors, arguments.values, "1 argument, a rate");
    let rate = value.and_then(|value| rate(parser.errors, &value));
    Box::new(ParsedDropout { rate })
}

/// A rate in `[0, 1)`.
fn rate(errors: &mut Errors, value: &Expr) -> Option<TokenStream> {
    let rate = number(errors, "the rate of `dropout`", value)?;
    let text = rate.to_string().replace(' ', "");
    if let Ok(rate) = text.parse::<f64>()
        && !(0.0..1.0).contains(&rate)
    {
        let message = format!(
            "the rate of `dropout` is from 0 up to 1, but this is {}",
            spell(value)
        );
        errors.report(value, &message, "write the share of numbers to drop, `0.2`");
        return None;
    }
    Some(rate)
}

impl ParsedLayer for ParsedDropout {
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
        input?;
        let rate = self.rate.as_ref()?;
        // A literal was checked when it was parsed.
        let rate = match is_literal(rate) {
            true => rate.clone(),
            false => checker.constant("rate", at.index, rate),
        };
        let site = checker.next_site();
        Some(Plan::of(Dropout { rate, site }))
    }
}

impl ResolvedLayer for Dropout {
    fn definition(&self, layer: &Layer, _: &str) -> Definition {
        let Dropout { rate, site } = self;
        let input = layer.input.len().const_argument();
        Definition::of(
            quote_mixed!(__lib::Dropout<#input>),
            quote_mixed!(__lib::Dropout { rate: #rate, salt: #site }),
        )
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        plain_info("dropout", "", layer)
    }

    fn constants(&self) -> Vec<TokenStream> {
        vec![number_constant("rate", &self.rate)]
    }
}
