//! `normalize(mean, std)` and `scale(factor, offset)`

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;

use super::{
    At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, custom_definition, numbers_constant,
    plain_info,
};
use crate::ast::is_literal;
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{Definition, Layer, NamedKind, Requirement, ResolvedLayer};
use crate::parse::activation::number;
use crate::parse::arguments::Arguments;
use crate::shape::Shape;

pub(super) const NORMALIZE: Entry = Entry {
    word: "normalize",
    aliases: &["normalise"],
    options: &[],
    example: "normalize(MEAN, STD)",
    parse: Parse::Arguments(|parser, call, arguments| {
        parse(parser, call, arguments, Kind::Normalize)
    }),
};

pub(super) const SCALE: Entry = Entry {
    word: "scale",
    aliases: &["rescale"],
    options: &[],
    example: "scale(2.0, 0.5)",
    parse: Parse::Arguments(|parser, call, arguments| parse(parser, call, arguments, Kind::Scale)),
};

#[derive(Clone, Copy)]
enum Kind {
    Normalize,
    Scale,
}

struct ParsedAffine {
    kind: Kind,
    /// Float literals, or paths of `const` scalars or arrays. `None` if one is invalid.
    constants: Option<Vec<TokenStream>>,
}

struct Affine {
    kind: Kind,
    constants: Vec<Constants>,
}

/// A float literal, or the generated item with the values of a path.
enum Constants {
    Number(TokenStream),
    Named(Ident),
}

impl ToTokens for Constants {
    /// As a slice.
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Constants::Number(number) => tokens.extend(quote_mixed!(&[#number])),
            Constants::Named(name) => name.to_tokens(tokens),
        }
    }
}

fn parse(
    parser: &mut Parser<'_>,
    call: &Call<'_>,
    arguments: Arguments,
    kind: Kind,
) -> Box<dyn ParsedLayer> {
    let (least, takes) = match kind {
        Kind::Normalize => (2, "2 arguments, a mean and a standard deviation"),
        Kind::Scale => (1, "1 or 2 arguments, a factor and an offset"),
    };
    let values = call.values(parser.errors, arguments.values, (least, 2), takes);
    let what = format!("a constant of `{}`", call.word);
    let constants = values.and_then(|values| {
        let constants = values.iter();
        constants
            .map(|value| number(parser.errors, &what, value))
            .collect()
    });
    Box::new(ParsedAffine { kind, constants })
}

impl ParsedLayer for ParsedAffine {
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
        let input = input?;
        let (channels, _) = checker.channels(input, at.index);
        let mut constants = Vec::new();
        for (place, given) in self.constants.as_ref()?.iter().enumerate() {
            let divide = place == 1 && matches!(self.kind, Kind::Normalize);
            if is_literal(given) {
                if divide {
                    checker.requirements.push(Requirement::Number {
                        function: "divisor",
                        number: given.clone(),
                    });
                }
                constants.push(Constants::Number(given.clone()));
                continue;
            }
            checker.requirements.push(Requirement::Constants {
                path: given.clone(),
                channels: channels.clone(),
                numbers: input.len(),
                divide,
            });
            let name = format!("constants_{}_{place}", at.index);
            let name = checker.named(&name, NamedKind::Numbers, given.clone());
            constants.push(Constants::Named(name));
        }
        Some(Plan::of(Affine {
            kind: self.kind,
            constants,
        }))
    }
}

impl ResolvedLayer for Affine {
    fn definition(&self, layer: &Layer, _: &str) -> Definition {
        let Affine { kind, constants } = self;
        let input = layer.input.len().const_argument();
        let offset = (constants.len() < 2).then(|| quote_mixed!(&[]));
        let function = match kind {
            Kind::Normalize => quote_mixed!(normalize),
            Kind::Scale => quote_mixed!(scale),
        };
        custom_definition(
            quote_mixed!(__lib::Affine<#input>),
            quote_mixed!(__lib::Affine::#function(#(#constants,)* #offset)),
        )
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let name = match self.kind {
            Kind::Normalize => "normalize",
            Kind::Scale => "scale",
        };
        plain_info(name, "", layer)
    }

    fn constants(&self) -> Vec<TokenStream> {
        let names = match self.kind {
            Kind::Normalize => ["mean", "std"],
            Kind::Scale => ["factor", "offset"],
        };
        let values = self.constants.iter().map(Constants::to_token_stream);
        // The offset of `scale` is optional.
        let values = values.chain([quote_mixed!(&[0.0])]);
        let named = names.iter().zip(values);
        named
            .map(|(name, value)| numbers_constant(name, value))
            .collect()
    }
}
