//! Resolved chain to tokens: writes down what the `ir` says, without a decision or an error of its own.
//!
//! Generated code is a guest among the user's names. It reaches the library by absolute paths alone, the user's own
//! tokens (sizes, activations) stand alone in small functions, where no generic parameter or local can shadow them,
//! and these functions have lower-case names, which no type and no `const` item has.

mod layer;
mod step;
mod stub;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use self::layer::LayerCode;
use self::step::StepCode;
use crate::ast::Header;
use crate::error::{Errors, spell};
use crate::ir::{Chain, NamedSize, Outcome, Requirement, Resolved};
use crate::shape::Size;

/// The struct of a chain and its `impl Chain`; beside errors, one that only type-checks.
pub(crate) fn declaration(
    krate: &Ident,
    header: &Header,
    resolved: &Resolved,
    errors: &Errors,
) -> TokenStream {
    let private = quote_spanned!(Span::mixed_site()=> __lib);
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
    let sizes = resolved.named_sizes.iter().map(named_size);
    let requirements = resolved
        .requirements
        .iter()
        .map(|requirement| self::requirement(&private, requirement));
    let implementation = match &resolved.outcome {
        Outcome::Chain(chain) => chain_impl(&private, name, chain),
        Outcome::Outline(outline) => stub::implementation(&private, name, outline, errors),
    };
    quote_spanned! {Span::mixed_site()=>
        #(#attributes)*
        #[::core::prelude::v1::derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug,
        )]
        #visibility struct #name;

        #(#cfgs)*
        const _: () = {
            use #krate::__private as __lib;

            #(#sizes)*
            #(#requirements)*
            #implementation

            #[automatically_derived]
            impl ::core::fmt::Display for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #private::fmt_layers(#title, <Self as #private::Chain>::LAYERS, f)
                }
            }
        };
    }
}

/// A chain inside of a layer: the same, among the items of the chain around it.
fn inner_declaration(private: &TokenStream, name: &Ident, chain: &Chain) -> TokenStream {
    let implementation = chain_impl(private, name, chain);
    quote_spanned! {Span::mixed_site()=>
        #[::core::prelude::v1::derive(
            ::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug,
        )]
        #[allow(non_camel_case_types)]
        pub struct #name;

        const _: () = {
            #implementation

            #[automatically_derived]
            impl ::core::fmt::Display for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #private::fmt_layers("layers", <Self as #private::Chain>::LAYERS, f)
                }
            }
        };
    }
}

/// The errors where there is no type to declare.
pub(crate) fn errors_alone(errors: &Errors) -> TokenStream {
    errors.to_compile_errors().into_iter().collect()
}

/// Names each word of the language once where the user wrote it, for the editor: it then shows documentation, completes
/// and goes to the definition.
pub(crate) fn words(krate: &Ident, words: &[Ident]) -> TokenStream {
    if words.is_empty() {
        return TokenStream::new();
    }
    quote_spanned! {Span::mixed_site()=>
        const _: () = {
            #[allow(unused_imports)]
            use #krate::__private::dsl::{#(#words as _),*};
        };
    }
}

fn named_size(size: &NamedSize) -> TokenStream {
    let NamedSize { name, value } = size;
    quote_spanned! {Span::mixed_site()=>
        const fn #name() -> ::core::primitive::usize {
            #value
        }
    }
}

