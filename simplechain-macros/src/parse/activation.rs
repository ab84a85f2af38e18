//! Activations: keywords of the language, or values of user-defined types.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprLit, ExprPath, Lit, LitFloat, UnOp};

use crate::ast::ActivationAst;
use crate::error::{Errors, keyword_at_end, spell};
use crate::keywords;

/// An activation; its word is added to `words`.
pub(crate) fn activation(
    errors: &mut Errors,
    words: &mut Vec<Ident>,
    value: Expr,
) -> Option<ActivationAst> {
    let value = match value {
        Expr::Group(group) => return activation(errors, words, *group.expr),
        value => value,
    };
    let (path, call) = match &value {
        Expr::Path(ExprPath { path, .. }) => (path, None),
        Expr::Call(call) => match &*call.func {
            Expr::Path(ExprPath { path, .. }) => (path, Some(call)),
            _ => return not_an_activation(errors, &value),
        },
        Expr::Struct(value) => (&value.path, None),
        _ => return not_an_activation(errors, &value),
    };
    if let Some(word) = keyword_at_end(path) {
        let message = format!("expected an activation, but found the keyword `{word}`");
        errors.report(&value, &message, ACTIVATION_HELP);
        return None;
    }
    let Some(word) = path.get_ident() else {
        return Some(ActivationAst::Custom(value.to_token_stream()));
    };
    if !is_type_name(word) {
        return activation_word(errors, words, word, call);
    }
    if let Some(meant) = keywords::activation_in_capitals(&word.to_string()) {
        let message = format!("unknown activation `{word}`");
        let help = format!("write `{meant}`, or `self::{word}` for a type of your own");
        errors.report(word, &message, &help);
        return None;
    }
    Some(ActivationAst::Custom(value.to_token_stream()))
}

const ACTIVATION_HELP: &str =
    "write a word such as `tanh`, or a value of your own type that implements `Activation`";

/// `Cube` is a type; `cube` would be a word of the language.
pub(crate) fn is_type_name(word: &Ident) -> bool {
    word.to_string().starts_with(char::is_uppercase)
}

fn not_an_activation(errors: &mut Errors, value: &Expr) -> Option<ActivationAst> {
    let help = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if keywords::activation(&text.value()).is_some() => {
            format!("write `{}` without the quotes", text.value())
        }
        _ => ACTIVATION_HELP.to_owned(),
    };
    let found = match value {
        Expr::Lit(literal) => format!("`{}`", spell(literal)),
        _ => "an expression".to_owned(),
    };
    let message = format!("expected an activation, but found {found}");
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
    let Some(activation) = keywords::activation(&text) else {
        match keywords::reason(&text) {
            Some(reason) => {
                let message = format!("there is not an activation `{text}`");
                errors.report(word, &message, reason);
            }
            None => {
                let message = format!("unknown activation `{text}`");
                errors.report(word, &message, &keywords::activation_help(&text));
            }
        }
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
        (Some(name), [argument]) => Some(number(
            errors,
            &format!("the {name} of `{word}`"),
            argument,
        )?),
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

const NUMBER_HELP: &str = "write a number such as `0.01`, or the path of a `const` item";

/// A finite number as a float literal, or the path of a `const` item. Messages call it `what`.
pub(crate) fn number(errors: &mut Errors, what: &str, value: &Expr) -> Option<TokenStream> {
    match value {
        Expr::Group(group) => number(errors, what, &group.expr),
        Expr::Path(path) => match keyword_at_end(&path.path) {
            None => Some(path.to_token_stream()),
            Some(word) => {
                let message = format!("{what} is a number, not the keyword `{word}`");
                errors.report(path, &message, NUMBER_HELP);
                None
            }
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => {
            let (minus, positive) = (&unary.op, number(errors, what, &unary.expr)?);
            Some(quote!(#minus #positive))
        }
        Expr::Lit(ExprLit {
            lit: Lit::Float(literal),
            ..
        }) => float(errors, what, value, literal.base10_digits()),
        Expr::Lit(ExprLit {
            lit: Lit::Int(literal),
            ..
        }) => float(errors, what, value, literal.base10_digits()),
        _ => {
            let message = format!("{what} is a number, not `{}`", spell(value));
            errors.report(value, &message, NUMBER_HELP);
            None
        }
    }
}

/// The literal `value` with these digits as a float literal without a suffix.
fn float(errors: &mut Errors, what: &str, value: &Expr, digits: &str) -> Option<TokenStream> {
    if !digits.parse::<f64>().is_ok_and(f64::is_finite) {
        let message = format!("{what}, `{}`, is too large for a float", spell(value));
        errors.report(value, &message, "write a number such as `0.01`");
        return None;
    }
    let point = if digits.contains(['.', 'e', 'E']) {
        ""
    } else {
        ".0"
    };
    Some(LitFloat::new(&format!("{digits}{point}"), value.span()).to_token_stream())
}
