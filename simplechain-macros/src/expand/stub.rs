//! The expansion of an invalid chain: a type that type-checks, so that the rest of the user's file does too.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};

use crate::error::Errors;
use crate::hygiene::quote_mixed;
use crate::ir::Outline;
use crate::shape::{Shape, Size};

/// The errors, and an `impl Network` whose methods never run.
///
/// An unknown size is `unknown()`, whose body is the last of the errors: rustc accepts an array of such a
/// length anywhere, so one mistake stays one error.
pub(super) fn implementation(name: &Ident, outline: &Outline, errors: &Errors) -> TokenStream {
    let mut errors = errors.to_compile_errors().into_iter();
    let last = errors.next_back();
    let unknown = || quote_mixed!(unknown());
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

    quote_mixed! {
        #(#errors)*

        const fn unknown() -> ::core::primitive::usize {
            #last
        }

        #[automatically_derived]
        impl __lib::Network for #name {
            const INPUT_LEN: ::core::primitive::usize = #x;
            const OUTPUT_LEN: ::core::primitive::usize = #y;
            const PARAM_COUNT: ::core::primitive::usize = #params;
            const LAYERS: &'static [__lib::LayerInfo] = {
                unknown();
                &[]
            };
            const LAYOUT: __lib::Layout = __lib::Layout::new(unknown());
            const CHAIN: Self = #name;
            type Input<T: __lib::Number> = [T; #x];
            type Output<T: __lib::Number> = [T; #y];
            type Params<T: __lib::Number> = [T; #params];
            type Activations<T: __lib::Number> = [T; unknown()];
            type Tape<T: __lib::Number> = [T; unknown()];

            fn forward_pass<P: __lib::Pass>(self, _: &mut P) #unreachable

            fn vjp_pass<P: __lib::VjpPass>(self, _: &mut P) #unreachable
        }
    }
}
