//! Mistakes are collected and reported together, so that one compile shows all of them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

/// The mistakes found so far in one chain.
///
/// A stage that reports one goes on with what is left; a `None` in the syntax tree or in a resolved
/// size always means that the reason is already in here.
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    pub(crate) fn new() -> Self {
        Errors(Vec::new())
    }

    /// Reports `message` at `tokens`, with what to do about it on a line of its own.
    pub(crate) fn report(&mut self, tokens: impl ToTokens, message: &str, help: &str) {
        let text = format!("{message}\nhelp: {help}");
        self.0.push(syn::Error::new_spanned(tokens, text));
    }

    /// Takes over an error that `syn` worded.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One `compile_error!` for each mistake, in the order of their discovery.
    pub(crate) fn to_compile_errors(&self) -> Vec<TokenStream> {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// Tokens as a user would write them.
pub(crate) fn spell(tokens: impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    [
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" ,", ","),
        (" :: ", "::"),
        (" . ", "."),
        ("- ", "-"),
    ]
    .iter()
    .fold(text, |text, (from, to)| text.replace(from, to))
}

/// A token as a message names it.
pub(crate) fn found(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => "`(..)`".to_owned(),
            Delimiter::Bracket => "`[..]`".to_owned(),
            Delimiter::Brace | Delimiter::None => "`{..}`".to_owned(),
        },
        token => format!("`{token}`"),
    }
}
