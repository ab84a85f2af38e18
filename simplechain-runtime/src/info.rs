//! What a chain says of its layers: the table that it displays as, its fingerprint and its architecture are made of it.

use core::fmt::{self, Write};
use core::hash::{Hash, Hasher};
use core::ops::Range;

/// The shape of what flows between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A vector.
    Flat(usize),
    /// An image: height, width, channels; stored as channel planes of rows.
    Image(usize, usize, usize),
}

/// What there is to know of a layer of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LayerInfo {
    /// The word of the chain language: `dense`, ...
    pub name: &'static str,
    /// The activation: its word, without its constants; a value or, of `layer(Type)`, a type of the user's own as written;
    /// `id` or nothing where there is none.
    pub activation: &'static str,
    /// The numbers that are neither sizes nor parameters, by value.
    pub constants: &'static [Constant],
    /// How a value of the user's own type shows itself.
    pub own: Option<Own>,
    /// What goes in.
    pub input: Shape,
    /// What comes out.
    pub output: Shape,
    /// Where its parameters begin in the chain's.
    pub params_start: usize,
    /// Number of weights.
    pub weight_count: usize,
    /// Number of biases; they follow the weights.
    pub bias_count: usize,
    /// Number of parameters behind these that are not trained but follow the data: a mean, then a variance, of every channel.
    pub state_count: usize,
    /// The window that moves over the image, where there is one.
    pub window: Option<WindowInfo>,
    /// How the weights start.
    pub start: Start,
    /// Whether training changes the parameters.
    pub trained: bool,
    /// The layers of the chains that it is made of: of one, or of two side by side. Their parameters are counted from
    /// where this layer's begin, the second chain's behind the first's.
    pub inner: &'static [&'static [LayerInfo]],
}

/// How the weights of a layer start; biases start as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Start {
    /// By the scheme given to [`Chain::init_with`](crate::chain::Chain::init_with).
    Scheme,
    /// As 1.
    Ones,
}

/// A window that moves over an image; pairs are height and width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WindowInfo {
    /// Its size.
    pub size: (usize, usize),
    /// Pixels from one place to the next.
    pub stride: (usize, usize),
    /// Pixels of padding before the first row and column.
    pub padding: (usize, usize),
}

/// A constant of a layer: `slope` of `leaky_relu`, `mean` and `std`, `factor` and `offset`, `count` and `period`, `degree`,
/// `groups`, `rate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Constant {
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub value: ConstantValue,
}

/// The value of a [`Constant`]; numbers are equal if they have the same bits.
#[derive(Clone, Copy, Debug)]
pub enum ConstantValue {
    /// A whole number.
    Count(usize),
    /// One number for all, or one for each channel or each number of the input.
    Numbers(&'static [f64]),
}

impl ConstantValue {
    fn bits(&self) -> impl Iterator<Item = u64> {
        let (count, numbers) = match *self {
            Self::Count(count) => (Some(count as u64), &[][..]),
            Self::Numbers(numbers) => (None, numbers),
        };
        count
            .into_iter()
            .chain(numbers.iter().map(|number| number.to_bits()))
    }
}

impl PartialEq for ConstantValue {
    fn eq(&self, other: &Self) -> bool {
        core::mem::discriminant(self) == core::mem::discriminant(other)
            && self.bits().eq(other.bits())
    }
}

impl Eq for ConstantValue {}

impl Hash for ConstantValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().for_each(|bits| bits.hash(state));
    }
}

/// `0.1`, `2`, or `[0.1, 0.2]`; of many numbers the first three.
impl fmt::Display for ConstantValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Numbers([number]) => write!(f, "{number:?}"),
            Self::Numbers(numbers) if numbers.len() <= 4 => write!(f, "{numbers:?}"),
            Self::Numbers(numbers) => {
                f.write_char('[')?;
                for number in &numbers[..3] {
                    write!(f, "{number:?}, ")?;
                }
                write!(f, ".. {} numbers]", numbers.len())
            }
        }
    }
}

/// A value of a type of the user's own: it displays as its `Debug` shows it, as nothing if it has none.
#[derive(Clone, Copy)]
pub struct Own(pub fn(&mut fmt::Formatter<'_>) -> fmt::Result);

impl fmt::Display for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Own {}

impl Hash for Own {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}

impl Shape {
    /// How many numbers.
    pub const fn len(&self) -> usize {
        match *self {
            Self::Flat(n) => n,
            Self::Image(height, width, channels) => height * width * channels,
        }
    }

    /// Never: no layer gives nothing.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flat(n) => f.pad(&n.to_string()),
            Self::Image(height, width, channels) => f.pad(&format!("{height}x{width}x{channels}")),
        }
    }
}

