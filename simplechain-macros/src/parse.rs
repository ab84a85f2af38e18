//! Tokens to syntax tree. Knows the grammar and nothing of shapes.
//!
//! ```text
//! invocation = item (";" item)* [";"]  |  chain        the first tokens decide
//! item       = attribute* [visibility] ["struct"] NAME ":" chain
//! chain      = "<" joined ">"  |  joined
//! joined     = shape ("=>" layer)+ ["=>" shape]        the last shape is the output check
//! shape      = size  |  "(" size "," size "," size ")"
//! size       = INTEGER  |  path to a `const` item
//! layer      = "dense" "(" activation "," size ["," "bias" "=" BOOL] ")"
//! activation = WORD  |  WORD "(" NUMBER ")"  |  value of the user's own type
//! ```
//!
//! A mistake is reported and leaves a `None` in the tree; the rest of the chain is parsed all the same.

use std::collections::VecDeque;

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, ExprCall, ExprLit, ExprPath, ExprTuple, Lit, LitFloat, LitInt, Token, UnOp, Visibility,
};

use crate::ast::{ActivationAst, ChainAst, DenseAst, Header, LayerAst, LayerKind, ShapeAst, SizeAst};
use crate::error::{Errors, spell};
use crate::split::{self, ItemTokens, is_colon, is_punct};
use crate::words;

/// A chain is written like this; part of several messages.
const EXAMPLE: &str = "4 => dense(tanh, 32) => dense(id, 4)";

/// The two forms of an invocation.
pub(crate) enum Invocation {
    Items(Vec<TokenTree>),
    Expression(Vec<TokenTree>),
}

/// Tells the forms apart: an attribute, `pub`, `struct` or a name with a colon makes an item.
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
        // A name is one even where its colon is forgotten: `Net 4 => ..`, `Net { .. }`.
        [TokenTree::Ident(_), TokenTree::Literal(_), ..] => true,
        [TokenTree::Ident(_), TokenTree::Group(group), ..] => group.delimiter() == Delimiter::Brace,
        [TokenTree::Ident(_), ..] => is_colon(tokens, 1),
        _ => false,
    }
}

fn is_layer_word(word: &Ident) -> bool {
    let word = word.to_string();
    words::is_layer(&word) || words::is_reserved_layer(&word)
}

/// The part before the colon, and the tokens of the chain. The header is `None` if there is no name to go on with.
pub(crate) fn header(errors: &mut Errors, item: ItemTokens) -> (Option<Header>, Vec<TokenTree>) {
    let ItemTokens { header, colon, chain } = item;
    let parser = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_outer(input)?;
        let visibility: Visibility = input.parse()?;
        let keyword: Option<Token![struct]> = input.parse()?;
        if input.is_empty() {
            let place = colon.as_ref().map_or_else(|| keyword.to_token_stream(), ToTokens::to_token_stream);
            let text = format!("the name of the chain is missing\nhelp: write `Name: {EXAMPLE}`");
            return Err(syn::Error::new_spanned(place, text));
        }
        let name: Ident = input.parse()?;
        let rest: TokenStream = input.parse()?;
        Ok((Header { attributes, visibility, name }, rest))
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

/// What must be meant as the chain behind a name without a colon.
fn chain_without_colon(errors: &mut Errors, name: &Ident, mut rest: Vec<TokenTree>) -> Vec<TokenTree> {
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

/// One chain. `place` is where an empty one is reported.
pub(crate) fn chain(errors: &mut Errors, tokens: &[TokenTree], place: impl ToTokens) -> ChainAst {
    let mut chain = ChainAst::default();
    let tokens = inside_angle_brackets(errors, tokens);
    if tokens.is_empty() {
        if errors.is_empty() {
            errors.report(place, "there is no chain here", &format!("write `{EXAMPLE}`"));
        }
        return chain;
    }

    let mut segments = VecDeque::from(split::segments(errors, tokens));
    if let Some(first) = segments.pop_front() {
        if starts_layer(&first) {
            errors.report(
                &first[0],
                "a chain starts with the size of its input, which is missing",
                &format!("write `4 => {} ..`, or `(28, 28, 1) => ..` for an image", first[0]),
            );
            segments.push_front(first);
        } else if !first.is_empty() {
            let (input, rest) = leading_shape(errors, &first);
            chain.input = input;
            push_forgotten_segment(errors, &mut segments, rest);
        }
    }
    while let Some(segment) = segments.pop_front() {
        let rest = match segment.as_slice() {
            [TokenTree::Ident(word), TokenTree::Group(group), rest @ ..] => {
                layer(errors, &mut chain, word, Some(group));
                rest.to_vec()
            }
            [TokenTree::Ident(word), rest @ ..] if !is_size(&segment) => {
                layer(errors, &mut chain, word, None);
                rest.to_vec()
            }
            _ => {
                let (shape, rest) = leading_shape(errors, &segment);
                if segments.is_empty() && rest.is_empty() {
                    chain.output = shape;
                } else {
                    report_size_as_layer(errors, &segment, shape);
                }
                rest
            }
        };
        push_forgotten_segment(errors, &mut segments, rest);
    }
    if chain.layers.is_empty() && errors.is_empty() {
        errors.report(
            tokens.iter().cloned().collect::<TokenStream>(),
            "a chain needs at least one layer",
            &format!("write `{EXAMPLE}`"),
        );
    }
    chain
}

/// `< chain >` is spelled with brackets by some.
fn inside_angle_brackets<'a>(errors: &mut Errors, tokens: &'a [TokenTree]) -> &'a [TokenTree] {
    match tokens {
        [open, inside @ .., close] if is_punct(open, '<') && is_punct(close, '>') && !ends_in_half_arrow(inside) => inside,
        [open, inside @ ..] if is_punct(open, '<') => {
            errors.report(open, "this `<` is not closed", "put `>` at the end of the chain");
            inside
        }
        _ => tokens,
    }
}

