//! Layers that contain chains: one file per layer, and here what they share.
//!
//! The language is recursive at this point, and so are the stages: these layers call the parser and the checker of chains.

pub(super) mod chain;
pub(super) mod concat;
pub(super) mod frozen;
pub(super) mod residual;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;

use super::{At, Call, ChainAst, Parser, Plan, infos, plain_info};
use crate::hygiene::quote_mixed;
use crate::ir::{Layer, LayerKind, Nested};
use crate::parse::inner_chain;
use crate::shape::Size;

/// The argument of a layer that takes one chain; `None` if there is none, which is reported.
fn parse_one(parser: &mut Parser<'_>, call: &Call<'_>) -> Option<ChainAst> {
    let tokens = call.tokens();
    let parts = if tokens.is_empty() {
        Vec::new()
    } else {
        vec![tokens]
    };
    parse_parts(parser, call, &parts, 1, "layers").pop()
}

/// The arguments of a layer that takes at least `least` chains; `what` describes them. Empty if there are fewer.
fn parse_parts(
    parser: &mut Parser<'_>,
    call: &Call<'_>,
    parts: &[Vec<TokenTree>],
    least: usize,
    what: &str,
) -> Vec<ChainAst> {
    let (word, errors) = (call.word, &mut *parser.errors);
    let help = format!("write `{}`", call.entry.example);
    if parts.len() < least {
        let message = format!("`{word}` takes {what} in brackets");
        errors.report(word, &message, &help);
        return Vec::new();
    }
    let chains: Vec<_> = parts.iter().map(|part| inner_chain(errors, part)).collect();
    for (chain, part) in chains.iter().zip(parts) {
        if let Some(stated) = &chain.output {
            let message = format!("a size inside of `{word}` is not a layer");
            errors.report(stated, &message, "remove it; an output check ends a chain");
        } else if chain.layers.is_empty() && errors.is_empty() {
            let tokens: TokenStream = part.iter().cloned().collect();
            errors.report(tokens, &format!("`{word}` takes {what} in brackets"), &help);
        }
    }
    for chain in &chains {
        parser.words.extend(chain.words.iter().cloned());
    }
    chains
}

/// A layer that contains chains with so many parameters.
fn plan(at: &At<'_>, weight_count: Size, nested: Nested) -> Plan {
    Plan {
        weight_count,
        width: at.word.to_token_stream(),
        kind: Some(LayerKind::Nested(nested)),
        ..Plan::default()
    }
}

impl Nested {
    /// Whether the parameters within are trained.
    pub(crate) fn is_trained(&self) -> bool {
        match self {
            Nested::Declared { .. } | Nested::Residual(_) | Nested::Concat(_) => true,
            Nested::Frozen(_) => false,
        }
    }
}

/// The entry of the layer at `path` in the generated table of layers.
pub(super) fn info(nested: &Nested, layer: &Layer, path: &str) -> TokenStream {
    let table = |branch: usize, chain| infos(&format!("{path}_{branch}"), chain);
    let (name, tables) = match nested {
        Nested::Declared { own, .. } => (
            "chain",
            vec![quote_mixed!(<#own as __lib::Network>::LAYERS)],
        ),
        Nested::Residual(chain) => ("residual", vec![table(0, chain)]),
        Nested::Frozen(chain) => ("frozen", vec![table(0, chain)]),
        Nested::Concat(chains) => {
            let [a, b] = &**chains;
            ("concat", vec![table(0, a), table(1, b)])
        }
    };
    let info = plain_info(name, "", layer);
    let trained = nested.is_trained();
    quote_mixed!(__lib::nested(#info, &[#(#tables),*], #trained,))
}
