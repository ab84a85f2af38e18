//! Syntax tree to resolved chain: every rule about sizes, shapes and layers, and none anywhere else.
//!
//! A rule about numbers that only rustc knows becomes a [`Requirement`], whose text is in the library's
//! `__private::check`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::LitInt;

use crate::ast::{ActivationAst, ChainAst, DenseAst, LayerKind, ShapeAst, SizeAst};
use crate::error::{Errors, spell};
use crate::ir::{
    self, Activation, ActivationKind, NamedSize, Outcome, Outline, Requirement, Resolved,
};
use crate::shape::{self, LIMIT, Shape, Size};

/// Resolves a chain. What is wrong goes to `errors`, and then the chain is only an outline.
pub(crate) fn resolve(errors: &mut Errors, ast: &ChainAst) -> Resolved {
    let mut checker = Checker {
        errors,
        named_sizes: Vec::new(),
        requirements: Vec::new(),
    };
    let outcome = checker.chain(ast);
    let Checker {
        named_sizes,
        requirements,
        ..
    } = checker;
    Resolved {
        named_sizes,
        requirements,
        outcome,
    }
}

struct Checker<'a> {
    errors: &'a mut Errors,
    named_sizes: Vec<NamedSize>,
    requirements: Vec<Requirement>,
}

