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
            const ROWS: ::core::primitive::usize = unknown();
            const OUTPUT_ROW: ::core::primitive::usize = unknown();
            const WORK: ::core::primitive::usize = unknown();
            const LAYERS: &'static [#private::LayerInfo] = {
                unknown();
                &[]
            };
            const CHAIN: Self = #name;
            type Input<T: #private::Number> = [T; #x];
            type Output<T: #private::Number> = [T; #y];
            type Params<T: #private::Number> = [T; #params];
            type Activations<T: #private::Number> = [T; unknown()];

            fn forward_tile<T: #private::Number, S: #private::Simd<T>, const SAVE: ::core::primitive::bool>(
                self,
                _: S,
                _: T::Params<'_>,
                _: &mut [S::V],
                _: #private::Mode,
            ) #unreachable

            fn forward_panels<
                T: #private::Number,
                S: #private::Simd<T>,
                const SAVE: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                _: S,
                _: T::Params<'_>,
                _: &mut [[S::V; ROWS]],
                _: ::core::primitive::usize,
                _: #private::Mode,
            ) #unreachable

            fn vjp_panels<
                T: #private::Number,
                S: #private::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                _: S,
                _: T::Params<'_>,
                _: &mut [[S::V; ROWS]],
                _: ::core::primitive::usize,
                _: &mut [S::V],
                _: &mut [T],
            ) #unreachable

            fn vjp_tile<
                T: #private::Number,
                S: #private::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
            >(
                self,
                _: S,
                _: T::Params<'_>,
                _: &mut [S::V],
                _: &mut [S::V],
                _: &mut [T],
            ) #unreachable

            fn forward_sample<T: #private::Number, S: #private::Simd<T>, M: #private::Memory>(
                self,
                _: S,
                _: T::Params<'_>,
                _: &[T],
                _: &mut [T],
            ) #unreachable

            fn activations_sample<T: #private::Number, S: #private::Simd<T>, M: #private::Memory>(
                self,
                _: S,
                _: T::Params<'_>,
                _: &[T],
                _: &mut [T],
            ) #unreachable

            fn vjp_sample<
                T: #private::Number,
                S: #private::Simd<T>,
                M: #private::Memory,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ADD: ::core::primitive::bool,
            >(
                self,
                _: S,
                _: T::Params<'_>,
                _: &[T],
                _: ::core::option::Option<&[T]>,
                _: &mut [T],
                _: impl #private::SampleSeed<T>,
                _: &mut [T],
                _: &mut [T],
            ) #unreachable
        }
    }
}
