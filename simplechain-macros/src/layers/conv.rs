//! `conv(activation, (height, width), channels, stride = .., padding = .., groups = .., bias = true|false)`,
//! and `conv(activation, length, channels)` for a sequence

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, LitInt};

use super::activation;
use super::window::{self, Place, Window, WindowName, image_info};
use super::{At, Call, Entry, Form, Parse, ParsedLayer, Parser, Plan, count_constant};
use crate::ast::{ActivationAst, PaddingAst, PairAst, SizeAst, StrideAst};
use crate::checker::Checker;
use crate::error::{Errors, spell};
use crate::hygiene::quote_mixed;
use crate::ir::{Activation, Definition, Layer, LayerKind, Requirement, ResolvedLayer};
use crate::parse::arguments::{Arguments, OptionWord, is_number};
use crate::parse::size::{pair, size};
use crate::shape::{Pair, Shape, Size};

pub(super) const CONV: Entry = Entry {
    word: "conv",
    aliases: &["convolution", "convolve", "depthwiseconv", "separableconv"],
    options: &[
        OptionWord::Stride,
        OptionWord::Padding,
        OptionWord::Groups,
        OptionWord::Bias,
    ],
    example: "conv(relu, (3, 3), 16)",
    parse: Parse::Arguments(parse),
};

struct ParsedConv {
    activation: Option<ActivationAst>,
    kernel: Option<PairAst>,
    channels: Option<SizeAst>,
    stride: Option<StrideAst>,
    padding: Option<PaddingAst>,
    /// One group if absent.
    groups: Option<SizeAst>,
    bias: bool,
}

struct Conv {
    activation: Activation,
    window: Window,
    /// `None` for one group.
    groups: Option<Size>,
    bias: bool,
}

fn parse(parser: &mut Parser<'_>, call: &Call<'_>, arguments: Arguments) -> Box<dyn ParsedLayer> {
    let values = arguments.values;
    let values = values
        .map(|values| Values::of(parser.errors, call, values))
        .unwrap_or_default();
    let activation = values.activation;
    Box::new(ParsedConv {
        activation: activation.and_then(|value| activation::parse_activation(parser, value)),
        kernel: values.kernel,
        channels: values.channels.and_then(|value| size(parser.errors, value)),
        stride: arguments.stride,
        padding: arguments.padding,
        groups: arguments.groups,
        bias: arguments.bias,
    })
}

/// The three positional arguments of `conv`, as far as they are given.
#[derive(Default)]
struct Values {
    activation: Option<Expr>,
    kernel: Option<PairAst>,
    channels: Option<Expr>,
}

