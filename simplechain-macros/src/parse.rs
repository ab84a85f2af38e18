//! Tokens to syntax tree. Knows the grammar, not shapes.
//!
//! ```text
//! invocation = item (";" item)* [";"]  |  chain        the first tokens decide
//! item       = attribute* [visibility] ["struct"] NAME ":" chain
//! chain      = "<" joined ">"  |  joined
//! joined     = shape ("=>" layer)+ ["=>" shape]        the last shape is the output check
//! shape      = size  |  "(" size "," size "," size ")"  |  "(" size "," size ")"      a sequence
//! size       = INTEGER  |  path to a `const` item
//! layer      = WORD ["(" arguments ")"]               of each layer in its file under `layers`
//! arguments  = argument ("," argument)* ("," option)*  |  inner ("," inner)*  |  TYPE
//! argument   = activation  |  pair  |  size  |  constants
//! option     = bias  |  stride  |  padding  |  groups  |  period
//! inner      = layer ("=>" layer)*
//! constants  = NUMBER  |  path to a `const` array of `f64`
//! bias       = "bias" "=" BOOL
//! stride     = "stride" "=" pair
//! padding    = "padding" "=" ("valid" | "same" | pair)
//! groups     = "groups" "=" size
//! period     = "period" "=" NUMBER
//! pair       = size  |  "(" size "," size ")"
//! activation = WORD  |  WORD "(" NUMBER ")"  |  value of the user's own type
//! ```
//!
//! A mistake is reported and leaves a `None` in the tree; the rest of the chain is still parsed.

pub(crate) mod activation;
pub(crate) mod arguments;
mod layer;
pub(crate) mod size;

use std::collections::VecDeque;

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Token, Visibility};

use self::layer::layer;
use self::size::{is_constant_case, shape};
use crate::ast::{Header, ShapeAst};
use crate::error::{Errors, found, spell};
use crate::layers::{self, ChainAst};
use crate::split::{self, ItemTokens, is_colon, is_punct};

/// An example of a chain; part of several messages.
const EXAMPLE: &str = "4 => dense(tanh, 32) => dense(id, 4)";

/// The two forms of an invocation.
pub(crate) enum Invocation {
    Items(Vec<TokenTree>),
    Expression(Vec<TokenTree>),
}

/// Distinguishes the two forms: an attribute, `pub`, `struct` or a name with a colon makes an item.
pub(crate) fn invocation(tokens: TokenStream) -> Invocation {
    let tokens = split::open_invisible_groups(tokens);
    if is_item(&tokens) {
        Invocation::Items(tokens)
    } else {
        Invocation::Expression(tokens)
    }
}

fn is_item(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(hash), ..] => hash.as_char() == '#',
        [TokenTree::Ident(word), ..] if word == "pub" || word == "struct" => true,
        [TokenTree::Ident(word), ..] if is_layer_word(word) => false,
        [TokenTree::Ident(_), TokenTree::Ident(second), ..] => !is_layer_word(second),
        // Recognises a name even without its colon: `Net 4 => ..`, `Net { .. }`, `Net = ..`.
        [TokenTree::Ident(_), TokenTree::Literal(_), ..] => true,
        [TokenTree::Ident(_), TokenTree::Group(group), ..] => group.delimiter() == Delimiter::Brace,
        [TokenTree::Ident(_), TokenTree::Punct(sign), ..] => {
            is_colon(tokens, 1) || (sign.as_char() == '=' && sign.spacing() == Spacing::Alone)
        }
        _ => false,
    }
}

fn is_layer_word(word: &Ident) -> bool {
    let word = word.to_string();
    layers::is_layer(&word)
}

