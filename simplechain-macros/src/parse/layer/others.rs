//! The layers that are not `dense`, `conv` or a pool.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Expr, Type};

use super::Call;
use super::arguments::Arguments;
use crate::ast::{
    AffineAst, AffineKind, ChainAst, FeaturesAst, FeaturesKind, InnerAst, InnerKind, LayerKind,
};
use crate::error::{Errors, keyword_at_end, spell};
use crate::parse::activation::{activation, number};
use crate::parse::inner_chain;
use crate::parse::size::size;
use crate::{split, words};

/// The layers whose brackets hold no expressions: chains or a type.
pub(super) fn of_tokens(
    errors: &mut Errors,
    chain: &mut ChainAst,
    word: &Ident,
    known: &words::Layer,
    group: Option<&Group>,
) -> Option<LayerKind> {
    let kind = match known.word {
        "residual" => InnerKind::Residual,
        "frozen" => InnerKind::Frozen,
        "concat" => InnerKind::Concat,
        "layer" => return Some(LayerKind::Custom(own_type(errors, word, known, group))),
        "chain" => return Some(LayerKind::Chain(own_type(errors, word, known, group))),
        _ => return None,
    };
    let chains = inner_chains(errors, kind, word, known, group);
    for inner in &chains {
        chain.words.extend(inner.words.iter().cloned());
    }
    Some(LayerKind::Inner(InnerAst { kind, chains }))
}

/// The type in the brackets of `layer` and `chain`.
fn own_type(
    errors: &mut Errors,
    word: &Ident,
    known: &words::Layer,
    group: Option<&Group>,
) -> Option<TokenStream> {
    let help = format!("write `{}`", known.example);
    let tokens = group.map_or_else(Vec::new, |group| {
        split::open_invisible_groups(group.stream())
    });
    let tokens: TokenStream = tokens.into_iter().collect();
    if tokens.is_empty() {
        let message = format!("`{word}` takes 1 argument, a type, but here is none");
        errors.report(word, &message, &help);
        return None;
    }
    match syn::parse2::<Type>(tokens.clone()) {
        Ok(Type::Path(own)) if keyword_at_end(&own.path).is_none() => Some(own.to_token_stream()),
        _ => {
            let message = format!("`{word}` takes the path of a type");
            errors.report(tokens, &message, &help);
            None
        }
    }
}

fn inner_chains(
    errors: &mut Errors,
    kind: InnerKind,
    word: &Ident,
    known: &words::Layer,
    group: Option<&Group>,
) -> Vec<ChainAst> {
    let help = format!("write `{}`", known.example);
    let parts: Vec<Vec<TokenTree>> = match (kind, group) {
        (_, None) => Vec::new(),
        (InnerKind::Concat, Some(group)) => split::arguments(errors, group),
        (_, Some(group)) => {
            let tokens = split::open_invisible_groups(group.stream());
            if tokens.is_empty() {
                Vec::new()
            } else {
                vec![tokens]
            }
        }
    };
    let (least, what) = match kind {
        InnerKind::Concat => (2, "at least 2 branches of layers"),
        _ => (1, "layers"),
    };
    if parts.len() < least {
        let message = format!("`{word}` takes {what} in brackets");
        errors.report(word, &message, &help);
        return Vec::new();
    }
    let chains: Vec<_> = parts.iter().map(|part| inner_chain(errors, part)).collect();
    for (chain, part) in chains.iter().zip(&parts) {
        if let Some(stated) = &chain.output {
            let message = format!("a size inside of `{word}` is not a layer");
            errors.report(stated, &message, "remove it; an output check ends a chain");
        } else if chain.layers.is_empty() && errors.is_empty() {
            let tokens: TokenStream = part.iter().cloned().collect();
            errors.report(tokens, &format!("`{word}` takes {what} in brackets"), &help);
        }
    }
    chains
}

/// The layers that take values.
pub(super) fn of_values(
    errors: &mut Errors,
    chain: &mut ChainAst,
    call: &Call<'_>,
    arguments: Arguments,
) -> LayerKind {
    let period = arguments.period;
    let (takes, most) = match call.known.word {
        "activation" => ("1 argument, an activation", 1),
        "dropout" => ("1 argument, a rate", 1),
        "normalize" => ("2 arguments, a mean and a standard deviation", 2),
        "scale" => ("1 or 2 arguments, a factor and an offset", 2),
        "fourier" => ("1 argument, a number of frequencies", 1),
        _ => ("1 argument, a degree", 1),
    };
    let least = if call.known.word == "normalize" { 2 } else { 1 };
    let values = arguments.values.and_then(|mut values| {
        let Call { word, whole, known } = call;
        if values.len() < least {
            let here = match values.len() {
                0 => "are none",
                _ => "is 1",
            };
            let message = format!("`{word}` takes {takes}, but here {here}");
            errors.report(whole, &message, &format!("write `{}`", known.example));
            return None;
        }
        for extra in values.drain(most.min(values.len())..) {
            let message = format!("`{word}` takes {takes}");
            errors.report(extra, &message, "remove this");
        }
        Some(values)
    });
    let mut values = values.map(Vec::into_iter);
    let mut next = || values.as_mut().and_then(Iterator::next);
    match call.known.word {
        "activation" => LayerKind::Activation(
            next().and_then(|value| activation(errors, &mut chain.words, value)),
        ),
        "dropout" => LayerKind::Dropout(next().and_then(|value| rate(errors, &value))),
        "normalize" | "scale" => {
            let kind = match call.known.word {
                "scale" => AffineKind::Scale,
                _ => AffineKind::Normalize,
            };
            let what = format!("a constant of `{}`", call.word);
            let all: Option<Vec<_>> = core::iter::from_fn(next)
                .map(|value| number(errors, &what, &value))
                .collect();
            LayerKind::Affine(AffineAst {
                kind,
                constants: all.filter(|all| all.len() >= least),
            })
        }
        "fourier" => LayerKind::Features(FeaturesAst {
            kind: FeaturesKind::Fourier { period },
            count: next().and_then(|value| size(errors, value)),
        }),
        _ => LayerKind::Features(FeaturesAst {
            kind: FeaturesKind::Chebyshev,
            count: next().and_then(|value| size(errors, value)),
        }),
    }
}

/// A rate, from 0 up to 1.
fn rate(errors: &mut Errors, value: &Expr) -> Option<TokenStream> {
    let rate = number(errors, "the rate of `dropout`", value)?;
    let text = rate.to_string().replace(' ', "");
    if let Ok(rate) = text.parse::<f64>()
        && !(0.0..1.0).contains(&rate)
    {
        let message = format!(
            "the rate of `dropout` is from 0 up to 1, but this is {}",
            spell(value)
        );
        errors.report(value, &message, "write the share of numbers to drop, `0.2`");
        return None;
    }
    Some(rate)
}
