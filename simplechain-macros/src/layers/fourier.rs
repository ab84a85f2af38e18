//! `fourier(count, period = ..)`, and what it shares with `chebyshev`: several features for each input.

use proc_macro2::TokenStream;

use super::{
    At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, count_constant, custom_definition,
    number_constant, plain_info,
};
use crate::ast::SizeAst;
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::parse::arguments::{Arguments, OptionWord};
use crate::parse::size::size;
use crate::shape::{Shape, Size};

pub(super) const FOURIER: Entry = Entry {
    word: "fourier",
    aliases: &[],
    options: &[OptionWord::Period],
    example: "fourier(4, period = 2.0)",
    parse: Parse::Arguments(parse),
};

struct ParsedFourier {
    count: Option<SizeAst>,
    /// 2 pi if absent.
    period: Option<TokenStream>,
}

struct Fourier {
    count: Size,
    period: TokenStream,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>, arguments: Arguments) -> Box<dyn ParsedLayer> {
    let takes = "1 argument, a number of frequencies";
    let value = call.value(parser.errors, arguments.values, takes);
    Box::new(ParsedFourier {
        count: value.and_then(|value| size(parser.errors, value)),
        period: arguments.period,
    })
}

impl ParsedLayer for ParsedFourier {
    fn needs(&self) -> Form {
        Form::Flat
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let (len, count) = input_and_count(checker, at, input, self.count.as_ref())?;
        let period = match &self.period {
            Some(period) => checker.constant("period", at.index, period),
            None => quote_mixed!(::core::f64::consts::TAU),
        };
        let features = Size::Literal(2).times(&len).times(&count);
        let features = checker.number(features, &at.name("features"));
        *output = Some(Shape::Flat(features));
        Some(Plan::of(Fourier { count, period }))
    }
}

/// The length of a flat input, and the `count` of features (or pairs of them) for each of its elements.
pub(super) fn input_and_count(
    checker: &mut Checker<'_>,
    at: &At<'_>,
    input: Option<&Shape>,
    count: Option<&SizeAst>,
) -> Option<(Size, Size)> {
    let count = checker.size(count?, &at.name("count"))?;
    let input = input?;
    if let Shape::Image { .. } = input {
        let message = format!(
            "`{}` needs a flat input, but {} {input}",
            at.word,
            at.gives()
        );
        let help = "put `flatten` between them";
        checker.errors.report(at.word, &message, help);
        return None;
    }
    Some((input.len(), count))
}

impl ResolvedLayer for Fourier {
    fn definition(&self, layer: &Layer, _: &str) -> Definition {
        let (count, period) = (self.count.const_argument(), &self.period);
        let input = layer.input.len().const_argument();
        custom_definition(
            quote_mixed!(__lib::Fourier<#input, #count>),
            quote_mixed!(__lib::Fourier { period: #period }),
        )
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        plain_info("fourier", "", layer)
    }

    fn constants(&self) -> Vec<TokenStream> {
        vec![
            count_constant("count", &self.count),
            number_constant("period", &self.period),
        ]
    }
}