/// The part before the colon, and the tokens of the chain. The header is `None` if there is no usable name.
pub(crate) fn header(errors: &mut Errors, item: ItemTokens) -> (Option<Header>, Vec<TokenTree>) {
    let ItemTokens {
        header,
        colon,
        chain,
    } = item;
    let parser = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_outer(input)?;
        let visibility: Visibility = input.parse()?;
        let keyword: Option<Token![struct]> = input.parse()?;
        if input.is_empty() {
            let place = colon
                .as_ref()
                .map_or_else(|| keyword.to_token_stream(), ToTokens::to_token_stream);
            let text = format!("the name of the chain is missing\nhelp: write `Name: {EXAMPLE}`");
            return Err(syn::Error::new_spanned(place, text));
        }
        let name: Ident = input.parse()?;
        let rest: TokenStream = input.parse()?;
        let title = name.unraw().to_string();
        Ok((
            Header {
                attributes,
                visibility,
                name,
                title,
            },
            rest,
        ))
    };
    match parser.parse2(header.into_iter().collect()) {
        Err(error) => {
            errors.push(error);
            (None, chain)
        }
        Ok((header, rest)) => {
            let rest: Vec<_> = rest.into_iter().collect();
            let chain = match colon {
                Some(_) => {
                    report_between_name_and_colon(errors, &header.name, &rest);
                    chain
                }
                None => chain_without_colon(errors, &header.name, rest),
            };
            (Some(header), chain)
        }
    }
}

fn report_between_name_and_colon(errors: &mut Errors, name: &Ident, rest: &[TokenTree]) {
    let tokens = || rest.iter().cloned().collect::<TokenStream>();
    match rest {
        [] => {}
        [first, ..] if is_punct(first, '<') => errors.report(
            tokens(),
            "a chain takes no generic parameters",
            "its methods work for f32 and f64, and sizes can be `const` items",
        ),
        _ => {
            let message = format!("expected `:` after `{name}`");
            errors.report(tokens(), &message, &format!("write `{name}: {EXAMPLE}`"));
        }
    }
}

/// The tokens that must be meant as the chain after a name without a colon.
fn chain_without_colon(
    errors: &mut Errors,
    name: &Ident,
    mut rest: Vec<TokenTree>,
) -> Vec<TokenTree> {
    let help = format!("write `{name}: {EXAMPLE}`");
    let Some(first) = rest.first() else {
        errors.report(name, &format!("`{name}` has no chain"), &help);
        return rest;
    };
    errors.report(first, &format!("expected `:` after `{name}`"), &help);
    match first {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            split::open_invisible_groups(group.stream())
        }
        TokenTree::Punct(punct) if punct.as_char() == '=' => rest.split_off(1),
        _ => rest,
    }
}

/// One chain. An empty one is reported at `place`.
pub(crate) fn chain(errors: &mut Errors, tokens: &[TokenTree], place: impl ToTokens) -> ChainAst {
    let mut chain = ChainAst::default();
    let tokens = inside_angle_brackets(errors, tokens);
    if tokens.is_empty() {
        if errors.is_empty() {
            errors.report(
                place,
                "there is not a chain here",
                &format!("write `{EXAMPLE}`"),
            );
        }
        return chain;
    }

    let mut segments = VecDeque::from(split::segments(errors, tokens));
    if let Some(first) = segments.pop_front() {
        if starts_layer(&first) {
            errors.report(
                &first[0],
                "a chain starts with the size of its input, which is missing",
                "write `4 => ..`",
            );
            segments.push_front(first);
        } else if !first.is_empty() {
            let (input, rest) = shape(errors, &first);
            chain.input = input;
            push_forgotten_segment(errors, &mut segments, rest);
        }
    }
    layers(errors, &mut chain, segments);
    if chain.layers.is_empty() && errors.is_empty() {
        errors.report(
            tokens.iter().cloned().collect::<TokenStream>(),
            "a chain needs at least one layer",
            &format!("write `{EXAMPLE}`"),
        );
    }
    chain
}

/// A chain without an input, inside a layer.
pub(crate) fn inner_chain(errors: &mut Errors, tokens: &[TokenTree]) -> ChainAst {
    let mut chain = ChainAst::default();
    let segments = VecDeque::from(split::segments(errors, tokens));
    layers(errors, &mut chain, segments);
    chain
}

