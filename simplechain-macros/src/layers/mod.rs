//! The layers of the language: one file per layer, and the table [`LAYERS`].
//!
//! A layer passes through two types. The parse function in its [`Entry`] turns its arguments into a [`ParsedLayer`]. The
//! shape rule, [`ParsedLayer::resolve`], turns that into a [`ResolvedLayer`], which writes the layer's type, value and entry
//! in the generated table of layers. Word lists, suggestions for misspelt words and the words documented in editors all come
//! from [`LAYERS`].

mod activation;
mod affine;
mod batch_norm;
mod chebyshev;
mod conv;
mod custom;
mod dense;
mod dropout;
mod flatten;
mod fourier;
mod layer_norm;
mod nested;
mod pool;
mod rms_norm;
mod standardize;
mod window;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, Type};

pub(crate) use self::activation::unknown as unknown_activation;
use crate::ast::ShapeAst;
use crate::checker::Checker;
use crate::error::{Errors, keyword_at_end};
use crate::hygiene::{at_path, quote_mixed};
use crate::ir::{Chain, Definition, Layer, LayerKind, ResolvedLayer};
use crate::keywords;
use crate::parse::arguments::{Arguments, OptionWord};
use crate::shape::{Shape, Size};
use crate::split;

/// All layers, in the order in which messages list them.
pub(crate) static LAYERS: &[Entry] = &[
    dense::DENSE,
    conv::CONV,
    pool::MAXPOOL,
    pool::AVGPOOL,
    pool::GLOBAL_MAXPOOL,
    pool::GLOBAL_AVGPOOL,
    flatten::FLATTEN,
    activation::ACTIVATION,
    dropout::DROPOUT,
    layer_norm::LAYER_NORM,
    rms_norm::RMS_NORM,
    batch_norm::BATCH_NORM,
    affine::SCALE,
    affine::NORMALIZE,
    standardize::STANDARDIZE,
    standardize::UNSTANDARDIZE,
    fourier::FOURIER,
    chebyshev::CHEBYSHEV,
    nested::residual::RESIDUAL,
    nested::concat::CONCAT,
    nested::chain::CHAIN,
    nested::frozen::FROZEN,
    custom::LAYER,
];

/// A row of [`LAYERS`].
pub(crate) struct Entry {
    pub(crate) word: &'static str,
    /// Its names in other libraries: lower case, without `_` and without a trailing `1d`, `2d` or `3d`.
    pub(crate) aliases: &'static [&'static str],
    /// Its named arguments.
    pub(crate) options: &'static [OptionWord],
    /// How it is written; part of several messages.
    pub(crate) example: &'static str,
    pub(crate) parse: Parse,
}

/// The form of a layer's arguments, and the function that parses them.
pub(crate) enum Parse {
    /// No arguments and no parentheses.
    Word(fn() -> Box<dyn ParsedLayer>),
    /// Positional arguments, then options.
    Arguments(fn(&mut Parser<'_>, &Call<'_>, Arguments) -> Box<dyn ParsedLayer>),
    /// Something other than expressions: a type, or layers.
    Tokens(fn(&mut Parser<'_>, &Call<'_>) -> Box<dyn ParsedLayer>),
}

/// `input => layer => .. => output`
#[derive(Default)]
pub(crate) struct ChainAst {
    pub(crate) input: Option<ShapeAst>,
    /// At least one, unless that is reported.
    pub(crate) layers: Vec<LayerAst>,
    /// The output check, `=> 4` at the end.
    pub(crate) output: Option<ShapeAst>,
    /// The layer and activation words as written, for editors.
    pub(crate) words: Vec<Ident>,
}

/// One layer as written.
pub(crate) struct LayerAst {
    pub(crate) word: Ident,
    /// `None` for an unknown word, which is reported. The shape after it is unknown.
    pub(crate) layer: Option<Box<dyn ParsedLayer>>,
}

/// The additional output of parse functions.
pub(crate) struct Parser<'a> {
    pub(crate) errors: &'a mut Errors,
    /// The words of the chain, for editors.
    pub(crate) words: &'a mut Vec<Ident>,
}

