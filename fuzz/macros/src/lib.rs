//! The sources of `simplechain-macros`, as a library.
#![forbid(unsafe_code)]

#[allow(dead_code)] // of the macros, `simple_chain!` alone is fuzzed
#[path = "../../../simplechain-macros/src"]
mod macros {
    pub(crate) mod activations;
    pub(crate) mod ast;
    pub(crate) mod check;
    pub(crate) mod checker;
    pub(crate) mod error;
    pub(crate) mod expand;
    pub(crate) mod export;
    pub(crate) mod hygiene;
    pub(crate) mod ir;
    pub(crate) mod keywords;
    pub(crate) mod layers;
    pub(crate) mod parse;
    pub(crate) mod pipeline;
    pub(crate) mod shape;
    pub(crate) mod split;
}

// Where they are in that crate.
use macros::{
    activations, ast, check, checker, error, expand, export, hygiene, ir, keywords, layers, parse,
    pipeline, shape, split,
};

/// The expansion of `$crate; the user's tokens`.
pub fn simple_chain(tokens: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    pipeline::simple_chain(tokens)
}
