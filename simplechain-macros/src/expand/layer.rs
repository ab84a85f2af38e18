//! One layer of a chain as statements of the generated methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::const_argument;
use crate::ast::{AffineKind, PoolKind};
use crate::error::spell;
use crate::ir::{
    Activation, ActivationKind, Chain, Constants, Inner, Layer, LayerKind, Nested, NestedKind,
    Window,
};
use crate::shape::{Shape, Size};

/// A layer with the names that its code goes by.
pub(super) struct LayerCode<'a> {
    private: &'a TokenStream,
    /// Where it stands: `_0`, or `_2_0_1` within another.
    path: String,
    ir: &'a Layer,
}

impl<'a> LayerCode<'a> {
    pub(super) fn new(private: &'a TokenStream, path: String, ir: &'a Layer) -> Self {
        Self { private, path, ir }
    }

    fn name(&self, name: &str) -> Ident {
        at(name, &self.path)
    }

    /// Items that its value needs, its type and its value.
    pub(super) fn parts(&self) -> (TokenStream, TokenStream, TokenStream) {
        let LayerCode { private, ir, .. } = self;
        let output = const_argument(&ir.output.len());
        match &ir.kind {
            LayerKind::Dense { activation, bias } => {
                let (custom, activation_type, activation) = self.activation(activation);
                let input = const_argument(&ir.input.len());
                (
                    custom,
                    quote!(#private::Dense<#activation_type, #input, #output, #bias>),
                    quote!(#private::Dense(#activation)),
                )
            }
            LayerKind::Conv {
                activation,
                window,
                groups: Some(groups),
                bias,
            } => {
                let (custom, activation_type, activation) = self.activation(activation);
                let (window, channels) = self.window(window);
                let groups = const_argument(groups);
                (
                    custom,
                    quote! {
                        #private::Activated<
                            #private::GroupedConv<#window, #channels, #groups, #bias>, #activation_type, #output,
                        >
                    },
                    quote! {
                        #private::Activated(#private::GroupedConv(#private::Window), #activation)
                    },
                )
            }
            LayerKind::Conv {
                activation,
                window,
                groups: None,
                bias,
            } => {
                let (custom, activation_type, activation) = self.activation(activation);
                let (window, channels) = self.window(window);
                (
                    custom,
                    quote!(#private::Conv<#activation_type, #window, #channels, #bias>),
                    quote!(#private::Conv(#activation, #private::Window)),
                )
            }
            LayerKind::Pool { kind, window } => {
                let pool = match kind {
                    PoolKind::Max => quote!(#private::MaxPool),
                    PoolKind::Average => quote!(#private::AvgPool),
                };
                let (window, _) = self.window(window);
                (
                    TokenStream::new(),
                    quote!(#pool<#window>),
                    quote!(#pool(#private::Window)),
                )
            }
            LayerKind::Flatten | LayerKind::Nested(_) => {
                unreachable!("it is made of others, or of none")
            }
            LayerKind::Activation(activation) => {
                let (custom, activation_type, activation) = self.activation(activation);
                (
                    custom,
                    quote!(#private::Activate<#activation_type, #output>),
                    quote!(#private::Activate(#activation)),
                )
            }
            LayerKind::Custom(own) => {
                let function = self.name("own");
                // As for an activation: where the type is no layer, that is reported at it, and nowhere else.
                let any_layer = quote_spanned!(own.span()=> impl #private::CustomLayer);
                let value = quote_spanned! {Span::mixed_site()=>
                    <#own as ::core::default::Default>::default()
                };
                let shown = self.shown(&value);
                let definition = quote_spanned! {Span::mixed_site()=>
                    #[inline(always)]
                    fn #function() -> #any_layer {
                        #value
                    }
                    #shown
                };
                (
                    definition,
                    quote_spanned! {Span::mixed_site()=>
                        #private::Custom<impl #private::CustomLayer>
                    },
                    quote!(#private::Custom(#function())),
                )
            }
            LayerKind::BatchNorm { channels, pixels } => {
                let [channels, pixels] = [channels, pixels].map(const_argument);
                (
                    TokenStream::new(),
                    quote!(#private::BatchNorm<#channels, #pixels>),
                    quote!(#private::BatchNorm),
                )
            }
            kind => {
                let input = const_argument(&ir.input.len());
                let (layer_type, layer) = self.plain(kind, &input);
                (TokenStream::new(), layer_type, layer)
            }
        }
    }

    /// The type and the value of a layer that is made from numbers alone, or is the user's own.
    fn plain(&self, kind: &LayerKind, input: &TokenStream) -> (TokenStream, TokenStream) {
        let private = self.private;
        let custom = |inner_type: TokenStream, inner: TokenStream| {
            (
                quote!(#private::Custom<#inner_type>),
                quote!(#private::Custom(#inner)),
            )
        };
        match kind {
            LayerKind::Dropout { rate, site } => (
                quote!(#private::Dropout<#input>),
                quote_spanned!(Span::mixed_site()=> #private::Dropout { rate: #rate, salt: #site }),
            ),
            LayerKind::Affine { kind, constants } => {
                let constants: Vec<_> = constants.iter().map(slice_of_constants).collect();
                let offset = (constants.len() < 2).then(|| quote!(&[]));
                let function = match kind {
                    AffineKind::Normalize => quote!(normalize),
                    AffineKind::Scale => quote!(scale),
                };
                custom(
                    quote!(#private::Affine<#input>),
                    quote!(#private::Affine::#function(#(#constants,)* #offset)),
                )
            }
            LayerKind::Fourier { count, period } => {
                let count = const_argument(count);
                custom(
                    quote!(#private::Fourier<#input, #count>),
                    quote_spanned!(Span::mixed_site()=> #private::Fourier { period: #period }),
                )
            }
            LayerKind::Chebyshev { count } => {
                let count = const_argument(count);
                custom(
                    quote!(#private::Chebyshev<#input, #count>),
                    quote!(#private::Chebyshev),
                )
            }
            _ => custom(
                quote!(#private::LayerNorm<#input>),
                quote!(#private::LayerNorm),
            ),
        }
    }

    /// The type of the window of a layer from image to image, and its number of output channels.
    fn window(&self, window: &Window) -> (TokenStream, TokenStream) {
        let private = self.private;
        let ([h, w, c], [oh, ow, oc]) = (sides(&self.ir.input), sides(&self.ir.output));
        let Window {
            kernel: [kh, kw],
            stride: [sh, sw],
            padding: [top, left],
        } = window;
        let arguments = [h, w, c, kh, kw, sh, sw, top, left, oh, ow].map(const_argument);
        (
            quote!(#private::Window<#(#arguments),*>),
            const_argument(oc),
        )
    }

    /// The type and the value of an activation, behind the function that gives it if it is the user's own.
    fn activation(&self, activation: &Activation) -> (TokenStream, TokenStream, TokenStream) {
        let private = self.private;
        match &activation.kind {
            ActivationKind::Builtin {
                type_name,
                argument,
            } => {
                let argument = argument.as_ref().map(|(_, argument)| quote!((#argument)));
                (
                    TokenStream::new(),
                    quote!(#private::#type_name),
                    quote!(#private::#type_name #argument),
                )
            }
            ActivationKind::Custom(value) => {
                let function = self.name("activation");
                // Where the value is no activation, that is reported at the return type: so it stands at the value.
                let place = value.span();
                let any_activation = quote_spanned!(place=> impl #private::Activation);
                let shown = self.shown(value);
                let definition = quote_spanned! {Span::mixed_site()=>
                    #[inline(always)]
                    fn #function() -> #any_activation {
                        #value
                    }
                    #shown
                };
                (
                    definition,
                    quote_spanned!(Span::mixed_site()=> impl #private::Activation),
                    quote!(#function()),
                )
            }
        }
    }

    /// The function by which a value of the user's own type shows itself.
    fn shown(&self, value: &TokenStream) -> TokenStream {
        let (private, function) = (self.private, self.name("shown"));
        quote_spanned! {Span::mixed_site()=>
            fn #function(f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #[allow(unused_imports)]
                use #private::own::{ByDebug as _, ByNothing as _};
                (&#private::own::Value(#value)).show(f)
            }
        }
    }
}

/// A name of the generated code: `shown_0`.
fn at(name: &str, path: &str) -> Ident {
    format_ident!("{name}{path}", span = Span::mixed_site())
}

/// A number, or an array, as a slice.
fn slice_of_constants(constants: &Constants) -> TokenStream {
    match constants {
        Constants::Number(number) => quote!(&[#number]),
        Constants::Named(name) => name.to_token_stream(),
    }
}

/// The tables of the chains that a layer at `path` is made of.
fn inner_tables(private: &TokenStream, path: &str, nested: &Nested) -> Vec<TokenStream> {
    let tables = nested.chains.iter().enumerate();
    let tables = tables.map(|(branch, chain)| match chain {
        Inner::Declared(own) => quote!(<#own as #private::Chain>::LAYERS),
        Inner::Here(chain) => infos(private, &format!("{path}_{branch}"), chain),
    });
    tables.collect()
}

/// The table of a chain's layers.
pub(super) fn infos(private: &TokenStream, path: &str, chain: &Chain) -> TokenStream {
    let layers = chain.layers.iter().enumerate();
    let infos = layers.map(|(index, layer)| info(private, &format!("{path}_{index}"), layer));
    quote!(&[#(#infos),*])
}

/// Height, width and channels of what is an image.
fn sides(shape: &Shape) -> [&Size; 3] {
    match shape {
        Shape::Image {
            height,
            width,
            channels,
        } => [height, width, channels],
        Shape::Flat(len) | Shape::Open { len, .. } => [len; 3],
    }
}

/// The entry of a layer in the table of layers.
fn info(private: &TokenStream, path: &str, ir: &Layer) -> TokenStream {
    let mut entry = entry(private, path, ir);
    let constants = constants(private, &ir.kind);
    if !constants.is_empty() {
        entry = quote!(#private::with(#entry, &[#(#constants),*]));
    }
    if ir.has_own_value() {
        let shown = at("shown", path);
        entry = quote!(#private::owned(#entry, #shown));
    }
    entry
}

/// The entry without the constants.
fn entry(private: &TokenStream, path: &str, ir: &Layer) -> TokenStream {
    let start = &ir.params_start;
    let image = |shape: &Shape| {
        let sides = sides(shape);
        quote!((#(#sides),*))
    };
    let window = |window: &Window| {
        let Window {
            kernel: [kh, kw],
            stride: [sh, sw],
            padding: [top, left],
        } = window;
        quote!(#private::window((#kh, #kw), (#sh, #sw), (#top, #left)))
    };
    let plain = |name: &str, text: &str| {
        let (input, output, end) = (&ir.input, &ir.output, &ir.params_end);
        quote!(#private::layer(#name, #text, #input, #output, #start, #end))
    };
    match &ir.kind {
        LayerKind::Dense { activation, bias } => {
            let (text, input, output) = (&activation.text, ir.input.len(), ir.output.len());
            quote!(#private::dense(#text, #input, #output, #bias, #start))
        }
        LayerKind::Conv {
            activation,
            window: place,
            groups,
            bias,
        } => {
            let (text, window) = (&activation.text, window(place));
            let (input, output) = (image(&ir.input), image(&ir.output));
            let conv = quote!(#private::conv(#text, #input, #output, #window, #bias, #start));
            match groups {
                Some(groups) => quote!(#private::grouped(#conv, #groups)),
                None => conv,
            }
        }
        LayerKind::Pool {
            kind,
            window: place,
        } => {
            let name = match kind {
                PoolKind::Max => "maxpool",
                PoolKind::Average => "avgpool",
            };
            let (input, output, window) = (image(&ir.input), image(&ir.output), window(place));
            quote!(#private::pool(#name, #input, #output, #window, #start))
        }
        LayerKind::Flatten => {
            let input = image(&ir.input);
            quote!(#private::flatten(#input, #start))
        }
        LayerKind::Activation(activation) => plain("activation", &activation.text),
        LayerKind::Dropout { .. } => plain("dropout", ""),
        LayerKind::LayerNorm => {
            let plain = plain("layer_norm", "");
            quote!(#private::norm(#plain))
        }
        LayerKind::BatchNorm { .. } => {
            let plain = plain("batch_norm", "");
            quote!(#private::batch_norm(#plain))
        }
        LayerKind::Affine { kind, .. } => plain(
            match kind {
                AffineKind::Normalize => "normalize",
                AffineKind::Scale => "scale",
            },
            "",
        ),
        LayerKind::Fourier { .. } => plain("fourier", ""),
        LayerKind::Chebyshev { .. } => plain("chebyshev", ""),
        LayerKind::Custom(own) => plain("layer", &spell_type(own)),
        LayerKind::Nested(nested) => {
            let plain = plain(nested_name(nested.kind), "");
            let inner = inner_tables(private, path, nested);
            let trained = !matches!(nested.kind, NestedKind::Frozen);
            quote! {
                #private::nested(
                    #plain, &[#(#inner),*], #trained,
                )
            }
        }
    }
}

/// The constants of a layer.
fn constants(private: &TokenStream, kind: &LayerKind) -> Vec<TokenStream> {
    let constant = |name: &str, kind: &str, value: TokenStream| {
        let kind = Ident::new(kind, Span::mixed_site());
        quote!(#private::Constant { name: #name, value: #private::ConstantValue::#kind(#value) })
    };
    let count = |name: &str, count: &Size| constant(name, "Count", count.to_token_stream());
    let number = |name: &str, number: &TokenStream| constant(name, "Numbers", quote!(&[#number]));
    let slope = |activation: &Activation| match &activation.kind {
        ActivationKind::Builtin {
            argument: Some((name, value)),
            ..
        } => Some(number(name, value)),
        _ => None,
    };
    match kind {
        LayerKind::Dense { activation, .. } | LayerKind::Activation(activation) => {
            slope(activation).into_iter().collect()
        }
        LayerKind::Conv {
            activation, groups, ..
        } => {
            let groups = groups.as_ref().map(|groups| count("groups", groups));
            slope(activation).into_iter().chain(groups).collect()
        }
        LayerKind::Dropout { rate, .. } => vec![number("rate", rate)],
        LayerKind::Affine { kind, constants } => {
            let names = match kind {
                AffineKind::Normalize => ["mean", "std"],
                AffineKind::Scale => ["factor", "offset"],
            };
            let values = constants.iter().map(slice_of_constants);
            // `scale` may have no offset.
            let values = values.chain([quote!(&[0.0])]);
            let named = names.iter().zip(values);
            named
                .map(|(name, value)| constant(name, "Numbers", value))
                .collect()
        }
        LayerKind::Fourier {
            count: frequencies,
            period,
        } => vec![count("count", frequencies), number("period", period)],
        LayerKind::Chebyshev { count: degree } => vec![count("degree", degree)],
        _ => Vec::new(),
    }
}

fn nested_name(kind: NestedKind) -> &'static str {
    match kind {
        NestedKind::Chain { .. } => "chain",
        NestedKind::Residual => "residual",
        NestedKind::Frozen => "frozen",
        NestedKind::Concat => "concat",
    }
}

/// A type as one writes it, `Squares<9>`.
fn spell_type(own: &TokenStream) -> String {
    spell(own)
        .replace(" < ", "<")
        .replace("< ", "<")
        .replace(" >", ">")
        .replace(" ,", ",")
}
