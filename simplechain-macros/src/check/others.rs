//! The rules of the layers that are not `dense`, `conv`, a pool with a window, or `flatten`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::{Checker, Flow, Plan, gives};
use crate::ast::{
    AffineAst, AffineKind, ChainAst, FeaturesAst, FeaturesKind, InnerAst, InnerKind, LayerAst,
    LayerKind, PoolKind, is_literal,
};
use crate::ir::{self, Constants, Inner, NamedKind, Nested, NestedKind, Requirement, Window};
use crate::shape::{Shape, Size};

impl Checker<'_> {
    /// As [`layer`](Self::layer), for the layers that have no rule in the file above.
    pub(super) fn other(
        &mut self,
        flow: &mut Flow,
        index: usize,
        ast: &LayerAst,
        input: Option<&Shape>,
    ) -> Option<Plan> {
        match &ast.kind {
            LayerKind::GlobalPool(kind) => self.global_pool(flow, &ast.word, input, *kind),
            LayerKind::Features(features) => self.features(flow, index, &ast.word, input, features),
            LayerKind::Custom(own) => self.custom(flow, index, input, own.as_ref()?),
            LayerKind::Chain(own) => self.declared_chain(flow, index, input, own.as_ref()?),
            LayerKind::Inner(inner) => self.inner(flow, index, &ast.word, input, inner),
            _ => {
                // The shape goes through as it is.
                flow.shape = input.cloned();
                let input = input?;
                match &ast.kind {
                    LayerKind::Activation(own) => {
                        let own = self.activation(index, own.as_ref()?);
                        Some(Plan {
                            kind: Some(ir::LayerKind::Activation(own)),
                            ..Plan::default()
                        })
                    }
                    LayerKind::Dropout(rate) => {
                        let rate = rate.as_ref()?;
                        // A literal was checked where it was read.
                        let rate = match is_literal(rate) {
                            true => rate.clone(),
                            false => self.constant("rate", index, rate),
                        };
                        let site = self.next_site();
                        Some(Plan {
                            kind: Some(ir::LayerKind::Dropout { rate, site }),
                            ..Plan::default()
                        })
                    }
                    LayerKind::Affine(affine) => self.affine(index, input, affine),
                    LayerKind::BatchNorm => Some(self.batch_norm(index, &ast.word, input)),
                    _ => Some(layer_norm(&ast.word, input)),
                }
            }
        }
    }

    fn global_pool(
        &mut self,
        flow: &mut Flow,
        word: &Ident,
        input: Option<&Shape>,
        kind: PoolKind,
    ) -> Option<Plan> {
        let [height, width, channels] = self.image(word, &flow.giver, input, "pooled")?;
        flow.shape = Some(Shape::Image {
            height: Size::Literal(1),
            width: Size::Literal(1),
            channels,
        });
        let kernel = [height, width];
        Some(Plan {
            kind: Some(ir::LayerKind::Pool {
                kind,
                window: Window {
                    stride: kernel.clone(),
                    kernel,
                    padding: [Size::ZERO, Size::ZERO],
                },
            }),
            ..Plan::default()
        })
    }

    fn affine(&mut self, index: usize, input: &Shape, ast: &AffineAst) -> Option<Plan> {
        let (channels, _) = self.channels(input, index);
        let mut constants = Vec::new();
        for (place, given) in ast.constants.as_ref()?.iter().enumerate() {
            let divide = place == 1 && matches!(ast.kind, AffineKind::Normalize);
            if is_literal(given) {
                if divide {
                    self.requirements.push(Requirement::Number {
                        function: "divisor",
                        number: given.clone(),
                    });
                }
                constants.push(Constants::Number(given.clone()));
                continue;
            }
            self.requirements.push(Requirement::Constants {
                path: given.clone(),
                channels: channels.clone(),
                numbers: input.len(),
                divide,
            });
            let name = format!("constants_{index}_{place}");
            let name = self.named(&name, NamedKind::Numbers, given.clone());
            constants.push(Constants::Named(name));
        }
        Some(Plan {
            kind: Some(ir::LayerKind::Affine {
                kind: ast.kind,
                constants,
            }),
            ..Plan::default()
        })
    }

    fn batch_norm(&mut self, index: usize, word: &Ident, input: &Shape) -> Plan {
        let (channels, pixels) = self.channels(input, index);
        Plan {
            weight_count: Size::Literal(4).times(&channels),
            width: word.to_token_stream(),
            kind: Some(ir::LayerKind::BatchNorm { channels, pixels }),
            ..Plan::default()
        }
    }

    fn features(
        &mut self,
        flow: &mut Flow,
        index: usize,
        word: &Ident,
        input: Option<&Shape>,
        ast: &FeaturesAst,
    ) -> Option<Plan> {
        let count = self.size(ast.count.as_ref()?, &format!("count_{index}"))?;
        let input = input?;
        if let Shape::Image { .. } = input {
            let message = format!(
                "`{word}` needs a flat input, but {} {input}",
                gives(&flow.giver)
            );
            self.errors
                .report(word, &message, "put `flatten` between them");
            return None;
        }
        let (output, kind) = match &ast.kind {
            FeaturesKind::Fourier { period } => {
                let period = match period {
                    Some(period) => self.constant("period", index, period),
                    None => quote_spanned!(Span::mixed_site()=> ::core::f64::consts::TAU),
                };
                let output = Size::Literal(2).times(&input.len()).times(&count);
                (output, ir::LayerKind::Fourier { count, period })
            }
            FeaturesKind::Chebyshev => (
                input.len().times(&count),
                ir::LayerKind::Chebyshev { count },
            ),
        };
        let output = self.number(output, &format!("features_{index}"));
        flow.shape = Some(Shape::Flat(output));
        Some(Plan {
            kind: Some(kind),
            ..Plan::default()
        })
    }

    /// `layer(Type)`: its sizes are what the type says.
    fn custom(
        &mut self,
        flow: &mut Flow,
        index: usize,
        input: Option<&Shape>,
        own: &TokenStream,
    ) -> Option<Plan> {
        let constant = |name: &str| {
            let name = Ident::new(name, Span::mixed_site());
            quote_spanned!(Span::mixed_site()=> <#own as __lib::CustomLayer>::#name)
        };
        let output = self.named_size(&format!("output_{index}"), constant("OUTPUT_LEN"));
        flow.shape = Some(Shape::Flat(output));
        let input = input?;
        self.requirements.push(Requirement::Equal {
            function: "custom_layer",
            place: own.clone(),
            takes: constant("INPUT_LEN"),
            gets: input.len(),
        });
        let weight_count = self.named_size(&format!("weights_{index}"), constant("PARAM_COUNT"));
        Some(Plan {
            weight_count,
            width: own.clone(),
            kind: Some(ir::LayerKind::Custom(own.clone())),
            ..Plan::default()
        })
    }

    /// `chain(Type)`: likewise, and so is the shape of its output.
    fn declared_chain(
        &mut self,
        flow: &mut Flow,
        index: usize,
        input: Option<&Shape>,
        own: &TokenStream,
    ) -> Option<Plan> {
        let constant = |name: &str| {
            let name = Ident::new(name, Span::mixed_site());
            quote_spanned!(Span::mixed_site()=> <#own as __lib::Chain>::#name)
        };
        let mut number =
            |name: &str, value: &str| self.named_size(&format!("{name}_{index}"), constant(value));
        let output = number("output", "OUTPUT_LEN");
        let weight_count = number("weights", "PARAM_COUNT");
        let (layers, len) = (constant("LAYERS"), constant("OUTPUT_LEN"));
        let shape = quote_spanned!(Span::mixed_site()=> __lib::check::output_shape(#layers, #len));
        flow.shape = Some(Shape::Open {
            shape: self.named(&format!("shape_{index}"), NamedKind::Shape, shape),
            len: output,
        });
        self.requirements.push(Requirement::Equal {
            function: "inner_chain",
            place: own.clone(),
            takes: constant("INPUT_LEN"),
            gets: input?.len(),
        });
        Some(Plan {
            weight_count,
            width: own.clone(),
            kind: Some(ir::LayerKind::Nested(Nested {
                kind: NestedKind::Chain {
                    site: self.next_site(),
                },
                chains: vec![Inner::Declared(own.clone())],
            })),
            ..Plan::default()
        })
    }

    /// `residual`, `frozen` and `concat`.
    fn inner(
        &mut self,
        flow: &mut Flow,
        index: usize,
        word: &Ident,
        input: Option<&Shape>,
        ast: &InnerAst,
    ) -> Option<Plan> {
        let input = input?;
        let mut branches = Vec::new();
        for (branch, chain) in ast.chains.iter().enumerate() {
            branches.extend(self.branch(index, branch, input, chain));
        }
        if branches.len() < ast.chains.len() || branches.is_empty() {
            return None;
        }
        let kind = match ast.kind {
            InnerKind::Residual => {
                let output = branches[0].output.clone();
                self.residual(flow, &ast.chains[0], word, input, &output);
                flow.shape = Some(input.clone());
                NestedKind::Residual
            }
            InnerKind::Frozen => {
                flow.shape = Some(branches[0].output.clone());
                NestedKind::Frozen
            }
            InnerKind::Concat => {
                // Two at a time, from the end.
                while branches.len() > 2 {
                    let (last, before) = (branches.pop()?, branches.pop()?);
                    let name = format!("concat_{index}_{}", branches.len());
                    branches.push(self.pair_of_branches(word, name, input, before, last)?);
                }
                let shapes = [&branches[0].output, &branches[1].output];
                flow.shape = self.side_by_side(word, index, shapes.map(Shape::clone));
                NestedKind::Concat
            }
        };
        let weight_count = branches
            .iter()
            .fold(Size::ZERO, |sum, branch| sum.plus(&branch.param_count));
        let chains = branches.into_iter();
        let chains = chains.map(|chain| Inner::Here(Box::new(chain)));
        Some(Plan {
            weight_count,
            width: word.to_token_stream(),
            kind: Some(ir::LayerKind::Nested(Nested {
                kind,
                chains: chains.collect(),
            })),
            ..Plan::default()
        })
    }

    /// A chain inside of a layer.
    fn branch(
        &mut self,
        index: usize,
        branch: usize,
        input: &Shape,
        ast: &ChainAst,
    ) -> Option<ir::Chain> {
        let outside = self.prefix.clone();
        self.prefix = format!("{outside}inner_{index}_{branch}_");
        let (layers, inside) = self.layers(ast, Some(input.clone()));
        let complete = layers.len() == ast.layers.len();
        let computes = layers
            .iter()
            .any(|layer| !matches!(layer.kind, ir::LayerKind::Flatten));
        let chain = match (inside.shape, inside.params_end) {
            (Some(output), Some(param_count)) if complete && computes => {
                Some(self.assemble(input.clone(), output, param_count, layers))
            }
            _ => None,
        };
        if let (Some(last), true, false) = (ast.layers.last(), complete, computes) {
            let message = "these layers compute nothing: `flatten` only renames numbers";
            self.errors
                .report(&last.word, message, "add a layer, `=> dense(tanh, 32)`");
        }
        self.prefix = outside;
        chain
    }

    /// What goes around the layers and what they give are alike.
    fn residual(
        &mut self,
        flow: &Flow,
        ast: &ChainAst,
        word: &Ident,
        input: &Shape,
        output: &Shape,
    ) {
        match (input.len().literal(), output.len().literal()) {
            (Some(_), Some(_)) => {
                if input.to_string() != output.to_string() {
                    let place = ast.layers.last().map_or(word, |last| &last.word);
                    let message = format!(
                        "`{word}` adds what its layers give to their input, but {} {input}, and they give {output}",
                        gives(&flow.giver)
                    );
                    let help = format!("make the last layer give {input}");
                    self.errors.report(place, &message, &help);
                }
            }
            _ => self.requirements.push(Requirement::Equal {
                function: "residual",
                place: word.to_token_stream(),
                takes: input.len().to_token_stream(),
                gets: output.len(),
            }),
        }
    }

    /// The shape of two outputs one behind the other: numbers, or channels of one image.
    fn side_by_side(&mut self, word: &Ident, index: usize, shapes: [Shape; 2]) -> Option<Shape> {
        let name = format!("concat_{index}");
        let open = shapes
            .each_ref()
            .map(|shape| matches!(shape, Shape::Open { .. }));
        if open.contains(&true) {
            self.requirements.push(Requirement::SideBySide {
                place: word.to_token_stream(),
                shapes: shapes.clone(),
            });
        }
        let [one, other] = shapes;
        if open == [true, true] {
            let len = self.number(one.len().plus(&other.len()), &name);
            let joined = quote_spanned!(Span::mixed_site()=> __lib::check::joined(#one, #other));
            let shape = self.named(&format!("{name}_shape"), NamedKind::Shape, joined);
            return Some(Shape::Open { shape, len });
        }
        let (one, other) = (
            self.as_other(&one, &other, &name),
            self.as_other(&other, &one, &name),
        );
        match (&one, &other) {
            (Shape::Flat(a), Shape::Flat(b)) => Some(Shape::Flat(self.number(a.plus(b), &name))),
            (
                Shape::Image {
                    height,
                    width,
                    channels,
                },
                Shape::Image {
                    height: other_height,
                    width: other_width,
                    channels: other_channels,
                },
            ) if may_be_equal(height, other_height) && may_be_equal(width, other_width) => {
                for (takes, gets) in [(height, other_height), (width, other_width)] {
                    let known = takes.literal().is_some() && gets.literal().is_some();
                    if !known && open == [false, false] {
                        self.requirements.push(Requirement::Equal {
                            function: "concat",
                            place: word.to_token_stream(),
                            takes: takes.to_token_stream(),
                            gets: gets.clone(),
                        });
                    }
                }
                Some(Shape::Image {
                    height: height.clone(),
                    width: width.clone(),
                    channels: self.number(channels.plus(other_channels), &name),
                })
            }
            (a, b) => {
                let message = format!(
                    "the branches of `{word}` must be flat, or images of one height and width, but they are {a} and {b}"
                );
                let help = "end both with `flatten`, or give them the same stride and padding";
                self.errors.report(word, &message, help);
                None
            }
        }
    }

    /// A shape that only rustc knows in the form of another; that it has this form is a rule of its own.
    fn as_other(&mut self, shape: &Shape, other: &Shape, name: &str) -> Shape {
        match (shape, other) {
            (Shape::Open { shape, .. }, Shape::Image { .. }) => {
                self.as_image(shape, &format!("{name}_"))
            }
            (Shape::Open { len, .. }, _) => Shape::Flat(len.clone()),
            _ => shape.clone(),
        }
    }

    /// Two branches as one: a chain of one layer.
    fn pair_of_branches(
        &mut self,
        word: &Ident,
        name: String,
        input: &Shape,
        first: ir::Chain,
        second: ir::Chain,
    ) -> Option<ir::Chain> {
        let outside = self.prefix.clone();
        self.prefix = format!("{outside}{name}_");
        let output = self.side_by_side(word, 0, [&first.output, &second.output].map(Shape::clone));
        let params_end = first.param_count.plus(&second.param_count);
        let chain = output.map(|output| {
            let layer = ir::Layer {
                kind: ir::LayerKind::Nested(Nested {
                    kind: NestedKind::Concat,
                    chains: vec![Inner::Here(Box::new(first)), Inner::Here(Box::new(second))],
                }),
                input: input.clone(),
                output: output.clone(),
                params_start: Size::ZERO,
                params_end: params_end.clone(),
                pooled: false,
            };
            self.assemble(input.clone(), output, params_end, vec![layer])
        });
        self.prefix = outside;
        chain
    }
}

/// Whether two sizes are equal as far as the macro knows.
fn may_be_equal(one: &Size, other: &Size) -> bool {
    match (one.literal(), other.literal()) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

fn layer_norm(word: &Ident, input: &Shape) -> Plan {
    Plan {
        weight_count: input.len(),
        bias_count: input.len(),
        width: word.to_token_stream(),
        kind: Some(ir::LayerKind::LayerNorm),
        ..Plan::default()
    }
}
