//! What a chain with a mistake becomes: a type that checks, so that the rest of the user's file does.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::error::Errors;
use crate::ir::Outline;
use crate::shape::{Shape, Size};

/// The errors, and an `impl Chain` whose methods never run.
///
/// A number that is not known is `unknown()`, whose body is the last of the errors: rustc takes an array of such a
/// length for right wherever it meets it, so one mistake stays one error.
pub(super) fn implementation(
    private: &TokenStream,
    name: &Ident,
    outline: &Outline,
    errors: &Errors,
) -> TokenStream {
    let mut errors = errors.to_compile_errors().into_iter();
    let last = errors.next_back();
    let unknown = || quote_spanned!(Span::mixed_site()=> unknown());
    let len = |shape: &Option<Shape>| {
        shape
            .as_ref()
            .map_or_else(unknown, |shape| shape.len().to_token_stream())
    };
    let (x, y) = (len(&outline.input), len(&outline.output));
    let params = outline
        .param_count
        .as_ref()
        .map_or_else(unknown, Size::to_token_stream);
    let unreachable = quote!({ ::core::unreachable!() });

    quote_spanned! {Span::mixed_site()=>
        #(#errors)*

        const fn unknown() -> ::core::primitive::usize {
            #last
        }

        #[automatically_derived]
        impl #private::Chain for #name {
            const INPUT_LEN: ::core::primitive::usize = #x;
            const OUTPUT_LEN: ::core::primitive::usize = #y;
            const PARAM_COUNT: ::core::primitive::usize = #params;
            const LAYERS: &'static [#private::LayerInfo] = {
                unknown();
                &[]
            };
            const LAYOUT: #private::Layout = #private::Layout::new(unknown());
            const CHAIN: Self = #name;
            type Input<T: #private::Number> = [T; #x];
            type Output<T: #private::Number> = [T; #y];
            type Params<T: #private::Number> = [T; #params];
            type Activations<T: #private::Number> = [T; unknown()];
            type Tape<T: #private::Number> = [T; unknown()];

            fn forward_pass<P: #private::Pass>(self, _: &mut P) #unreachable

            fn vjp_pass<P: #private::VjpPass>(self, _: &mut P) #unreachable
        }
    }
}