/// A layer with its arguments unparsed.
pub(crate) struct Call<'a> {
    pub(crate) word: &'a Ident,
    pub(crate) entry: &'static Entry,
    /// The parentheses, if any.
    pub(crate) group: Option<&'a Group>,
    /// Word and parentheses, for messages.
    pub(crate) whole: &'a TokenStream,
}

/// The arguments of a layer, without shapes. A `None` in it stands for an argument whose mistake is reported.
pub(crate) trait ParsedLayer {
    /// The form of input that it requires. Used if only rustc knows the shape of the input.
    fn needs(&self) -> Form;

    /// Whether it computes anything. It is a mistake if no layer of a chain does.
    fn computes(&self) -> bool {
        true
    }

    /// The shape rule. Sets `output` to the output shape as soon as that is known, even if there is a mistake elsewhere, so
    /// that the following layers can be checked. `None` if the layer has a mistake, which is reported.
    fn resolve(
        &self,
        checker: &mut Checker<'_>,
        at: &At<'_>,
        input: Option<&Shape>,
        output: &mut Option<Shape>,
    ) -> Option<Plan>;
}

/// A requirement on the input shape.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Any,
    Flat,
    Image,
}

/// The position of a layer in the chain.
pub(crate) struct At<'a> {
    pub(crate) word: &'a Ident,
    pub(crate) index: usize,
    /// What its input comes from, for messages.
    pub(crate) giver: &'a str,
}

impl At<'_> {
    /// A generated name with the index of the layer.
    fn name(&self, name: &str) -> String {
        format!("{name}_{}", self.index)
    }

    /// Subject and verb of messages about the input shape: `the input is`, or `` `conv` gives ``.
    fn gives(&self) -> String {
        let giver = self.giver;
        let verb = if giver == "the input" { "is" } else { "gives" };
        format!("{giver} {verb}")
    }
}

/// The result of a shape rule: a layer without parameter offsets.
pub(crate) struct Plan {
    pub(crate) weight_count: Size,
    pub(crate) bias_count: Size,
    /// The tokens to change if there are too many parameters.
    pub(crate) width: TokenStream,
    /// `None` if an argument without influence on shapes has a mistake.
    pub(crate) kind: Option<LayerKind>,
}

impl Plan {
    /// For a layer without parameters.
    fn of(layer: impl ResolvedLayer + 'static) -> Self {
        Plan {
            kind: Some(LayerKind::Computes(Box::new(layer))),
            ..Plan::default()
        }
    }
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            weight_count: Size::ZERO,
            bias_count: Size::ZERO,
            width: TokenStream::new(),
            kind: None,
        }
    }
}

impl Call<'_> {
    /// The positional arguments, `least` to `most` of them; `takes` describes them. `None` if there are fewer.
    fn values(
        &self,
        errors: &mut Errors,
        values: Option<Vec<Expr>>,
        (least, most): (usize, usize),
        takes: &str,
    ) -> Option<Vec<Expr>> {
        let Call {
            word, whole, entry, ..
        } = self;
        let mut values = values?;
        if values.len() < least {
            let here = match values.len() {
                0 => "are none",
                _ => "is 1",
            };
            let message = format!("`{word}` takes {takes}, but here {here}");
            errors.report(whole, &message, &format!("write `{}`", entry.example));
            return None;
        }
        for extra in values.drain(most.min(values.len())..) {
            let message = format!("`{word}` takes {takes}");
            errors.report(extra, &message, "remove this");
        }
        Some(values)
    }

    /// The only positional argument; `takes` describes it.
    fn value(&self, errors: &mut Errors, values: Option<Vec<Expr>>, takes: &str) -> Option<Expr> {
        self.values(errors, values, (1, 1), takes)?.pop()
    }

    /// The tokens in the parentheses, without the invisible groups of `macro_rules!`.
    fn tokens(&self) -> Vec<TokenTree> {
        self.group.map_or_else(Vec::new, |group| {
            split::open_invisible_groups(group.stream())
        })
    }

    /// The only argument, which is the path of a type.
    fn own_type(&self, errors: &mut Errors) -> Option<TokenStream> {
        let word = self.word;
        let help = format!("write `{}`", self.entry.example);
        let tokens: TokenStream = self.tokens().into_iter().collect();
        if tokens.is_empty() {
            let message = format!("`{word}` takes 1 argument, a type, but here is none");
            errors.report(word, &message, &help);
            return None;
        }
        match syn::parse2::<Type>(tokens.clone()) {
            Ok(Type::Path(own)) if keyword_at_end(&own.path).is_none() => {
                Some(own.to_token_stream())
            }
            _ => {
                let message = format!("`{word}` takes the path of a type");
                errors.report(tokens, &message, &help);
                None
            }
        }
    }
}

