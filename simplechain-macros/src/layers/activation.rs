//! `activation(tanh)`, and what all layers with an activation share.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::Expr;
use syn::spanned::Spanned;

use super::{
    At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, number_constant, plain_info, shown,
};
use crate::ast::ActivationAst;
use crate::checker::Checker;
use crate::hygiene::{at_path, quote_mixed};
use crate::ir::{Activation, ActivationKind, Definition, Layer, ResolvedLayer};
use crate::parse::activation::activation;
use crate::parse::arguments::Arguments;
use crate::shape::Shape;

pub(super) const ACTIVATION: Entry = Entry {
    word: "activation",
    aliases: &[],
    options: &[],
    example: "activation(tanh)",
    parse: Parse::Arguments(parse),
};

struct ParsedActivate(Option<ActivationAst>);

struct Activate(Activation);

fn parse(parser: &mut Parser<'_>, call: &Call<'_>, arguments: Arguments) -> Box<dyn ParsedLayer> {
    let takes = "1 argument, an activation";
    let value = call.value(parser.errors, arguments.values, takes);
    let activation = value.and_then(|value| parse_activation(parser, value));
    Box::new(ParsedActivate(activation))
}

/// The layer for an activation that was written in place of a layer, once that is reported: `tanh` is taken as
/// `activation(tanh)`.
pub(crate) fn unknown() -> Box<dyn ParsedLayer> {
    Box::new(ParsedActivate(None))
}

/// An activation as the argument of a layer.
pub(super) fn parse_activation(parser: &mut Parser<'_>, value: Expr) -> Option<ActivationAst> {
    activation(parser.errors, parser.words, value)
}

impl ParsedLayer for ParsedActivate {
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
        let activation = checker.activation(at.index, self.0.as_ref()?);
        Some(Plan::of(Activate(activation)))
    }
}

impl ResolvedLayer for Activate {
    fn definition(&self, layer: &Layer, path: &str) -> Definition {
        let output = layer.output.len().const_argument();
        definition(&self.0, path).wrapped(|of, value| {
            (
                quote_mixed!(__lib::Activate<#of, #output>),
                quote_mixed!(__lib::Activate(#value)),
            )
        })
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        plain_info("activation", &self.0.text, layer)
    }

    fn activation(&self) -> Option<&Activation> {
        Some(&self.0)
    }
}

/// The constant of an activation, if it has one.
pub(super) fn constant(activation: &Activation) -> Option<TokenStream> {
    match &activation.kind {
        ActivationKind::Builtin { argument, .. } => {
            let (name, value) = argument.as_ref()?;
            Some(number_constant(name, value))
        }
        ActivationKind::Custom(_) => None,
    }
}

/// The type and the value of an activation. One of a user-defined type is returned by a separate function.
pub(super) fn definition(activation: &Activation, path: &str) -> Definition {
    match &activation.kind {
        ActivationKind::Builtin {
            type_name,
            argument,
        } => {
            let argument = argument.as_ref();
            let argument = argument.map(|(_, argument)| quote_mixed!((#argument)));
            Definition::of(
                quote_mixed!(__lib::#type_name),
                quote_mixed!(__lib::#type_name #argument),
            )
        }
        ActivationKind::Custom(value) => {
            let function = at_path("activation", path);
            // If the value is not an activation, rustc reports that at the return type, so its span is that of the value.
            let lib = quote_mixed!(__lib);
            let any_activation = quote_spanned!(value.span()=> impl #lib::Activation);
            let shown = shown(path, value);
            Definition {
                items: quote_mixed! {
                    #[inline(always)]
                    fn #function() -> #any_activation {
                        #value
                    }
                    #shown
                },
                layer_type: quote_mixed!(impl __lib::Activation),
                value: quote_mixed!(#function()),
            }
        }
    }
}
