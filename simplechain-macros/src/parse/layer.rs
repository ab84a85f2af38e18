//! One layer: looks up its word and calls its parse function.

use proc_macro2::{Delimiter, Group, Ident};
use quote::quote;

use super::activation::is_type_name;
use super::arguments::Arguments;
use crate::error::{Errors, is_keyword, spell};
use crate::keywords;
use crate::layers::{self, Call, ChainAst, Entry, LayerAst, Parse, ParsedLayer, Parser};

/// One layer, appended to the chain.
pub(super) fn layer(
    errors: &mut Errors,
    chain: &mut ChainAst,
    word: &Ident,
    arguments: Option<&Group>,
) {
    let text = word.to_string();
    let known = layers::nearest(&text);
    if layers::is_layer(&text) {
        chain.words.push(word.clone());
    } else if let Some(meant) = keywords::activation_meant(&text).filter(|_| known.is_none()) {
        report_activation(errors, word, meant, arguments);
        // Parsing continues as if it were inside `activation(..)`.
        chain.layers.push(LayerAst {
            word: word.clone(),
            layer: Some(layers::unknown_activation()),
        });
        return;
    } else {
        report_unknown_layer(errors, word, &text, known);
    }
    // A misspelt layer is taken as the one that was meant, including its word, so that the rest can be checked.
    let layer = match known {
        Some(entry) => {
            let word = Ident::new(entry.word, word.span());
            let layer = known_layer(errors, chain, &word, entry, arguments);
            LayerAst {
                word,
                layer: Some(layer),
            }
        }
        None => LayerAst {
            word: word.clone(),
            layer: None,
        },
    };
    chain.layers.push(layer);
}

/// Reports the activation `meant` that was written as `word` in place of a layer.
fn report_activation(errors: &mut Errors, word: &Ident, meant: &str, arguments: Option<&Group>) {
    let arguments = match keywords::activation(meant).and_then(|meant| meant.argument) {
        None => String::new(),
        Some(_) => arguments.map_or_else(|| "(0.01)".to_owned(), spell),
    };
    let message = format!("`{word}` is an activation, not a layer");
    let help = format!(
        "write `activation({meant}{arguments})`, or write it in the layer before, `dense({meant}{arguments}, 32)`"
    );
    errors.report(word, &message, &help);
}

/// Reports a word that is not a layer; `known` is the one that was probably meant.
fn report_unknown_layer(errors: &mut Errors, word: &Ident, text: &str, known: Option<&Entry>) {
    if is_keyword(word) {
        let message = format!("expected a layer, but found the keyword `{text}`");
        errors.report(word, &message, "write a layer such as `dense(tanh, 32)`");
    } else if let Some(reason) = keywords::reason(text) {
        errors.report(word, &format!("there is not a layer `{text}`"), reason);
    } else {
        let help = match known {
            None if is_type_name(word) => format!(
                "a type of your own is written `activation({text})` or `layer({text})`, another chain `chain({text})`"
            ),
            _ => layers::help(known),
        };
        errors.report(word, &format!("unknown layer `{text}`"), &help);
    }
}

fn known_layer(
    errors: &mut Errors,
    chain: &mut ChainAst,
    word: &Ident,
    entry: &'static Entry,
    group: Option<&Group>,
) -> Box<dyn ParsedLayer> {
    let whole = group.map_or_else(|| quote!(#word), |group| quote!(#word #group));
    let call = Call {
        word,
        entry,
        group,
        whole: &whole,
    };
    match entry.parse {
        Parse::Word(layer) => {
            report_arguments_of_bare_word(errors, &call);
            layer()
        }
        Parse::Arguments(parse) => {
            report_other_brackets(errors, &call);
            let arguments = Arguments::of(errors, entry.options, entry.example, word, group);
            let mut parser = parser(errors, chain);
            parse(&mut parser, &call, arguments)
        }
        Parse::Tokens(parse) => {
            report_other_brackets(errors, &call);
            let mut parser = parser(errors, chain);
            parse(&mut parser, &call)
        }
    }
}

fn parser<'a>(errors: &'a mut Errors, chain: &'a mut ChainAst) -> Parser<'a> {
    Parser {
        errors,
        words: &mut chain.words,
    }
}

fn report_arguments_of_bare_word(errors: &mut Errors, call: &Call<'_>) {
    if let Some(group) = call.group
        && !group.stream().is_empty()
    {
        let message = format!("`{}` takes no arguments", call.word);
        let help = format!("write `{}`", call.entry.word);
        errors.report(group.stream(), &message, &help);
    }
}

fn report_other_brackets(errors: &mut Errors, call: &Call<'_>) {
    if let Some(group) = call.group
        && group.delimiter() != Delimiter::Parenthesis
    {
        let message = format!("`{}` takes its arguments in round brackets", call.word);
        let help = format!("write `{}`", call.entry.example);
        errors.report(group, &message, &help);
    }
}
