//! The functions of a C interface, and the text of their header.
//!
//! They are declared in C, in the files `*.h` here. `declaration` reads them, so that header and functions cannot differ.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use super::declaration::{Declaration, declarations};
use crate::hygiene::{self, quote_mixed};

/// The functions of `export_c!`, and their header.
pub(super) fn c(krate: &Ident, chain: &Type, prefix: &Ident) -> TokenStream {
    let lib = quote!(#krate::__private);
    let value = format_ident!("{prefix}_chain");
    let sizes = declarations(include_str!("chain.h"), prefix, "", "");
    let [float, double] = numbers(include_str!("numbers.h"), prefix);
    let mut header = String::new();
    for declaration in sizes.iter().chain(&float) {
        let Declaration {
            comment, prototype, ..
        } = declaration;
        header += &format!("\n/* {comment} */\n{prototype}\n");
    }
    header += "\n/* The same in double. */\n";
    for declaration in &double {
        header += &declaration.prototype;
        header += "\n";
    }
    let declarations = [sizes, float, double].concat();
    let functions = functions(&lib, chain, prefix, &value, &declarations);
    let header_name = format_ident!("{prefix}_header");
    let prefix = prefix.to_string();
    quote_mixed! {
        #functions

        /// The header of the functions above, for C and C++.
        #[must_use]
        #[allow(unreachable_pub)]
        pub fn #header_name() -> ::std::string::String {
            #lib::c::header(#value(), #prefix, #header)
        }
    }
}

/// The functions of `export_fit!`.
pub(super) fn fit(krate: &Ident, chain: &Type, prefix: &Ident) -> TokenStream {
    let lib = quote!(#krate::__private);
    let value = format_ident!("{prefix}_fit_chain");
    let declarations = numbers(include_str!("fit.h"), prefix).concat();
    functions(&lib, chain, prefix, &value, &declarations)
}

/// The handlers of `export_xla!`, which are those of the module `xla`.
pub(super) fn xla(krate: &Ident, chain: &Type, prefix: &Ident) -> TokenStream {
    let lib = quote!(#krate::__private);
    let value = format_ident!("{prefix}_xla_chain");
    let mut declarations = declarations(include_str!("xla.h"), prefix, "", "");
    for declaration in &mut declarations {
        declaration.module = Some("xla");
        declaration.call = declaration.call.replacen("xla_", "", 1);
    }
    functions(&lib, chain, prefix, &value, &declarations)
}

/// Functions that are there for both number types.
fn numbers(file: &str, prefix: &Ident) -> [Vec<Declaration>; 2] {
    [("float", ""), ("double", "_f64")]
        .map(|(real, suffix)| declarations(file, prefix, real, suffix))
}

fn functions(
    lib: &TokenStream,
    chain: &Type,
    prefix: &Ident,
    value: &Ident,
    declarations: &[Declaration],
) -> TokenStream {
    let functions = declarations
        .iter()
        .map(|declaration| function(lib, declaration, prefix.span(), value));
    // Its type is opaque, so that a type that is not a chain is one error, not one for every function.
    quote_mixed! {
        #(#functions)*

        #[inline(always)]
        fn #value() -> impl #lib::Chain {
            <#chain as #lib::Network>::CHAIN
        }
    }
}

/// A function that calls the library.
fn function(
    lib: &TokenStream,
    declaration: &Declaration,
    span: Span,
    chain: &Ident,
) -> TokenStream {
    let Declaration {
        name,
        module,
        call,
        comment,
        parameters,
        output,
        ..
    } = declaration;
    let name = Ident::new(name, span);
    let path = module.iter().copied().chain([&**call]).map(hygiene::ident);
    let names: Vec<Ident> = (parameters.iter())
        .map(|parameter| hygiene::ident(&parameter.name))
        .collect();
    let types = parameters.iter().map(|parameter| &parameter.ty);
    let call = quote_mixed!(#lib::c #(::#path)* (#chain(), #(#names),*));
    let doc = comment.split_whitespace().collect::<Vec<_>>().join(" ");
    // Without pointers nothing is unsafe.
    let (unsafety, body, safety) = if parameters.iter().any(|parameter| parameter.ty.is_pointer()) {
        let safety = quote_mixed! {
            ///
            /// # Safety
            /// The rules of the module `simplechain::c`.
        };
        (
            Some(quote!(unsafe)),
            quote_mixed!(unsafe { #call }),
            Some(safety),
        )
    } else {
        (None, call, None)
    };
    quote_mixed! {
        #[doc = #doc]
        #safety
        #[allow(unreachable_pub, unsafe_code, clippy::too_many_arguments, clippy::undocumented_unsafe_blocks)]
        #[unsafe(no_mangle)]
        pub #unsafety extern "C" fn #name(#(#names: #types),*) -> #output {
            #body
        }
    }
}