impl Values {
    fn of(errors: &mut Errors, call: &Call<'_>, values: Vec<Expr>) -> Self {
        let Call {
            word, whole, entry, ..
        } = call;
        let mut this = Self::default();
        if values.is_empty() {
            let message = format!(
                "`{word}` takes 3 arguments, an activation, a kernel and a number of channels, but here are none"
            );
            let help = format!("write `{}`", entry.example);
            errors.report(whole, &message, &help);
            return this;
        }
        // What each value looks like: (k)ernel, (n)umber or (a)ctivation.
        let look = |value: &Expr| match value {
            Expr::Tuple(_) => 'k',
            Expr::Paren(_) => 'n',
            value if is_number(value) => 'n',
            _ => 'a',
        };
        let looks: String = values.iter().map(look).collect();
        let text: Vec<String> = values.iter().map(spell_inside).collect();
        let mut missing = |what: &str, help: String| {
            let message = format!("`{word}` takes 3 arguments, but the {what} is missing");
            errors.report(whole, &message, &format!("write `{help}`"));
        };
        let mut values = values.into_iter();
        match looks.as_str() {
            "a" => {
                missing("kernel", format!("conv({}, (3, 3), 16)", text[0]));
                this.activation = values.next();
            }
            "an" => {
                missing("kernel", format!("conv({}, (3, 3), {})", text[0], text[1]));
                this.activation = values.next();
                this.channels = values.next();
            }
            "ak" => {
                let help = format!("conv({}, {}, 16)", text[0], text[1]);
                missing("number of channels", help);
                this.activation = values.next();
                this.kernel = values.next().and_then(|value| pair(errors, value));
            }
            "kn" => {
                missing(
                    "activation",
                    format!("conv(relu, {}, {})", text[0], text[1]),
                );
                this.kernel = values.next().and_then(|value| pair(errors, value));
                this.channels = values.next();
            }
            "k" => {
                missing("activation", format!("conv(relu, {}, 16)", text[0]));
                this.kernel = values.next().and_then(|value| pair(errors, value));
            }
            "n" | "nn" | "nnn" => {
                let channels = text.last().map_or("16", String::as_str);
                missing("activation", format!("conv(relu, (3, 3), {channels})"));
            }
            // Valid for a sequence; for an image the shape rule reports the missing side.
            "ann" => {
                this.activation = values.next();
                this.kernel = values.next().and_then(|value| pair(errors, value));
                this.channels = values.next();
            }
            "annn" => {
                this.activation = values.next();
                let (height, width) = (values.next(), values.next());
                let message = format!("the kernel of `{word}` stands in brackets");
                let help = format!("write `({}, {})`", text[1], text[2]);
                errors.report(quote!(#height, #width), &message, &help);
                this.kernel = height
                    .and_then(|value| size(errors, value))
                    .zip(width.and_then(|value| size(errors, value)))
                    .map(|(height, width)| PairAst::Two(height, width));
                this.channels = values.next();
            }
            "ank" | "kan" | "kna" | "nak" | "nka" => {
                let at = |what: char| looks.find(what).unwrap_or_default();
                let (a, k, n) = (at('a'), at('k'), at('n'));
                let message = format!(
                    "`{word}` takes an activation, a kernel and a number of channels, in this order"
                );
                let help = format!("write `conv({}, {}, {})`", text[a], text[k], text[n]);
                errors.report(inside(whole), &message, &help);
                let mut values: Vec<_> = values.map(Some).collect();
                this.activation = values[a].take();
                this.kernel = values[k].take().and_then(|value| pair(errors, value));
                this.channels = values[n].take();
            }
            _ => {
                this.activation = values.next();
                this.kernel = values.next().and_then(|value| pair(errors, value));
                this.channels = values.next();
                if this.channels.is_none() {
                    let message = format!(
                        "`{word}` takes 3 arguments, an activation, a kernel and a number of channels, but here are {}",
                        text.len()
                    );
                    errors.report(whole, &message, &format!("write `{}`", entry.example));
                }
                report_extra(errors, call, values);
            }
        }
        this
    }
}

/// A value as the user would write it, without parentheses that contain nothing else.
fn spell_inside(value: &Expr) -> String {
    match value {
        Expr::Paren(paren) => spell(&paren.expr),
        value => spell(value),
    }
}

/// The tokens between the parentheses of a call.
fn inside(whole: &TokenStream) -> TokenStream {
    match whole.clone().into_iter().nth(1) {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => whole.clone(),
    }
}

/// Reports excess arguments, from the fourth on.
fn report_extra(errors: &mut Errors, call: &Call<'_>, extra: impl Iterator<Item = Expr>) {
    let (word, options) = (call.word, call.entry.options);
    let options: Vec<String> = options
        .iter()
        .map(|option| {
            let value = match option {
                OptionWord::Bias => "true",
                OptionWord::Stride
                | OptionWord::Padding
                | OptionWord::Groups
                | OptionWord::Period => "..",
            };
            format!("`{} = {value}`", option.text())
        })
        .collect();
    let help = format!("remove it, or name it: {}", options.join(" or "));
    for (extra, number) in extra.zip(4..) {
        let message = format!("`{word}` takes 3 arguments, but this is number {number}");
        errors.report(extra, &message, &help);
    }
}

impl ParsedLayer for ParsedConv {
    fn needs(&self) -> Form {
        Form::Image
    }

    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan> {
        let kernel = window::pair(checker, self.kernel.as_ref(), &at.name("kernel"));
        let channels = self.channels.as_ref();
        let channels = channels.and_then(|channels| checker.size(channels, &at.name("channels")));
        let stride = window::stride(checker, self.stride.as_ref(), at, None);
        let image = window::image(checker, at, input, "convolved")?;
        let (mut kernel, channels, mut stride) = (kernel?, channels?, stride?);
        let place = Place {
            tokens: self.kernel.as_ref()?,
            name: WindowName::Kernel,
            at,
        };
        window::along_sequence(checker, &image, &place, &mut kernel)?;
        if let Some(StrideAst::Given(PairAst::Same(_))) = &self.stride
            && place.is_along_sequence()
        {
            stride[0] = Size::Literal(1);
        }
        let padding = self.padding.as_ref()?;
        let (window, places) = padded(checker, padding, &place, &image, kernel, stride)?;
        let shape = window::output_image(checker, at, places, channels.clone());
        *output = Some(shape);
        let groups = match &self.groups {
            Some(given) => Some(groups(checker, given, at, &image[2], &channels)?),
            None => None,
        };
        let inputs = match &groups {
            Some(groups) => per_group(&image[2], groups),
            None => image[2].clone(),
        };
        let weight_count = weight_count(&window.kernel, &inputs, &channels);
        let bias_count = if self.bias { channels } else { Size::ZERO };
        let activation = self.activation.as_ref();
        let activation = activation.map(|activation| checker.activation(at.index, activation));
        let bias = self.bias;
        let conv = activation.map(|activation| Conv {
            activation,
            window,
            groups,
            bias,
        });
        Some(Plan {
            weight_count,
            bias_count,
            width: self.channels.to_token_stream(),
            kind: conv.map(|conv| LayerKind::Computes(Box::new(conv))),
        })
    }
}

/// The window with its padding, and the number of its positions along each side.
fn padded(
    checker: &mut Checker<'_>,
    ast: &PaddingAst,
    place: &Place<'_>,
    image: &[Size; 3],
    kernel: Pair,
    stride: Pair,
) -> Option<(Window, Pair)> {
    let [height, width, _] = image;
    let padding = match ast {
        PaddingAst::Valid => [Size::ZERO, Size::ZERO],
        PaddingAst::Same => {
            let places = [same_out(height, &stride[0]), same_out(width, &stride[1])];
            let padding = [
                same_before(height, &kernel[0], &stride[0]),
                same_before(width, &kernel[1], &stride[1]),
            ];
            let after = [
                same_after(height, &kernel[0], &stride[0]),
                same_after(width, &kernel[1], &stride[1]),
            ];
            let window = Window {
                kernel,
                stride,
                padding,
                after,
            };
            return Some((window, places));
        }
        PaddingAst::Given(PairAst::Same(length)) if place.is_along_sequence() => {
            let length = length.to_token_stream();
            let none = SizeAst::Literal(LitInt::new("0", length.span()));
            let length = match syn::parse2(length.clone()) {
                Ok(literal) => SizeAst::Literal(literal),
                Err(_) => SizeAst::Const(length),
            };
            given_padding(checker, &PairAst::Two(none, length), place.at, &kernel)?
        }
        PaddingAst::Given(pair) => given_padding(checker, pair, place.at, &kernel)?,
    };
    let window = Window {
        kernel,
        stride,
        after: padding.clone(),
        padding,
    };
    let places = window::places(checker, place, image, &window)?;
    Some((window, places))
}

/// An explicit padding. It must be smaller than the kernel, otherwise a window could contain only padding.
fn given_padding(
    checker: &mut Checker<'_>,
    ast: &PairAst,
    at: &At<'_>,
    kernel: &Pair,
) -> Option<Pair> {
    let (height, width) = (ast.height(), ast.width());
    let padding = [
        checker.count(height, &at.name("padding_height"))?,
        checker.count(width, &at.name("padding_width"))?,
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
                checker.errors.report(tokens, &message, &help);
            }
            (Some(_), Some(_)) => {}
            _ => checker.requirements.push(Requirement::Padding {
                place: tokens.to_token_stream(),
                kernel: kernel.clone(),
                padding: padding.clone(),
            }),
        }
    }
    fits.then_some(padding)
}