/// Whether the `>` that follows belongs to a `=>`.
fn ends_in_half_arrow(tokens: &[TokenTree]) -> bool {
    matches!(tokens.last(), Some(TokenTree::Punct(last)) if last.as_char() == '=' && last.spacing() == Spacing::Joint)
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

/// `OUT`, `N_2`: no layer and no activation is written in capitals.
fn is_constant_case(word: &Ident) -> bool {
    !word.to_string().contains(char::is_lowercase)
}

/// What follows a segment that is complete: its arrow was forgotten.
fn push_forgotten_segment(errors: &mut Errors, segments: &mut VecDeque<Vec<TokenTree>>, rest: Vec<TokenTree>) {
    let Some(first) = rest.first() else {
        return;
    };
    if let TokenTree::Punct(_) = first {
        let message = format!("expected `=>`, but found `{first}`");
        errors.report(first, &message, split::JOIN);
        return;
    }
    errors.report(first, &format!("expected `=>` before {}", found(first)), split::JOIN);
    let can_start_a_segment = match first {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        _ => true,
    };
    if can_start_a_segment {
        segments.push_front(rest);
    }
}

fn report_size_as_layer(errors: &mut Errors, segment: &[TokenTree], shape: Option<ShapeAst>) {
    // A shape that is not there is reported already.
    let Some(shape) = shape else {
        return;
    };
    let help = match shape {
        ShapeAst::Flat(size) => format!("write a layer, `dense(tanh, {})`; only the last of a chain can be a size, as a check", spell(&size)),
        ShapeAst::Image { .. } => "only the first and the last of a chain can be a shape".to_owned(),
    };
    errors.report(segment.iter().cloned().collect::<TokenStream>(), "a size alone is not a layer", &help);
}

/// A token as a message names it.
fn found(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => "`(..)`".to_owned(),
            Delimiter::Bracket => "`[..]`".to_owned(),
            Delimiter::Brace | Delimiter::None => "`{..}`".to_owned(),
        },
        token => format!("`{token}`"),
    }
}

/// The expression that the tokens start with, and what follows it.
fn leading_expression(errors: &mut Errors, tokens: &[TokenTree], expected: &str, help: &str) -> (Option<Expr>, Vec<TokenTree>) {
    let parser = |input: ParseStream<'_>| {
        let expression: Expr = input.parse()?;
        let rest: TokenStream = input.parse()?;
        Ok((expression, rest))
    };
    match parser.parse2(tokens.iter().cloned().collect()) {
        Ok((expression, rest)) => (Some(expression), rest.into_iter().collect()),
        Err(_) => {
            if let Some(first) = tokens.first() {
                errors.report(first, &format!("expected {expected}, but found {}", found(first)), help);
            }
            (None, Vec::new())
        }
    }
}

const SIZE_HELP: &str = "a size is a whole number or a `const` item";

