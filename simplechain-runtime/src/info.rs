//! The description of a chain's layers: the basis of its displayed table, its fingerprint and its architecture.

#[cfg(feature = "alloc")]
use alloc::string::{String, ToString};
use core::fmt::{self, Write};
use core::hash::{Hash, Hasher};
use core::ops::Range;

/// The shape of the data between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A vector.
    Flat(usize),
    /// An image: height, width, channels; stored as channel planes of rows.
    Image(usize, usize, usize),
}

/// The description of a layer.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "alloc", derive(PartialEq, Eq, Hash))]
pub struct LayerInfo {
    /// The keyword of the chain language: `dense`, ...
    pub name: &'static str,
    /// The activation: its keyword, without its constants; for a value or `layer(Type)`, the user-defined type as written;
    /// `id` or empty if there is none.
    pub activation: &'static str,
    /// The constants that are neither sizes nor parameters, by value.
    pub constants: &'static [Constant],
    /// How to display a value of a user-defined type.
    pub own: Option<Own>,
    /// The input shape.
    pub input: Shape,
    /// The output shape.
    pub output: Shape,
    /// The offset of its parameters in those of the chain.
    pub params_start: usize,
    /// Number of weights.
    pub weight_count: usize,
    /// Number of biases; they follow the weights.
    pub bias_count: usize,
    /// Number of parameters after these that are not trained but describe data: a mean per channel, then, per channel, a
    /// variance (`batch_norm`) or a standard deviation (`standardize`, `unstandardize`).
    pub state_count: usize,
    /// The data that they describe.
    pub statistics: Statistics,
    /// The window that moves over the image, if any.
    pub window: Option<WindowInfo>,
    /// How the weights are initialised.
    pub start: WeightInit,
    /// Whether training changes the parameters.
    pub trained: bool,
    /// The inner chains: one, or two side by side. Their parameter offsets are relative to this
    /// layer's, the second chain's following the first's.
    pub inner: &'static [&'static [LayerInfo]],
}

/// The data that the state of a layer describes, and what fills it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Statistics {
    /// None: the layer has no state.
    None,
    /// The batches of the training: every training step moves them.
    Batches,
    /// What reaches the layer: [`Chain::adapt`](crate::chain::Chain::adapt).
    Inputs,
    /// The targets: [`Chain::adapt_outputs`](crate::chain::Chain::adapt_outputs).
    Targets,
}

/// How the weights of a layer are initialised; biases are initially 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WeightInit {
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
    /// The stride in pixels.
    pub stride: (usize, usize),
    /// Pixels of padding before the first row and column.
    pub padding: (usize, usize),
}

/// A constant of a layer: `slope` of `leaky_relu`, `mean` and `std`, `factor` and `offset`, `count` and `period`, `degree`,
/// `groups`, `rate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Constant {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: ConstantValue,
}

/// The value of a [`Constant`]; floating-point values are equal if they have the same bits.
#[derive(Clone, Copy, Debug)]
pub enum ConstantValue {
    /// An integer.
    Count(usize),
    /// One value for all, or one for each channel or each element of the input.
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

/// `0.1`, `2`, or `[0.1, 0.2]`; of a long list the first three.
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

/// A value of a user-defined type: displays as its `Debug`, or as nothing if it has none.
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

#[cfg(feature = "alloc")]
impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

#[cfg(feature = "alloc")]
impl Eq for Own {}

#[cfg(feature = "alloc")]
impl Hash for Own {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}

impl Shape {
    /// The number of elements.
    pub const fn len(&self) -> usize {
        match *self {
            Self::Flat(n) => n,
            Self::Image(height, width, channels) => height * width * channels,
        }
    }

    /// Always false: no layer has an empty output.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flat(n) => pad(f, format_args!("{n}")),
            Self::Image(height, width, channels) => {
                pad(f, format_args!("{height}x{width}x{channels}"))
            }
        }
    }
}