/// For a layer that implements the library's `CustomLayer`.
fn custom_definition(layer_type: TokenStream, value: TokenStream) -> Definition {
    Definition::of(
        quote_mixed!(__lib::Custom<#layer_type>),
        quote_mixed!(__lib::Custom(#value)),
    )
}

/// The generated table of the layers of the chain at `path`.
pub(crate) fn infos(path: &str, chain: &Chain) -> TokenStream {
    let layers = chain.layers.iter().enumerate();
    let infos = layers.map(|(index, layer)| info(layer, &format!("{path}_{index}")));
    quote_mixed!(&[#(#infos),*])
}

/// The entry of the layer at `path` in the generated table of layers.
fn info(layer: &Layer, path: &str) -> TokenStream {
    let resolved = match &layer.kind {
        LayerKind::Computes(resolved) => resolved,
        LayerKind::Flatten => return flatten::info(layer),
        LayerKind::Nested(nested) => return nested::info(nested, layer, path),
    };
    let mut info = resolved.info(layer);
    let slope = resolved.activation().and_then(activation::constant);
    let constants: Vec<_> = slope.into_iter().chain(resolved.constants()).collect();
    if !constants.is_empty() {
        info = quote_mixed!(__lib::with(#info, &[#(#constants),*]));
    }
    if resolved.has_own_value() {
        let shown = at_path("shown", path);
        info = quote_mixed!(__lib::owned(#info, #shown));
    }
    info
}

/// The entry of a layer for which the library has no special function. A displayed chain shows `text` in parentheses.
fn plain_info(name: &str, text: &str, layer: &Layer) -> TokenStream {
    let (start, end) = (&layer.params_start, &layer.params_end);
    let params = quote!(#start..#end);
    match (&layer.input, &layer.output) {
        (Shape::Flat(inputs), Shape::Flat(outputs)) => {
            quote_mixed!(__lib::flat(#name, #text, #inputs, #outputs, #params))
        }
        (input, output) => quote_mixed!(__lib::layer(#name, #text, #input, #output, #params)),
    }
}

/// A constant in a layer's entry: an integer.
fn count_constant(name: &str, count: &Size) -> TokenStream {
    quote_mixed!(__lib::count(#name, #count))
}

/// A constant in a layer's entry: a scalar.
fn number_constant(name: &str, number: &TokenStream) -> TokenStream {
    numbers_constant(name, quote_mixed!(&[#number]))
}

/// A constant in a layer's entry: a slice of floats.
fn numbers_constant(name: &str, numbers: TokenStream) -> TokenStream {
    quote_mixed!(__lib::numbers(#name, #numbers))
}

/// The function that formats a value of a user-defined type.
fn shown(path: &str, value: &TokenStream) -> TokenStream {
    let function = at_path("shown", path);
    quote_mixed! {
        fn #function(f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            #[allow(unused_imports)]
            use __lib::own::{ByDebug as _, ByNothing as _};
            (&__lib::own::Value(#value)).show(f)
        }
    }
}

pub(crate) fn is_layer(word: &str) -> bool {
    LAYERS.iter().any(|layer| layer.word == word)
}

/// The layer with this word, or the one that was probably meant.
pub(crate) fn nearest(word: &str) -> Option<&'static Entry> {
    if keywords::reason(word).is_some() {
        return None;
    }
    let aliases: Vec<_> = LAYERS
        .iter()
        .flat_map(|layer| layer.aliases.iter().map(|alias| (*alias, layer.word)))
        .collect();
    let meant = keywords::nearest(word, &words(), &aliases)?;
    LAYERS.iter().find(|layer| layer.word == meant)
}

/// The help for an unknown layer word, of which `known` is the [`nearest`] layer.
pub(crate) fn help(known: Option<&Entry>) -> String {
    known.map_or_else(list, |layer| keywords::did_you_mean(layer.word))
}

/// All layers, for messages.
pub(crate) fn list() -> String {
    keywords::list("layer", &words())
}

fn words() -> Vec<&'static str> {
    LAYERS.iter().map(|layer| layer.word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keywords::{ACTIVATIONS, did_you_mean, reason};

    #[test]
    fn help_finds_typos_aliases_and_case() {
        assert_eq!(help(nearest("Linear")), "did you mean `dense`?");
        for (word, meant) in [
            ("Conv2D", "conv"),
            ("conv2d", "conv"),
            ("Conv1d", "conv"),
            ("conv3d", "conv"),
            ("BatchNorm1d", "batch_norm"),
            ("batchnorm", "batch_norm"),
            ("maxpool1d", "maxpool"),
            ("AdaptiveAvgPool2d", "global_avgpool"),
            ("max_pool", "maxpool"),
            ("MaxPool2d", "maxpool"),
            ("AveragePooling2D", "avgpool"),
            ("avg_pool", "avgpool"),
            ("Flatten", "flatten"),
            ("flaten", "flatten"),
        ] {
            assert_eq!(help(nearest(word)), did_you_mean(meant), "{word}");
        }
        assert_eq!(help(nearest("capsule")), list());
        for word in [
            "lstm",
            "LSTM",
            "GRU",
            "softmax",
            "LogSoftmax",
            "MultiHeadAttention",
            "ConvTranspose2d",
            "embedding",
        ] {
            assert!(reason(word).is_some() && nearest(word).is_none(), "{word}");
        }
        for activation in ACTIVATIONS {
            assert!(nearest(activation.word).is_none(), "{}", activation.word);
        }
    }

    /// No word or alias belongs to two layers.
    #[test]
    fn words_are_unambiguous() {
        let mut seen = Vec::new();
        for layer in LAYERS {
            for word in layer.aliases.iter().chain([&layer.word]) {
                assert!(!seen.contains(word), "{word}");
                seen.push(word);
                let found = nearest(word).map(|found| found.word);
                assert_eq!(found, Some(layer.word), "{word}");
            }
        }
    }

    /// Every example parses, and starts with the word of its layer.
    #[test]
    fn examples_are_layers() {
        for layer in LAYERS {
            let tokens: TokenStream = layer.example.parse().expect("tokens");
            let tokens: Vec<TokenTree> = tokens.into_iter().collect();
            assert_eq!(tokens[0].to_string(), layer.word);
            for input in ["4", "(8, 8, 1)"] {
                let chain = format!("{input} => {}", layer.example);
                let mut errors = Errors::new();
                let tokens: TokenStream = chain.parse().expect("tokens");
                let tokens: Vec<TokenTree> = tokens.into_iter().collect();
                crate::parse::chain(&mut errors, &tokens, "");
                assert!(errors.is_empty(), "{chain}");
            }
        }
    }

    /// The runtime's `dsl.rs` documents every layer for editors; the reference lists every layer and activation.
    #[test]
    fn words_are_documented() {
        let dsl = include_str!("../../../simplechain-runtime/src/dsl.rs");
        let reference = include_str!("../../../docs/REFERENCE.md");
        for word in words() {
            let is_named = [
                format!(" as {word};"),
                format!("fn {word}("),
                format!("struct {word};"),
            ];
            assert!(is_named.iter().any(|name| dsl.contains(name)), "{word}");
        }
        let activations = ACTIVATIONS.iter().map(|activation| activation.word);
        for word in words().into_iter().chain(activations) {
            let is_in_reference = [format!("`{word}`"), format!("`{word}(")];
            assert!(
                is_in_reference.iter().any(|name| reference.contains(name)),
                "{word}"
            );
        }
    }
}
