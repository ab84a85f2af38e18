//! The resolved chain, which `expand` writes out without further decisions.

use proc_macro2::{Ident, TokenStream};

use crate::shape::{Shape, Size};

/// The result of `check`.
pub(crate) struct Resolved {
    /// Values that only rustc knows; each may refer to those before it.
    pub(crate) named: Vec<Named>,
    /// Checks that only rustc can do.
    pub(crate) requirements: Vec<Requirement>,
    pub(crate) outcome: Outcome,
}

/// The chain, or what is known of it despite mistakes.
pub(crate) enum Outcome {
    Chain(Chain),
    Outline(Outline),
}

/// A generated item.
pub(crate) struct Named {
    pub(crate) name: Ident,
    pub(crate) kind: NamedKind,
    pub(crate) value: TokenStream,
}

#[derive(Clone, Copy)]
pub(crate) enum NamedKind {
    /// A function that returns a size: a path of a `const` item, or an expression over such.
    Size,
    /// A function that returns the output shape of a chain declared elsewhere.
    Shape,
    /// A scalar constant of a layer, given by a path.
    Number,
    /// A constant of a layer, given by the path of a scalar or of an array.
    Numbers,
}

/// A check of values that only rustc knows.
pub(crate) enum Requirement {
    /// The size that is a `const` item, `path`, is positive and within the limit.
    Size { path: TokenStream, size: Size },
    /// The number of parameters, reported at `place`, is within the limit.
    ParamCount { place: TokenStream, count: Size },
    /// The size in the output check is the actual one.
    Output { stated: TokenStream, actual: Size },
    /// The kernel or window of this size, written at `place`, fits along a side of the padded image.
    Window {
        place: TokenStream,
        /// `kernel` or `window`
        name: &'static str,
        size: Size,
        side: Size,
        padding: Size,
    },
    /// A layer gets as many elements as it takes; `function` of the library's `check` has the message.
    Equal {
        function: &'static str,
        place: TokenStream,
        takes: TokenStream,
        gets: Size,
    },
    /// The number of groups, written at `place`, divides the input and the output `channels`.
    Groups {
        place: TokenStream,
        groups: Size,
        channels: [Size; 2],
    },
    /// A literal, or the value of a path, is accepted by `function` of the library's `check`.
    Number {
        function: &'static str,
        number: TokenStream,
    },
    /// The value of a path is a scalar, or has an element per channel or per input element.
    Constants {
        path: TokenStream,
        channels: Size,
        numbers: Size,
        /// Whether 0 is an error.
        divide: bool,
    },
    /// The input of the layer with keyword `word`, which comes from a chain declared elsewhere, has the required form; `function`
    /// of the library's `check` has the message.
    Form {
        function: &'static str,
        word: Ident,
        shape: Ident,
    },
    /// The output, which comes from a chain declared elsewhere, has the form of the output check.
    OutputForm {
        stated: TokenStream,
        is_image: bool,
        shape: Ident,
    },
    /// The outputs of two branches, reported at `place`, can be concatenated.
    SideBySide {
        place: TokenStream,
        shapes: [Shape; 2],
    },
    /// The layer with keyword `word`, whose `name` is a single size written at `place`, gets a sequence: an image of height 1.
    Sequence {
        place: TokenStream,
        word: String,
        /// `kernel` or `window`
        name: &'static str,
        height: Size,
    },
    /// The padding, written at `place`, is smaller than the kernel.
    Padding {
        place: TokenStream,
        kernel: Size,
        padding: Size,
    },
}

/// The interface of a chain that has a mistake.
pub(crate) struct Outline {
    pub(crate) input: Option<Shape>,
    pub(crate) output: Option<Shape>,
    pub(crate) param_count: Option<Size>,
}

/// A chain without mistakes.
pub(crate) struct Chain {
    pub(crate) input: Shape,
    pub(crate) output: Shape,
    pub(crate) param_count: Size,
    /// The total output length of all layers.
    pub(crate) activations_len: Size,
    /// At least one of them computes something.
    pub(crate) layers: Vec<Layer>,
}

