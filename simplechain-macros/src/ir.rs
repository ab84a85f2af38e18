//! The chain with everything decided: what `expand` writes down without a question left.

use proc_macro2::{Ident, TokenStream};

use crate::ast::{AffineKind, PoolKind};
use crate::shape::{Pair, Shape, Size};

/// What `check` makes of a chain.
pub(crate) struct Resolved {
    /// What only rustc knows, each after what it is made of.
    pub(crate) named: Vec<Named>,
    /// Rules about `const` items, which rustc has to check.
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) outcome: Outcome,
}

/// The chain, or what is known of it in spite of the mistakes.
pub(crate) enum Outcome {
    Chain(Chain),
    Outline(Outline),
}

/// A generated item `name` with the `value`.
pub(crate) struct Named {
    pub(crate) name: Ident,
    pub(crate) kind: NamedKind,
    pub(crate) value: TokenStream,
}

#[derive(Clone, Copy)]
pub(crate) enum NamedKind {
    /// A function that gives a size: the path of a `const` item, or a sum over such.
    Size,
    /// A function that gives the shape of what a chain declared elsewhere gives.
    Shape,
    /// A constant of a layer: the path of a number.
    Number,
    /// Constants of a layer: the path of a number for all, or of an array of them.
    Numbers,
}

/// A rule that is broken or not only when rustc knows the numbers.
pub(crate) enum Requirement {
    /// The size that is a `const` item, `path`, is neither zero nor beyond the limit.
    Size { path: TokenStream, size: Size },
    /// The number of parameters, reported at `place`, is not beyond the limit.
    ParamCount { place: TokenStream, count: Size },
    /// The size of the output check is the one that the chain has.
    Output { stated: TokenStream, actual: Size },
    /// The kernel or window of this size, written at `place`, has room along a side of the image with its padding.
    Window {
        place: TokenStream,
        /// `kernel` or `window`
        name: &'static str,
        size: Size,
        side: Size,
        padding: Size,
    },
    /// What a layer takes is what it gets: `function` of the library's `check` says so, or what is wrong.
    Equal {
        function: &'static str,
        place: TokenStream,
        takes: TokenStream,
        gets: Size,
    },
    /// So many groups, written at `place`, divide the `channels` that the layer gets and gives.
    Groups {
        place: TokenStream,
        groups: Size,
        channels: [Size; 2],
    },
    /// A number, or that of a path, is one that `function` of the library's `check` allows.
    Number {
        function: &'static str,
        number: TokenStream,
    },
    /// The numbers of a path are one, one for each channel, or one for every number.
    Constants {
        path: TokenStream,
        channels: Size,
        numbers: Size,
        /// Whether none may be 0.
        divide: bool,
    },
    /// The input of the layer called `word`, which a chain declared elsewhere gives, has the form that it needs: `function`
    /// of the library's `check` says so, or what is wrong.
    Form {
        function: &'static str,
        word: Ident,
        shape: Ident,
    },
    /// So has the shape of the output check, which is `stated` as that of an image or not.
    OutputForm {
        stated: TokenStream,
        is_image: bool,
        shape: Ident,
    },
    /// The outputs of two branches, reported at `place`, can stand side by side.
    SideBySide {
        place: TokenStream,
        shapes: [Shape; 2],
    },
    /// One number as the `name` of the layer called `word`, written at `place`, is for a sequence, which is 1 high.
    Sequence {
        place: TokenStream,
        word: String,
        /// `kernel` or `window`
        name: &'static str,
        height: Size,
    },
    /// The padding, written at `place`, is less than the kernel.
    Padding {
        place: TokenStream,
        kernel: Size,
        padding: Size,
    },
}

/// The outside of a chain that has a mistake.
pub(crate) struct Outline {
    pub(crate) input: Option<Shape>,
    pub(crate) output: Option<Shape>,
    pub(crate) param_count: Option<Size>,
}

