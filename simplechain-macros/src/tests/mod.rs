//! What the macro says and writes, without rustc: the text and the place of every error, and a few whole expansions.

mod errors;
mod export;
mod golden;
mod mutations;

use std::{env, fs};

use proc_macro2::TokenStream;
use quote::quote;

use crate::pipeline;

/// The expansion for a library that is called `simplechain`.
fn expand(chain: &str) -> TokenStream {
    let tokens: TokenStream = chain.parse().expect("the test is made of tokens");
    pipeline::simple_chain(quote!(simplechain; #tokens))
}

/// Compares a text with the file of that name here; with `GOLDEN=overwrite`, writes the file.
#[track_caller]
fn assert_golden(name: &str, text: &str) {
    let path = format!("{}/src/tests/{name}", env!("CARGO_MANIFEST_DIR"));
    if env::var_os("GOLDEN").is_some_and(|value| value == "overwrite") {
        fs::write(&path, text).expect("the file can be written");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    assert!(text == golden, "{path} should be\n{text}");
}