/// One layer of it.
pub(crate) struct Layer {
    pub(crate) kind: LayerKind,
    pub(crate) input: Shape,
    pub(crate) output: Shape,
    /// Its range in the parameters of the chain: weights, then biases.
    pub(crate) params_start: Size,
    pub(crate) params_end: Size,
    /// Whether it is a convolution that shares a kernel with the pool after it: what lies between them is never stored.
    pub(crate) pooled: bool,
}

impl Layer {
    pub(crate) fn has_params(&self) -> bool {
        self.params_start != self.params_end
    }
}

/// The kinds of layers that generated passes distinguish.
pub(crate) enum LayerKind {
    /// A layer with a value whose methods compute it.
    Computes(Box<dyn ResolvedLayer>),
    /// Computes nothing: the elements of an image, unchanged.
    Flatten,
    Nested(Nested),
}

/// A layer with known shapes that computes something: writes the parts of the generated code that describe it.
pub(crate) trait ResolvedLayer {
    /// Its type and its value. `layer` has its shapes and parameters; names of items end in `path`.
    fn definition(&self, layer: &Layer, path: &str) -> Definition;

    /// Its entry in the generated table of layers, without constants.
    fn info(&self, layer: &Layer) -> TokenStream;

    /// The constants in its entry, except that of its activation.
    fn constants(&self) -> Vec<TokenStream> {
        Vec::new()
    }

    /// Its activation, which the backward pass handles together with the layer after it.
    fn activation(&self) -> Option<&Activation> {
        None
    }

    /// Whether training changes its parameters, if it has any.
    fn is_trained(&self) -> bool {
        true
    }

    /// Whether it contains a value of a user-defined type.
    fn has_own_value(&self) -> bool {
        self.activation().is_some_and(Activation::is_own)
    }

    /// Whether its kernel can also compute a following pool that [pools in registers](Self::pools_in_registers).
    fn takes_a_pool(&self) -> bool {
        false
    }

    /// Whether it is a max pool with non-overlapping windows that are small enough for the kernel of the preceding layer.
    fn pools_in_registers(&self) -> bool {
        false
    }
}

/// The type and the value of a layer, or of a part of one.
pub(crate) struct Definition {
    /// Items that both refer to.
    pub(crate) items: TokenStream,
    pub(crate) layer_type: TokenStream,
    pub(crate) value: TokenStream,
}

impl Definition {
    pub(crate) fn of(layer_type: TokenStream, value: TokenStream) -> Self {
        Definition {
            items: TokenStream::new(),
            layer_type,
            value,
        }
    }

    /// The definition of something that contains this: `wrap` maps type and value of the part to those of the whole.
    pub(crate) fn wrapped(
        self,
        wrap: impl FnOnce(TokenStream, TokenStream) -> (TokenStream, TokenStream),
    ) -> Self {
        let (layer_type, value) = wrap(self.layer_type, self.value);
        Definition {
            items: self.items,
            layer_type,
            value,
        }
    }
}

/// A layer that contains chains.
pub(crate) enum Nested {
    /// A chain declared elsewhere.
    Declared {
        /// The type of the chain.
        own: TokenStream,
        /// Distinguishes its random numbers from those of other layers.
        site: u64,
    },
    Residual(Box<Chain>),
    Frozen(Box<Chain>),
    Concat(Box<[Chain; 2]>),
}

/// An elementwise activation.
pub(crate) struct Activation {
    /// A keyword of the language, or a value of a user-defined type, as written.
    pub(crate) text: String,
    pub(crate) kind: ActivationKind,
}

pub(crate) enum ActivationKind {
    Builtin {
        type_name: Ident,
        /// Name and value.
        argument: Option<(&'static str, TokenStream)>,
    },
    /// A value whose type only rustc knows.
    Custom(TokenStream),
}

impl Activation {
    fn is_own(&self) -> bool {
        match &self.kind {
            ActivationKind::Builtin { .. } => false,
            ActivationKind::Custom(_) => true,
        }
    }
}
