//! Windows over an image, for convolutions and pools.

use proc_macro2::TokenStream;
use quote::ToTokens;

use super::At;
use crate::ast::{PairAst, StrideAst};
use crate::checker::Checker;
use crate::error::spell;
use crate::hygiene::{ident, quote_mixed};
use crate::ir::{Layer, Requirement};
use crate::shape::{Pair, Shape, Size};

/// Size, stride and padding of a window.
pub(super) struct Window {
    pub(super) kernel: Pair,
    pub(super) stride: Pair,
    /// Padding before the first row and column.
    pub(super) padding: Pair,
    /// Padding after the last row and column.
    pub(super) after: Pair,
}

impl Window {
    /// The type of the window of a layer. What is the default is not written: a stride of 1, no padding, and the same padding
    /// on both sides.
    pub(super) fn type_in(&self, layer: &Layer) -> TokenStream {
        let Window {
            kernel,
            stride,
            padding,
            after,
        } = self;
        let sizes = |sizes: &[&Size]| {
            let sizes = sizes.iter().map(|size| size.const_argument());
            quote_mixed!(<#(#sizes),*>)
        };
        let mut parts = vec![
            ("Image", sizes(&sides(&layer.input))),
            ("Size", sizes(&kernel.each_ref())),
        ];
        let is_padded = [padding, after]
            .iter()
            .any(|sides| **sides != [Size::ZERO, Size::ZERO]);
        if is_padded || *stride != [Size::Literal(1), Size::Literal(1)] {
            parts.push(("Step", sizes(&stride.each_ref())));
        }
        let ([top, left], [bottom, right]) = (padding, after);
        if is_padded && padding == after {
            parts.push(("Padding", sizes(&[top, left])));
        } else if is_padded {
            parts.push(("Padding", sizes(&[top, left, bottom, right])));
        }
        let parts = parts.iter().map(|(name, sizes)| {
            let name = ident(name);
            quote_mixed!(__lib::#name #sizes)
        });
        quote_mixed!(__lib::Window<#(#parts),*>)
    }

    /// The window in the generated table of layers.
    pub(super) fn info(&self) -> TokenStream {
        let Window {
            kernel: [kh, kw],
            stride: [sh, sw],
            padding: [top, left],
            ..
        } = self;
        quote_mixed!(__lib::window((#kh, #kw), (#sh, #sw), (#top, #left)))
    }
}

/// Height, width and channels of an image.
pub(super) fn sides(shape: &Shape) -> [&Size; 3] {
    match shape {
        Shape::Image {
            height,
            width,
            channels,
        } => [height, width, channels],
        Shape::Flat(len) | Shape::Open { len, .. } => [len; 3],
    }
}

/// An image in the generated table of layers.
pub(super) fn image_info(shape: &Shape) -> TokenStream {
    let sides = sides(shape);
    quote_mixed!((#(#sides),*))
}

/// Where the size of a window is written, and its name, for messages.
pub(super) struct Place<'a> {
    pub(super) tokens: &'a PairAst,
    /// `kernel` or `window`
    pub(super) name: WindowName,
    pub(super) at: &'a At<'a>,
}

/// What messages call the window of a layer.
#[derive(Clone, Copy)]
pub(super) enum WindowName {
    Kernel,
    Window,
}

impl WindowName {
    fn text(self) -> &'static str {
        match self {
            WindowName::Kernel => "kernel",
            WindowName::Window => "window",
        }
    }
}

impl Place<'_> {
    /// A single size is a length along a sequence; then stride and padding are lengths too.
    pub(super) fn is_along_sequence(&self) -> bool {
        matches!(self.tokens, PairAst::Same(_))
    }
}

/// Height, width and channels of the input of a layer that requires an image. `done` is the verb for messages.
pub(super) fn image(
    checker: &mut Checker<'_>,
    at: &At<'_>,
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
                "`{}` needs an image, but {} {len}, which is flat",
                at.word,
                at.gives()
            );
            let help = match at.giver {
                "the input" => {
                    "write the input as `(height, width, channels)`, `(28, 28, 1)`".to_owned()
                }
                "`flatten`" => "move it before `flatten`".to_owned(),
                _ => format!("an image is {done} before the first flat layer"),
            };
            checker.errors.report(at.word, &message, &help);
            None
        }
    }
}

/// The output shape for this many positions of the window.
pub(super) fn output_image(
    checker: &mut Checker<'_>,
    at: &At<'_>,
    [height, width]: Pair,
    channels: Size,
) -> Shape {
    Shape::Image {
        height: checker.number(height, &at.name("output_height")),
        width: checker.number(width, &at.name("output_width")),
        channels,
    }
}

/// A single window size is valid for a sequence, which has height 1. For other images the second size is missing.
pub(super) fn along_sequence(
    checker: &mut Checker<'_>,
    image: &[Size; 3],
    place: &Place<'_>,
    window: &mut Pair,
) -> Option<()> {
    let PairAst::Same(size) = place.tokens else {
        return Some(());
    };
    let word = place.at.word;
    window[0] = Size::Literal(1);
    match &image[0] {
        Size::Literal(1) => return Some(()),
        Size::Literal(_) => {}
        height => {
            checker.requirements.push(Requirement::Sequence {
                place: size.to_token_stream(),
                word: word.to_string(),
                name: place.name.text(),
                height: height.clone(),
            });
            return Some(());
        }
    }
    let text = spell(size);
    let (message, help) = match place.name {
        WindowName::Kernel => (
            format!("the kernel of `{word}` has a height and a width, but this is `{text}`"),
            format!("write `({text}, {text})`"),
        ),
        WindowName::Window => (
            format!("`{word}` takes 2 arguments, a height and a width"),
            format!("write `{word}({text}, {text})`"),
        ),
    };
    checker.errors.report(size, &message, &help);
    None
}

/// The given stride, or the `default`, or 1.
pub(super) fn stride(
    checker: &mut Checker<'_>,
    ast: Option<&StrideAst>,
    at: &At<'_>,
    default: Option<&Pair>,
) -> Option<Pair> {
    match ast? {
        StrideAst::Given(given) => pair(checker, Some(given), &at.name("stride")),
        StrideAst::Default => Some(match default {
            Some(default) => default.clone(),
            None => [Size::Literal(1), Size::Literal(1)],
        }),
    }
}

pub(super) fn pair(checker: &mut Checker<'_>, ast: Option<&PairAst>, name: &str) -> Option<Pair> {
    match ast? {
        PairAst::Same(size) => {
            let size = checker.size(size, name)?;
            Some([size.clone(), size])
        }
        PairAst::Two(height, width) => {
            let height = checker.size(height, &format!("{name}_height"));
            let width = checker.size(width, &format!("{name}_width"));
            Some([height?, width?])
        }
    }
}

/// The number of positions of a window along each side of an image.
pub(super) fn places(
    checker: &mut Checker<'_>,
    place: &Place<'_>,
    image: &[Size; 3],
    window: &Window,
) -> Option<Pair> {
    let Place { tokens, name, at } = place;
    let name = name.text();
    let Window {
        kernel,
        stride,
        padding,
        ..
    } = window;
    let mut fits = true;
    for side in 0..2 {
        let sides = [&image[side], &kernel[side], &padding[side]].map(Size::literal);
        let [Some(length), Some(window), Some(margin)] = sides else {
            checker.requirements.push(Requirement::Window {
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
                at.gives()
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
            checker.errors.report(number, &message, &help);
        }
    }
    let side = |side: usize| window_out(&image[side], &kernel[side], &stride[side], &padding[side]);
    fits.then(|| [side(0), side(1)])
}

/// Positions of a window along one side of an image with `padding` at both ends. A remainder at the end is dropped; if the
/// window does not fit, there are none.
fn window_out(input: &Size, kernel: &Size, stride: &Size, padding: &Size) -> Size {
    Size::call(
        "window_out",
        [input, kernel, stride, padding],
        |[input, kernel, stride, padding]| match (input + 2 * padding).checked_sub(kernel) {
            Some(room) => room / stride + 1,
            None => 0,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Some cases have a remainder.
    #[test]
    fn places_of_a_window() {
        for (input, kernel, stride, padding, out) in [
            (28, 5, 1, 0, 24),
            (5, 2, 2, 0, 2),
            (5, 3, 2, 1, 3),
            (4, 7, 1, 1, 0),
        ] {
            let [input, kernel, stride, padding] =
                [input, kernel, stride, padding].map(Size::Literal);
            let places = window_out(&input, &kernel, &stride, &padding);
            assert_eq!(places.literal(), Some(out));
        }
    }

    #[test]
    fn places_that_only_rustc_knows() {
        let size = Size::Named(ident("n"));
        let out = window_out(&size, &Size::Literal(5), &Size::Literal(1), &Size::ZERO);
        let text = out.to_token_stream().to_string().replace(' ', "");
        assert_eq!(text, "__lib::check::window_out(n(),5,1,0)");
    }
}
