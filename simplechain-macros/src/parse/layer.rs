//! Layers and their arguments.

mod arguments;
mod others;

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::quote;
use syn::Expr;

use self::arguments::{Arguments, is_number};
use super::activation::{activation, is_type_name};
use super::size::{pair, size};
use crate::ast::{
    ChainAst, ConvAst, DenseAst, LayerAst, LayerKind, PairAst, PoolAst, PoolKind, SizeAst,
};
use crate::error::{Errors, is_keyword, spell};
use crate::words;

/// One layer, appended to the chain.
pub(super) fn layer(
    errors: &mut Errors,
    chain: &mut ChainAst,
    word: &Ident,
    arguments: Option<&Group>,
) {
    let text = word.to_string();
    let known = words::nearest_layer(&text);
    if words::is_layer(&text) {
        chain.words.push(word.clone());
    } else if let Some(meant) = words::activation_meant(&text).filter(|_| known.is_none()) {
        report_activation(errors, word, meant, arguments);
        // It goes on as the layer that it is in brackets.
        chain.layers.push(LayerAst {
            word: word.clone(),
            kind: LayerKind::Activation(None),
        });
        return;
    } else {
        report_unknown_layer(errors, word, &text);
    }
    // A misspelt layer goes on as the one that was meant, so that what follows can be checked, and by its word.
    let layer = match known {
        Some(known) => {
            let word = Ident::new(known.word, word.span());
            let kind = known_layer(errors, chain, &word, known, arguments);
            LayerAst { word, kind }
        }
        None => LayerAst {
            word: word.clone(),
            kind: LayerKind::Unknown,
        },
    };
    chain.layers.push(layer);
}

/// An activation in the place of a layer, written `word` and meant as `meant`.
fn report_activation(errors: &mut Errors, word: &Ident, meant: &str, arguments: Option<&Group>) {
    let arguments = match words::activation(meant).and_then(|meant| meant.argument) {
        None => String::new(),
        Some(_) => arguments.map_or_else(|| "(0.01)".to_owned(), spell),
    };
    let message = format!("`{word}` is an activation, not a layer");
    let help = format!(
        "write `activation({meant}{arguments})`, or write it in the layer before, `dense({meant}{arguments}, 32)`"
    );
    errors.report(word, &message, &help);
}

fn report_unknown_layer(errors: &mut Errors, word: &Ident, text: &str) {
    if is_keyword(word) {
        let message = format!("expected a layer, but found the keyword `{text}`");
        errors.report(word, &message, "write a layer such as `dense(tanh, 32)`");
    } else if let Some(reason) = words::reason(text) {
        errors.report(word, &format!("there is no layer `{text}`"), reason);
    } else {
        let help = match words::nearest_layer(text) {
            None if is_type_name(word) => format!(
                "a type of your own is written `activation({text})` or `layer({text})`, another chain `chain({text})`"
            ),
            _ => words::layer_help(text),
        };
        errors.report(word, &format!("unknown layer `{text}`"), &help);
    }
}

fn known_layer(
    errors: &mut Errors,
    chain: &mut ChainAst,
    word: &Ident,
    known: &'static words::Layer,
    group: Option<&Group>,
) -> LayerKind {
    let bare = match known.word {
        "flatten" => Some(LayerKind::Flatten),
        "layer_norm" => Some(LayerKind::LayerNorm),
        "batch_norm" => Some(LayerKind::BatchNorm),
        "global_maxpool" => Some(LayerKind::GlobalPool(PoolKind::Max)),
        "global_avgpool" => Some(LayerKind::GlobalPool(PoolKind::Average)),
        _ => None,
    };
    if let Some(kind) = bare {
        report_arguments_of_bare_word(errors, word, known, group);
        return kind;
    }
    if let Some(group) = group.filter(|group| group.delimiter() != Delimiter::Parenthesis) {
        let message = format!("`{word}` takes its arguments in round brackets");
        errors.report(group, &message, &format!("write `{}`", known.example));
    }
    if let Some(kind) = others::of_tokens(errors, chain, word, known, group) {
        return kind;
    }
    let arguments = Arguments::of(errors, known, word, group);
    let whole = group.map_or_else(|| quote!(#word), |group| quote!(#word #group));
    let call = Call {
        word,
        known,
        whole: &whole,
    };
    match known.word {
        "conv" => LayerKind::Conv(conv(errors, chain, &call, arguments)),
        "maxpool" => LayerKind::Pool(pool(errors, PoolKind::Max, &call, arguments)),
        "avgpool" => LayerKind::Pool(pool(errors, PoolKind::Average, &call, arguments)),
        "dense" => LayerKind::Dense(dense(errors, chain, &call, arguments)),
        _ => others::of_values(errors, chain, &call, arguments),
    }
}

fn report_arguments_of_bare_word(
    errors: &mut Errors,
    word: &Ident,
    known: &words::Layer,
    group: Option<&Group>,
) {
    if let Some(group) = group
        && !group.stream().is_empty()
    {
        let message = format!("`{word}` takes no arguments");
        errors.report(group.stream(), &message, &format!("write `{}`", known.word));
    }
}

/// A layer as it is called, for messages.
struct Call<'a> {
    word: &'a Ident,
    known: &'static words::Layer,
    whole: &'a TokenStream,
}

impl Call<'_> {
    /// Reports values that are too many, of which the first has a `number`.
    fn report_extra(&self, errors: &mut Errors, extra: impl Iterator<Item = Expr>, takes: usize) {
        let word = self.word;
        let options: Vec<String> = self
            .known
            .options
            .iter()
            .map(|option| {
                let value = if *option == "bias" { "true" } else { ".." };
                format!("`{option} = {value}`")
            })
            .collect();
        let help = format!("remove it, or name it: {}", options.join(" or "));
        for (extra, number) in extra.zip(takes + 1..) {
            let message = format!("`{word}` takes {takes} arguments, but this is number {number}");
            errors.report(extra, &message, &help);
        }
    }
}

