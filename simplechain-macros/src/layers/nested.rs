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
use crate::checker::Checker;
use crate::hygiene::quote_mixed;
use crate::ir::{self, Inner, Layer, LayerKind, Nested, NestedKind};
use crate::parse::inner_chain;
use crate::shape::{Shape, Size};

/// The argument of a layer that takes one chain.
fn parse_one(parser: &mut Parser<'_>, call: &Call<'_>) -> Vec<ChainAst> {
    let tokens = call.tokens();
    let parts = if tokens.is_empty() {
        Vec::new()
    } else {
        vec![tokens]
    };
    parse_parts(parser, call, &parts, 1, "layers")
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

/// The resolved chains of a layer; `None` if one has a mistake.
fn branches(
    checker: &mut Checker<'_>,
    at: &At<'_>,
    input: &Shape,
    chains: &[ChainAst],
) -> Option<Vec<ir::Chain>> {
    let mut branches = Vec::new();
    for (branch, chain) in chains.iter().enumerate() {
        branches.extend(checker.branch(at.index, branch, input, chain));
    }
    (branches.len() == chains.len() && !branches.is_empty()).then_some(branches)
}

/// The layer that contains these chains.
fn plan(at: &At<'_>, kind: NestedKind, branches: Vec<ir::Chain>) -> Plan {
    let weight_count = branches
        .iter()
        .fold(Size::ZERO, |sum, branch| sum.plus(&branch.param_count));
    let chains = branches.into_iter();
    let chains = chains.map(|chain| Inner::Here(Box::new(chain)));
    Plan {
        weight_count,
        width: at.word.to_token_stream(),
        kind: Some(LayerKind::Nested(Nested {
            kind,
            chains: chains.collect(),
        })),
        ..Plan::default()
    }
}

impl NestedKind {
    fn name(self) -> &'static str {
        match self {
            NestedKind::Chain { .. } => "chain",
            NestedKind::Residual => "residual",
            NestedKind::Frozen => "frozen",
            NestedKind::Concat => "concat",
        }
    }

    fn is_trained(self) -> bool {
        match self {
            NestedKind::Chain { .. } | NestedKind::Residual | NestedKind::Concat => true,
            NestedKind::Frozen => false,
        }
    }
}

/// The entry of the layer at `path` in the generated table of layers.
pub(super) fn info(nested: &Nested, layer: &Layer, path: &str) -> TokenStream {
    let info = plain_info(nested.kind.name(), "", layer);
    let tables = nested.chains.iter().enumerate();
    let tables = tables.map(|(branch, chain)| match chain {
        Inner::Declared(own) => quote_mixed!(<#own as __lib::Chain>::LAYERS),
        Inner::Here(chain) => infos(&format!("{path}_{branch}"), chain),
    });
    let trained = nested.kind.is_trained();
    quote_mixed!(__lib::nested(#info, &[#(#tables),*], #trained,))
}
