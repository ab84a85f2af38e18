//! The functions of a C interface, and the text of their header.
//!
//! They are declared in C, in the files `*.h` here. `declaration` reads them, so that header and functions cannot differ.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use super::declaration::{Declaration, declarations};
use crate::hygiene::{self, quote_mixed};

/// The functions of a C interface.
pub(super) fn expand(krate: &Ident, chain: &Type, prefix: &Ident) -> TokenStream {
    let lib = quote!(#krate::__private);
    // Its type is opaque, so that a type that is not a chain is one error, not one for every function.
    let value = format_ident!("{prefix}_chain");
    let sizes = declarations(include_str!("chain.h"), prefix, "", "");
    let [float, double] = [("float", ""), ("double", "_f64")]
        .map(|(real, suffix)| declarations(include_str!("numbers.h"), prefix, real, suffix));
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
    let functions = [sizes, float, double].concat();
    let functions = functions
        .iter()
        .map(|declaration| function(&lib, declaration, prefix.span(), &value));
    let header_name = format_ident!("{prefix}_header");
    let prefix = prefix.to_string();
    quote_mixed! {
        #(#functions)*

        /// The header of the functions above, for C and C++.
        #[must_use]
        #[allow(unreachable_pub)]
        pub fn #header_name() -> ::std::string::String {
            #lib::c::header(#value(), #prefix, #header)
        }

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
        call,
        comment,
        parameters,
        output,
        ..
    } = declaration;
    let (name, call) = (Ident::new(name, span), hygiene::ident(call));
    let names: Vec<Ident> = (parameters.iter())
        .map(|parameter| hygiene::ident(&parameter.name))
        .collect();
    let types = parameters.iter().map(|parameter| &parameter.ty);
    let call = quote_mixed!(#lib::c::#call(#chain(), #(#names),*));
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
