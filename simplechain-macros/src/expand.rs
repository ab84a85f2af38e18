//! Resolved chain to tokens: writes out the `ir`, without decisions or errors of its own.
//!
//! Generated code must not clash with the user's names. It refers to the library by absolute paths only, the user's own
//! tokens (sizes, activations) are isolated in small functions, where no generic parameter or local can shadow them,
//! and these functions have lower-case names, unlike types and `const` items.

mod passes;
mod stub;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use self::passes::Passes;
use crate::ast::{Header, is_literal};
use crate::error::{Errors, spell};
use crate::hygiene::quote_mixed;
use crate::ir::{Chain, Named, NamedKind, Outcome, Requirement, Resolved};
use crate::layers;

/// The struct of a chain and its `impl Network`; beside errors, one that only type-checks.
pub(crate) fn declaration(
    krate: &Ident,
    header: &Header,
    resolved: &Resolved,
    errors: &Errors,
) -> TokenStream {
    let Header {
        attributes,
        visibility,
        name,
        title,
    } = header;
    let cfgs: Vec<_> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"))
        .collect();
    let named = resolved.named.iter().map(self::named);
    let requirements = resolved.requirements.iter().map(requirement);
    let implementation = match &resolved.outcome {
        Outcome::Chain(chain) => network_impl(name, chain),
        Outcome::Outline(outline) => stub::implementation(name, outline, errors),
    };
    quote_mixed! {
        #(#attributes)*
        #[::core::prelude::v1::derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug,
        )]
        #visibility struct #name;

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __lib;

            #(#named)*
            #(#requirements)*
            #implementation

            #[automatically_derived]
            impl ::core::fmt::Display for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    __lib::fmt_layers(#title, <Self as __lib::Network>::LAYERS, f)
                }
            }
        };
    }
}

/// The errors, if there is no type to declare.
pub(crate) fn errors_alone(errors: &Errors) -> TokenStream {
    errors.to_compile_errors().into_iter().collect()
}

/// Refers to each keyword of the language once, with the span where the user wrote it, so that editors show documentation, complete
/// it and go to its definition.
pub(crate) fn words(krate: &Ident, words: &[Ident]) -> TokenStream {
    if words.is_empty() {
        return TokenStream::new();
    }
    quote_mixed! {
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private::dsl::{#(#words as _),*};
        };
    }
}

fn named(named: &Named) -> TokenStream {
    let Named { name, kind, value } = named;
    match kind {
        NamedKind::Size => quote_mixed! {
            const fn #name() -> ::core::primitive::usize {
                #value
            }
        },
        NamedKind::Shape => quote_mixed! {
            const fn #name() -> __lib::Shape {
                #value
            }
        },
        NamedKind::Number => {
            let value = given(value, "number");
            quote_mixed! {
                #[allow(non_upper_case_globals)]
                const #name: ::core::primitive::f64 = #value;
            }
        }
        NamedKind::Numbers => {
            let value = given(value, "numbers");
            quote_mixed! {
                #[allow(non_upper_case_globals)]
                const #name: &[::core::primitive::f64] = #value;
            }
        }
    }
}

