//! A chain as `simple_chain!` takes it, drawn layer by layer.

use std::fmt;

use crate::activations::ACTIVATIONS;
use crate::random::Random;

/// The layers. Chain `i` has the one of number `i`, and so has an activation of its own.
const WORDS: &[&str] = &[
    "conv",
    "maxpool",
    "dense",
    "avgpool",
    "residual",
    "concat",
    "batch_norm",
    "layer_norm",
    "chain",
    "layer",
    "frozen",
    "global_maxpool",
    "global_avgpool",
    "flatten",
    "activation",
    "dropout",
    "normalize",
    "scale",
    "fourier",
    "chebyshev",
    "rms_norm",
    "standardize",
    "unstandardize",
];

/// The activations: all of the language, and one of a type of its own.
fn activations() -> Vec<String> {
    let mut all = vec!["crate::layers::Ramp".to_owned()];
    for row in ACTIVATIONS {
        match row.argument {
            None => all.push(row.word.to_owned()),
            Some(_) => all.extend(["0.1", "-0.5"].map(|value| format!("{}({value})", row.word))),
        }
    }
    all
}

/// Chains that have every layer and every activation.
pub(crate) fn enough() -> u64 {
    WORDS.len().max(activations().len()) as u64
}

/// Numbers in what flows between two layers, at most.
const MOST: usize = 40;

/// What flows between two layers.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Flat(usize),
    /// Height, width, channels. An image 1 high is a sequence.
    Image(usize, usize, usize),
}

impl Shape {
    fn len(self) -> usize {
        match self {
            Self::Flat(len) => len,
            Self::Image(height, width, channels) => height * width * channels,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flat(len) => write!(f, "{len}"),
            Self::Image(1, width, channels) => write!(f, "({width}, {channels})"),
            Self::Image(height, width, channels) => write!(f, "({height}, {width}, {channels})"),
        }
    }
}

/// What a layer may change.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Freedom {
    /// Of an image the number of channels alone, and a flat shape stays flat.
    Channels,
    /// All sizes, but an image stays one.
    Sizes,
    /// Everything.
    All,
}

struct Writer {
    random: Random,
    /// The chains of `chain(..)`.
    declared: Vec<String>,
    /// All there are.
    activations: Vec<String>,
    /// The activation that must be there, until it is.
    activation: Option<String>,
}

/// `struct Chain: ..`, and before it the chains it is made of.
pub(crate) fn source(seed: u64, index: u64) -> String {
    let mut writer = Writer {
        random: Random::new(seed.wrapping_mul(1 << 32).wrapping_add(index)),
        declared: Vec::new(),
        activation: None,
        activations: activations(),
    };
    let wanted = &writer.activations[index as usize % writer.activations.len()];
    let wanted = wanted.clone();
    // One that is too large is drawn again.
    loop {
        writer.activation = Some(wanted.clone());
        if let Some(layers) = writer.chain(WORDS[index as usize % WORDS.len()]) {
            let mut chains = std::mem::take(&mut writer.declared);
            chains.push(format!("pub(crate) struct Chain: {layers}"));
            return chains.join("; ");
        }
        writer.declared.clear();
    }
}

impl Writer {
    /// A chain with the layer `wanted`.
    fn chain(&mut self, wanted: &str) -> Option<String> {
        let input = match wanted {
            "dense" | "fourier" | "chebyshev" => self.flat(),
            "conv" | "maxpool" | "avgpool" | "global_maxpool" | "global_avgpool" | "flatten" => {
                self.image()
            }
            _ if self.random.once_in(3) => self.flat(),
            _ => self.image(),
        };
        let before = self.random.within(0, 2);
        let (before, shape) = self.layers(input, before, Freedom::Sizes, 0);
        let (layer, shape) = self.layer(wanted, shape, Freedom::All, 0)?;
        let behind = self.random.within(1, 2);
        let (behind, mut shape) = self.layers(shape, behind, Freedom::All, 0);
        let mut layers = before;
        layers.push(layer);
        layers.extend(behind);
        // In three of four the end is that of most networks; something must have a parameter.
        if !self.random.once_in(4) || self.activation.is_some() {
            if let Shape::Image(..) = shape {
                layers.push("flatten".to_owned());
                shape = Shape::Flat(shape.len());
            }
            let (layer, _) = self.layer("dense", shape, Freedom::All, 0)?;
            layers.push(layer);
        }
        Some(format!("{input} => {}", layers.join(" => ")))
    }

