//! Checks of sizes that only rustc knows: those of `const` items.
//!
//! `simple_chain!` writes `const _: () = check::size("WIDTH", WIDTH);`, an item, so that `cargo check` and the editor
//! report a violation. The messages are those of the macro for literals.

use simplechain_runtime::chain::{LayerInfo, Shape};
use simplechain_runtime::kernels::geometry::windows;

/// The maximum size and the maximum number of parameters, as in the macro.
const LIMIT: usize = 1 << 31;

/// A size, given by the `const` item `path`.
#[track_caller]
pub const fn size(path: &str, size: usize) {
    if size == 0 {
        Text::new()
            .text("a size is at least 1, but `")
            .text(path)
            .text("` is 0\nhelp: write how many numbers there are")
            .panic();
    }
    if size > LIMIT {
        Text::new()
            .text("the size `")
            .text(path)
            .text("` is ")
            .number(size)
            .text(", but ")
            .number(LIMIT)
            .text(" is the limit\nhelp: write a smaller one")
            .panic();
    }
}

/// The number of parameters of a chain.
#[track_caller]
pub const fn param_count(count: usize) {
    if count > LIMIT {
        Text::new()
            .text("the chain has ")
            .number(count)
            .text(" parameters, but ")
            .number(LIMIT)
            .text(" is the limit\nhelp: make the layers narrower")
            .panic();
    }
}

/// The output check at the end of a chain, against its actual output.
#[track_caller]
pub const fn output(stated: usize, actual: usize) {
    // Without height and width it is not an image, which is reported elsewhere.
    if stated != actual && actual > 0 {
        Text::new()
            .text("the output check says ")
            .number(stated)
            .text(", but the chain gives ")
            .number(actual)
            .text("\nhelp: change the output check, or the width of the last layer")
            .panic();
    }
}

/// A side of a kernel or window, against the image with its padding. Without height and width it is not an image, which is
/// reported elsewhere.
#[track_caller]
pub const fn window(name: &str, size: usize, side: usize, padding: usize) {
    let room = side + 2 * padding;
    if size > room && side > 0 {
        Text::new()
            .text("the ")
            .text(name)
            .text(" is ")
            .number(size)
            .text(" pixels long, but the image has room for ")
            .number(room)
            .text("\nhelp: make the ")
            .text(name)
            .text(" smaller")
            .panic();
    }
}

/// A padding against the side of the kernel.
#[track_caller]
pub const fn padding(padding: usize, kernel: usize) {
    if padding >= kernel {
        Text::new()
            .text("the padding is ")
            .number(padding)
            .text(", but the kernel is ")
            .number(kernel)
            .text(": a window would lie outside of the image\nhelp: write less than the kernel, or `padding = same`")
            .panic();
    }
}

/// The input of a custom layer, against what it gets.
#[track_caller]
pub const fn custom_layer(takes: usize, gets: usize) {
    equal(
        "this layer takes ",
        takes,
        " numbers, but gets ",
        gets,
        "\nhelp: change its `INPUT_LEN`, or the layer before it",
    );
}

/// The input of a nested chain, against what it gets.
#[track_caller]
pub const fn inner_chain(takes: usize, gets: usize) {
    equal(
        "this chain takes ",
        takes,
        " numbers, but gets ",
        gets,
        "\nhelp: change the size of its input, or the layer before it",
    );
}

/// The input of `residual`, against the output of its layers.
#[track_caller]
pub const fn residual(takes: usize, gets: usize) {
    equal(
        "`residual` adds what its layers give to their input, which has ",
        takes,
        " numbers, but they give ",
        gets,
        "\nhelp: change the width of the last layer",
    );
}

/// A side of an image input of `concat`, against that of another.
#[track_caller]
pub const fn concat(one: usize, other: usize) {
    equal(
        "the images of `concat` have one height and width, but here are ",
        one,
        " and ",
        other,
        "\nhelp: give both branches the same stride and padding",
    );
}

#[track_caller]
const fn equal(before: &str, a: usize, between: &str, b: usize, help: &str) {
    if a != b {
        Text::new()
            .text(before)
            .number(a)
            .text(between)
            .number(b)
            .text(help)
            .panic();
    }
}

