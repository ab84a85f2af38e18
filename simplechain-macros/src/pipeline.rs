//! One invocation through all stages.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use crate::ast::Header;
use crate::check;
use crate::error::Errors;
use crate::expand;
use crate::export;
use crate::parse::{self, Invocation};
use crate::split::{self, is_punct};

/// The expansion of `tokens` in `$crate; tokens`. The first token decides the form.
pub(crate) fn simple_chain(tokens: TokenStream) -> TokenStream {
    let Some((krate, tokens)) = wrapped(tokens) else {
        return not_wrapped("call `simplechain::simple_chain!`");
    };
    match parse::invocation(tokens) {
        Invocation::Items(tokens) => items(&krate, &tokens),
        Invocation::Expression(tokens) => expression(&krate, &tokens),
    }
}

/// The expansion of `tokens` in `$crate; tokens`.
pub(crate) fn export_c(tokens: TokenStream) -> TokenStream {
    match wrapped(tokens) {
        Some((krate, tokens)) => export::c(&krate, tokens),
        None => not_wrapped("call `simplechain::export_c!`"),
    }
}

/// The expansion of `tokens` in `$crate; tokens`.
pub(crate) fn export_casadi(tokens: TokenStream) -> TokenStream {
    match wrapped(tokens) {
        Some((krate, tokens)) => export::casadi(&krate, tokens),
        None => not_wrapped("call `simplechain::export_casadi!`"),
    }
}

/// The expansion of `tokens` in `$crate; tokens`.
pub(crate) fn export_fit(tokens: TokenStream) -> TokenStream {
    match wrapped(tokens) {
        Some((krate, tokens)) => export::fit(&krate, tokens),
        None => not_wrapped("call `simplechain::export_fit!`"),
    }
}

/// The expansion of `tokens` in `$crate; tokens`.
pub(crate) fn export_xla(tokens: TokenStream) -> TokenStream {
    match wrapped(tokens) {
        Some((krate, tokens)) => export::xla(&krate, tokens),
        None => not_wrapped("call `simplechain::export_xla!`"),
    }
}

/// `$crate`, and the user's tokens after the semicolon.
fn wrapped(tokens: TokenStream) -> Option<(Ident, TokenStream)> {
    let mut tokens = tokens.into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(krate)), Some(semicolon)) if is_punct(&semicolon, ';') => {
            Some((krate, tokens.collect()))
        }
        _ => None,
    }
}

fn not_wrapped(help: &str) -> TokenStream {
    let mut errors = Errors::new();
    errors.report(
        TokenStream::new(),
        "`simplechain_macros` is a part of `simplechain`",
        help,
    );
    errors.to_compile_errors().into_iter().collect()
}

fn items(krate: &Ident, tokens: &[TokenTree]) -> TokenStream {
    let mut errors_between = Errors::new();
    let mut output = TokenStream::new();
    let mut names: Vec<Ident> = Vec::new();
    for item in split::items(&mut errors_between, tokens) {
        let mut errors = Errors::new();
        let (header, tokens) = parse::header(&mut errors, item);
        let place = header.as_ref().map(|header| header.name.clone());
        let ast = parse::chain(&mut errors, &tokens, place);
        let resolved = check::resolve(&mut errors, &ast);
        let words = expand::words(krate, &ast.words);
        output.extend(match header {
            Some(header) if !names.contains(&header.name) => {
                names.push(header.name.clone());
                expand::declaration(krate, &header, &resolved, &errors)
            }
            Some(header) => {
                let message = format!("the name `{}` is given to two chains", header.name);
                errors.report(&header.name, &message, "rename one of the two");
                expand::errors_alone(&errors)
            }
            None => expand::errors_alone(&errors),
        });
        output.extend(words);
    }
    output.extend(expand::errors_alone(&errors_between));
    output
}

fn expression(krate: &Ident, tokens: &[TokenTree]) -> TokenStream {
    let mut errors = Errors::new();
    let everything: TokenStream = tokens.iter().cloned().collect();
    let ast = parse::chain(&mut errors, tokens, everything);
    if tokens.is_empty() {
        // Either form may be meant, so the expansion must not be a block, which is not an item.
        return expand::errors_alone(&errors);
    }
    let resolved = check::resolve(&mut errors, &ast);
    let header = Header::unnamed();
    let name = &header.name;
    let declaration = expand::declaration(krate, &header, &resolved, &errors);
    let words = expand::words(krate, &ast.words);
    quote!({ #declaration #words #name })
}