/// The number of groups, which must divide the input channels and the output channels.
fn groups(
    checker: &mut Checker<'_>,
    ast: &SizeAst,
    at: &At<'_>,
    inputs: &Size,
    outputs: &Size,
) -> Option<Size> {
    let groups = checker.size(ast, &at.name("groups"))?;
    match [&groups, inputs, outputs].map(Size::literal) {
        [Some(number), Some(inputs), Some(outputs)] => {
            if !inputs.is_multiple_of(number) || !outputs.is_multiple_of(number) {
                let message = format!(
                    "here are {number} groups, which do not divide the channels: {inputs} go in, {outputs} come out"
                );
                let help = "write a number that divides both";
                checker.errors.report(ast, &message, help);
                return None;
            }
        }
        _ => checker.requirements.push(Requirement::Groups {
            place: ast.to_token_stream(),
            groups: groups.clone(),
            channels: [inputs.clone(), outputs.clone()],
        }),
    }
    Some(groups)
}

fn weight_count([height, width]: &Pair, inputs: &Size, outputs: &Size) -> Size {
    height.times(width).times(inputs).times(outputs)
}

/// Channels per group.
fn per_group(channels: &Size, groups: &Size) -> Size {
    Size::call("per_group", [channels, groups], |[channels, groups]| {
        channels / groups.max(1)
    })
}