/// The layers and the output check.
fn layers(errors: &mut Errors, chain: &mut ChainAst, mut segments: VecDeque<Vec<TokenTree>>) {
    while let Some(mut segment) = segments.pop_front() {
        // The rest is moved: a copy for each of many layers without arrows would take a quadratic time.
        let rest = match segment.as_slice() {
            [TokenTree::Ident(word), TokenTree::Group(group), ..] => {
                layer(errors, chain, word, Some(group));
                segment.split_off(2)
            }
            [TokenTree::Ident(word), ..] if !is_size(&segment) => {
                layer(errors, chain, word, None);
                segment.split_off(1)
            }
            _ => {
                let (stated, rest) = shape(errors, &segment);
                if segments.is_empty() && rest.is_empty() {
                    chain.output = stated;
                } else {
                    report_size_as_layer(errors, &segment, stated);
                }
                rest
            }
        };
        push_forgotten_segment(errors, &mut segments, rest);
    }
}

/// Accepts angle brackets, `< chain >`.
fn inside_angle_brackets<'a>(errors: &mut Errors, tokens: &'a [TokenTree]) -> &'a [TokenTree] {
    match tokens {
        [open, inside @ .., close]
            if is_punct(open, '<') && is_punct(close, '>') && !ends_in_half_arrow(inside) =>
        {
            inside
        }
        [open, inside @ ..] if is_punct(open, '<') => {
            errors.report(
                open,
                "this `<` is not closed",
                "put `>` at the end of the chain",
            );
            inside
        }
        _ => tokens,
    }
}

/// Whether the `>` that follows belongs to a `=>`.
fn ends_in_half_arrow(tokens: &[TokenTree]) -> bool {
    match tokens.last() {
        Some(TokenTree::Punct(last)) => last.as_char() == '=' && last.spacing() == Spacing::Joint,
        _ => false,
    }
}

fn starts_layer(segment: &[TokenTree]) -> bool {
    match segment {
        [TokenTree::Ident(_), TokenTree::Group(_), ..] => true,
        [TokenTree::Ident(word), ..] => is_layer_word(word),
        _ => false,
    }
}

/// Whether a segment that starts with a word is a path to a `const` item.
fn is_size(segment: &[TokenTree]) -> bool {
    match segment {
        [TokenTree::Ident(_), second, ..] if is_punct(second, ':') => true,
        [TokenTree::Ident(word), ..] => is_constant_case(word),
        _ => false,
    }
}

/// Tokens after a complete segment: the arrow is missing.
fn push_forgotten_segment(
    errors: &mut Errors,
    segments: &mut VecDeque<Vec<TokenTree>>,
    rest: Vec<TokenTree>,
) {
    let Some(first) = rest.first() else {
        return;
    };
    if let TokenTree::Punct(_) = first {
        let message = format!("expected `=>`, but found `{first}`");
        errors.report(first, &message, split::JOIN);
        return;
    }
    errors.report(
        first,
        &format!("expected `=>` before {}", found(first)),
        split::JOIN,
    );
    let can_start_a_segment = match first {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        _ => true,
    };
    if can_start_a_segment {
        segments.push_front(rest);
    }
}

fn report_size_as_layer(errors: &mut Errors, segment: &[TokenTree], shape: Option<ShapeAst>) {
    // A missing shape has been reported already.
    let Some(shape) = shape else {
        return;
    };
    let help = match shape {
        ShapeAst::Flat(size) => format!(
            "write a layer, `dense(tanh, {})`; only the last of a chain can be a size, as a check",
            spell(&size)
        ),
        ShapeAst::Image { .. } => {
            "only the first and the last of a chain can be a shape".to_owned()
        }
    };
    errors.report(
        segment.iter().cloned().collect::<TokenStream>(),
        "a size alone is not a layer",
        &help,
    );
}