impl Checker<'_> {
    fn chain(&mut self, ast: &ChainAst) -> Outcome {
        let input = ast.input.as_ref().and_then(|input| self.shape(input));
        let mut flow = Flow {
            giver: "the input".to_owned(),
            shape: input.clone(),
            params_end: Some(Size::ZERO),
            row: Size::ZERO,
        };
        let mut layers = Vec::new();
        for (index, layer) in ast.layers.iter().enumerate() {
            let resolved = match &layer.kind {
                LayerKind::Dense(dense) => self.dense(&mut flow, index, &layer.word, dense),
                LayerKind::Unknown => {
                    flow.shape = None;
                    flow.params_end = None;
                    None
                }
            };
            flow.giver = format!("`{}`", layer.word);
            layers.extend(resolved);
        }
        self.const_param_count(ast, flow.params_end.as_ref());
        if let Some(output) = &ast.output {
            self.output_check(&mut flow, output);
        }
        let activations_len = shape::activations_len(layers.iter().map(|layer| &layer.output));
        match (input, flow.shape, flow.params_end) {
            (Some(input), Some(output), Some(param_count)) if self.errors.is_empty() => {
                Outcome::Chain(ir::Chain {
                    rows: self.number(shape::rows(&flow.row, &output), "rows"),
                    activations_len: self.number(activations_len, "activations_len"),
                    input,
                    output,
                    param_count,
                    layers,
                })
            }
            (input, output, param_count) => Outcome::Outline(Outline {
                input,
                output,
                param_count,
            }),
        }
    }

    /// One dense layer; `None` if something of it is not known, and then `flow` goes on with what is.
    fn dense(
        &mut self,
        flow: &mut Flow,
        index: usize,
        word: &Ident,
        ast: &DenseAst,
    ) -> Option<ir::Layer> {
        let (input, params_start) = (flow.shape.take(), flow.params_end.take());
        let width = ast
            .width
            .as_ref()
            .and_then(|width| self.size(width, &format!("width_{index}")));
        flow.shape = width.clone().map(Shape::Flat);
        let (input, width) = (input?, width?);
        if let Shape::Image { .. } = input {
            self.report_dense_on_image(word, &flow.giver, &input);
            return None;
        }

        let weight_count = shape::dense_weight_count(&input.len(), &width);
        let bias_count = if ast.bias { width.clone() } else { Size::ZERO };
        let params_start = params_start?;
        let params_end = params_start.plus(&weight_count).plus(&bias_count);
        let params_end = self.number(params_end, &format!("params_end_{index}"));
        if let Some(count) = params_end.literal().filter(|count| *count > LIMIT) {
            let message = format!(
                "with this layer the chain has {count} parameters, but {LIMIT} is the limit"
            );
            self.errors.report(
                &ast.width,
                &message,
                "make this layer or the one before it narrower",
            );
            return None;
        }
        flow.params_end = Some(params_end.clone());
        let input_row = flow.row.clone();
        let output_row = shape::output_row(&input_row, &input);
        flow.row = self.number(output_row, &format!("output_row_{index}"));
        Some(ir::Layer {
            kind: ir::LayerKind::Dense {
                activation: activation(ast.activation.as_ref()?),
                bias: ast.bias,
            },
            input,
            output: Shape::Flat(width),
            params_start,
            params_end,
            weight_count,
            bias_count,
            input_row,
            output_row: flow.row.clone(),
        })
    }

    fn report_dense_on_image(&mut self, word: &Ident, giver: &str, input: &Shape) {
        let message = format!("`dense` needs a flat input, but {giver} is {input}");
        let help = match input.len().literal() {
            Some(len) => format!(
                "write the input as `{len}`: an image is stored row by row, channel by channel"
            ),
            None => "write the input as one size, height * width * channels".to_owned(),
        };
        self.errors.report(word, &message, &help);
    }

    fn shape(&mut self, ast: &ShapeAst) -> Option<Shape> {
        match ast {
            ShapeAst::Flat(size) => self.size(size, "input_len").map(Shape::Flat),
            ShapeAst::Image {
                height,
                width,
                channels,
                ..
            } => {
                let height = self.size(height, "input_height");
                let width = self.size(width, "input_width");
                let channels = self.size(channels, "input_channels");
                Some(Shape::Image {
                    height: height?,
                    width: width?,
                    channels: channels?,
                })
            }
        }
    }

    /// A size of the input or of a layer; that of a `const` item gets a `name`.
    fn size(&mut self, ast: &SizeAst, name: &str) -> Option<Size> {
        let (literal, value) = match ast {
            SizeAst::Literal(literal) => (literal, value(literal)),
            SizeAst::Const(path) => {
                let size = self.named(name, path.clone());
                self.requirements.push(Requirement::Size {
                    path: path.clone(),
                    size: size.clone(),
                });
                return Some(size);
            }
        };
        if value == 0 {
            self.errors.report(
                literal,
                "a size is at least 1, but this is 0",
                "write how many numbers there are",
            );
            return None;
        }
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

    /// A size that is generated as a function if only rustc knows it.
    fn number(&mut self, size: Size, name: &str) -> Size {
        match size {
            Size::Literal(_) | Size::Named(_) => size,
            sum => self.named(name, sum.to_token_stream()),
        }
    }

    fn named(&mut self, name: &str, value: TokenStream) -> Size {
        let name = Ident::new(name, Span::mixed_site());
        self.named_sizes.push(NamedSize {
            name: name.clone(),
            value,
        });
        Size::Named(name)
    }

    fn const_param_count(&mut self, ast: &ChainAst, count: Option<&Size>) {
        if let (Some(last), Some(count)) = (ast.layers.last(), count)
            && count.literal().is_none()
        {
            self.requirements.push(Requirement::ParamCount {
                place: last.word.to_token_stream(),
                count: count.clone(),
            });
        }
    }

    /// Compares the shape stated at the end with what the chain gives; where that is not known, it is taken on trust.
    fn output_check(&mut self, flow: &mut Flow, ast: &ShapeAst) {
        let giver = &flow.giver;
        match (&flow.shape, ast) {
            (None, ShapeAst::Flat(stated)) => {
                flow.shape = self.size(stated, "output_len").map(Shape::Flat);
            }
            (None, ShapeAst::Image { .. }) => {}
            (Some(Shape::Flat(actual)), ShapeAst::Flat(stated)) => {
                self.output_size(giver, stated, actual);
            }
            (
                Some(Shape::Image {
                    height,
                    width,
                    channels,
                }),
                ShapeAst::Image {
                    height: stated_height,
                    width: stated_width,
                    channels: stated_channels,
                    ..
                },
            ) => {
                self.output_size(giver, stated_height, height);
                self.output_size(giver, stated_width, width);
                self.output_size(giver, stated_channels, channels);
            }
            (Some(actual), stated) => {
                let stated_text = spell(stated);
                let message =
                    format!("the output check says {stated_text}, but {giver} gives {actual}");
                self.errors
                    .report(stated, &message, &format!("write `=> {actual}`"));
            }
        }
    }

    fn output_size(&mut self, giver: &str, stated: &SizeAst, actual: &Size) {
        match (stated, actual) {
            (SizeAst::Literal(literal), Size::Literal(actual)) => {
                let stated = value(literal);
                if stated != *actual {
                    let message =
                        format!("the output check says {stated}, but {giver} gives {actual}");
                    let help = match stated {
                        0 => format!("write `=> {actual}`"),
                        _ => format!(
                            "write `=> {actual}`, or give the last layer the width {stated}"
                        ),
                    };
                    self.errors.report(literal, &message, &help);
                }
            }
            _ => self.requirements.push(Requirement::Output {
                stated: stated.to_token_stream(),
                actual: actual.clone(),
            }),
        }
    }
}

/// What a layer gets from the one before it.
struct Flow {
    /// Who gives it, for messages.
    giver: String,
    /// `None` behind a mistake: what follows is not checked against it.
    shape: Option<Shape>,
    params_end: Option<Size>,
    /// Where its values start in a panel.
    row: Size,
}

/// The value of a literal, or one beyond every limit.
fn value(literal: &LitInt) -> u64 {
    literal.base10_parse().unwrap_or(u64::MAX)
}

fn activation(ast: &ActivationAst) -> Activation {
    Activation {
        text: spell(ast),
        kind: match ast {
            ActivationAst::Builtin {
                activation,
                argument,
                ..
            } => ActivationKind::Builtin {
                type_name: Ident::new(activation.type_name, Span::mixed_site()),
                argument: argument.clone(),
            },
            ActivationAst::Custom(value) => ActivationKind::Custom(value.clone()),
        },
    }
}