/// Positions of a window along one side of an image with `padding = same`.
fn same_out(input: &Size, stride: &Size) -> Size {
    Size::call("same_out", [input, stride], |[input, stride]| {
        input.div_ceil(stride)
    })
}

/// Padding added by `same` along one side of an image.
fn same_padding([input, kernel, stride]: [u64; 3]) -> u64 {
    let end = (input.div_ceil(stride) - 1) * stride + kernel;
    end.saturating_sub(input)
}

/// The part of it before the image.
fn same_before(input: &Size, kernel: &Size, stride: &Size) -> Size {
    Size::call("same_before", [input, kernel, stride], |sizes| {
        same_padding(sizes) / 2
    })
}

/// The part of it after the image: the larger half.
fn same_after(input: &Size, kernel: &Size, stride: &Size) -> Size {
    Size::call("same_after", [input, kernel, stride], |sizes| {
        same_padding(sizes).div_ceil(2)
    })
}

impl ResolvedLayer for Conv {
    fn definition(&self, layer: &Layer, path: &str) -> Definition {
        let (window, bias) = (self.window.type_in(layer), self.bias);
        let [_, _, channels] = window::sides(&layer.output).map(Size::const_argument);
        let activation = activation::definition(&self.activation, path);
        match &self.groups {
            None => activation.wrapped(|of, value| {
                (
                    quote_mixed!(__lib::Conv<#of, #window, #channels, #bias>),
                    quote_mixed!(__lib::Conv::new(#value)),
                )
            }),
            Some(groups) => {
                let groups = groups.const_argument();
                let output = layer.output.len().const_argument();
                activation.wrapped(|of, value| {
                    (
                        quote_mixed! {
                            __lib::Activated<
                                __lib::GroupedConv<#window, #channels, #groups, #bias>, #of, #output,
                            >
                        },
                        quote_mixed! {
                            __lib::Activated(__lib::GroupedConv::new(), #value)
                        },
                    )
                })
            }
        }
    }

    fn info(&self, layer: &Layer) -> TokenStream {
        let (text, bias, start) = (&self.activation.text, self.bias, &layer.params_start);
        let (input, output) = (image_info(&layer.input), image_info(&layer.output));
        let window = self.window.info();
        let conv = quote_mixed!(__lib::conv(#text, #input, #output, #window, #bias, #start));
        match &self.groups {
            Some(groups) => quote_mixed!(__lib::grouped(#conv, #groups)),
            None => conv,
        }
    }

    fn constants(&self) -> Vec<TokenStream> {
        let groups = self.groups.as_ref();
        let groups = groups.map(|groups| count_constant("groups", groups));
        groups.into_iter().collect()
    }

    fn activation(&self) -> Option<&Activation> {
        Some(&self.activation)
    }

    fn takes_a_pool(&self) -> bool {
        self.groups.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Positions and padding as in TensorFlow.
    #[test]
    fn padding_same() {
        for (input, kernel, stride, out, before, after) in [
            (28, 5, 1, 28, 2, 2),
            (28, 4, 1, 28, 1, 2),
            (5, 3, 2, 3, 1, 1),
            (6, 3, 2, 3, 0, 1),
            (7, 1, 3, 3, 0, 0),
        ] {
            let [input, kernel, stride] = [input, kernel, stride].map(Size::Literal);
            assert_eq!(same_out(&input, &stride).literal(), Some(out));
            let padding = same_before(&input, &kernel, &stride);
            assert_eq!(padding.literal(), Some(before));
            let padding = same_after(&input, &kernel, &stride);
            assert_eq!(padding.literal(), Some(after));
        }
    }
}
