//! `dense(activation, width, bias = true|false)`

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

use super::activation;
use super::{At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan};
use crate::ast::{ActivationAst, SizeAst};
use crate::checker::Checker;
use crate::error::{Errors, spell};
use crate::hygiene::quote_mixed;
use crate::ir::{Activation, Definition, Layer, LayerKind, ResolvedLayer};
use crate::parse::arguments::{Arguments, OptionWord, is_number};
use crate::parse::size::size;
use crate::shape::{Shape, Size};

pub(super) const DENSE: Entry = Entry {
    word: "dense",
    aliases: &[
        "linear",
        "affine",
        "fc",
        "fullyconnected",
        "fullyconnectedlayer",
        "innerproduct",
    ],
    options: &[OptionWord::Bias],
    example: "dense(tanh, 32)",
    parse: Parse::Arguments(parse),
};

struct ParsedDense {
    activation: Option<ActivationAst>,
    width: Option<SizeAst>,
    bias: bool,
}

struct Dense {
    activation: Activation,
    bias: bool,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>, arguments: Arguments) -> Box<dyn ParsedLayer> {
    let (activation, width) = match arguments.values {
        Some(values) => activation_and_width(parser.errors, call, values),
        None => (None, None),
    };
    Box::new(ParsedDense {
        activation: activation.and_then(|value| activation::parse_activation(parser, value)),
        width: width.and_then(|value| size(parser.errors, value)),
        bias: arguments.bias,
    })
}

/// The two positional arguments of `dense`, as far as they are given.
fn activation_and_width(
    errors: &mut Errors,
    call: &Call<'_>,
    values: Vec<Expr>,
) -> (Option<Expr>, Option<Expr>) {
    let Call { word, whole, .. } = call;
    let mut values = values.into_iter();
    let taken = match (values.next(), values.next()) {
        (None, _) => {
            let message =
                format!("`{word}` takes 2 arguments, an activation and a width, but here are none");
            errors.report(whole, &message, "write `dense(tanh, 32)`");
            (None, None)
        }
        (Some(width), None) if is_number(&width) => {
            let number = spell(&width);
            let message = format!("`{word}` takes 2 arguments, but the activation is missing");
            let help = format!("write `dense(tanh, {number})`, or `dense(id, {number})` for none");
            errors.report(&width, &message, &help);
            (None, Some(width))
        }
        (Some(activation), None) => {
            let message = format!("`{word}` takes 2 arguments, but the width is missing");
            let help = format!("write `dense({}, 32)`", spell(&activation));
            errors.report(whole, &message, &help);
            (Some(activation), None)
        }
        (Some(width), Some(activation)) if is_number(&width) && !is_number(&activation) => {
            let message = format!("the activation of `{word}` comes before its width");
            let help = format!("write `dense({}, {})`", spell(&activation), spell(&width));
            errors.report(quote!(#width, #activation), &message, &help);
            (Some(activation), Some(width))
        }
        (activation, width) => (activation, width),
    };
    for (extra, number) in values.zip(3..) {
        let message = format!("`{word}` takes 2 arguments, but this is number {number}");
        let help = "remove it, or name it: `bias = true` or `bias = false`";
        errors.report(extra, &message, help);
    }
    taken
}

impl ParsedLayer for ParsedDense {
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
        let width = self.width.as_ref();
        let width = width.and_then(|width| checker.size(width, &at.name("width")));
        *output = width.clone().map(Shape::Flat);
        let (input, width) = (input?, width?);
        if let Shape::Image { .. } = input {
            report_image(checker.errors, at, input);
            return None;
        }
        let activation = self.activation.as_ref();
        let activation = activation.map(|activation| checker.activation(at.index, activation));
        let bias = self.bias;
        Some(Plan {
            weight_count: input.len().times(&width),
            bias_count: if bias { width } else { Size::ZERO },
            width: self.width.to_token_stream(),
            kind: activation
                .map(|activation| LayerKind::Computes(Box::new(Dense { activation, bias }))),
        })
    }
}

fn report_image(errors: &mut Errors, at: &At<'_>, input: &Shape) {
    let message = format!("`dense` needs a flat input, but {} {input}", at.gives());
    let help = match input.len().literal() {
        Some(len) => format!("put `flatten` between them, which gives {len} numbers"),
        None => "put `flatten` between them".to_owned(),
    };
    errors.report(at.word, &message, &help);
}

impl ResolvedLayer for Dense {
    fn definition(&self, layer: &Layer, path: &str) -> Definition {
        let bias = self.bias;
        let (input, output) = (
            layer.input.len().const_argument(),
            layer.output.len().const_argument(),
        );
        let activation = activation::definition(&self.activation, path);
        activation.wrapped(|of, value| {
            (
                quote_mixed!(__lib::Dense<#of, #input, #output, #bias>),
                quote_mixed!(__lib::Dense(#value)),
            )
        })
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let (text, bias, start) = (&self.activation.text, self.bias, &layer.params_start);
        let (input, output) = (layer.input.len(), layer.output.len());
        quote_mixed!(__lib::dense(#text, #input, #output, #bias, #start))
    }

    fn activation(&self) -> Option<&Activation> {
        Some(&self.activation)
    }
}