fn dense(
    errors: &mut Errors,
    chain: &mut ChainAst,
    call: &Call<'_>,
    arguments: Arguments,
) -> DenseAst {
    let bias = arguments.bias;
    let (activation, width) = match arguments.values {
        Some(values) => activation_and_width(errors, call, values),
        None => (None, None),
    };
    DenseAst {
        activation: activation.and_then(|value| self::activation(errors, &mut chain.words, value)),
        width: width.and_then(|value| size(errors, value)),
        bias,
    }
}

/// The two values that `dense` takes, as far as they are there.
fn activation_and_width(
    errors: &mut Errors,
    call: &Call<'_>,
    values: Vec<Expr>,
) -> (Option<Expr>, Option<Expr>) {
    let Call { word, whole, .. } = call;
    let mut values = values.into_iter();
    let taken = match (values.next(), values.next()) {
        (None, _) => {
            let message =
                format!("`{word}` takes 2 arguments, an activation and a width, but here are none");
            errors.report(whole, &message, "write `dense(tanh, 32)`");
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
            errors.report(whole, &message, &help);
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
    for (extra, number) in values.zip(3..) {
        let message = format!("`{word}` takes 2 arguments, but this is number {number}");
        let help = "remove it, or name it: `bias = true` or `bias = false`";
        errors.report(extra, &message, help);
    }
    taken
}

fn conv(
    errors: &mut Errors,
    chain: &mut ChainAst,
    call: &Call<'_>,
    arguments: Arguments,
) -> ConvAst {
    let (bias, stride, padding) = (arguments.bias, arguments.stride, arguments.padding);
    let groups = arguments.groups;
    let values = arguments
        .values
        .map(|values| ConvValues::of(errors, call, values))
        .unwrap_or_default();
    ConvAst {
        activation: values
            .activation
            .and_then(|value| activation(errors, &mut chain.words, value)),
        kernel: values.kernel,
        channels: values.channels.and_then(|value| size(errors, value)),
        stride,
        padding,
        groups,
        bias,
    }
}

/// The three values that `conv` takes, as far as they are there.
#[derive(Default)]
struct ConvValues {
    activation: Option<Expr>,
    kernel: Option<PairAst>,
    channels: Option<Expr>,
}

impl ConvValues {
    fn of(errors: &mut Errors, call: &Call<'_>, values: Vec<Expr>) -> Self {
        let Call { word, whole, .. } = call;
        let mut this = Self::default();
        if values.is_empty() {
            let message = format!(
                "`{word}` takes 3 arguments, an activation, a kernel and a number of channels, but here are none"
            );
            let help = format!("write `{}`", call.known.example);
            errors.report(whole, &message, &help);
            return this;
        }
        // What each value looks like: (k)ernel, (n)umber or (a)ctivation.
        let look = |value: &Expr| match value {
            Expr::Tuple(_) => 'k',
            Expr::Paren(_) => 'n',
            value if is_number(value) => 'n',
            _ => 'a',
        };
        let looks: String = values.iter().map(look).collect();
        let text: Vec<String> = values.iter().map(spell_inside).collect();
        let mut missing = |what: &str, help: String| {
            let message = format!("`{word}` takes 3 arguments, but the {what} is missing");
            errors.report(whole, &message, &format!("write `{help}`"));
        };
        let mut values = values.into_iter();
        match looks.as_str() {
            "a" => {
                missing("kernel", format!("conv({}, (3, 3), 16)", text[0]));
                this.activation = values.next();
            }
            "an" => {
                missing("kernel", format!("conv({}, (3, 3), {})", text[0], text[1]));
                this.activation = values.next();
                this.channels = values.next();
            }
            "ak" => {
                let help = format!("conv({}, {}, 16)", text[0], text[1]);
                missing("number of channels", help);
                this.activation = values.next();
                this.kernel = values.next().and_then(|value| pair(errors, value));
            }
            "kn" => {
                missing(
                    "activation",
                    format!("conv(relu, {}, {})", text[0], text[1]),
                );
                this.kernel = values.next().and_then(|value| pair(errors, value));
                this.channels = values.next();
            }
            "k" => {
                missing("activation", format!("conv(relu, {}, 16)", text[0]));
                this.kernel = values.next().and_then(|value| pair(errors, value));
            }
            "n" | "nn" | "nnn" => {
                let channels = text.last().map_or("16", String::as_str);
                missing("activation", format!("conv(relu, (3, 3), {channels})"));
            }
            // Of a sequence; elsewhere `check` asks for the other side.
            "ann" => {
                this.activation = values.next();
                this.kernel = values.next().and_then(|value| pair(errors, value));
                this.channels = values.next();
            }
            "annn" => {
                this.activation = values.next();
                let (height, width) = (values.next(), values.next());
                let message = format!("the kernel of `{word}` stands in brackets");
                let help = format!("write `({}, {})`", text[1], text[2]);
                errors.report(quote!(#height, #width), &message, &help);
                this.kernel = height
                    .and_then(|value| size(errors, value))
                    .zip(width.and_then(|value| size(errors, value)))
                    .map(|(height, width)| PairAst::Two(height, width));
                this.channels = values.next();
            }
            "ank" | "kan" | "kna" | "nak" | "nka" => {
                let at = |what: char| looks.find(what).unwrap_or_default();
                let (a, k, n) = (at('a'), at('k'), at('n'));
                let message = format!(
                    "`{word}` takes an activation, a kernel and a number of channels, in this order"
                );
                let help = format!("write `conv({}, {}, {})`", text[a], text[k], text[n]);
                errors.report(call.arguments(), &message, &help);
                let mut values: Vec<_> = values.map(Some).collect();
                this.activation = values[a].take();
                this.kernel = values[k].take().and_then(|value| pair(errors, value));
                this.channels = values[n].take();
            }
            _ => {
                this.activation = values.next();
                this.kernel = values.next().and_then(|value| pair(errors, value));
                this.channels = values.next();
                if this.channels.is_none() {
                    let message = format!(
                        "`{word}` takes 3 arguments, an activation, a kernel and a number of channels, but here are {}",
                        text.len()
                    );
                    errors.report(whole, &message, &format!("write `{}`", call.known.example));
                }
                call.report_extra(errors, values, 3);
            }
        }
        this
    }
}

/// A value as the user would write it, without brackets around it alone.
fn spell_inside(value: &Expr) -> String {
    match value {
        Expr::Paren(paren) => spell(&paren.expr),
        value => spell(value),
    }
}

impl Call<'_> {
    /// What stands in the brackets.
    fn arguments(&self) -> TokenStream {
        let mut tokens = self.whole.clone().into_iter().skip(1);
        match tokens.next() {
            Some(proc_macro2::TokenTree::Group(group)) => group.stream(),
            _ => self.whole.clone(),
        }
    }
}

fn pool(errors: &mut Errors, kind: PoolKind, call: &Call<'_>, arguments: Arguments) -> PoolAst {
    let window = arguments
        .values
        .and_then(|values| pool_window(errors, call, values));
    PoolAst {
        kind,
        window,
        stride: arguments.stride,
    }
}

/// The height and the width that a pool takes.
fn pool_window(errors: &mut Errors, call: &Call<'_>, values: Vec<Expr>) -> Option<PairAst> {
    let Call { word, whole, known } = call;
    let written = known.word;
    let mut values = values.into_iter().peekable();
    if let Some(first) = values.peek()
        && !is_number(first)
        && matches!(first, Expr::Path(_) | Expr::Call(_))
    {
        let message = format!("`{word}` has no activation");
        let help = "remove it; an activation belongs to the layer before";
        errors.report(first, &message, help);
        values.next();
    }
    let number = |errors: &mut Errors, value: Expr| -> Option<SizeAst> { size(errors, value) };
    match (values.next(), values.next()) {
        (None, _) => {
            let message =
                format!("`{word}` takes 2 arguments, a height and a width, but here are none");
            errors.report(whole, &message, &format!("write `{}`", known.example));
            None
        }
        (Some(Expr::Tuple(tuple)), None) => {
            let message = format!("the window of `{word}` stands without brackets of its own");
            let sizes: Vec<String> = tuple.elems.iter().map(spell).collect();
            let help = format!("write `{written}({})`", sizes.join(", "));
            errors.report(&tuple, &message, &help);
            pair(errors, Expr::Tuple(tuple))
        }
        // Of a sequence.
        (Some(side), None) => number(errors, side).map(PairAst::Same),
        (Some(height), Some(width)) => {
            let (height, width) = (number(errors, height), number(errors, width));
            for (extra, count) in values.zip(3..) {
                let message = format!("`{word}` takes 2 arguments, but this is number {count}");
                let help = format!("remove it, or name it: `stride = {}`", spell(&extra));
                errors.report(extra, &message, &help);
            }
            Some(PairAst::Two(height?, width?))
        }
    }
}
