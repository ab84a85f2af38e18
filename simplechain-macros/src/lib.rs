//! Implementation detail of `simplechain`, which documents the macros: use `simplechain::simple_chain!`, `export_c!` and `export_casadi!`.
//!
//! The stages: `split` finds the ends of items and layers, `parse` makes a syntax tree, `check` resolves it to an `ir` in
//! which all shapes fit, `expand` writes that out. The code for each layer is in its file under `layers`.
//! Mistakes are collected along the way. `export` has the macros that export a chain.
#![forbid(unsafe_code)]

mod activations;
mod ast;
mod check;
mod checker;
mod error;
mod expand;
mod export;
mod hygiene;
mod ir;
mod keywords;
mod layers;
mod parse;
mod pipeline;
mod shape;
mod split;
#[cfg(test)]
mod tests;

/// `simple_chain! { $crate; the user's tokens }`, as the wrapper in `simplechain` calls it.
#[doc(hidden)]
#[proc_macro]
pub fn simple_chain(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pipeline::simple_chain(tokens.into()).into()
}

/// `export_c! { $crate; the user's tokens }`, as the wrapper in `simplechain` calls it.
#[doc(hidden)]
#[proc_macro]
pub fn export_c(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pipeline::export_c(tokens.into()).into()
}

/// `export_casadi! { $crate; the user's tokens }`, as the wrapper in `simplechain` calls it.
#[doc(hidden)]
#[proc_macro]
pub fn export_casadi(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pipeline::export_casadi(tokens.into()).into()
}

/// `export_fit! { $crate; the user's tokens }`, as the wrapper in `simplechain` calls it.
#[doc(hidden)]
#[proc_macro]
pub fn export_fit(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pipeline::export_fit(tokens.into()).into()
}

/// `export_xla! { $crate; the user's tokens }`, as the wrapper in `simplechain` calls it.
#[doc(hidden)]
#[proc_macro]
pub fn export_xla(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    pipeline::export_xla(tokens.into()).into()
}