    /// So many layers, one after the other.
    fn layers(
        &mut self,
        mut shape: Shape,
        count: usize,
        freedom: Freedom,
        depth: usize,
    ) -> (Vec<String>, Shape) {
        let mut layers: Vec<String> = Vec::new();
        while layers.len() < count {
            let is_conv = layers.last().is_some_and(|layer| layer.starts_with("conv"));
            // These two share a kernel.
            let word = if is_conv && self.random.once_in(2) {
                "maxpool"
            } else if self.random.once_in(3) {
                self.random.one_of(&["dense", "conv"])
            } else {
                self.random.one_of(WORDS)
            };
            // What does not fit here is passed over.
            if let Some((layer, next)) = self.layer(word, shape, freedom, depth) {
                layers.push(layer);
                shape = next;
            }
        }
        (layers, shape)
    }

    /// A layer, and what it gives; `None` where it does not fit.
    fn layer(
        &mut self,
        word: &str,
        shape: Shape,
        freedom: Freedom,
        depth: usize,
    ) -> Option<(String, Shape)> {
        let before = (self.declared.len(), self.activation.clone());
        let layer = self.any_layer(word, shape, freedom, depth);
        let layer = layer.filter(|(_, output)| output.len() <= MOST);
        if layer.is_none() {
            self.declared.truncate(before.0);
            self.activation = before.1;
        }
        layer
    }

    fn any_layer(
        &mut self,
        word: &str,
        shape: Shape,
        freedom: Freedom,
        depth: usize,
    ) -> Option<(String, Shape)> {
        let sizes = freedom >= Freedom::Sizes;
        let free = freedom == Freedom::All;
        // Chains within chains within chains take long to compile.
        let nests = depth == 0 || depth == 1 && self.random.once_in(8);
        Some(match (word, shape) {
            ("dense", Shape::Flat(_)) => {
                let width = self.size();
                let (options, activation) = (self.bias(), self.activation());
                let written = self.written(width);
                (
                    format!("dense({activation}, {written}{options})"),
                    Shape::Flat(width),
                )
            }
            ("conv", Shape::Image(..)) => self.conv(shape, freedom)?,
            ("maxpool" | "avgpool", Shape::Image(..)) if sizes => self.pool(word, shape),
            ("global_maxpool" | "global_avgpool", Shape::Image(_, _, channels)) if sizes => {
                (word.to_owned(), Shape::Image(1, 1, channels))
            }
            ("flatten", Shape::Image(..)) if free => (word.to_owned(), Shape::Flat(shape.len())),
            ("activation", _) => (format!("activation({})", self.activation()), shape),
            ("dropout", _) => {
                let rate = self.random.one_of(&["0.0", "0.3"]);
                (format!("dropout({rate})"), shape)
            }
            ("layer_norm" | "rms_norm" | "batch_norm" | "standardize" | "unstandardize", _) => {
                (word.to_owned(), shape)
            }
            ("normalize" | "scale", _) => (self.constants(word, shape), shape),
            ("fourier", Shape::Flat(len)) => {
                let count = self.random.within(1, 2);
                let period = self.random.one_of(&["", ", period = 2.5"]);
                (
                    format!("fourier({count}{period})"),
                    Shape::Flat(2 * len * count),
                )
            }
            ("chebyshev", Shape::Flat(len)) => {
                let count = self.random.within(1, 3);
                (format!("chebyshev({count})"), Shape::Flat(len * count))
            }
            ("layer", _) if free || matches!(shape, Shape::Flat(_)) => {
                let len = shape.len();
                (
                    format!("layer(crate::layers::Squares<{len}>)"),
                    Shape::Flat(len),
                )
            }
            ("chain", _) if nests && (free || matches!(shape, Shape::Flat(_))) => {
                self.declared(shape, depth)?
            }
            ("residual", _) if nests => self.residual(shape, depth)?,
            ("frozen", _) if nests => {
                let (inner, output) = self.inner(shape, freedom, depth)?;
                (format!("frozen({inner})"), output)
            }
            ("concat", _) if nests => self.concat(shape, depth)?,
            _ => return None,
        })
    }

