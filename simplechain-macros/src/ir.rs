//! The chain with everything decided: what `expand` writes down without a question left.

use proc_macro2::{Ident, TokenStream};

use crate::shape::{Shape, Size};

/// What `check` makes of a chain.
pub(crate) struct Resolved {
    /// The sizes that are `const` items, in the order in which they are written.
    pub(crate) named_sizes: Vec<NamedSize>,
    /// Rules about `const` items, which rustc has to check.
    pub(crate) requirements: Vec<Requirement>,
    /// The chain, or what is known of it in spite of the mistakes.
    pub(crate) chain: Result<Chain, Outline>,
}

/// A generated function `name` that gives the value of the user's `path`.
pub(crate) struct NamedSize {
    pub(crate) name: Ident,
    pub(crate) path: TokenStream,
}

/// A rule that is broken or not only when rustc knows the numbers.
pub(crate) enum Requirement {
    /// The size that is a `const` item, `path`, is neither zero nor beyond the limit.
    Size { path: TokenStream, size: Size },
    /// The number of parameters, reported at `place`, is not beyond the limit.
    ParamCount { place: TokenStream, count: Size },
    /// The size of the output check is the one that the chain has.
    Output { stated: TokenStream, actual: Size },
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
    /// At least one.
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
    pub(crate) weight_count: Size,
    pub(crate) bias_count: Size,
}

pub(crate) enum LayerKind {
    Dense { activation: Activation, bias: bool },
}

impl LayerKind {
    /// Its word in the language.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            LayerKind::Dense { .. } => "dense",
        }
    }
}

/// What a layer applies to each of its outputs.
pub(crate) struct Activation {
    /// As the user wrote it.
    pub(crate) text: String,
    pub(crate) kind: ActivationKind,
}

pub(crate) enum ActivationKind {
    Builtin { type_name: Ident, argument: Option<TokenStream> },
    /// A value whose type only rustc knows.
    Custom(TokenStream),
}