/// The shape that a segment starts with, and what follows it.
fn leading_shape(errors: &mut Errors, tokens: &[TokenTree]) -> (Option<ShapeAst>, Vec<TokenTree>) {
    let (expression, rest) = leading_expression(errors, tokens, "a size", SIZE_HELP);
    let shape = expression.and_then(|expression| match expression {
        Expr::Tuple(tuple) => image(errors, &tuple),
        Expr::Paren(paren) => {
            let inside = spell(&paren.expr);
            let help = format!("write `({inside}, {inside}, 1)` for an image of one channel, `{inside}` for a flat input");
            errors.report(&paren, "an image has 3 sizes `(height, width, channels)`, but here is 1", &help);
            None
        }
        other => size(errors, &other).map(ShapeAst::Flat),
    });
    (shape, rest)
}

fn image(errors: &mut Errors, tuple: &ExprTuple) -> Option<ShapeAst> {
    let count = tuple.elems.len();
    let help = match tuple.elems.iter().map(spell).collect::<Vec<_>>().as_slice() {
        [height, width] => format!("write `({height}, {width}, 1)` for one channel"),
        _ => "write `(28, 28, 1)` for an image of one channel, `4` for a flat input".to_owned(),
    };
    if count != 3 {
        let message = format!("an image has 3 sizes `(height, width, channels)`, but here are {count}");
        errors.report(tuple, &message, &help);
    }
    let mut sizes = tuple.elems.iter().map(|element| size(errors, element));
    let (height, width, channels) = (sizes.next()?, sizes.next()?, sizes.next()?);
    Some(ShapeAst::Image {
        tokens: tuple.to_token_stream(),
        height: height?,
        width: width?,
        channels: channels?,
    })
}

fn size(errors: &mut Errors, expression: &Expr) -> Option<SizeAst> {
    match expression {
        Expr::Group(group) => return size(errors, &group.expr),
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => return size_literal(errors, literal),
        Expr::Path(path) => return Some(SizeAst::Const(path.to_token_stream())),
        Expr::Lit(ExprLit { lit: Lit::Float(literal), .. }) => {
            let message = format!("a size is a whole number, not `{literal}`");
            errors.report(literal, &message, "write it without the point, `32`");
        }
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let message = format!("a size cannot be negative, but this is `{}`", spell(unary));
            errors.report(unary, &message, &format!("write `{}`", spell(&unary.expr)));
        }
        Expr::Lit(literal) => {
            errors.report(literal, &format!("expected a size, but found `{}`", spell(literal)), SIZE_HELP);
        }
        other => errors.report(
            other,
            "expected a size, but found an expression",
            "give it a name, `const WIDTH: usize = ..;`, and write `WIDTH`",
        ),
    }
    None
}

fn size_literal(errors: &mut Errors, literal: &LitInt) -> Option<SizeAst> {
    let suffix = literal.suffix();
    if !["", "usize"].contains(&suffix) {
        let message = format!("a size is a usize, but this ends in `{suffix}`");
        errors.report(literal, &message, &format!("write `{}`", literal.base10_digits()));
        return None;
    }
    Some(SizeAst::Literal(literal.clone()))
}

/// One layer, appended to the chain.
fn layer(errors: &mut Errors, chain: &mut ChainAst, word: &Ident, arguments: Option<&Group>) {
    let text = word.to_string();
    let known = words::is_layer(&text);
    if known {
        chain.words.push(word.clone());
    } else {
        report_unknown_layer(errors, word, &text);
    }
    // A misspelt layer goes on as the one that was meant, so that what follows can be checked.
    let kind = match words::nearest_layer(&text) {
        Some("dense") => LayerKind::Dense(dense(errors, chain, word, arguments)),
        _ => LayerKind::Unknown,
    };
    chain.layers.push(LayerAst { word: word.clone(), kind });
}

fn report_unknown_layer(errors: &mut Errors, word: &Ident, text: &str) {
    if words::is_reserved_layer(text) {
        errors.report(word, &format!("`{text}` is not available yet"), &words::layer_list());
    } else if words::activation(text).is_some() {
        let help = format!("write it inside of a layer, `dense({text}, 32)`");
        errors.report(word, &format!("`{text}` is an activation, not a layer"), &help);
    } else {
        errors.report(word, &format!("unknown layer `{text}`"), &words::layer_help(text));
    }
}

