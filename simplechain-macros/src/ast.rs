//! The parts of a chain as written, with their tokens. Knows syntax, not shapes.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, LitInt, Visibility};

use crate::keywords;

/// The part of an item before the colon: `/// doc pub struct Name`.
pub(crate) struct Header {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// The name shown when the chain is displayed.
    pub(crate) title: String,
}

impl Header {
    /// For the expression form, whose type has no name.
    pub(crate) fn unnamed() -> Self {
        Header {
            attributes: Vec::new(),
            visibility: Visibility::Inherited,
            name: Ident::new("__Chain", Span::mixed_site()),
            title: "chain".to_owned(),
        }
    }
}

/// `4`, `(28, 28, 1)`, or the sequence `(100, 3)`, which is an image of height 1
pub(crate) enum ShapeAst {
    Flat(SizeAst),
    Image {
        /// The whole tuple.
        tokens: TokenStream,
        height: SizeAst,
        width: SizeAst,
        channels: SizeAst,
    },
}

impl ToTokens for ShapeAst {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            ShapeAst::Flat(size) => size.to_tokens(tokens),
            ShapeAst::Image { tokens: tuple, .. } => tuple.to_tokens(tokens),
        }
    }
}

/// `32`, or a path to a `const` item
pub(crate) enum SizeAst {
    Literal(LitInt),
    Const(TokenStream),
}

impl ToTokens for SizeAst {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            SizeAst::Literal(literal) => literal.to_tokens(tokens),
            SizeAst::Const(path) => path.to_tokens(tokens),
        }
    }
}

/// A height and a width: `2` for both, or `(2, 3)`.
pub(crate) enum PairAst {
    Same(SizeAst),
    Two(SizeAst, SizeAst),
}

impl PairAst {
    pub(crate) fn height(&self) -> &SizeAst {
        match self {
            PairAst::Same(size) | PairAst::Two(size, _) => size,
        }
    }

    pub(crate) fn width(&self) -> &SizeAst {
        match self {
            PairAst::Same(size) | PairAst::Two(_, size) => size,
        }
    }
}

impl ToTokens for PairAst {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            PairAst::Same(size) => quote!(#size),
            PairAst::Two(height, width) => quote!(#height, #width),
        });
    }
}

/// Whether a size or constant is a literal, as opposed to the path of a `const` item.
pub(crate) fn is_literal(number: &TokenStream) -> bool {
    let is_word = |token| matches!(token, TokenTree::Ident(_));
    !number.clone().into_iter().any(is_word)
}

/// The stride of a window.
pub(crate) enum StrideAst {
    /// The default of the layer.
    Default,
    Given(PairAst),
}

/// The padding of an image.
pub(crate) enum PaddingAst {
    Valid,
    Same,
    Given(PairAst),
}

/// The activation of a layer.
pub(crate) enum ActivationAst {
    /// `tanh` or `leaky_relu(0.01)`
    Builtin {
        word: Ident,
        activation: &'static keywords::Activation,
        /// A float literal, or the path of a `const` item.
        argument: Option<TokenStream>,
    },
    /// A value of a user-defined type, as written.
    Custom(TokenStream),
}

impl ToTokens for ActivationAst {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            ActivationAst::Builtin { word, argument, .. } => match argument {
                Some(argument) => quote!(#word(#argument)),
                None => quote!(#word),
            },
            ActivationAst::Custom(value) => value.clone(),
        });
    }
}