/// The constant of a path, converted by `method` of the library's `Given`. As in [`check_at`], the call has the spans of
/// the path.
fn given(path: &TokenStream, method: &str) -> TokenStream {
    let text = spell(path);
    let (start, end) = ends(path);
    let method = Ident::new(method, start);
    let mut no_arguments = Group::new(Delimiter::Parenthesis, TokenStream::new());
    no_arguments.set_span(end);
    let given = quote_spanned!(start=> __lib::given(#text, &#path).#method);
    quote!(#given #no_arguments)
}

fn requirement(requirement: &Requirement) -> TokenStream {
    match requirement {
        Requirement::Size { path, size } => {
            let text = spell(path);
            check_at("size", path, quote!(#text, #size))
        }
        Requirement::ParamCount { place, count } => check_at("param_count", place, quote!(#count)),
        Requirement::Output { stated, actual } => {
            check_at("output", stated, quote!(#stated, #actual))
        }
        Requirement::Window {
            place,
            name,
            size,
            side,
            padding,
        } => check_at("window", place, quote!(#name, #size, #side, #padding)),
        Requirement::Equal {
            function,
            place,
            takes,
            gets,
        } => check_at(function, place, quote!(#takes, #gets)),
        Requirement::Groups {
            place,
            groups,
            channels: [inputs, outputs],
        } => check_at("groups", place, quote!(#groups, #inputs, #outputs)),
        Requirement::Number { function, number } => {
            let value = match is_literal(number) {
                true => number.clone(),
                false => given(number, "checked_number"),
            };
            check_at(function, number, value)
        }
        Requirement::Constants {
            path,
            channels,
            numbers,
            divide,
        } => {
            let (text, value) = (spell(path), given(path, "checked_numbers"));
            check_at(
                "constants",
                path,
                quote!(#text, #value, #channels, #numbers, #divide),
            )
        }
        Requirement::Form {
            function,
            word,
            shape,
        } => {
            let text = word.to_string();
            check_at(function, &word.to_token_stream(), quote!(#text, #shape()))
        }
        Requirement::OutputForm {
            stated,
            is_image,
            shape,
        } => {
            let text = spell(stated);
            check_at("output_form", stated, quote!(#text, #is_image, #shape()))
        }
        Requirement::SideBySide {
            place,
            shapes: [one, other],
        } => check_at("side_by_side", place, quote!(#one, #other)),
        Requirement::Sequence {
            place,
            word,
            name,
            height,
        } => check_at("sequence", place, quote!(#word, #name, #height)),
        Requirement::Padding {
            place,
            kernel,
            padding,
        } => check_at("padding", place, quote!(#padding, #kernel)),
    }
}

/// An item that calls a function of the library's `check`. The call has the spans of `place` and none of the macro's,
/// so rustc points there without mentioning macros.
fn check_at(function: &str, place: &TokenStream, arguments: TokenStream) -> TokenStream {
    let (start, end) = ends(place);
    let function = Ident::new(function, start);
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(end);
    quote_mixed! {
        const _: () = {
            use __lib::check::#function;
            #function #arguments
        };
    }
}

/// The spans of the first and the last token.
fn ends(place: &TokenStream) -> (Span, Span) {
    let mut tokens = place.clone().into_iter();
    let start = tokens
        .next()
        .map_or_else(Span::mixed_site, |token| token.span());
    let end = tokens.last().map_or(start, |token| token.span());
    (start, end)
}

/// `impl Network`: its constants, and the two passes.
fn network_impl(name: &Ident, chain: &Chain) -> TokenStream {
    let (input, output) = (chain.input.len(), chain.output.len());
    let Chain {
        param_count,
        activations_len,
        ..
    } = chain;
    let infos = layers::infos("", chain);
    let Passes {
        definitions,
        layout,
        forward,
        vjp,
    } = passes::passes(chain);

    quote_mixed! {
        #definitions

        #[automatically_derived]
        impl __lib::Network for #name {
            const INPUT_LEN: ::core::primitive::usize = #input;
            const OUTPUT_LEN: ::core::primitive::usize = #output;
            const PARAM_COUNT: ::core::primitive::usize = #param_count;
            const LAYERS: &'static [__lib::LayerInfo] = #infos;
            const LAYOUT: __lib::Layout = __lib::Layout::new(#input)
                #layout
                .output(#output, #param_count);
            const CHAIN: Self = #name;
            type Input<T: __lib::Number> = [T; #input];
            type Output<T: __lib::Number> = [T; #output];
            type Params<T: __lib::Number> = [T; #param_count];
            type Activations<T: __lib::Number> = [T; #activations_len];
            type Tape<T: __lib::Number> = [T; <#name as __lib::Network>::LAYOUT.tape];

            #[inline(always)]
            fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
                #forward
            }

            #[inline(always)]
            fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
                #vjp
            }
        }
    }
}
