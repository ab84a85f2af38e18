//! `residual(layer => ..)`: the sum of the input and the output of the layers.

use proc_macro2::Ident;
use quote::ToTokens;

use super::{parse_one, plan};
use crate::checker::Checker;
use crate::ir::{Nested, Requirement};
use crate::layers::{At, Call, ChainAst, Entry, Form, Parse, ParsedLayer, Parser, Plan};
use crate::shape::Shape;

pub(in super::super) const RESIDUAL: Entry = Entry {
    word: "residual",
    aliases: &["skip", "skipconnection", "shortcut"],
    options: &[],
    example: "residual(dense(tanh, 8) => dense(id, 4))",
    parse: Parse::Tokens(parse),
};

struct ParsedResidual {
    /// `None` if that is reported.
    chain: Option<ChainAst>,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>) -> Box<dyn ParsedLayer> {
    let chain = parse_one(parser, call);
    Box::new(ParsedResidual { chain })
}

impl ParsedLayer for ParsedResidual {
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
        let input = input?;
        let chain = self.chain.as_ref()?;
        let inner = checker.branch(at.index, 0, input, chain)?;
        let last = chain.layers.last().map(|last| &last.word);
        check_sum(checker, at, last, input, &inner.output);
        *output = Some(input.clone());
        let param_count = inner.param_count.clone();
        Some(plan(at, param_count, Nested::Residual(Box::new(inner))))
    }
}

/// Input and output of the layers must have the same shape.
fn check_sum(
    checker: &mut Checker<'_>,
    at: &At<'_>,
    last: Option<&Ident>,
    input: &Shape,
    output: &Shape,
) {
    let word = at.word;
    match (input.len().literal(), output.len().literal()) {
        (Some(_), Some(_)) => {
            if input.to_string() != output.to_string() {
                let message = format!(
                    "`{word}` adds what its layers give to their input, but {} {input}, and they give {output}",
                    at.gives()
                );
                let help = format!("make the last layer give {input}");
                checker.errors.report(last.unwrap_or(word), &message, &help);
            }
        }
        _ => checker.requirements.push(Requirement::Equal {
            function: "residual",
            place: word.to_token_stream(),
            takes: input.len().to_token_stream(),
            gets: output.len(),
        }),
    }
}
