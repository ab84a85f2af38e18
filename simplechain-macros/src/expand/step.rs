//! One step of a tile of samples as statements of the generated methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::layer::{grads, numbered};
use crate::ir::{Layer, LayerKind, Nested, NestedKind, Step, StepKind};

/// A step with the names that its code goes by.
pub(super) struct StepCode<'a> {
    private: &'a TokenStream,
    ir: &'a Step,
    /// The value of the step, and of the one before.
    value: TokenStream,
    previous: Option<TokenStream>,
    /// The function that gives its rows in a panel.
    rows: Ident,
    /// Its part of the parameters, if it has one.
    params: Option<TokenStream>,
    /// What the pass is for, told apart from other chains declared elsewhere.
    mode: TokenStream,
}

/// The steps of a chain in order.
pub(super) fn steps<'a>(
    private: &'a TokenStream,
    steps: &'a [Step],
    layers: &[Layer],
) -> Vec<StepCode<'a>> {
    let mut previous = None;
    let mut codes = Vec::new();
    for (index, ir) in steps.iter().enumerate() {
        let (value, layer) = match ir.kind {
            StepKind::Layer(layer) => {
                let name = numbered("layer", layer);
                (quote!(#name()), layer)
            }
            StepKind::ConvMaxPool(conv, pool) => {
                let names = [conv, pool].map(|layer| numbered("layer", layer));
                let [conv_value, pool_value] = names;
                let value = quote!(#private::ConvMaxPool(#conv_value(), #pool_value()));
                (value, conv)
            }
        };
        let (start, end) = (&ir.params_start, &ir.params_end);
        let mode = match &layers[layer].kind {
            LayerKind::Nested(Nested {
                kind: NestedKind::Chain { site },
                ..
            }) => quote_spanned!(Span::mixed_site()=> mode.at(#site)),
            _ => quote_spanned!(Span::mixed_site()=> mode),
        };
        codes.push(StepCode {
            private,
            ir,
            value: value.clone(),
            previous: previous.replace(value),
            rows: numbered("rows", index),
            params: layers[layer].has_params().then(|| quote!(#start..#end)),
            mode,
        });
    }
    codes
}

impl StepCode<'_> {
    /// The function that gives its rows.
    pub(super) fn definition(&self) -> TokenStream {
        let StepCode {
            private, ir, rows, ..
        } = self;
        let Step {
            input_row,
            saved_row,
            output_row,
            ..
        } = ir;
        quote_spanned! {Span::mixed_site()=>
            #[inline(always)]
            fn #rows() -> #private::Rows {
                #private::Rows::at(#input_row, #saved_row, #output_row)
            }
        }
    }

    /// Its part of the parameters.
    fn params(&self) -> TokenStream {
        match &self.params {
            Some(params) => quote_spanned!(Span::mixed_site()=> params.range(#params)),
            None => quote_spanned!(Span::mixed_site()=> params.range(0..0)),
        }
    }

    pub(super) fn forward_tile(&self) -> TokenStream {
        let StepCode {
            value, rows, mode, ..
        } = self;
        let params = self.params();
        quote_spanned! {Span::mixed_site()=>
            #value.forward_tile::<T, S, SAVE, ROWS>(simd, #params, tile, #rows().from(base), #mode);
        }
    }

    /// The cotangents of the chain's output become those of this step, the last.
    pub(super) fn seed_tile(&self) -> TokenStream {
        let StepCode {
            private,
            value,
            rows,
            ..
        } = self;
        quote_spanned!(Span::mixed_site()=> #private::seed_tile(#value, simd, tile, #rows().from(base));)
    }

    pub(super) fn vjp_tile(&self) -> TokenStream {
        let StepCode {
            private,
            value,
            previous,
            rows,
            ..
        } = self;
        let (params, grads) = (self.params(), grads(self.params.as_ref()));
        let (previous, input) = match previous {
            None => (quote!(#private::Input), quote!(INPUT)),
            Some(previous) => (previous.clone(), quote!(true)),
        };
        quote_spanned! {Span::mixed_site()=>
            #value.vjp_tile::<T, S, _, PARAMS, #input, ROWS>(
                simd, #params, tile, #rows().from(base), work, #previous, #grads,
            );
        }
    }
}
