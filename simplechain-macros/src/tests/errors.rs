//! The text and the place of every error: `errors.txt`, which shows them as rustc does.

use proc_macro2::{Span, TokenStream, TokenTree};

use super::{assert_golden, expand};
use crate::keywords::activation_list;
use crate::layers;

/// The errors in an expansion, each with the place that it points at.
pub(super) fn errors(expansion: TokenStream) -> Vec<(Span, String)> {
    let tokens: Vec<TokenTree> = expansion.into_iter().collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name) if name == "compile_error" => {
                let Some(TokenTree::Group(message)) = tokens.get(at + 2) else {
                    panic!("`compile_error` without a message");
                };
                let text: syn::LitStr = syn::parse2(message.stream()).expect("a text");
                let place = name.span().join(message.span()).expect("one source");
                // An addition to a list changes no error.
                let text = text.value();
                let text = text.replace(&activation_list(), "{all activations}");
                let text = text.replace(&layers::list(), "{all layers}");
                found.push((place, text));
            }
            TokenTree::Group(group) => found.extend(errors(group.stream())),
            _ => {}
        }
    }
    found
}

/// The errors of the chain in a line `> chain`, with carets below it.
fn show_errors(line: &str, chain: &str) -> String {
    let mut shown = String::new();
    for (place, text) in errors(expand(chain)) {
        let indent = " ".repeat(line.len() - chain.len() + place.start().column);
        let carets = "^".repeat(place.end().column - place.start().column);
        let mut margin = format!("{indent}{carets} ");
        for text in text.lines() {
            shown += &format!("{margin}{text}\n");
            margin = " ".repeat(margin.len());
        }
    }
    shown
}

/// `GOLDEN=overwrite cargo test -p simplechain-macros` shows the errors of the chains in the file anew.
#[test]
fn errors_are_as_shown() {
    let mut shown = String::new();
    for line in include_str!("errors.txt").lines() {
        if line.starts_with(' ') {
            continue;
        }
        shown += line;
        shown += "\n";
        if let Some(chain) = line.strip_prefix("> ") {
            let errors = show_errors(line, chain);
            assert!(!errors.is_empty(), "{chain}");
            shown += &errors;
        }
    }
    assert_golden("errors.txt", &shown);
}

#[test]
fn empty_chain() {
    let errors = errors(expand(""));
    assert_eq!(errors.len(), 1);
    assert!(errors[0].1.starts_with("there is not a chain here\nhelp: "));
}

#[test]
fn right_chains_have_none() {
    for chain in [
        "4 => dense(id, 4)",
        "4 => dense(tanh, 1_000usize,) => 1000",
        "N => dense(id, crate::N) => N",
        "crate::N => dense(tanh, 0x10, bias = true) => dense(id, self::N, bias = false)",
        "< 4 => dense(id, 4) >",
        "Net: 4 => dense(id, 4)",
        "struct Net: <4 => dense(id, 4)>;",
        "#[derive(PartialEq)] pub(crate) struct A: 4 => dense(id, 4);; B: 2 => dense(sin, 1);",
        "4 => dense(leaky_relu(0.1), 4) => dense(leaky_relu(1), 4) => dense(leaky_relu(1f32), 4)",
        "4 => dense(leaky_relu(SLOPE), 4) => dense(leaky_relu(-0.1), 4)",
        "4 => dense(Act<3>, 4) => dense(my::Act<A, B>, 4) => dense(Act<A, B>::new(3), 4) => dense(Act<B<3>>(0.5), 4)",
        "4 => chain(Encoder<3>) => chain(a::B<3, f32>) => layer(<T as Trait>::X) => dense(<T as Trait<3, 4>>::X, 4)",
        "(8, 8, 1) => concat(conv(relu, (3, 3), 2), conv(relu, (3, K), 2)) => flatten => dense(id, 2)",
        "4 => chain(Encoder) => conv(relu, (3, 3), 4) => flatten => dense(id, 2)",
        "4 => dense(my::Act::<A, B>::new(3), 4) => dense(Snake { a: 1.0 }, 4) => dense(<X as Y>::Z, 4)",
    ] {
        assert!(errors(expand(chain)).is_empty(), "{chain}");
    }
}
