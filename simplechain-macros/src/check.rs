//! Syntax tree to resolved chain: propagates shapes and parameter offsets from layer to layer. The shape rule of each layer is
//! in its file under `layers`.
//!
//! A check of sizes that only rustc knows becomes a [`Requirement`]; its message is in the library's `__private::check`.

use quote::ToTokens;

use crate::ast::{ShapeAst, SizeAst};
use crate::checker::{Checker, value};
use crate::error::{Errors, spell};
use crate::ir::{self, Outcome, Outline, Requirement, Resolved};
use crate::layers::{At, ChainAst, Form, LayerAst};
use crate::shape::{self, LIMIT, Shape, Size};

/// Resolves a chain. If `errors` is not empty afterwards, the result is only an outline.
pub(crate) fn resolve(errors: &mut Errors, ast: &ChainAst) -> Resolved {
    let mut checker = Checker::new(errors);
    let outcome = checker.chain(ast);
    let Checker {
        named,
        requirements,
        ..
    } = checker;
    Resolved {
        named,
        requirements,
        outcome,
    }
}

impl Checker<'_> {
    fn chain(&mut self, ast: &ChainAst) -> Outcome {
        let input = ast.input.as_ref().and_then(|input| self.shape(input));
        let (layers, mut flow) = self.layers(ast, input.clone());
        self.const_param_count(ast, flow.params_end.as_ref());
        if let Some(output) = &ast.output {
            self.output_check(&mut flow, output);
        }
        self.report_nothing_computed(ast);
        match (input, flow.shape, flow.params_end) {
            (Some(input), Some(output), Some(param_count)) if self.errors.is_empty() => {
                Outcome::Chain(self.assemble(input, output, param_count, layers))
            }
            (input, output, param_count) => Outcome::Outline(Outline {
                input,
                output,
                param_count,
            }),
        }
    }

    /// The layers of a chain, and the state after the last one.
    fn layers(&mut self, ast: &ChainAst, input: Option<Shape>) -> (Vec<ir::Layer>, Flow) {
        let mut flow = Flow {
            giver: "the input".to_owned(),
            shape: input,
            params_end: Some(Size::ZERO),
        };
        let mut layers = Vec::new();
        for (index, layer) in ast.layers.iter().enumerate() {
            let resolved = self.layer(&mut flow, index, layer);
            flow.giver = format!("`{}`", layer.word);
            layers.extend(resolved);
        }
        (layers, flow)
    }

    /// The chain at `branch` in the layer at `index`.
    pub(crate) fn branch(
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

    /// A chain from its layers, all of which are valid.
    pub(crate) fn assemble(
        &mut self,
        input: Shape,
        output: Shape,
        param_count: Size,
        mut layers: Vec<ir::Layer>,
    ) -> ir::Chain {
        let activations_len = shape::activations_len(layers.iter().map(|layer| &layer.output));
        for index in 1..layers.len() {
            layers[index - 1].pooled = is_pooled_at_once(&layers[index - 1], &layers[index]);
        }
        ir::Chain {
            activations_len: self.number(activations_len, "activations_len"),
            input,
            output,
            param_count,
            layers,
        }
    }

    fn report_nothing_computed(&mut self, ast: &ChainAst) {
        let renames =
            |layer: &LayerAst| layer.layer.as_ref().is_some_and(|layer| !layer.computes());
        if let Some(last) = ast.layers.last()
            && ast.layers.iter().all(renames)
            && self.errors.is_empty()
        {
            let message = "this chain computes nothing: `flatten` only renames its numbers";
            self.errors
                .report(&last.word, message, "add a layer, `=> dense(tanh, 32)`");
        }
    }

    /// One layer; `None` if it has a mistake. `flow` then continues with what is known.
    fn layer(&mut self, flow: &mut Flow, index: usize, ast: &LayerAst) -> Option<ir::Layer> {
        let input = flow.shape.take();
        let input = input.map(|input| self.settled(input, index, ast));
        let params_start = flow.params_end.take();
        let at = At {
            word: &ast.word,
            index,
            giver: &flow.giver,
        };
        let layer = ast.layer.as_ref()?;
        let plan = layer.resolve(self, &at, input.as_ref(), &mut flow.shape);
        let (plan, input, params_start) = (plan?, input?, params_start?);
        let params_end = params_start.plus(&plan.weight_count).plus(&plan.bias_count);
        let params_end = self.number(params_end, &format!("params_end_{index}"));
        if let Some(count) = params_end.literal().filter(|count| *count > LIMIT) {
            let message = format!(
                "with this layer the chain has {count} parameters, but {LIMIT} is the limit"
            );
            self.errors.report(
                plan.width,
                &message,
                "make this layer or the one before it narrower",
            );
            return None;
        }
        flow.params_end = Some(params_end.clone());
        Some(ir::Layer {
            kind: plan.kind?,
            input,
            output: flow.shape.clone()?,
            params_start,
            params_end,
            pooled: false,
        })
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

    /// A shape that only rustc knows, in the form that the layer requires. Whether it has that form is checked by rustc.
    fn settled(&mut self, shape: Shape, index: usize, ast: &LayerAst) -> Shape {
        let Shape::Open { shape: open, .. } = &shape else {
            return shape;
        };
        let needs = ast.layer.as_ref().map_or(Form::Any, |layer| layer.needs());
        let (function, settled) = match needs {
            Form::Any => return shape,
            Form::Image => ("image", self.as_image(open, &format!("input_{index}_"))),
            Form::Flat => ("flat", Shape::Flat(shape.len())),
        };
        self.requirements.push(Requirement::Form {
            function,
            word: ast.word.clone(),
            shape: open.clone(),
        });
        settled
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

    /// Compares the output check with the output shape. If that is unknown, the output check is trusted.
    fn output_check(&mut self, flow: &mut Flow, ast: &ShapeAst) {
        if let Some(Shape::Open { shape, .. }) = &flow.shape {
            let is_image = matches!(ast, ShapeAst::Image { .. });
            self.requirements.push(Requirement::OutputForm {
                stated: ast.to_token_stream(),
                is_image,
                shape: shape.clone(),
            });
        }
        let giver = &flow.giver;
        // A shape that only rustc knows takes the form of the output check.
        let given = match (&flow.shape, ast) {
            (Some(Shape::Open { shape, .. }), ShapeAst::Image { .. }) => {
                Some(self.as_image(shape, "output_"))
            }
            (Some(Shape::Open { len, .. }), ShapeAst::Flat(_)) => Some(Shape::Flat(len.clone())),
            (given, _) => given.clone(),
        };
        match (&given, ast) {
            (None, ShapeAst::Flat(stated)) => {
                flow.shape = self.size(stated, "output_len").map(Shape::Flat);
            }
            (None, ShapeAst::Image { .. }) => {}
            (Some(Shape::Flat(actual)), ShapeAst::Flat(stated)) => {
                self.output_size(giver, "", stated, actual);
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
                self.output_size(giver, "height", stated_height, height);
                self.output_size(giver, "width", stated_width, width);
                self.output_size(giver, "number of channels", stated_channels, channels);
            }
            (Some(actual), stated) => {
                let stated_text = spell(stated);
                let message =
                    format!("the output check says {stated_text}, but {giver} gives {actual}");
                let help = output_help(actual, stated);
                self.errors.report(stated, &message, &help);
            }
        }
    }

    /// One size of the output check; `name` is its name if there are several.
    fn output_size(&mut self, giver: &str, name: &'static str, stated: &SizeAst, actual: &Size) {
        let (SizeAst::Literal(literal), Size::Literal(actual)) = (stated, actual) else {
            self.requirements.push(Requirement::Output {
                stated: stated.to_token_stream(),
                actual: actual.clone(),
            });
            return;
        };
        let stated = value(literal);
        if stated == *actual {
            return;
        }
        let (message, help) = if name.is_empty() {
            let help = match stated {
                0 => format!("write `=> {actual}`"),
                _ => format!("write `=> {actual}`, or give the last layer the width {stated}"),
            };
            let message = format!("the output check says {stated}, but {giver} gives {actual}");
            (message, help)
        } else {
            let message = format!(
                "the output check says {stated}, but the {name} that {giver} gives is {actual}"
            );
            (message, format!("write `{actual}`"))
        };
        self.errors.report(literal, &message, &help);
    }
}

/// The state between two layers.
struct Flow {
    /// What the shape comes from, for messages.
    giver: String,
    /// `None` after a mistake; the next layer is then not checked against it.
    shape: Option<Shape>,
    params_end: Option<Size>,
}

/// Whether a max pool reads each output of the convolution before it once, so that both can be one step.
fn is_pooled_at_once(layer: &ir::Layer, pool: &ir::Layer) -> bool {
    let (ir::LayerKind::Computes(layer), ir::LayerKind::Computes(pool)) = (&layer.kind, &pool.kind)
    else {
        return false;
    };
    layer.takes_a_pool() && pool.pools_in_registers()
}

/// The help for an output check that is flat while the output is an image, or vice versa.
fn output_help(actual: &Shape, stated: &ShapeAst) -> String {
    let Shape::Image {
        height,
        width,
        channels,
    } = actual
    else {
        return format!("write `=> {actual}`");
    };
    let image = format!("write `=> ({height}, {width}, {channels})`");
    let stated = match stated {
        ShapeAst::Flat(SizeAst::Literal(stated)) => Some(value(stated)),
        _ => None,
    };
    if actual.len().literal().is_some() && actual.len().literal() == stated {
        return format!("{image}, or put `flatten` before it");
    }
    if actual.to_string().contains('?') {
        return "write the three sizes, `=> (height, width, channels)`".to_owned();
    }
    image
}
