//! `chebyshev(degree)`

use proc_macro2::TokenStream;

use super::fourier::input_and_count;
use super::{
    At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, count_constant, custom_definition,
    plain_info,
};
use crate::ast::SizeAst;
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, ResolvedLayer};
use crate::parse::arguments::Arguments;
use crate::parse::size::size;
use crate::shape::{Shape, Size};

pub(super) const CHEBYSHEV: Entry = Entry {
    word: "chebyshev",
    aliases: &[],
    options: &[],
    example: "chebyshev(5)",
    parse: Parse::Arguments(parse),
};

struct ParsedChebyshev {
    degree: Option<SizeAst>,
}

struct Chebyshev {
    degree: Size,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>, arguments: Arguments) -> Box<dyn ParsedLayer> {
    let value = call.value(parser.errors, arguments.values, "1 argument, a degree");
    Box::new(ParsedChebyshev {
        degree: value.and_then(|value| size(parser.errors, value)),
    })
}

impl ParsedLayer for ParsedChebyshev {
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
        let (len, degree) = input_and_count(checker, at, input, self.degree.as_ref())?;
        let features = checker.number(len.times(&degree), &at.name("features"));
        *output = Some(Shape::Flat(features));
        Some(Plan::of(Chebyshev { degree }))
    }
}

impl ResolvedLayer for Chebyshev {
    fn definition(&self, layer: &Layer, _: &str) -> Definition {
        let degree = self.degree.const_argument();
        let input = layer.input.len().const_argument();
        custom_definition(
            quote_mixed!(__lib::Chebyshev<#input, #degree>),
            quote_mixed!(__lib::Chebyshev),
        )
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        plain_info("chebyshev", "", layer)
    }

    fn constants(&self) -> Vec<TokenStream> {
        vec![count_constant("degree", &self.degree)]
    }
}