    fn conv(&mut self, shape: Shape, freedom: Freedom) -> Option<(String, Shape)> {
        let Shape::Image(height, width, channels) = shape else {
            return None;
        };
        let free = freedom >= Freedom::Sizes;
        let widest = self.random.one_of(&[3, 3, 4, 11]);
        let kernel = [
            self.random.within(1, 3.min(height + 1)),
            self.random.within(1, widest.min(width + 1)),
        ];
        let mut options = String::new();
        let mut strides = [1, 1];
        if free && self.random.once_in(3) {
            strides = [self.random.within(1, 3), self.random.within(1, 5)];
            options += &format!(", stride = ({}, {})", strides[0], strides[1]);
        }
        let mut outputs = [0, 0];
        let mut side = |side: usize, room: usize| {
            outputs[side] = room.checked_sub(kernel[side])? / strides[side] + 1;
            Some(())
        };
        if !free || self.random.once_in(3) {
            options += ", padding = same";
            outputs = [height.div_ceil(strides[0]), width.div_ceil(strides[1])];
        } else if self.random.once_in(2) {
            side(0, height)?;
            side(1, width)?;
        } else {
            let padding = kernel.map(|kernel| self.random.within(0, kernel - 1));
            options += &format!(", padding = ({}, {})", padding[0], padding[1]);
            side(0, height + 2 * padding[0])?;
            side(1, width + 2 * padding[1])?;
        }
        let mut output_channels = self.random.one_of(&[1, 1, 2, 3, 5, 8, 17]);
        if self.random.once_in(4) {
            let divisors: Vec<_> = (1..=channels).filter(|g| channels % g == 0).collect();
            let groups = self.random.one_of(&divisors);
            output_channels = groups * self.random.within(1, 2);
            options += &format!(", groups = {groups}");
        }
        options += self.bias();
        // Along a sequence one number does, and with it for the options.
        let kernel = if height == 1 && kernel[0] == 1 && !options.contains(" = (") {
            format!("{}", kernel[1])
        } else {
            format!("({}, {})", kernel[0], kernel[1])
        };
        let activation = self.activation();
        let written = self.written(output_channels);
        Some((
            format!("conv({activation}, {kernel}, {written}{options})"),
            Shape::Image(outputs[0], outputs[1], output_channels),
        ))
    }

    fn pool(&mut self, word: &str, shape: Shape) -> (String, Shape) {
        let Shape::Image(height, width, channels) = shape else {
            unreachable!("a pool has an image");
        };
        let kernel = [height, width].map(|side| self.random.within(1, 3.min(side)));
        let (strides, stride) = if self.random.once_in(3) {
            let strides = [self.random.within(1, 3), self.random.within(1, 3)];
            (
                strides,
                format!(", stride = ({}, {})", strides[0], strides[1]),
            )
        } else {
            (kernel, String::new())
        };
        let window = if height == 1 && stride.is_empty() {
            format!("{}", kernel[1])
        } else {
            format!("{}, {}", kernel[0], kernel[1])
        };
        (
            format!("{word}({window}{stride})"),
            Shape::Image(
                (height - kernel[0]) / strides[0] + 1,
                (width - kernel[1]) / strides[1] + 1,
                channels,
            ),
        )
    }