/// A chain that is right: every shape fits.
pub(crate) struct Chain {
    pub(crate) input: Shape,
    pub(crate) output: Shape,
    pub(crate) param_count: Size,
    /// Numbers in the outputs of all layers.
    pub(crate) activations_len: Size,
    /// At least one of them computes something.
    pub(crate) layers: Vec<Layer>,
}

/// One layer of it.
pub(crate) struct Layer {
    pub(crate) kind: LayerKind,
    pub(crate) input: Shape,
    pub(crate) output: Shape,
    /// Where its parameters begin and end in the chain's: weights, then biases.
    pub(crate) params_start: Size,
    pub(crate) params_end: Size,
    /// Whether it is a convolution that shares a kernel with the pool behind it: what lies between them is never stored.
    pub(crate) pooled: bool,
}

impl Layer {
    pub(crate) fn has_params(&self) -> bool {
        matches!(
            self.kind,
            LayerKind::Dense { .. }
                | LayerKind::Conv { .. }
                | LayerKind::LayerNorm
                | LayerKind::BatchNorm { .. }
                | LayerKind::Custom(_)
                | LayerKind::Nested(_)
        )
    }
}

impl Layer {
    /// Whether it has a value of the user's own type.
    pub(crate) fn has_own_value(&self) -> bool {
        match &self.kind {
            LayerKind::Dense { activation, .. }
            | LayerKind::Conv { activation, .. }
            | LayerKind::Activation(activation) => {
                matches!(activation.kind, ActivationKind::Custom(_))
            }
            kind => matches!(kind, LayerKind::Custom(_)),
        }
    }
}

pub(crate) enum LayerKind {
    Dense {
        activation: Activation,
        bias: bool,
    },
    Conv {
        activation: Activation,
        window: Window,
        /// `None` for one group.
        groups: Option<Size>,
        bias: bool,
    },
    Pool {
        kind: PoolKind,
        window: Window,
    },
    /// Computes nothing: the numbers of an image as they are.
    Flatten,
    Activation(Activation),
    Dropout {
        rate: TokenStream,
        /// Tells it apart from others of the chain.
        site: u64,
    },
    LayerNorm,
    BatchNorm {
        channels: Size,
        /// Of each channel.
        pixels: Size,
    },
    Affine {
        kind: AffineKind,
        constants: Vec<Constants>,
    },
    Fourier {
        count: Size,
        period: TokenStream,
    },
    Chebyshev {
        count: Size,
    },
    /// A type of the user's own.
    Custom(TokenStream),
    Nested(Nested),
}

/// A layer that is made of chains.
pub(crate) struct Nested {
    pub(crate) kind: NestedKind,
    /// One, or of `concat` two.
    pub(crate) chains: Vec<Inner>,
}

/// One number, as a float literal, or the item that holds several.
pub(crate) enum Constants {
    Number(TokenStream),
    Named(Ident),
}

#[derive(Clone, Copy)]
pub(crate) enum NestedKind {
    /// Declared elsewhere. What is drawn at random in it is told apart by the `site`.
    Chain {
        site: u64,
    },
    Residual,
    Frozen,
    Concat,
}

/// A chain inside of a layer.
pub(crate) enum Inner {
    /// The type of one that is declared elsewhere.
    Declared(TokenStream),
    /// Written out here.
    Here(Box<Chain>),
}

/// How a layer goes over an image.
#[derive(Clone)]
pub(crate) struct Window {
    pub(crate) kernel: Pair,
    pub(crate) stride: Pair,
    /// Padding before the first row and column.
    pub(crate) padding: Pair,
}

/// What a layer applies to each of its outputs.
pub(crate) struct Activation {
    /// A word of the language, or a value of the user's own as it is written.
    pub(crate) text: String,
    pub(crate) kind: ActivationKind,
}

pub(crate) enum ActivationKind {
    Builtin {
        type_name: Ident,
        /// Its name, and its value.
        argument: Option<(&'static str, TokenStream)>,
    },
    /// A value whose type only rustc knows.
    Custom(TokenStream),
}
