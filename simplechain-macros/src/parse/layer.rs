//! Layers and their arguments.

use std::collections::VecDeque;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{Expr, ExprLit, Lit};

use super::activation::activation;
use super::size::{is_constant_case, leading_expression, size};
use crate::ast::{ChainAst, DenseAst, LayerAst, LayerKind};
use crate::error::{Errors, found, spell};
use crate::split::{self, is_colon, is_punct};
use crate::words;

/// One layer, appended to the chain.
pub(super) fn layer(
    errors: &mut Errors,
    chain: &mut ChainAst,
    word: &Ident,
    arguments: Option<&Group>,
) {
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
    chain.layers.push(LayerAst {
        word: word.clone(),
        kind,
    });
}

fn report_unknown_layer(errors: &mut Errors, word: &Ident, text: &str) {
    if words::is_reserved_layer(text) {
        errors.report(
            word,
            &format!("`{text}` is not available yet"),
            &words::layer_list(),
        );
    } else if words::activation(text).is_some() {
        let help = format!("write it inside of a layer, `dense({text}, 32)`");
        errors.report(
            word,
            &format!("`{text}` is an activation, not a layer"),
            &help,
        );
    } else {
        errors.report(
            word,
            &format!("unknown layer `{text}`"),
            &words::layer_help(text),
        );
    }
}

fn dense(
    errors: &mut Errors,
    chain: &mut ChainAst,
    word: &Ident,
    arguments: Option<&Group>,
) -> DenseAst {
    if let Some(group) = arguments.filter(|group| group.delimiter() != Delimiter::Parenthesis) {
        let message = format!("`{word}` takes its arguments in round brackets");
        errors.report(group, &message, "write `dense(tanh, 32)`");
    }
    let Arguments {
        values,
        bias,
        has_mistake,
    } = Arguments::of(errors, word, arguments);
    let (activation, width) = if has_mistake {
        (None, None)
    } else {
        let whole = arguments.map_or_else(|| quote!(#word), |group| quote!(#word #group));
        activation_and_width(errors, word, &whole, values)
    };
    DenseAst {
        activation: activation.and_then(|value| self::activation(errors, &mut chain.words, value)),
        width: width.and_then(|value| size(errors, value)),
        bias: bias.unwrap_or(true),
    }
}

/// The two values that `dense` takes, as far as they are there.
fn activation_and_width(
    errors: &mut Errors,
    word: &Ident,
    whole: &TokenStream,
    values: Vec<Expr>,
) -> (Option<Expr>, Option<Expr>) {
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

/// Whether a value can only be a size.
fn is_number(value: &Expr) -> bool {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(_) | Lit::Float(_),
            ..
        }) => true,
        Expr::Path(path) => path.path.get_ident().is_some_and(is_constant_case),
        _ => false,
    }
}

/// The arguments of a layer: values by position, then options by name.
#[derive(Default)]
struct Arguments {
    values: Vec<Expr>,
    bias: Option<bool>,
    /// One of the values is missing here, because it is no expression.
    has_mistake: bool,
}

impl Arguments {
    fn of(errors: &mut Errors, layer: &Ident, group: Option<&Group>) -> Self {
        let mut this = Self::default();
        let mut options = false;
        let mut arguments =
            VecDeque::from(group.map_or_else(Vec::new, |group| split::arguments(errors, group)));
        while let Some(argument) = arguments.pop_front() {
            if let [TokenTree::Ident(name), sign, value @ ..] = argument.as_slice()
                && (is_punct(sign, '=') || is_colon(&argument, 1))
            {
                options = true;
                if is_punct(sign, ':') {
                    errors.report(
                        sign,
                        "expected `=` after the name of an option, but found `:`",
                        &format!("write `{name} = ..`"),
                    );
                }
                this.option(errors, layer, name, value);
                continue;
            }
            let (value, rest) =
                leading_expression(errors, &argument, "an argument", "write `dense(tanh, 32)`");
            if let Some(first) = rest.first() {
                errors.report(
                    first,
                    &format!("expected `,` before {}", found(first)),
                    "arguments are separated by `,`",
                );
                arguments.push_front(rest);
            }
            this.has_mistake |= value.is_none();
            if let Some(value) = value {
                if options {
                    errors.report(
                        &value,
                        "an argument without a name comes before the options",
                        "move it to the front",
                    );
                }
                this.values.push(value);
            }
        }
        this
    }

    fn option(&mut self, errors: &mut Errors, layer: &Ident, name: &Ident, value: &[TokenTree]) {
        if name != "bias" {
            let message = format!("unknown option `{name}` of `{layer}`");
            errors.report(
                name,
                &message,
                &words::option_help(&name.to_string(), &["bias"]),
            );
            return;
        }
        if self.bias.is_some() {
            errors.report(name, "`bias` is given twice", "remove one of the two");
        }
        self.bias = Some(true);
        match value {
            [TokenTree::Ident(value)] if value == "true" => {}
            [TokenTree::Ident(value)] if value == "false" => self.bias = Some(false),
            [] => errors.report(
                name,
                "`bias` has no value",
                "write `bias = true` or `bias = false`",
            ),
            [first, ..] => {
                let message = format!("`bias` is `true` or `false`, not {}", found(first));
                let tokens: TokenStream = value.iter().cloned().collect();
                errors.report(tokens, &message, "write `bias = true` or `bias = false`");
            }
        }
    }
}