/// The role of a layer in the function that its chain computes.
pub(crate) enum Part {
    /// None: its output is its input.
    Nothing,
    /// That of its inner layers, as if they were written out.
    Chain,
    /// A layer in its own right.
    Layer,
}

impl Part {
    /// The role of the layer with this name. Layers that act only in training have none, whatever their constants.
    pub(crate) const fn of(name: &str) -> Self {
        match name.as_bytes() {
            b"dropout" | b"flatten" => Self::Nothing,
            b"chain" | b"frozen" => Self::Chain,
            _ => Self::Layer,
        }
    }
}

impl LayerInfo {
    /// The range of its weights in the chain's parameters.
    pub const fn weights(&self) -> Range<usize> {
        self.params_start..self.params_start + self.weight_count
    }

    /// The range of its biases in the chain's parameters.
    pub const fn bias(&self) -> Range<usize> {
        let start = self.params_start + self.weight_count;
        start..start + self.bias_count
    }

    /// The range of its state in the chain's parameters.
    pub const fn state(&self) -> Range<usize> {
        let start = self.params_start + self.weight_count + self.bias_count;
        start..start + self.state_count
    }

    /// The total number of parameters.
    pub const fn param_count(&self) -> usize {
        self.weight_count + self.bias_count + self.state_count
    }

    /// The activation or operation, with its constants: `tanh`, `leaky_relu(0.1)`, `mean [0.1, 0.2], std 2.0`.
    #[must_use]
    #[cfg(feature = "alloc")]
    pub fn function(&self) -> String {
        Function(self).to_string()
    }

    /// The fan-in (inputs per sum) and fan-out (outputs per input) of the layer.
    #[cfg(feature = "alloc")]
    pub(crate) const fn fans(&self) -> (usize, usize) {
        match (self.input, self.output) {
            (Shape::Image(_, _, inputs), Shape::Image(_, _, outputs)) => {
                (self.weight_count / outputs, self.weight_count / inputs)
            }
            (input, output) => (input.len(), output.len()),
        }
    }
}

/// The activation or operation of a layer, displayed with its constants.
pub(crate) struct Function<'a>(pub(crate) &'a LayerInfo);

impl fmt::Display for Function<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.activation)?;
        let mut comma = if self.0.activation.is_empty() {
            ""
        } else {
            ", "
        };
        for Constant { name, value } in self.0.constants {
            if *name == SLOPE {
                write!(f, "({value})")?;
            } else {
                write!(f, "{comma}{name} {value}")?;
            }
            comma = ", ";
        }
        Ok(())
    }
}

/// The number of characters of a text.
pub(crate) fn width(text: fmt::Arguments<'_>) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.chars().count();
            Ok(())
        }
    }
    let mut count = Count(0);
    let _ = count.write_fmt(text);
    count.0
}

/// Writes a text to the left or right of spaces, as a format string demands.
fn pad(f: &mut fmt::Formatter<'_>, text: fmt::Arguments<'_>) -> fmt::Result {
    let spaces = f.width().unwrap_or(0).saturating_sub(width(text));
    match f.align() {
        Some(fmt::Alignment::Right) => write!(f, "{:spaces$}{text}", ""),
        _ => write!(f, "{text}{:spaces$}", ""),
    }
}

/// The constant of an activation.
pub(crate) const SLOPE: &str = "slope";

/// Calls `f` with every layer, including inner layers, and its range in the parameters, which begin at `start` for the
/// first layer.
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

/// Calls `f` with every range of parameters that no gradient updates: frozen ones and state. With the range of running
/// statistics it gives their layer.
#[cfg(feature = "alloc")]
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
            let follows = layer.statistics == Statistics::Batches;
            f(
                range.end - layer.state_count..range.end,
                follows.then_some(layer),
            );
        }
    });
}

/// Whether a layer uses batch statistics in training.
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
        if layer.trained && matches!(layer.statistics, Statistics::Batches) {
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