fn dense(errors: &mut Errors, chain: &mut ChainAst, word: &Ident, arguments: Option<&Group>) -> DenseAst {
    if let Some(group) = arguments.filter(|group| group.delimiter() != Delimiter::Parenthesis) {
        let message = format!("`{word}` takes its arguments in round brackets");
        errors.report(group, &message, "write `dense(tanh, 32)`");
    }
    let Arguments { values, bias } = Arguments::of(errors, word, arguments);
    let mut values = values.into_iter();
    let whole = || arguments.map_or_else(|| quote!(#word), |group| quote!(#word #group));

    let (activation, width) = match (values.next(), values.next()) {
        (None, _) => {
            let message = format!("`{word}` takes 2 arguments, an activation and a width, but here are none");
            errors.report(whole(), &message, "write `dense(tanh, 32)`");
            (None, None)
        }
        (Some(width), None) if is_number(&width) => {
            let number = spell(&width);
            let message = format!("`{word}` takes 2 arguments, but the activation is missing");
            let help = format!("write `dense(tanh, {number})`, or `dense(id, {number})` for none");
            errors.report(&width, &message, &help);
            (None, Some(width))
        }
        (Some(activation), None) => {
            let message = format!("`{word}` takes 2 arguments, but the width is missing");
            let help = format!("write `dense({}, 32)`", spell(&activation));
            errors.report(whole(), &message, &help);
            (Some(activation), None)
        }
        (Some(width), Some(activation)) if is_number(&width) && !is_number(&activation) => {
            let message = format!("the activation of `{word}` comes before its width");
            let help = format!("write `dense({}, {})`", spell(&activation), spell(&width));
            errors.report(quote!(#width, #activation), &message, &help);
            (Some(activation), Some(width))
        }
        (activation, width) => (activation, width),
    };
    for (extra, number) in values.zip(3_usize..) {
        let message = format!("`{word}` takes 2 arguments, but this is number {number}");
        errors.report(extra, &message, "remove it, or name it: `bias = true` or `bias = false`");
    }
    DenseAst {
        word: word.clone(),
        activation: activation.and_then(|value| self::activation(errors, &mut chain.words, value)),
        width: width.and_then(|value| size(errors, &value)),
        bias: bias.unwrap_or(true),
    }
}

/// Whether a value can only be a size.
fn is_number(value: &Expr) -> bool {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) => true,
        Expr::Path(path) => path.path.get_ident().is_some_and(is_constant_case),
        _ => false,
    }
}

/// The arguments of a layer: values by position, then options by name.
#[derive(Default)]
struct Arguments {
    values: Vec<Expr>,
    bias: Option<bool>,
}

impl Arguments {
    fn of(errors: &mut Errors, layer: &Ident, group: Option<&Group>) -> Self {
        let mut this = Self::default();
        let mut options = false;
        let mut arguments = VecDeque::from(group.map_or_else(Vec::new, |group| split::arguments(errors, group)));
        while let Some(argument) = arguments.pop_front() {
            if let [TokenTree::Ident(name), sign, value @ ..] = argument.as_slice()
                && (is_punct(sign, '=') || is_colon(&argument, 1))
            {
                options = true;
                if is_punct(sign, ':') {
                    errors.report(sign, "expected `=` after the name of an option, but found `:`", &format!("write `{name} = ..`"));
                }
                this.option(errors, layer, name, value);
                continue;
            }
            let (value, rest) = leading_expression(errors, &argument, "an argument", "write `dense(tanh, 32)`");
            if let Some(first) = rest.first() {
                errors.report(first, &format!("expected `,` before {}", found(first)), "arguments are separated by `,`");
                arguments.push_front(rest);
            }
            if let Some(value) = value {
                if options {
                    errors.report(&value, "an argument without a name comes before the options", "move it to the front");
                }
                this.values.push(value);
            }
        }
        this
    }

    fn option(&mut self, errors: &mut Errors, layer: &Ident, name: &Ident, value: &[TokenTree]) {
        if name != "bias" {
            let message = format!("unknown option `{name}` of `{layer}`");
            errors.report(name, &message, &words::option_help(&name.to_string(), &["bias"]));
            return;
        }
        if self.bias.is_some() {
            errors.report(name, "`bias` is given twice", "remove one of the two");
        }
        self.bias = Some(true);
        match value {
            [TokenTree::Ident(value)] if value == "true" => {}
            [TokenTree::Ident(value)] if value == "false" => self.bias = Some(false),
            [] => errors.report(name, "`bias` has no value", "write `bias = true` or `bias = false`"),
            [first, ..] => {
                let message = format!("`bias` is `true` or `false`, not {}", found(first));
                let tokens: TokenStream = value.iter().cloned().collect();
                errors.report(tokens, &message, "write `bias = true` or `bias = false`");
            }
        }
    }
}

fn activation(errors: &mut Errors, words: &mut Vec<Ident>, value: Expr) -> Option<ActivationAst> {
    match &value {
        Expr::Group(group) => activation(errors, words, Expr::clone(&group.expr)),
        Expr::Path(ExprPath { path, .. }) => match path.get_ident() {
            Some(word) if !is_type_name(word) => activation_word(errors, words, word, None),
            _ => Some(ActivationAst::Custom(value)),
        },
        Expr::Call(call) => match &*call.func {
            Expr::Path(ExprPath { path, .. }) => match path.get_ident() {
                Some(word) if !is_type_name(word) => activation_word(errors, words, word, Some(call)),
                _ => Some(ActivationAst::Custom(value)),
            },
            _ => not_an_activation(errors, &value),
        },
        Expr::Struct(_) => Some(ActivationAst::Custom(value)),
        _ => not_an_activation(errors, &value),
    }
}

/// `Cube` is a type; `cube` would be a word of the language.
fn is_type_name(word: &Ident) -> bool {
    word.to_string().starts_with(char::is_uppercase)
}

fn not_an_activation(errors: &mut Errors, value: &Expr) -> Option<ActivationAst> {
    let help = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if words::activation(&text.value()).is_some() => {
            format!("write `{}` without the quotes", text.value())
        }
        _ => "write a word such as `tanh`, or a value of your own type that implements `Activation`"
            .to_owned(),
    };
    let message = format!("expected an activation, but found `{}`", spell(value));
    errors.report(value, &message, &help);
    None
}

fn activation_word(
    errors: &mut Errors,
    words: &mut Vec<Ident>,
    word: &Ident,
    call: Option<&ExprCall>,
) -> Option<ActivationAst> {
    let text = word.to_string();
    let Some(activation) = words::activation(&text) else {
        let message = format!("unknown activation `{text}`");
        errors.report(word, &message, &words::activation_help(&text));
        return None;
    };
    words.push(word.clone());

    let arguments: Vec<&Expr> = call.map_or_else(Vec::new, |call| call.args.iter().collect());
    let argument = match (activation.argument, arguments.as_slice()) {
        (None, []) if call.is_none() => None,
        (None, _) => {
            let message = format!("`{text}` takes no argument");
            errors.report(call, &message, &format!("write `{text}`"));
            return None;
        }
        (Some(_), [argument]) => Some(slope(errors, word, argument)?),
        (Some(name), []) => {
            let message = format!("`{text}` needs its {name}");
            let help = format!("write `{text}(0.01)`");
            match call {
                Some(call) => errors.report(call, &message, &help),
                None => errors.report(word, &message, &help),
            }
            return None;
        }
        (Some(name), [_, extra, ..]) => {
            let count = arguments.len();
            let message = format!("`{text}` takes 1 argument, its {name}, but here are {count}");
            errors.report(extra, &message, "remove it");
            return None;
        }
    };
    Some(ActivationAst::Builtin {
        word: word.clone(),
        activation,
        argument,
    })
}

/// The slope of `leaky_relu`: a number that is finite and not negative, or a path to a `const` item.
fn slope(errors: &mut Errors, word: &Ident, value: &Expr) -> Option<TokenStream> {
    let number = match value {
        Expr::Group(group) => return slope(errors, word, &group.expr),
        Expr::Path(path) => return Some(path.to_token_stream()),
        Expr::Lit(ExprLit {
            lit: Lit::Float(literal),
            ..
        }) => literal.base10_digits().to_owned(),
        Expr::Lit(ExprLit {
            lit: Lit::Int(literal),
            ..
        }) => literal.base10_digits().to_owned(),
        _ => {
            let message = format!("the slope of `{word}` is a number that is not negative, not `{}`", spell(value));
            errors.report(value, &message, "write a number such as `0.01`, or the path of a `const` item");
            return None;
        }
    };
    let number = if number.contains(['.', 'e', 'E']) { number } else { format!("{number}.0") };
    if !number.parse::<f64>().is_ok_and(f64::is_finite) {
        let message = format!("the slope `{}` is too large for a float", spell(value));
        errors.report(value, &message, "write a number such as `0.01`");
        return None;
    }
    Some(LitFloat::new(&number, value.span()).to_token_stream())
}