fn requirement(private: &TokenStream, requirement: &Requirement) -> TokenStream {
    match requirement {
        Requirement::Size { path, size } => {
            let text = spell(path);
            check_at(private, "size", path, quote!(#text, #size))
        }
        Requirement::ParamCount { place, count } => {
            check_at(private, "param_count", place, quote!(#count))
        }
        Requirement::Output { stated, actual } => {
            check_at(private, "output", stated, quote!(#stated, #actual))
        }
        Requirement::Window {
            place,
            name,
            size,
            room,
        } => check_at(private, "window", place, quote!(#name, #size, #room)),
        Requirement::Equal {
            function,
            place,
            takes,
            gets,
        } => check_at(private, function, place, quote!(#takes, #gets)),
        Requirement::Groups {
            place,
            groups,
            channels: [inputs, outputs],
        } => check_at(private, "groups", place, quote!(#groups, #inputs, #outputs)),
        Requirement::Number { function, number } => {
            check_at(private, function, number, number.clone())
        }
        Requirement::Constants {
            path,
            channels,
            numbers,
            divide,
        } => {
            let text = spell(path);
            check_at(
                private,
                "constants",
                path,
                quote!(#text, &#path, #channels, #numbers, #divide),
            )
        }
        Requirement::Padding {
            place,
            kernel,
            padding,
        } => check_at(private, "padding", place, quote!(#padding, #kernel)),
    }
}

/// An item that calls a function of the library's `check`. The call has the spans of `place` and none of the macro's,
/// so that is where rustc points, without a word on macros.
fn check_at(
    private: &TokenStream,
    function: &str,
    place: &TokenStream,
    arguments: TokenStream,
) -> TokenStream {
    let mut tokens = place.clone().into_iter();
    let start = tokens
        .next()
        .map_or_else(Span::mixed_site, |token| token.span());
    let end = tokens.last().map_or(start, |token| token.span());
    let function = Ident::new(function, start);
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(end);
    quote_spanned! {Span::mixed_site()=>
        const _: () = {
            use #private::check::#function;
            #function #arguments
        };
    }
}

/// `impl Chain`: straight through the layers, forward and then in reverse.
fn chain_impl(private: &TokenStream, name: &Ident, chain: &Chain) -> TokenStream {
    let (input, output) = (chain.input.len(), chain.output.len());
    let Chain {
        param_count,
        rows,
        work,
        activations_len,
        ..
    } = chain;
    let output_row = chain.steps.last().map(|last| &last.output_row);

    let rows_argument = const_argument(rows);
    let steps = step::steps(private, &chain.steps, &chain.layers);
    let layers = layer::computing(private, &chain.layers);
    let last = layers.last();
    let definitions = layers.iter().map(LayerCode::definition);
    let row_definitions = steps.iter().map(StepCode::definition);
    let infos = chain.layers.iter().map(|ir| layer::info(private, ir));
    let inner = layers.iter().map(LayerCode::inner_chains);
    let forward_tile = steps.iter().map(StepCode::forward_tile);
    let seed_tile = steps.last().map(StepCode::seed_tile);
    let vjp_tile = steps.iter().rev().map(StepCode::vjp_tile);
    let forward_sample = layers.iter().map(LayerCode::forward_sample);
    let activations_sample = layer::activations_sample(&chain.layers, &layers);
    let recall_sample = layer::recall_sample(private, &chain.layers, &layers);
    let seed_sample = last.map(LayerCode::seed_sample);
    let vjp_sample = layers.iter().rev().map(LayerCode::vjp_sample);
    let last_y = last.map(|last| &last.y);

    quote_spanned! {Span::mixed_site()=>
        #[allow(unused_imports)]
        use #private::{Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _};

        #(#inner)*
        #(#definitions)*
        #(#row_definitions)*

        #[automatically_derived]
        impl #private::Chain for #name {
            const INPUT_LEN: ::core::primitive::usize = #input;
            const OUTPUT_LEN: ::core::primitive::usize = #output;
            const PARAM_COUNT: ::core::primitive::usize = #param_count;
            const ROWS: ::core::primitive::usize = #rows;
            const OUTPUT_ROW: ::core::primitive::usize = #output_row;
            const WORK: ::core::primitive::usize = #work;
            const LAYERS: &'static [#private::LayerInfo] = &[#(#infos),*];
            type Input<T: #private::Number> = [T; #input];
            type Output<T: #private::Number> = [T; #output];
            type Params<T: #private::Number> = [T; #param_count];
            type Activations<T: #private::Number> = [T; #activations_len];

            #[inline(always)]
            fn forward_tile<T: #private::Number, S: #private::Simd<T>, const SAVE: ::core::primitive::bool>(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                mode: #private::Mode,
            ) {
                let tile = tile.as_chunks_mut::<#rows_argument>().0;
                self.forward_panels::<T, S, SAVE, #rows_argument>(simd, params, tile, 0, mode);
            }

            #[inline(always)]
            fn forward_panels<
                T: #private::Number,
                S: #private::Simd<T>,
                const SAVE: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                mode: #private::Mode,
            ) {
                #(#forward_tile)*
            }

            #[inline(always)]
            fn vjp_tile<
                T: #private::Number,
                S: #private::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                let tile = tile.as_chunks_mut::<#rows_argument>().0;
                self.vjp_panels::<T, S, PARAMS, INPUT, #rows_argument>(
                    simd, params, tile, 0, work, params_bar,
                );
            }

            #[inline(always)]
            fn vjp_panels<
                T: #private::Number,
                S: #private::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                #seed_tile
                #(#vjp_tile)*
            }

            #[inline(always)]
            fn forward_sample<T: #private::Number, S: #private::Simd<T>, M: #private::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                y: &mut [T],
            ) {
                #(#forward_sample)*
                y.copy_from_slice(&#last_y);
            }

            #[inline(always)]
            fn activations_sample<T: #private::Number, S: #private::Simd<T>, M: #private::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                rest: &mut [T],
            ) {
                #activations_sample
            }

            #[inline(always)]
            fn vjp_sample<
                T: #private::Number,
                S: #private::Simd<T>,
                M: #private::Memory,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ADD: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                known: ::core::option::Option<&[T]>,
                y: &mut [T],
                y_bar: impl #private::SampleSeed<T>,
                x_bar: &mut [T],
                params_bar: &mut [T],
            ) {
                #recall_sample
                #seed_sample
                #(#vjp_sample)*
                y.copy_from_slice(&#last_y);
            }
        }
    }
}

/// A size as an argument for a const generic parameter.
fn const_argument(size: &Size) -> TokenStream {
    match size {
        Size::Literal(_) => quote!(#size),
        _ => quote!({ #size }),
    }
}
