//! The functions that CasADi looks for in a library.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use crate::hygiene::{self, quote_mixed};

/// What stands before the name of the chain, and what it is called in the library.
const FUNCTIONS: [(&str, &str); 5] = [
    ("", "Value"),
    ("jac_", "Jacobian"),
    ("fwd1_", "Forward"),
    ("adj1_", "Reverse"),
    ("jac_adj1_", "ReverseJacobian"),
];

/// The functions of a chain and of its derivatives.
pub(super) fn expand(krate: &Ident, chain: &Type, name: &Ident) -> TokenStream {
    let lib = quote!(#krate::__private);
    let value = format_ident!("{name}_casadi_chain");
    let functions = FUNCTIONS.iter().map(|(before, function)| {
        let name = format_ident!("{before}{name}");
        let function = hygiene::ident(function);
        let function = quote!(#lib::c::casadi::Function::#function);
        self::functions(&lib, &name, &function, &value)
    });
    quote_mixed! {
        #(#functions)*

        #[inline(always)]
        fn #value() -> impl #lib::Chain {
            <#chain as #lib::Network>::CHAIN
        }
    }
}

/// A function, and those that describe it.
fn functions(
    lib: &TokenStream,
    name: &Ident,
    function: &TokenStream,
    chain: &Ident,
) -> TokenStream {
    let int = quote!(::core::primitive::i64);
    let described = [
        ("n_in", quote!(), quote!(), int.clone()),
        ("n_out", quote!(), quote!(), int.clone()),
        (
            "name_in",
            quote!(i: #int),
            quote!(i),
            quote!(*const ::core::ffi::c_char),
        ),
        (
            "name_out",
            quote!(i: #int),
            quote!(i),
            quote!(*const ::core::ffi::c_char),
        ),
        (
            "diff_in",
            quote!(i: #int),
            quote!(i),
            quote!(::core::ffi::c_int),
        ),
        (
            "diff_out",
            quote!(i: #int),
            quote!(i),
            quote!(::core::ffi::c_int),
        ),
    ];
    let described = described
        .into_iter()
        .map(|(call, parameters, arguments, output)| {
            let (name, call) = (format_ident!("{name}_{call}"), hygiene::ident(call));
            quote_mixed! {
                #[doc(hidden)]
                #[allow(unreachable_pub, unsafe_code)]
                #[unsafe(no_mangle)]
                pub extern "C" fn #name(#parameters) -> #output {
                    #function.#call(#arguments)
                }
            }
        });
    let sparsities = ["sparsity_in", "sparsity_out"].map(|call| {
        let (name, call) = (format_ident!("{name}_{call}"), hygiene::ident(call));
        quote_mixed! {
            #[doc(hidden)]
            #[allow(unreachable_pub, unsafe_code)]
            #[unsafe(no_mangle)]
            pub extern "C" fn #name(i: #int) -> *const #int {
                static PATTERNS: ::std::sync::OnceLock<#lib::c::casadi::Patterns> = ::std::sync::OnceLock::new();
                #function.#call(#chain(), &PATTERNS, i)
            }
        }
    });
    let work = format_ident!("{name}_work");
    let doc = format!("`{name}` as CasADi calls it.");
    quote_mixed! {
        #(#described)*
        #(#sparsities)*

        #[doc(hidden)]
        #[allow(unreachable_pub, unsafe_code, clippy::missing_safety_doc, clippy::undocumented_unsafe_blocks)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn #work(
            sz_arg: *mut #int,
            sz_res: *mut #int,
            sz_iw: *mut #int,
            sz_w: *mut #int,
        ) -> ::core::ffi::c_int {
            unsafe { #function.work(#chain(), [sz_arg, sz_res, sz_iw, sz_w]) }
        }

        #[doc = #doc]
        ///
        /// # Safety
        /// The rules of `simplechain::c::casadi`.
        #[allow(unreachable_pub, unsafe_code, clippy::undocumented_unsafe_blocks)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn #name(
            arg: *const *const ::core::primitive::f64,
            res: *const *mut ::core::primitive::f64,
            _iw: *mut #int,
            w: *mut ::core::primitive::f64,
            _mem: ::core::ffi::c_int,
        ) -> ::core::ffi::c_int {
            unsafe { #function.evaluate(#chain(), arg, res, w) }
        }
    }
}