    /// With one constant for all, one for each channel, or one for each number.
    fn constants(&mut self, word: &str, shape: Shape) -> String {
        let channels = match shape {
            Shape::Flat(len) | Shape::Image(_, _, len) => len,
        };
        let count = self.random.one_of(&[channels, shape.len()]);
        let (first, second) = if self.random.once_in(2) {
            ("0.25".to_owned(), "1.5".to_owned())
        } else {
            (
                format!("crate::layers::Constants::<{count}>::FIRST"),
                format!("crate::layers::Constants::<{count}>::SECOND"),
            )
        };
        if word == "scale" && self.random.once_in(2) {
            format!("scale({second})")
        } else if word == "scale" {
            format!("scale({second}, {first})")
        } else {
            format!("normalize({first}, {second})")
        }
    }

    /// A layer, now and then two.
    fn inner(&mut self, shape: Shape, freedom: Freedom, depth: usize) -> Option<(String, Shape)> {
        let count = self.random.one_of(&[1, 1, 2]);
        let (layers, output) = self.layers(shape, count, freedom, depth + 1);
        // Something must be computed.
        let computes = layers.iter().any(|layer| layer != "flatten");
        computes.then(|| (layers.join(" => "), output))
    }

    fn residual(&mut self, shape: Shape, depth: usize) -> Option<(String, Shape)> {
        let (inner, output) = self.inner(shape, Freedom::Channels, depth)?;
        let activation = self.activation();
        let last = match shape {
            _ if output == shape => String::new(),
            Shape::Flat(len) => format!(" => dense({activation}, {len})"),
            Shape::Image(_, _, channels) => {
                format!(" => conv({activation}, (1, 2), {channels}, padding = same)")
            }
        };
        Some((format!("residual({inner}{last})"), shape))
    }

    fn concat(&mut self, shape: Shape, depth: usize) -> Option<(String, Shape)> {
        let (first, mut output) = self.inner(shape, Freedom::Channels, depth)?;
        let mut branches = vec![first];
        for _ in 0..self.random.one_of(&[1, 1, 2]) {
            let (branch, beside) = self.inner(shape, Freedom::Channels, depth)?;
            branches.push(branch);
            match (&mut output, beside) {
                (Shape::Flat(len), Shape::Flat(more)) => *len += more,
                (Shape::Image(_, _, channels), Shape::Image(_, _, more)) => *channels += more,
                _ => unreachable!("branches keep the kind of their shape"),
            }
        }
        Some((format!("concat({})", branches.join(", ")), output))
    }

    /// `chain(..)` of one that is declared before, and ends flat.
    fn declared(&mut self, shape: Shape, depth: usize) -> Option<(String, Shape)> {
        let (mut layers, output) = self.inner(shape, Freedom::All, depth)?;
        if let Shape::Image(..) = output {
            layers += " => flatten";
        }
        let name = format!("Inner{}", self.declared.len());
        self.declared
            .push(format!("pub(crate) struct {name}: {shape} => {layers}"));
        Some((format!("chain({name})"), Shape::Flat(output.len())))
    }

    fn activation(&mut self) -> String {
        match self.activation.take() {
            Some(activation) => activation,
            None => self.random.one_of(&self.activations),
        }
    }

    fn bias(&mut self) -> &'static str {
        if self.random.once_in(5) {
            ", bias = false"
        } else {
            ""
        }
    }

    /// A size, now and then as a `const` item.
    fn written(&mut self, size: usize) -> String {
        if self.random.once_in(10) {
            format!("crate::layers::Size::<{size}>::N")
        } else {
            size.to_string()
        }
    }

    /// Around the lanes of a vector, and often 1.
    fn size(&mut self) -> usize {
        self.random.one_of(&[1, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17])
    }

    fn flat(&mut self) -> Shape {
        Shape::Flat(self.size())
    }

    fn image(&mut self) -> Shape {
        let channels = self.random.one_of(&[1, 1, 2, 3]);
        if self.random.once_in(4) {
            return Shape::Image(1, self.random.one_of(&[2, 7, 8, 9, 12]), channels);
        }
        let sizes = [1, 1, 2, 3, 4, 5, 6];
        let (height, width) = (self.random.one_of(&sizes), self.random.one_of(&sizes));
        Shape::Image(height, width, channels)
    }
}