/// The constants of a layer: one, or one for each channel, or one for each element; none is 0 if they `divide`.
#[track_caller]
pub const fn constants(
    path: &str,
    constants: &[f64],
    channels: usize,
    numbers: usize,
    divide: bool,
) {
    let count = constants.len();
    if count != 1 && count != channels && count != numbers {
        let text = Text::new()
            .text("`")
            .text(path)
            .text("` has ")
            .number(count)
            .text(" constants, but the layer has ")
            .number(numbers)
            .text(" numbers");
        let text = if channels == numbers {
            text
        } else {
            text.text(" in ").number(channels).text(" channels")
        };
        text.text("\nhelp: write one for all, or one for each")
            .panic();
    }
    let mut i = 0;
    while i < count {
        if divide && !is_divisor(constants[i]) {
            Text::new()
                .text("number ")
                .number(i)
                .text(" of `")
                .text(path)
                .text("` divides, but is 0 or not finite\nhelp: write 1 where nothing is to be divided")
                .panic();
        }
        i += 1;
    }
}

/// A divisor.
#[track_caller]
pub const fn divisor(number: f64) {
    if !is_divisor(number) {
        Text::new()
            .text("the standard deviation divides, but is 0 or not finite\nhelp: write 1 where nothing is to be divided")
            .panic();
    }
}

const fn is_divisor(number: f64) -> bool {
    number != 0.0 && number.is_finite()
}

/// The rate of a dropout.
#[track_caller]
pub const fn rate(rate: f64) {
    if !(rate >= 0.0 && rate < 1.0) {
        Text::new()
            .text("the rate of `dropout` is from 0 up to 1, without 1\nhelp: write the share of numbers to drop, `0.2`")
            .panic();
    }
}

/// The period of a Fourier layer.
#[track_caller]
pub const fn period(period: f64) {
    if !(period > 0.0 && period.is_finite()) {
        Text::new()
            .text(
                "the period of `fourier` is above 0\nhelp: write after how much the input repeats",
            )
            .panic();
    }
}

/// The slope of an activation: any value.
pub const fn slope(_: f64) {}

/// The number of groups: it divides the input and output channels of a convolution.
#[track_caller]
pub const fn groups(groups: usize, gets: usize, gives: usize) {
    if groups > 0 && (!gets.is_multiple_of(groups) || !gives.is_multiple_of(groups)) {
        Text::new()
            .text("here are ")
            .number(groups)
            .text(" groups, which do not divide the channels: ")
            .number(gets)
            .text(" go in, ")
            .number(gives)
            .text(" come out\nhelp: write a number that divides both")
            .panic();
    }
}

/// Channels per group.
pub const fn per_group(channels: usize, groups: usize) -> usize {
    // A group count of 0 is reported where it is written.
    channels / max(groups, 1)
}

/// The larger of two numbers.
pub const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Window positions along one side of an image with `padding` at both ends; none if it does not fit.
pub const fn window_out(input: usize, kernel: usize, stride: usize, padding: usize) -> usize {
    windows(input + 2 * padding, kernel, stride)
}

/// Window positions along one side of an image whose padding is `same`.
pub const fn same_out(input: usize, stride: usize) -> usize {
    input.div_ceil(max(stride, 1))
}

/// The padding along one side of an image for `same`.
const fn same_padding(input: usize, kernel: usize, stride: usize) -> usize {
    let end = same_out(input, stride).saturating_sub(1) * stride + kernel;
    end.saturating_sub(input)
}

/// The part of it before the image.
pub const fn same_before(input: usize, kernel: usize, stride: usize) -> usize {
    same_padding(input, kernel, stride) / 2
}

/// The part of it after the image: the larger half.
pub const fn same_after(input: usize, kernel: usize, stride: usize) -> usize {
    same_padding(input, kernel, stride).div_ceil(2)
}

/// The output shape of a chain of these layers.
pub const fn output_shape(layers: &[LayerInfo], len: usize) -> Shape {
    match layers {
        [.., last] => last.output,
        [] => Shape::Flat(len),
    }
}

/// The height of an image; flat data has none, which is reported where an image is needed.
pub const fn height(shape: Shape) -> usize {
    match shape {
        Shape::Image(height, ..) => height,
        Shape::Flat(_) => 0,
    }
}

/// The width of an image, likewise.
pub const fn width(shape: Shape) -> usize {
    match shape {
        Shape::Image(_, width, _) => width,
        Shape::Flat(_) => 0,
    }
}

/// The channels of an image, likewise.
pub const fn image_channels(shape: Shape) -> usize {
    match shape {
        Shape::Image(_, _, channels) => channels,
        Shape::Flat(_) => 0,
    }
}

/// Channels, for a layer that takes both forms: every element of flat data is one.
pub const fn channels(shape: Shape) -> usize {
    match shape {
        Shape::Image(_, _, channels) | Shape::Flat(channels) => channels,
    }
}

