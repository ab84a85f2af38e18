//! What the user wrote, with its tokens. Knows syntax, not shapes.
//!
//! A `None` stands for a part with a mistake that is already reported.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, LitInt, Visibility};

use crate::words;

/// The part of an item before the colon: `/// doc pub struct Name`.
pub(crate) struct Header {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// What the chain calls itself when it is printed.
    pub(crate) title: String,
}

impl Header {
    /// For the type of an expression, which the user did not name.
    pub(crate) fn unnamed() -> Self {
        Header {
            attributes: Vec::new(),
            visibility: Visibility::Inherited,
            name: Ident::new("__Chain", Span::mixed_site()),
            title: "chain".to_owned(),
        }
    }
}

/// `input => layer => .. => output`
#[derive(Default)]
pub(crate) struct ChainAst {
    pub(crate) input: Option<ShapeAst>,
    /// At least one, unless that is reported.
    pub(crate) layers: Vec<LayerAst>,
    /// The output check, `=> 4` at the end.
    pub(crate) output: Option<ShapeAst>,
    /// The layer and activation words as written, for the editor.
    pub(crate) words: Vec<Ident>,
}

/// `4`, `(28, 28, 1)`, or the sequence `(100, 3)`, which is an image 1 high
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

/// One layer: its word and what the word takes.
pub(crate) struct LayerAst {
    pub(crate) word: Ident,
    pub(crate) kind: LayerKind,
}

pub(crate) enum LayerKind {
    Dense(DenseAst),
    Conv(ConvAst),
    Pool(PoolAst),
    /// `global_maxpool` or `global_avgpool`
    GlobalPool(PoolKind),
    /// `flatten`
    Flatten,
    /// `activation(tanh)`
    Activation(Option<ActivationAst>),
    /// `dropout(rate)`
    Dropout(Option<TokenStream>),
    /// `layer_norm`
    LayerNorm,
    /// `batch_norm`
    BatchNorm,
    Affine(AffineAst),
    Features(FeaturesAst),
    /// `layer(Type)`
    Custom(Option<TokenStream>),
    /// `chain(Type)`
    Chain(Option<TokenStream>),
    Inner(InnerAst),
    /// A word that is not a layer, which is reported: nothing is known of its output.
    Unknown,
}

/// `dense(activation, width, bias = true|false)`
pub(crate) struct DenseAst {
    pub(crate) activation: Option<ActivationAst>,
    pub(crate) width: Option<SizeAst>,
    pub(crate) bias: bool,
}

/// `conv(activation, (height, width), channels, stride = .., padding = .., groups = .., bias = true|false)`
pub(crate) struct ConvAst {
    pub(crate) activation: Option<ActivationAst>,
    pub(crate) kernel: Option<PairAst>,
    pub(crate) channels: Option<SizeAst>,
    pub(crate) stride: Option<StrideAst>,
    pub(crate) padding: Option<PaddingAst>,
    /// 1 without.
    pub(crate) groups: Option<SizeAst>,
    pub(crate) bias: bool,
}

/// `maxpool(height, width, stride = ..)` or `avgpool(..)`; of a sequence `maxpool(length)`
pub(crate) struct PoolAst {
    pub(crate) kind: PoolKind,
    pub(crate) window: Option<PairAst>,
    pub(crate) stride: Option<StrideAst>,
}

/// `normalize(mean, std)` or `scale(factor, offset)`
pub(crate) struct AffineAst {
    pub(crate) kind: AffineKind,
    /// Numbers as float literals, or paths of numbers or of arrays of them; `None` if one is wrong.
    pub(crate) constants: Option<Vec<TokenStream>>,
}

#[derive(Clone, Copy)]
pub(crate) enum AffineKind {
    Normalize,
    Scale,
}

/// `fourier(count, period = ..)` or `chebyshev(count)`
pub(crate) struct FeaturesAst {
    pub(crate) kind: FeaturesKind,
    pub(crate) count: Option<SizeAst>,
}

pub(crate) enum FeaturesKind {
    Fourier {
        /// 2 pi without.
        period: Option<TokenStream>,
    },
    Chebyshev,
}

/// Chains inside of a layer.
pub(crate) struct InnerAst {
    pub(crate) kind: InnerKind,
    /// At least one, of `concat` two, unless that is reported.
    pub(crate) chains: Vec<ChainAst>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum InnerKind {
    Residual,
    Frozen,
    Concat,
}

#[derive(Clone, Copy)]
pub(crate) enum PoolKind {
    Max,
    Average,
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

/// Whether a number is written in digits, not as the path of a `const` item.
pub(crate) fn is_literal(number: &TokenStream) -> bool {
    let is_word = |token| matches!(token, TokenTree::Ident(_));
    !number.clone().into_iter().any(is_word)
}

/// How far a window moves.
pub(crate) enum StrideAst {
    /// The layer's own default.
    Default,
    Given(PairAst),
}

/// What is put around an image.
pub(crate) enum PaddingAst {
    Valid,
    Same,
    Given(PairAst),
}

/// What a layer applies to each of its outputs.
pub(crate) enum ActivationAst {
    /// `tanh` or `leaky_relu(0.01)`
    Builtin {
        word: Ident,
        activation: &'static words::Activation,
        /// A number as a float literal, or the path of a `const` item.
        argument: Option<TokenStream>,
    },
    /// A value of the user's own type, as written.
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