/// What a layer is to the function that its chain computes.
pub(crate) enum Part {
    /// Nothing: its output is its input.
    Nothing,
    /// The layers of the chain that it is made of, as if they were written out.
    Chain,
    /// A part by itself.
    Layer,
}

impl Part {
    /// Of the layer with this name. What acts in training alone is nothing, whatever its constants.
    pub(crate) const fn of(name: &str) -> Self {
        match name.as_bytes() {
            b"dropout" | b"flatten" => Self::Nothing,
            b"chain" | b"frozen" => Self::Chain,
            _ => Self::Layer,
        }
    }
}

impl LayerInfo {
    /// Where its weights are among the chain's parameters.
    pub const fn weights(&self) -> Range<usize> {
        self.params_start..self.params_start + self.weight_count
    }

    /// Where its biases are among the chain's parameters.
    pub const fn bias(&self) -> Range<usize> {
        let start = self.params_start + self.weight_count;
        start..start + self.bias_count
    }

    /// Where its state is among the chain's parameters.
    pub const fn state(&self) -> Range<usize> {
        let start = self.params_start + self.weight_count + self.bias_count;
        start..start + self.state_count
    }

    /// Parameters in all.
    pub const fn param_count(&self) -> usize {
        self.weight_count + self.bias_count + self.state_count
    }

    /// What the layer applies, with the values of its constants: `tanh`, `leaky_relu(0.1)`, `mean [0.1, 0.2], std 2.0`.
    #[must_use]
    pub fn function(&self) -> String {
        let mut text = self.activation.to_owned();
        for Constant { name, value } in self.constants {
            if *name == SLOPE {
                text += &format!("({value})");
            } else {
                let comma = if text.is_empty() { "" } else { ", " };
                text += &format!("{comma}{name} {value}");
            }
        }
        text
    }

    /// How many inputs a sum of the layer has, and how many outputs an input goes to.
    pub(crate) const fn fans(&self) -> (usize, usize) {
        match (self.input, self.output) {
            (Shape::Image(_, _, inputs), Shape::Image(_, _, outputs)) => {
                (self.weight_count / outputs, self.weight_count / inputs)
            }
            (input, output) => (input.len(), output.len()),
        }
    }
}

/// The constant of an activation.
pub(crate) const SLOPE: &str = "slope";

/// Calls `f` with every layer, and the layers within it, and its range among the parameters, of which the first layer's
/// begin at `start`.
pub(crate) fn for_each_layer(
    layers: &[LayerInfo],
    start: usize,
    f: &mut dyn FnMut(&LayerInfo, Range<usize>),
) {
    for layer in layers {
        let first = start + layer.params_start;
        f(layer, first..first + layer.param_count());
        let mut start = first;
        for inner in layer.inner {
            for_each_layer(inner, start, f);
            start += inner.iter().map(LayerInfo::param_count).sum::<usize>();
        }
    }
}

/// Calls `f` with every range of parameters that no gradient moves: what is frozen, and running statistics.
pub(crate) fn for_each_held(
    layers: &[LayerInfo],
    f: &mut dyn FnMut(Range<usize>, Option<&LayerInfo>),
) {
    let mut frozen_until = 0;
    for_each_layer(layers, 0, &mut |layer, range| {
        if range.start < frozen_until {
            return;
        }
        if !layer.trained {
            frozen_until = range.end;
            f(range, None);
        } else if layer.state_count > 0 {
            f(range.end - layer.state_count..range.end, Some(layer));
        }
    });
}

/// Whether a layer takes statistics of the batch in training.
pub(crate) const fn sees_whole_batch(layers: &[LayerInfo]) -> bool {
    let mut i = 0;
    while i < layers.len() {
        let layer = &layers[i];
        let mut inner = 0;
        while layer.trained && inner < layer.inner.len() {
            if sees_whole_batch(layer.inner[inner]) {
                return true;
            }
            inner += 1;
        }
        if layer.trained && layer.state_count > 0 {
            return true;
        }
        i += 1;
    }
    false
}

/// The shape of a chain's input, which has so many numbers.
pub(crate) fn input_shape(layers: &[LayerInfo], len: usize) -> Shape {
    layers.first().map_or(Shape::Flat(len), |layer| layer.input)
}

/// The shape of a chain's output, which has so many numbers.
pub(crate) fn output_shape(layers: &[LayerInfo], len: usize) -> Shape {
    layers.last().map_or(Shape::Flat(len), |layer| layer.output)
}
