//! The macros that export a chain: `export_c!(MatExp, prefix = matexp)`, `export_fit!` and `export_xla!` with the same arguments, and
//! `export_casadi!(MatExp, name = matexp)`.

mod arguments;
mod casadi;
mod declaration;
mod functions;

use proc_macro2::{Ident, TokenStream};
use syn::Type;

use self::arguments::Form;
use crate::error::Errors;

const C: Form = Form {
    name: "export_c",
    option: "prefix",
    noun: "prefix of names",
    purpose: "the prefix of the functions' names",
    example: "export_c!(MatExp, prefix = matexp)",
};

const FIT: Form = Form {
    name: "export_fit",
    example: "export_fit!(MatExp, prefix = matexp)",
    ..C
};

const XLA: Form = Form {
    name: "export_xla",
    example: "export_xla!(MatExp, prefix = matexp)",
    ..C
};

const CASADI: Form = Form {
    name: "export_casadi",
    option: "name",
    noun: "name of functions",
    purpose: "the name of the function",
    example: "export_casadi!(MatExp, name = matexp)",
};

/// The expansion of `export_c! { krate; tokens }`.
pub(crate) fn c(krate: &Ident, tokens: TokenStream) -> TokenStream {
    export(krate, tokens, &C, functions::c)
}

/// The expansion of `export_fit! { krate; tokens }`.
pub(crate) fn fit(krate: &Ident, tokens: TokenStream) -> TokenStream {
    export(krate, tokens, &FIT, functions::fit)
}

/// The expansion of `export_xla! { krate; tokens }`.
pub(crate) fn xla(krate: &Ident, tokens: TokenStream) -> TokenStream {
    export(krate, tokens, &XLA, functions::xla)
}

/// The expansion of `export_casadi! { krate; tokens }`.
pub(crate) fn casadi(krate: &Ident, tokens: TokenStream) -> TokenStream {
    export(krate, tokens, &CASADI, casadi::expand)
}

fn export(
    krate: &Ident,
    tokens: TokenStream,
    form: &Form,
    expand: fn(&Ident, &Type, &Ident) -> TokenStream,
) -> TokenStream {
    let mut errors = Errors::new();
    let arguments = form.parse(&mut errors, tokens);
    match (arguments.chain, arguments.value) {
        (Some(chain), Some(value)) if errors.is_empty() => expand(krate, &chain, &value),
        _ => errors.to_compile_errors().into_iter().collect(),
    }
}
