//! Mistakes are collected and reported together, so that one compile shows all of them.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;

/// The mistakes found so far in one chain.
///
/// A stage that reports one continues with the rest; a `None` in the syntax tree or in a resolved
/// size always means that the reason has been reported.
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    pub(crate) fn new() -> Self {
        Errors(Vec::new())
    }

    /// Reports `message` at `tokens`, with a help text on a separate line.
    pub(crate) fn report(&mut self, tokens: impl ToTokens, message: &str, help: &str) {
        let text = format!("{message}\nhelp: {help}");
        self.0.push(syn::Error::new_spanned(tokens, text));
    }

    /// Adds an error worded by `syn`.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One `compile_error!` for each mistake, in the order in which they were found.
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

/// Whether a word is a keyword of Rust, which cannot be a name.
pub(crate) fn is_keyword(word: &Ident) -> bool {
    syn::parse2::<Ident>(word.to_token_stream()).is_err()
}

/// The keyword that a path ends with, as `crate` does and `crate::N` does not: no item has that name.
pub(crate) fn keyword_at_end(path: &syn::Path) -> Option<&Ident> {
    let last = path.segments.last().map(|last| &last.ident);
    last.filter(|word| is_keyword(word))
}

/// A token as it is shown in messages.
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