/// The number of elements in each of the [`channels`].
pub const fn pixels(shape: Shape) -> usize {
    match shape {
        Shape::Image(height, width, _) => height * width,
        Shape::Flat(_) => 1,
    }
}

/// Two concatenated shapes: elements, or channels of one image. A mismatch is reported by [`side_by_side`].
pub const fn joined(one: Shape, other: Shape) -> Shape {
    match (one, other) {
        (Shape::Image(height, width, channels), Shape::Image(_, _, others)) => {
            Shape::Image(height, width, channels + others)
        }
        _ => Shape::Flat(one.len() + other.len()),
    }
}

/// The input of a layer, with keyword `word`, that needs an image.
#[track_caller]
pub const fn image(word: &str, shape: Shape) {
    if let Shape::Flat(len) = shape {
        Text::new()
            .text("`")
            .text(word)
            .text("` needs an image, but the chain before it gives ")
            .number(len)
            .text(", which is flat\nhelp: let that chain end with a layer of images")
            .panic();
    }
}

/// The input of a layer, with keyword `word`, that needs flat data.
#[track_caller]
pub const fn flat(word: &str, shape: Shape) {
    if let Shape::Image(..) = shape {
        Text::new()
            .text("`")
            .text(word)
            .text("` needs a flat input, but the chain before it gives ")
            .shape(shape)
            .text("\nhelp: put `flatten` between them")
            .panic();
    }
}

/// The shape of the output check, written as `stated`, against that of the chain.
#[track_caller]
pub const fn output_form(stated: &str, is_image: bool, shape: Shape) {
    if matches!(shape, Shape::Image(..)) != is_image {
        Text::new()
            .text("the output check says ")
            .text(stated)
            .text(", but the chain gives ")
            .shape(shape)
            .text("\nhelp: change the output check")
            .panic();
    }
}

/// The outputs of two branches of `concat`.
#[track_caller]
pub const fn side_by_side(one: Shape, other: Shape) {
    let fits = match (one, other) {
        (Shape::Image(h, w, _), Shape::Image(height, width, _)) => h == height && w == width,
        (Shape::Flat(_), Shape::Flat(_)) => true,
        _ => false,
    };
    if !fits {
        Text::new()
            .text("the branches of `concat` must be flat, or images of one height and width, but they are ")
            .shape(one)
            .text(" and ")
            .shape(other)
            .text("\nhelp: end both with `flatten`, or give them the same stride and padding")
            .panic();
    }
}

/// A single integer for the kernel or window of `word` is a length along a sequence, an image of height 1.
#[track_caller]
pub const fn sequence(word: &str, name: &str, height: usize) {
    // Without height it is not an image, which is reported elsewhere.
    if height > 1 {
        Text::new()
            .text("one number for the ")
            .text(name)
            .text(" of `")
            .text(word)
            .text("` is its length along a sequence, which is 1 high, but the image is ")
            .number(height)
            .text(" high\nhelp: write a height and a width")
            .panic();
    }
}

/// A message buffer: a `const` panic takes one finished text.
pub(super) struct Text {
    bytes: [u8; Self::CAPACITY],
    len: usize,
}

impl Text {
    /// Truncates what does not fit.
    const CAPACITY: usize = 256;

    pub(super) const fn new() -> Self {
        Self {
            bytes: [0; Self::CAPACITY],
            len: 0,
        }
    }

    const fn byte(mut self, byte: u8) -> Self {
        if self.len < Self::CAPACITY {
            self.bytes[self.len] = byte;
            self.len += 1;
        }
        self
    }

    pub(super) const fn text(mut self, text: &str) -> Self {
        let mut i = 0;
        while i < text.len() {
            self = self.byte(text.as_bytes()[i]);
            i += 1;
        }
        self
    }

    const fn number(mut self, number: usize) -> Self {
        if number >= 10 {
            self = self.number(number / 10);
        }
        self.byte(b'0' + (number % 10) as u8)
    }

    /// A shape as a chain displays it, `28x28x1`.
    const fn shape(self, shape: Shape) -> Self {
        match shape {
            Shape::Flat(len) => self.number(len),
            Shape::Image(height, width, channels) => self
                .number(height)
                .text("x")
                .number(width)
                .text("x")
                .number(channels),
        }
    }

    #[track_caller]
    pub(super) const fn panic(&self) -> ! {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("a size of the chain is wrong"),
        }
    }
}
