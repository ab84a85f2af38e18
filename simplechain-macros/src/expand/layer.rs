//! One layer of a chain as statements of the generated methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::const_argument;
use crate::ir::{Activation, ActivationKind, Layer, LayerKind};
use crate::shape::Shape;

/// A layer with the names that its code goes by.
pub(super) struct LayerCode<'a> {
    private: &'a TokenStream,
    index: usize,
    ir: &'a Layer,
    /// The function that gives the layer.
    value: Ident,
    /// The function that gives its rows in a panel.
    rows: Ident,
    /// Its part of the parameters.
    params: TokenStream,
    /// The local with its output.
    pub(super) y: Ident,
    /// The local with what it saves for the way back.
    saved: Ident,
    /// The local with the cotangents of its output.
    bar: Ident,
}

/// A name of the generated code: `y_0`.
fn numbered(name: &str, index: usize) -> Ident {
    format_ident!("{name}_{index}", span = Span::mixed_site())
}

impl<'a> LayerCode<'a> {
    pub(super) fn new(private: &'a TokenStream, index: usize, ir: &'a Layer) -> Self {
        let (start, end) = (&ir.params_start, &ir.params_end);
        LayerCode {
            private,
            index,
            ir,
            value: numbered("layer", index),
            rows: numbered("rows", index),
            params: quote!(#start..#end),
            y: numbered("y", index),
            saved: numbered("saved", index),
            bar: numbered("bar", index),
        }
    }

    /// The functions that give the layer and its rows.
    pub(super) fn definitions(&self) -> TokenStream {
        let LayerCode {
            private,
            ir,
            value,
            rows,
            ..
        } = self;
        let (input_row, output_row) = (&ir.input_row, &ir.output_row);
        let input = const_argument(&ir.input.len());
        let output = const_argument(&ir.output.len());
        let (custom, layer_type, layer) = match &ir.kind {
            LayerKind::Dense { activation, bias } => {
                let (custom, activation_type, activation) = self.activation(activation);
                (
                    custom,
                    quote!(#private::Dense<#activation_type, #input, #output, #bias>),
                    quote!(#private::Dense(#activation)),
                )
            }
        };
        quote_spanned! {Span::mixed_site()=>
            #custom

            #[inline(always)]
            fn #value() -> #layer_type {
                #layer
            }

            #[inline(always)]
            fn #rows() -> #private::Rows {
                #private::Rows { x: #input_row, y: #output_row }
            }
        }
    }

    /// The type and the value of an activation, behind the function that gives it if it is the user's own.
    fn activation(&self, activation: &Activation) -> (TokenStream, TokenStream, TokenStream) {
        let private = self.private;
        match &activation.kind {
            ActivationKind::Builtin {
                type_name,
                argument,
            } => {
                let argument = argument.as_ref().map(|argument| quote!((#argument)));
                (
                    TokenStream::new(),
                    quote!(#private::#type_name),
                    quote!(#private::#type_name #argument),
                )
            }
            ActivationKind::Custom(value) => {
                let function = numbered("activation", self.index);
                // Where the value is no activation, that is reported at the return type: so it stands at the value.
                let place = value.span();
                let any_activation = quote_spanned!(place=> impl #private::Activation);
                let definition = quote_spanned! {Span::mixed_site()=>
                    #[inline(always)]
                    fn #function() -> #any_activation {
                        #value
                    }
                };
                (
                    definition,
                    quote_spanned!(Span::mixed_site()=> impl #private::Activation),
                    quote!(#function()),
                )
            }
        }
    }

    /// Its entry in the table of layers.
    pub(super) fn info(&self) -> TokenStream {
        let LayerCode { private, ir, .. } = self;
        let Layer {
            params_start,
            weight_count,
            bias_count,
            ..
        } = ir;
        let (name, activation) = match &ir.kind {
            LayerKind::Dense { activation, .. } => ("dense", &activation.text),
        };
        let (input, output) = (self.shape(&ir.input), self.shape(&ir.output));
        quote_spanned! {Span::mixed_site()=>
            #private::LayerInfo {
                name: #name,
                activation: #activation,
                input: #input,
                output: #output,
                params_start: #params_start,
                weight_count: #weight_count,
                bias_count: #bias_count,
            }
        }
    }

    fn shape(&self, shape: &Shape) -> TokenStream {
        let private = self.private;
        match shape {
            Shape::Flat(len) => quote!(#private::Shape::Flat(#len)),
            Shape::Image {
                height,
                width,
                channels,
            } => {
                quote!(#private::Shape::Image(#height, #width, #channels))
            }
        }
    }

    /// The layer before this one; `None` if that is the input of the chain.
    fn previous(&self) -> Option<usize> {
        self.index.checked_sub(1)
    }

    /// The local array that holds its input, as a reference.
    fn x(&self) -> TokenStream {
        match self.previous() {
            None => quote_spanned!(Span::mixed_site()=> x),
            Some(previous) => {
                let y = numbered("y", previous);
                quote!(&#y)
            }
        }
    }

    pub(super) fn forward_tile(&self) -> TokenStream {
        let LayerCode {
            value,
            rows,
            params,
            ..
        } = self;
        quote_spanned! {Span::mixed_site()=>
            #value().forward_tile::<T, S, SAVE, _>(simd, &params[#params], tile, #rows());
        }
    }

    /// The cotangents of the chain's output become those of this layer, the last.
    pub(super) fn seed_tile(&self) -> TokenStream {
        let LayerCode {
            private,
            value,
            rows,
            ..
        } = self;
        quote_spanned!(Span::mixed_site()=> #private::seed_tile(#value(), simd, tile, #rows());)
    }

    pub(super) fn vjp_tile(&self) -> TokenStream {
        let LayerCode {
            private,
            value,
            rows,
            params,
            ..
        } = self;
        let vjp_params = quote_spanned! {Span::mixed_site()=>
            if PARAMS {
                #value().vjp_params_tile(simd, tile, #rows(), &mut params_bar[#params]);
            }
        };
        let previous = match self.previous() {
            None => quote!(#private::Input),
            Some(previous) => {
                let previous = numbered("layer", previous);
                quote!(#previous())
            }
        };
        let vjp_input = quote_spanned! {Span::mixed_site()=>
            #value().vjp_input_tile(simd, &params[#params], tile, #rows(), #previous);
        };
        match self.previous() {
            None => quote_spanned!(Span::mixed_site()=> #vjp_params if INPUT { #vjp_input }),
            Some(_) => quote!(#vjp_params #vjp_input),
        }
    }

    pub(super) fn forward_sample(&self) -> TokenStream {
        let LayerCode {
            ir,
            value,
            params,
            y,
            ..
        } = self;
        let (x, len) = (self.x(), ir.output.len());
        quote_spanned! {Span::mixed_site()=>
            let mut #y = [T::ZERO; #len];
            #value().forward_sample::<T, S, false>(simd, &params[#params], #x, &mut #y, &mut []);
        }
    }

    /// As `forward_sample`, into its part of `rest`, which is that of all layers from this one on, of
    /// `layers` in all.
    pub(super) fn activations_sample(&self, layers: usize) -> TokenStream {
        let LayerCode {
            ir,
            value,
            params,
            y,
            ..
        } = self;
        let len = ir.output.len();
        let x = match self.previous() {
            None => quote_spanned!(Span::mixed_site()=> x),
            Some(previous) => numbered("y", previous).to_token_stream(),
        };
        let split = if self.index + 1 == layers {
            quote_spanned!(Span::mixed_site()=> let #y = rest;)
        } else {
            quote_spanned!(Span::mixed_site()=> let (#y, rest) = rest.split_at_mut(#len);)
        };
        quote_spanned! {Span::mixed_site()=>
            #split
            #value().forward_sample::<T, S, false>(simd, &params[#params], #x, #y, &mut []);
        }
    }

    pub(super) fn forward_sample_saving(&self) -> TokenStream {
        let LayerCode {
            ir,
            value,
            params,
            y,
            saved,
            ..
        } = self;
        let (x, len) = (self.x(), ir.output.len());
        quote_spanned! {Span::mixed_site()=>
            let mut #y = [T::ZERO; #len];
            let mut #saved = [T::ZERO; #len];
            #value().forward_sample::<T, S, true>(simd, &params[#params], #x, &mut #y, &mut #saved);
        }
    }

    /// The cotangents of the chain's output, where this is the last layer.
    pub(super) fn seed_sample(&self) -> TokenStream {
        let LayerCode { y, bar, .. } = self;
        quote_spanned!(Span::mixed_site()=> let mut #bar = y_bar(&#y);)
    }

    pub(super) fn vjp_sample(&self) -> TokenStream {
        let LayerCode {
            ir,
            value,
            params,
            y,
            saved,
            bar,
            ..
        } = self;
        let x = self.x();
        let (x_bar_declaration, x_bar, input) = match self.previous() {
            None => (
                None,
                quote_spanned!(Span::mixed_site()=> x_bar),
                quote!(INPUT),
            ),
            Some(previous) => {
                let x_bar = numbered("bar", previous);
                let len = ir.input.len();
                let declaration =
                    quote_spanned!(Span::mixed_site()=> let mut #x_bar = [T::ZERO; #len];);
                (Some(declaration), quote!(&mut #x_bar), quote!(true))
            }
        };
        quote_spanned! {Span::mixed_site()=>
            #value().z_bar_sample(simd, &#y, &#saved, &mut #bar);
            #x_bar_declaration
            let grads = if PARAMS { &mut params_bar[#params] } else { &mut [] };
            #value().vjp_sample::<T, S, PARAMS, #input, ADD>(
                simd, &params[#params], #x, &#bar, #x_bar, grads,
            );
        }
    }
}
