//! What the shape rules of all layers share: error reporting, checks left to rustc, and sizes.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::LitInt;

use crate::ast::{ActivationAst, SizeAst, is_literal};
use crate::error::{Errors, spell};
use crate::hygiene::{ident, quote_mixed};
use crate::ir::{Activation, ActivationKind, Named, NamedKind, Requirement};
use crate::shape::{LIMIT, Shape, Size};

pub(crate) struct Checker<'a> {
    pub(crate) errors: &'a mut Errors,
    /// Prefix of generated names, non-empty for a chain inside a layer.
    pub(crate) prefix: String,
    /// The number of layers so far that draw random numbers, including those inside layers.
    sites: u64,
    pub(crate) named: Vec<Named>,
    pub(crate) requirements: Vec<Requirement>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(errors: &'a mut Errors) -> Self {
        Checker {
            errors,
            prefix: String::new(),
            sites: 0,
            named: Vec::new(),
            requirements: Vec::new(),
        }
    }
}

impl Checker<'_> {
    /// A size that must be positive. If it is a `const` item, `name` is the name of the generated function.
    pub(crate) fn size(&mut self, ast: &SizeAst, name: &str) -> Option<Size> {
        let size = self.count(ast, name)?;
        match ast {
            SizeAst::Const(path) => self.requirements.push(Requirement::Size {
                path: path.clone(),
                size: size.clone(),
            }),
            SizeAst::Literal(literal) if size.literal() == Some(0) => {
                self.errors.report(
                    literal,
                    "a size is at least 1, but this is 0",
                    "write how many numbers there are",
                );
                return None;
            }
            SizeAst::Literal(_) => {}
        }
        Some(size)
    }

    /// A size that may be 0.
    pub(crate) fn count(&mut self, ast: &SizeAst, name: &str) -> Option<Size> {
        let (literal, value) = match ast {
            SizeAst::Literal(literal) => (literal, value(literal)),
            SizeAst::Const(path) => return Some(self.named_size(name, path.clone())),
        };
        if value > LIMIT {
            let message = format!(
                "the size {} is too large, {LIMIT} is the limit",
                literal.base10_digits()
            );
            self.errors.report(literal, &message, "write a smaller one");
            return None;
        }
        Some(Size::Literal(value))
    }

    /// A size as a literal, or as a generated function if only rustc knows it.
    pub(crate) fn number(&mut self, size: Size, name: &str) -> Size {
        match size {
            Size::Literal(_) | Size::Named(_) => size,
            sum => self.named_size(name, sum.to_token_stream()),
        }
    }

    pub(crate) fn named_size(&mut self, name: &str, value: TokenStream) -> Size {
        Size::Named(self.named(name, NamedKind::Size, value))
    }

    pub(crate) fn named(&mut self, name: &str, kind: NamedKind, value: TokenStream) -> Ident {
        let name = ident(&format!("{}{name}", self.prefix));
        self.named.push(Named {
            name: name.clone(),
            kind,
            value,
        });
        name
    }

    /// A constant of a layer: the literal, or the name of a generated item for a path. `function` of the library's `check`
    /// validates it; the item is named after that function.
    pub(crate) fn constant(
        &mut self,
        function: &'static str,
        index: usize,
        number: &TokenStream,
    ) -> TokenStream {
        self.requirements.push(Requirement::Number {
            function,
            number: number.clone(),
        });
        if is_literal(number) {
            return number.clone();
        }
        let name = format!("{function}_{index}");
        let name = self.named(&name, NamedKind::Number, number.clone());
        name.into_token_stream()
    }

    pub(crate) fn activation(&mut self, index: usize, ast: &ActivationAst) -> Activation {
        match ast {
            ActivationAst::Builtin {
                word,
                activation,
                argument,
            } => {
                let argument = argument.as_ref().zip(activation.argument);
                let argument = argument.map(|(argument, name)| {
                    let number = match is_literal(argument) {
                        true => argument.clone(),
                        false => self.constant(name, index, argument),
                    };
                    (name, number)
                });
                Activation {
                    text: word.to_string(),
                    kind: ActivationKind::Builtin {
                        type_name: ident(activation.type_name),
                        argument,
                    },
                }
            }
            ActivationAst::Custom(value) => Activation {
                text: spell(ast),
                kind: ActivationKind::Custom(value.clone()),
            },
        }
    }

    /// A shape that only rustc knows, taken as an image.
    pub(crate) fn as_image(&mut self, shape: &Ident, name: &str) -> Shape {
        let mut side = |side: &str| self.part_of(shape, name, side);
        Shape::Image {
            height: side("height"),
            width: side("width"),
            channels: side("image_channels"),
        }
    }

    /// A size within a shape that only rustc knows, computed by `function` of the library's `check`.
    fn part_of(&mut self, shape: &Ident, name: &str, function: &str) -> Size {
        let name = format!("{name}{function}");
        let function = ident(function);
        let value = quote_mixed!(__lib::check::#function(#shape()));
        self.named_size(&name, value)
    }

    /// The number of channels, and of pixels per channel. Every element of a flat shape is a channel.
    pub(crate) fn channels(&mut self, shape: &Shape, index: usize) -> (Size, Size) {
        match shape {
            Shape::Flat(len) => (len.clone(), Size::Literal(1)),
            Shape::Image {
                height,
                width,
                channels,
            } => (channels.clone(), height.times(width)),
            Shape::Open { shape, .. } => {
                let name = format!("input_{index}_");
                let mut part = |part: &str| self.part_of(shape, &name, part);
                (part("channels"), part("pixels"))
            }
        }
    }

    /// The id of a layer that draws random numbers.
    pub(crate) fn next_site(&mut self) -> u64 {
        self.sites += 1;
        self.sites
    }
}

/// The value of a literal, or `u64::MAX` if it does not fit.
pub(crate) fn value(literal: &LitInt) -> u64 {
    literal.base10_parse().unwrap_or(u64::MAX)
}
