//! Syntax tree to resolved chain: every rule about sizes, shapes and layers, and none anywhere else.
//!
//! A rule about numbers that only rustc knows becomes a [`Requirement`], whose text is in the library's
//! `__private::check`.

mod others;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::LitInt;
use syn::spanned::Spanned;

use crate::ast::{
    ActivationAst, ChainAst, ConvAst, DenseAst, LayerAst, LayerKind, PaddingAst, PairAst, PoolAst,
    PoolKind, ShapeAst, SizeAst, StrideAst, is_literal,
};
use crate::error::{Errors, spell};
use crate::ir::{
    self, Activation, ActivationKind, Named, NamedKind, Outcome, Outline, Requirement, Resolved,
    Window,
};
use crate::shape::{self, LIMIT, Pair, Shape, Size};

/// Resolves a chain. What is wrong goes to `errors`, and then the chain is only an outline.
pub(crate) fn resolve(errors: &mut Errors, ast: &ChainAst) -> Resolved {
    let mut checker = Checker {
        errors,
        prefix: String::new(),
        sites: 0,
        named: Vec::new(),
        requirements: Vec::new(),
    };
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

struct Checker<'a> {
    errors: &'a mut Errors,
    /// Of generated names, for a chain inside of a layer.
    prefix: String,
    /// How many layers there are, here and inside of layers, that draw at random.
    sites: u64,
    named: Vec<Named>,
    requirements: Vec<Requirement>,
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

    /// The layers of a chain, and what they give.
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

    /// A chain from its layers, all of which are right.
    fn assemble(
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
        let only_flatten = |layer: &LayerAst| matches!(layer.kind, LayerKind::Flatten);
        if let Some(last) = ast.layers.last()
            && ast.layers.iter().all(only_flatten)
            && self.errors.is_empty()
        {
            let message = "this chain computes nothing: `flatten` only renames its numbers";
            self.errors
                .report(&last.word, message, "add a layer, `=> dense(tanh, 32)`");
        }
    }

    /// One layer; `None` if something of it is not known, and then `flow` goes on with what is.
    fn layer(&mut self, flow: &mut Flow, index: usize, ast: &LayerAst) -> Option<ir::Layer> {
        let input = flow.shape.take();
        let input = input.map(|input| self.settled(input, index, ast));
        let params_start = flow.params_end.take();
        let plan = match &ast.kind {
            LayerKind::Dense(dense) => self.dense(flow, index, &ast.word, input.as_ref(), dense),
            LayerKind::Conv(conv) => self.conv(flow, index, &ast.word, input.as_ref(), conv),
            LayerKind::Pool(pool) => self.pool(flow, index, &ast.word, input.as_ref(), pool),
            LayerKind::Flatten => self.flatten(flow, index, &ast.word, input.as_ref()),
            LayerKind::Unknown => None,
            _ => self.other(flow, index, ast, input.as_ref()),
        };
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

    fn dense(
        &mut self,
        flow: &mut Flow,
        index: usize,
        word: &Ident,
        input: Option<&Shape>,
        ast: &DenseAst,
    ) -> Option<Plan> {
        let width = ast
            .width
            .as_ref()
            .and_then(|width| self.size(width, &format!("width_{index}")));
        flow.shape = width.clone().map(Shape::Flat);
        let (input, width) = (input?, width?);
        if let Shape::Image { .. } = input {
            self.report_dense_on_image(word, &flow.giver, input);
            return None;
        }
        let activation = ast.activation.as_ref();
        let activation = activation.map(|activation| self.activation(index, activation));
        Some(Plan {
            weight_count: shape::dense_weight_count(&input.len(), &width),
            bias_count: if ast.bias { width } else { Size::ZERO },
            width: ast.width.to_token_stream(),
            kind: activation.map(|activation| ir::LayerKind::Dense {
                activation,
                bias: ast.bias,
            }),
            ..Plan::default()
        })
    }

    fn report_dense_on_image(&mut self, word: &Ident, giver: &str, input: &Shape) {
        let message = format!("`dense` needs a flat input, but {} {input}", gives(giver));
        let help = match input.len().literal() {
            Some(len) => format!("put `flatten` between them, which gives {len} numbers"),
            None => "put `flatten` between them".to_owned(),
        };
        self.errors.report(word, &message, &help);
    }

    fn conv(
        &mut self,
        flow: &mut Flow,
        index: usize,
        word: &Ident,
        input: Option<&Shape>,
        ast: &ConvAst,
    ) -> Option<Plan> {
        let kernel = self.pair(ast.kernel.as_ref(), &format!("kernel_{index}"));
        let channels = ast
            .channels
            .as_ref()
            .and_then(|channels| self.size(channels, &format!("channels_{index}")));
        let stride = self.stride(ast.stride.as_ref(), index, None);
        let image = self.image(word, &flow.giver, input, "convolved")?;
        let (mut kernel, channels, mut stride) = (kernel?, channels?, stride?);
        let place = Place {
            tokens: ast.kernel.as_ref()?,
            name: "kernel",
            giver: &flow.giver,
        };
        self.along_sequence(word, &image, &place, &mut kernel)?;
        if let Some(StrideAst::Given(PairAst::Same(_))) = &ast.stride
            && place.is_along_sequence()
        {
            stride[0] = Size::Literal(1);
        }
        let frame = self.padding(
            ast.padding.as_ref()?,
            index,
            &place,
            &image,
            &kernel,
            &stride,
        )?;
        let [height, width] = frame.places;
        let name = |name: &str| format!("{name}_{index}");
        flow.shape = Some(Shape::Image {
            height: self.number(height, &name("output_height")),
            width: self.number(width, &name("output_width")),
            channels: channels.clone(),
        });
        let padding = frame.before;
        let groups = match &ast.groups {
            Some(groups) => Some(self.groups(groups, index, &image[2], &channels)?),
            None => None,
        };
        let inputs = match &groups {
            Some(groups) => shape::per_group(&image[2], groups),
            None => image[2].clone(),
        };
        let weight_count = shape::conv_weight_count(&kernel, &inputs, &channels);
        let bias_count = if ast.bias {
            channels.clone()
        } else {
            Size::ZERO
        };
        let activation = ast.activation.as_ref();
        let activation = activation.map(|activation| self.activation(index, activation));
        Some(Plan {
            weight_count,
            bias_count,
            width: ast.channels.to_token_stream(),
            kind: activation.map(|activation| ir::LayerKind::Conv {
                activation,
                window: Window {
                    kernel,
                    stride,
                    padding,
                },
                groups,
                bias: ast.bias,
            }),
            ..Plan::default()
        })
    }

    /// Groups of channels, which divide those that come in and go out; `None` also for one group.
    fn groups(
        &mut self,
        ast: &SizeAst,
        index: usize,
        inputs: &Size,
        outputs: &Size,
    ) -> Option<Size> {
        let groups = self.size(ast, &format!("groups_{index}"))?;
        match [&groups, inputs, outputs].map(Size::literal) {
            [Some(number), Some(inputs), Some(outputs)] => {
                if !inputs.is_multiple_of(number) || !outputs.is_multiple_of(number) {
                    let message = format!(
                        "here are {number} groups, which do not divide the channels: {inputs} go in, {outputs} come out"
                    );
                    self.errors
                        .report(ast, &message, "write a number that divides both");
                    return None;
                }
            }
            _ => self.requirements.push(Requirement::Groups {
                place: ast.to_token_stream(),
                groups: groups.clone(),
                channels: [inputs.clone(), outputs.clone()],
            }),
        }
        Some(groups)
    }

    fn pool(
        &mut self,
        flow: &mut Flow,
        index: usize,
        word: &Ident,
        input: Option<&Shape>,
        ast: &PoolAst,
    ) -> Option<Plan> {
        let kernel = self.pair(ast.window.as_ref(), &format!("kernel_{index}"));
        let stride = self.stride(ast.stride.as_ref(), index, kernel.as_ref());
        let image = self.image(word, &flow.giver, input, "pooled")?;
        let (mut kernel, mut stride) = (kernel?, stride?);
        let place = Place {
            tokens: ast.window.as_ref()?,
            name: "window",
            giver: &flow.giver,
        };
        self.along_sequence(word, &image, &place, &mut kernel)?;
        match &ast.stride {
            Some(StrideAst::Default) => stride = kernel.clone(),
            Some(StrideAst::Given(PairAst::Same(_))) if place.is_along_sequence() => {
                stride[0] = Size::Literal(1);
            }
            _ => {}
        }
        let none = [Size::ZERO, Size::ZERO];
        let [height, width] = self.places(&place, &image, &kernel, &stride, &none)?;
        let name = |name: &str| format!("{name}_{index}");
        flow.shape = Some(Shape::Image {
            height: self.number(height, &name("output_height")),
            width: self.number(width, &name("output_width")),
            channels: image[2].clone(),
        });
        Some(Plan {
            kind: Some(ir::LayerKind::Pool {
                kind: ast.kind,
                window: Window {
                    kernel,
                    stride,
                    padding: none,
                },
            }),
            ..Plan::default()
        })
    }

    fn flatten(
        &mut self,
        flow: &mut Flow,
        index: usize,
        word: &Ident,
        input: Option<&Shape>,
    ) -> Option<Plan> {
        let input = input?;
        let len = self.number(input.len(), &format!("flattened_{index}"));
        flow.shape = Some(Shape::Flat(len));
        if let Shape::Flat(len) = input {
            let message = format!(
                "`{word}` needs an image, but {} {len}, which is flat already",
                gives(&flow.giver)
            );
            self.errors.report(word, &message, "remove it");
            return None;
        }
        Some(Plan {
            kind: Some(ir::LayerKind::Flatten),
            ..Plan::default()
        })
    }

    /// Height, width and channels of the input of a layer that needs an image, which is `done` to it.
    fn image(
        &mut self,
        word: &Ident,
        giver: &str,
        input: Option<&Shape>,
        done: &str,
    ) -> Option<[Size; 3]> {
        match input? {
            Shape::Image {
                height,
                width,
                channels,
            } => Some([height.clone(), width.clone(), channels.clone()]),
            Shape::Flat(len) | Shape::Open { len, .. } => {
                let message = format!(
                    "`{word}` needs an image, but {} {len}, which is flat",
                    gives(giver)
                );
                let help = match giver {
                    "the input" => {
                        "write the input as `(height, width, channels)`, `(28, 28, 1)`".to_owned()
                    }
                    "`flatten`" => "move it before `flatten`".to_owned(),
                    _ => format!("an image is {done} before the first flat layer"),
                };
                self.errors.report(word, &message, &help);
                None
            }
        }
    }

    /// One number for a window is its length along a sequence, which is 1 high; elsewhere the other side is missing.
    fn along_sequence(
        &mut self,
        word: &Ident,
        image: &[Size; 3],
        place: &Place<'_>,
        window: &mut Pair,
    ) -> Option<()> {
        let PairAst::Same(size) = place.tokens else {
            return Some(());
        };
        window[0] = Size::Literal(1);
        match &image[0] {
            Size::Literal(1) => return Some(()),
            Size::Literal(_) => {}
            height => {
                self.requirements.push(Requirement::Sequence {
                    place: size.to_token_stream(),
                    word: word.to_string(),
                    name: place.name,
                    height: height.clone(),
                });
                return Some(());
            }
        }
        let text = spell(size);
        let (message, help) = match place.name {
            "kernel" => (
                format!("the kernel of `{word}` has a height and a width, but this is `{text}`"),
                format!("write `({text}, {text})`"),
            ),
            _ => (
                format!("`{word}` takes 2 arguments, a height and a width"),
                format!("write `{word}({text}, {text})`"),
            ),
        };
        self.errors.report(size, &message, &help);
        None
    }

    /// The stride that is given, or the `default`, or 1.
    fn stride(
        &mut self,
        ast: Option<&StrideAst>,
        index: usize,
        default: Option<&Pair>,
    ) -> Option<Pair> {
        match ast? {
            StrideAst::Given(pair) => self.pair(Some(pair), &format!("stride_{index}")),
            StrideAst::Default => Some(match default {
                Some(default) => default.clone(),
                None => [Size::Literal(1), Size::Literal(1)],
            }),
        }
    }

    fn pair(&mut self, ast: Option<&PairAst>, name: &str) -> Option<Pair> {
        match ast? {
            PairAst::Same(size) => {
                let size = self.size(size, name)?;
                Some([size.clone(), size])
            }
            PairAst::Two(height, width) => {
                let height = self.size(height, &format!("{name}_height"));
                let width = self.size(width, &format!("{name}_width"));
                Some([height?, width?])
            }
        }
    }

    /// Where the kernel is put on the image and how often.
    fn padding(
        &mut self,
        ast: &PaddingAst,
        index: usize,
        place: &Place<'_>,
        image: &[Size; 3],
        kernel: &Pair,
        stride: &Pair,
    ) -> Option<Frame> {
        let [height, width, _] = image;
        let before = match ast {
            PaddingAst::Valid => [Size::ZERO, Size::ZERO],
            PaddingAst::Same => {
                let places = [
                    shape::same_out(height, &stride[0]),
                    shape::same_out(width, &stride[1]),
                ];
                let before = [
                    shape::same_before(height, &kernel[0], &stride[0]),
                    shape::same_before(width, &kernel[1], &stride[1]),
                ];
                return Some(Frame { before, places });
            }
            PaddingAst::Given(PairAst::Same(length)) if place.is_along_sequence() => {
                let length = length.to_token_stream();
                let none = SizeAst::Literal(LitInt::new("0", length.span()));
                let length = match syn::parse2(length.clone()) {
                    Ok(literal) => SizeAst::Literal(literal),
                    Err(_) => SizeAst::Const(length),
                };
                self.given_padding(&PairAst::Two(none, length), index, kernel)?
            }
            PaddingAst::Given(pair) => self.given_padding(pair, index, kernel)?,
        };
        let places = self.places(place, image, kernel, stride, &before)?;
        Some(Frame { before, places })
    }

    /// A padding in numbers, which must be less than the kernel: else a window would see nothing else.
    fn given_padding(&mut self, ast: &PairAst, index: usize, kernel: &Pair) -> Option<Pair> {
        let (height, width) = (ast.height(), ast.width());
        let padding = [
            self.count(height, &format!("padding_height_{index}"))?,
            self.count(width, &format!("padding_width_{index}"))?,
        ];
        let sides = [
            (&padding[0], &kernel[0], height),
            (&padding[1], &kernel[1], width),
        ];
        let mut fits = true;
        for (padding, kernel, tokens) in sides {
            match (padding.literal(), kernel.literal()) {
                (Some(padding), Some(kernel)) if padding >= kernel && fits => {
                    fits = false;
                    let message = format!(
                        "the padding is {padding}, but the kernel is {kernel}: a window would lie outside of the image"
                    );
                    let help = match kernel {
                        1 => "a kernel of 1 needs no padding".to_owned(),
                        _ => format!("write at most {}, or `padding = same`", kernel - 1),
                    };
                    self.errors.report(tokens, &message, &help);
                }
                (Some(_), Some(_)) => {}
                _ => self.requirements.push(Requirement::Padding {
                    place: tokens.to_token_stream(),
                    kernel: kernel.clone(),
                    padding: padding.clone(),
                }),
            }
        }
        fits.then_some(padding)
    }

    /// How often a window fits along the sides of an image.
    fn places(
        &mut self,
        place: &Place<'_>,
        image: &[Size; 3],
        kernel: &Pair,
        stride: &Pair,
        padding: &Pair,
    ) -> Option<Pair> {
        let Place {
            tokens,
            name,
            giver,
        } = place;
        let mut fits = true;
        for side in 0..2 {
            let sides = [&image[side], &kernel[side], &padding[side]].map(Size::literal);
            let [Some(length), Some(window), Some(margin)] = sides else {
                self.requirements.push(Requirement::Window {
                    place: tokens.to_token_stream(),
                    name,
                    size: kernel[side].clone(),
                    side: image[side].clone(),
                    padding: padding[side].clone(),
                });
                continue;
            };
            let room = length + 2 * margin;
            if window > room && fits {
                fits = false;
                let [height, width] = kernel;
                let [rows, columns, channels] = image;
                let padded = match margin {
                    0 => String::new(),
                    _ => format!(", {room} with its padding"),
                };
                let what = ["high", "wide"][side];
                let message = format!(
                    "the {name} is {height}x{width}, but {} {rows}x{columns}x{channels}: {length} {what}{padded}",
                    gives(giver)
                );
                let help = match rows.literal() {
                    Some(1) if side == 0 => format!(
                        "along a sequence write `{width}` alone; an image has 3 sizes, `({columns}, {channels}, 1)`"
                    ),
                    _ => format!("make the {name} at most {room} {what}"),
                };
                let number = if side == 0 {
                    tokens.height()
                } else {
                    tokens.width()
                };
                self.errors.report(number, &message, &help);
            }
        }
        let side = |side: usize| {
            shape::window_out(&image[side], &kernel[side], &stride[side], &padding[side])
        };
        fits.then(|| [side(0), side(1)])
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

    /// A number that may be 0.
    fn count(&mut self, ast: &SizeAst, name: &str) -> Option<Size> {
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

    /// A size that is generated as a function if only rustc knows it.
    fn number(&mut self, size: Size, name: &str) -> Size {
        match size {
            Size::Literal(_) | Size::Named(_) => size,
            sum => self.named_size(name, sum.to_token_stream()),
        }
    }

    fn named_size(&mut self, name: &str, value: TokenStream) -> Size {
        Size::Named(self.named(name, NamedKind::Size, value))
    }

    fn named(&mut self, name: &str, kind: NamedKind, value: TokenStream) -> Ident {
        let name = Ident::new(&format!("{}{name}", self.prefix), Span::mixed_site());
        self.named.push(Named {
            name: name.clone(),
            kind,
            value,
        });
        name
    }

    /// A constant of a layer that `function` of the library's `check` allows, which is also what it is called: a literal as it
    /// is, that of a path by its generated name.
    fn constant(
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

    fn activation(&mut self, index: usize, ast: &ActivationAst) -> Activation {
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
                        type_name: Ident::new(activation.type_name, Span::mixed_site()),
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

    /// A shape that only rustc knows, as the form that the layer takes; that it has this form is left to rustc.
    fn settled(&mut self, shape: Shape, index: usize, ast: &LayerAst) -> Shape {
        let Shape::Open { shape: open, .. } = &shape else {
            return shape;
        };
        let (function, settled) = match ast.kind {
            LayerKind::Conv(_)
            | LayerKind::Pool(_)
            | LayerKind::GlobalPool(_)
            | LayerKind::Flatten => ("image", self.as_image(open, &format!("input_{index}_"))),
            LayerKind::Dense(_) | LayerKind::Features(_) => ("flat", Shape::Flat(shape.len())),
            _ => return shape,
        };
        self.requirements.push(Requirement::Form {
            function,
            word: ast.word.clone(),
            shape: open.clone(),
        });
        settled
    }

    /// A shape that only rustc knows, if it is an image.
    fn as_image(&mut self, shape: &Ident, name: &str) -> Shape {
        let mut side = |side: &str| self.part_of(shape, name, side);
        Shape::Image {
            height: side("height"),
            width: side("width"),
            channels: side("image_channels"),
        }
    }

    /// A number of a shape that only rustc knows: what `function` of the library's `check` gives.
    fn part_of(&mut self, shape: &Ident, name: &str, function: &str) -> Size {
        let name = format!("{name}{function}");
        let function = Ident::new(function, Span::mixed_site());
        let value = quote_spanned!(Span::mixed_site()=> __lib::check::#function(#shape()));
        self.named_size(&name, value)
    }

    /// The channels of an image, or the numbers of what is flat; and how many numbers each has.
    fn channels(&mut self, shape: &Shape, index: usize) -> (Size, Size) {
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

    /// A number for a layer that draws at random.
    fn next_site(&mut self) -> u64 {
        self.sites += 1;
        self.sites
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
        if let Some(Shape::Open { shape, .. }) = &flow.shape {
            let is_image = matches!(ast, ShapeAst::Image { .. });
            self.requirements.push(Requirement::OutputForm {
                stated: ast.to_token_stream(),
                is_image,
                shape: shape.clone(),
            });
        }
        let giver = &flow.giver;
        // A shape that only rustc knows is taken for what is stated.
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

    /// One number of the output check, the one that is called `name` if there is more than one.
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

/// What a layer gets from the one before it.
struct Flow {
    /// Who gives it, for messages.
    giver: String,
    /// `None` behind a mistake: what follows is not checked against it.
    shape: Option<Shape>,
    params_end: Option<Size>,
}

/// What a layer is about to be.
struct Plan {
    weight_count: Size,
    bias_count: Size,
    /// What to change if these are too many.
    width: TokenStream,
    /// `None` if a part that has no size is wrong.
    kind: Option<ir::LayerKind>,
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            weight_count: Size::ZERO,
            bias_count: Size::ZERO,
            width: TokenStream::new(),
            kind: None,
        }
    }
}

/// Where the size of a window is written, for messages.
struct Place<'a> {
    tokens: &'a PairAst,
    /// `kernel` or `window`
    name: &'static str,
    giver: &'a str,
}

impl Place<'_> {
    /// One number is a length along a sequence, so the other numbers of the layer are lengths too.
    fn is_along_sequence(&self) -> bool {
        matches!(self.tokens, PairAst::Same(_))
    }
}

/// How a window is put on an image.
struct Frame {
    /// Padding before the first row and column.
    before: Pair,
    /// How often it fits.
    places: Pair,
}

/// The most pixels of a pool window that one block of registers can hold.
const MOST_POOLED: u64 = 9;

/// Whether a max pool reads each output of the convolution before it once, so that both can be one step.
fn is_pooled_at_once(layer: &ir::Layer, pool: &ir::Layer) -> bool {
    let (
        ir::LayerKind::Conv { groups: None, .. },
        ir::LayerKind::Pool {
            kind: PoolKind::Max,
            window: Window { kernel, stride, .. },
        },
    ) = (&layer.kind, &pool.kind)
    else {
        return false;
    };
    let [height, width] = kernel.clone().map(|size| size.literal());
    let sizes = height.zip(width);
    let strides = stride[0].literal().zip(stride[1].literal());
    sizes == strides && sizes.is_some_and(|(height, width)| height * width <= MOST_POOLED)
}

/// How a message goes on about a shape: `the input is`, but a layer `gives`.
fn gives(giver: &str) -> String {
    let verb = if giver == "the input" { "is" } else { "gives" };
    format!("{giver} {verb}")
}

/// What to do about an output check that is flat where the chain is not, or the other way round.
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

/// The value of a literal, or one beyond every limit.
fn value(literal: &LitInt) -> u64 {
    literal.base10_parse().unwrap_or(u64::MAX)
}
