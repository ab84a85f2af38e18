//! One layer of a chain as statements of the generated methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{const_argument, inner_declaration};
use crate::ast::{AffineKind, PoolKind};
use crate::error::spell;
use crate::ir::{
    Activation, ActivationKind, Constants, Inner, Layer, LayerKind, Nested, NestedKind, Window,
};
use crate::shape::{Shape, Size};

/// A layer with the names that its code goes by.
pub(super) struct LayerCode<'a> {
    private: &'a TokenStream,
    index: usize,
    ir: &'a Layer,
    /// The layer that computed its input; `None` if that is the input of the chain.
    previous: Option<usize>,
    /// The function that gives the layer.
    pub(super) value: Ident,
    /// Its part of the parameters, if it has one.
    params: Option<TokenStream>,
    /// Whether its output is the chain's.
    is_last: bool,
    /// The local with its output.
    pub(super) y: Ident,
    /// The local with what it saves for the way back.
    saved: Ident,
    /// The local with the cotangents of its output.
    bar: Ident,
}

/// A name of the generated code: `y_0`.
pub(super) fn numbered(name: &str, index: usize) -> Ident {
    format_ident!("{name}_{index}", span = Span::mixed_site())
}

/// The layers that compute something, each behind the one that computed its input.
pub(super) fn computing<'a>(private: &'a TokenStream, layers: &'a [Layer]) -> Vec<LayerCode<'a>> {
    let mut previous = None;
    let mut codes = Vec::new();
    for (index, ir) in layers.iter().enumerate() {
        if matches!(ir.kind, LayerKind::Flatten) {
            continue;
        }
        codes.push(LayerCode::new(private, index, ir, previous));
        previous = Some(index);
    }
    if let Some(last) = codes.last_mut() {
        last.is_last = true;
    }
    codes
}

impl<'a> LayerCode<'a> {
    fn new(private: &'a TokenStream, index: usize, ir: &'a Layer, previous: Option<usize>) -> Self {
        let (start, end) = (&ir.params_start, &ir.params_end);
        LayerCode {
            private,
            index,
            ir,
            previous,
            value: numbered("layer", index),
            params: ir.has_params().then(|| quote!(#start..#end)),
            is_last: false,
            y: numbered("y", index),
            saved: numbered("saved", index),
            bar: numbered("bar", index),
        }
    }

    /// The function that gives the layer.
    pub(super) fn definition(&self) -> TokenStream {
        let LayerCode {
            private, ir, value, ..
        } = self;
        let output = const_argument(&ir.output.len());
        let (custom, layer_type, layer) = match &ir.kind {
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
            LayerKind::Flatten => return TokenStream::new(),
            LayerKind::Activation(activation) => {
                let (custom, activation_type, activation) = self.activation(activation);
                (
                    custom,
                    quote!(#private::Activate<#activation_type, #output>),
                    quote!(#private::Activate(#activation)),
                )
            }
            LayerKind::Nested(nested) => {
                let (nested_type, nested) = self.nested(nested);
                (TokenStream::new(), nested_type, nested)
            }
            LayerKind::Custom(own) => {
                let function = numbered("own", self.index);
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
        };
        quote_spanned! {Span::mixed_site()=>
            #custom

            #[inline(always)]
            fn #value() -> #layer_type {
                #layer
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

    /// The type and the value of a layer that is made of chains.
    fn nested(&self, nested: &Nested) -> (TokenStream, TokenStream) {
        let private = self.private;
        let values = nested.chains.iter().map(|chain| match chain {
            Inner::Declared(own) => quote_spanned! {Span::mixed_site()=>
                <#own as #private::Chain>::CHAIN
            },
            Inner::Here(name, _) => name.to_token_stream(),
        });
        let types = nested.chains.iter().map(|chain| match chain {
            // Where it is no chain, that is reported at it.
            Inner::Declared(own) => quote_spanned!(own.span()=> impl #private::Chain),
            Inner::Here(name, _) => name.to_token_stream(),
        });
        let (skip, frozen) = match nested.kind {
            NestedKind::Concat => {
                return (
                    quote!(#private::Concat<#(#types),*>),
                    quote!(#private::Concat(#(#values),*)),
                );
            }
            NestedKind::Chain { .. } => (false, false),
            NestedKind::Residual => (true, false),
            NestedKind::Frozen => (false, true),
        };
        (
            quote!(#private::Nested<#(#types)*, #skip, #frozen>),
            quote!(#private::Nested(#(#values)*)),
        )
    }

    /// The chains that the layer is made of, as far as they are declared here.
    pub(super) fn inner_chains(&self) -> TokenStream {
        let LayerKind::Nested(nested) = &self.ir.kind else {
            return TokenStream::new();
        };
        let declarations = nested.chains.iter().map(|chain| match chain {
            Inner::Declared(_) => TokenStream::new(),
            Inner::Here(name, chain) => inner_declaration(self.private, name, chain),
        });
        declarations.collect()
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
                let function = numbered("activation", self.index);
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
        let (private, function) = (self.private, numbered("shown", self.index));
        quote_spanned! {Span::mixed_site()=>
            fn #function(f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #[allow(unused_imports)]
                use #private::own::{ByDebug as _, ByNothing as _};
                (&#private::own::Value(#value)).show(f)
            }
        }
    }

    pub(super) fn forward_sample(&self) -> TokenStream {
        let LayerCode { ir, value, y, .. } = self;
        let (x, params, zeros) = (self.x(), self.params(), zeros(&ir.output));
        quote_spanned! {Span::mixed_site()=>
            let mut #y = #zeros;
            #value().forward_sample::<T, S, M, false>(simd, #params, #x, &mut #y, &mut []);
        }
    }

    /// The local array that holds its input, as a reference.
    fn x(&self) -> TokenStream {
        match self.previous {
            None => quote_spanned!(Span::mixed_site()=> x),
            Some(previous) => {
                let y = numbered("y", previous);
                quote!(&#y)
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

    /// Its part of the parameters' cotangents.
    fn grads(&self) -> TokenStream {
        grads(self.params.as_ref())
    }

    /// Forward for a way back. What is `known` of its output is a local.
    fn recall_sample(&self) -> TokenStream {
        let LayerCode {
            ir,
            value,
            y,
            saved,
            ..
        } = self;
        let (x, params, zeros) = (self.x(), self.params(), zeros(&ir.output));
        let known = numbered("known", self.index);
        if !ir.has_activation() {
            return quote_spanned! {Span::mixed_site()=>
                let mut #y = #zeros;
                #value().recall_sample::<T, S, M>(simd, #params, #x, #known, &mut #y, &mut []);
            };
        }
        quote_spanned! {Span::mixed_site()=>
            let mut #y = #zeros;
            let mut #saved = #zeros;
            #value().recall_sample::<T, S, M>(simd, #params, #x, #known, &mut #y, &mut #saved);
        }
    }

    /// The cotangents of the chain's output, where this is the last layer.
    pub(super) fn seed_sample(&self) -> TokenStream {
        let LayerCode { ir, y, bar, .. } = self;
        let zeros = zeros(&ir.output);
        quote_spanned! {Span::mixed_site()=>
            let mut #bar = #zeros;
            y_bar.seed(&#y, &mut #bar);
        }
    }

    pub(super) fn vjp_sample(&self) -> TokenStream {
        let LayerCode {
            ir,
            value,
            y,
            saved,
            bar,
            ..
        } = self;
        let (x, params, grads) = (self.x(), self.params(), self.grads());
        let z_bar = ir.has_activation().then(|| {
            quote_spanned! {Span::mixed_site()=>
                #value().z_bar_sample(simd, &#y, &#saved, &mut #bar);
            }
        });
        let (x_bar_declaration, x_bar, input) = match self.previous {
            None => (
                None,
                quote_spanned!(Span::mixed_site()=> x_bar),
                quote!(INPUT),
            ),
            Some(previous) => {
                let x_bar = numbered("bar", previous);
                let zeros = zeros(&ir.input);
                let declaration = quote_spanned!(Span::mixed_site()=> let mut #x_bar = #zeros;);
                (Some(declaration), quote!(&mut #x_bar), quote!(true))
            }
        };
        quote_spanned! {Span::mixed_site()=>
            #z_bar
            #x_bar_declaration
            #value().vjp_sample::<T, S, M, PARAMS, #input, ADD>(
                simd, #params, #x, &#bar, #x_bar, #grads,
            );
        }
    }
}

/// Memory of one sample for numbers of this shape.
fn zeros(shape: &Shape) -> TokenStream {
    let len = shape.len();
    quote_spanned!(Span::mixed_site()=> M::zeros::<T, [T; #len]>())
}

/// A number, or an array, as a slice.
fn slice_of_constants(constants: &Constants) -> TokenStream {
    match constants {
        Constants::Number(number) => quote!(&[#number]),
        Constants::Named(name) => name.to_token_stream(),
    }
}

/// The types of the chains that a layer is made of.
fn inner_types(nested: &Nested) -> Vec<TokenStream> {
    let types = nested.chains.iter().map(|chain| match chain {
        Inner::Declared(own) => own.clone(),
        Inner::Here(name, _) => name.to_token_stream(),
    });
    types.collect()
}

/// A part of the parameters' cotangents, which are there only if they are asked for.
pub(super) fn grads(params: Option<&TokenStream>) -> TokenStream {
    match params {
        Some(params) => quote_spanned! {Span::mixed_site()=>
            if PARAMS { &mut params_bar[#params] } else { &mut [] }
        },
        None => quote!(&mut []),
    }
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
pub(super) fn info(private: &TokenStream, index: usize, ir: &Layer) -> TokenStream {
    let mut entry = entry(private, ir);
    let constants = constants(private, &ir.kind);
    if !constants.is_empty() {
        entry = quote!(#private::with(#entry, &[#(#constants),*]));
    }
    if ir.has_own_value() {
        let shown = numbered("shown", index);
        entry = quote!(#private::owned(#entry, #shown));
    }
    entry
}

/// The entry without the constants.
fn entry(private: &TokenStream, ir: &Layer) -> TokenStream {
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
            let (plain, inner) = (plain(nested_name(nested.kind), ""), inner_types(nested));
            let trained = !matches!(nested.kind, NestedKind::Frozen);
            quote! {
                #private::nested(
                    #plain, &[#(<#inner as #private::Chain>::LAYERS),*], #trained,
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

/// All layers forward for a way back, with each one's part of the activations that may be `known`.
pub(super) fn recall_sample(
    private: &TokenStream,
    layers: &[Layer],
    codes: &[LayerCode<'_>],
) -> TokenStream {
    let mut codes = codes.iter().peekable();
    let mut statements = TokenStream::new();
    for (index, layer) in layers.iter().enumerate() {
        let (len, is_last) = (layer.output.len(), index + 1 == layers.len());
        let code = codes.next_if(|code| code.index == index);
        let part = match code {
            Some(_) => numbered("known", index).to_token_stream(),
            None => quote!(_),
        };
        let rest = if is_last {
            quote!(_)
        } else {
            quote_spanned!(Span::mixed_site()=> known)
        };
        statements.extend(quote_spanned! {Span::mixed_site()=>
            let (#part, #rest) = #private::cut(known, #len);
        });
        statements.extend(code.map(LayerCode::recall_sample));
    }
    statements
}

/// All layers of `activations_sample`, each into its part of the local `rest`.
pub(super) fn activations_sample(layers: &[Layer], codes: &[LayerCode<'_>]) -> TokenStream {
    let mut codes = codes.iter().peekable();
    let mut computed = None;
    let mut statements = TokenStream::new();
    for (index, layer) in layers.iter().enumerate() {
        let (y, len) = (numbered("y", index), layer.output.len());
        statements.extend(if index + 1 == layers.len() {
            quote_spanned!(Span::mixed_site()=> let #y = rest;)
        } else {
            quote_spanned!(Span::mixed_site()=> let (#y, rest) = rest.split_at_mut(#len);)
        });
        let x = computed.map_or_else(
            || quote_spanned!(Span::mixed_site()=> x),
            |computed| numbered("y", computed).to_token_stream(),
        );
        statements.extend(match codes.next_if(|code| code.index == index) {
            Some(code) => {
                let (value, params) = (&code.value, code.params());
                computed = Some(index);
                quote_spanned! {Span::mixed_site()=>
                    #value().forward_sample::<T, S, M, false>(simd, #params, #x, #y, &mut []);
                }
            }
            None => quote_spanned!(Span::mixed_site()=> #y.copy_from_slice(#x);),
        });
    }
    statements
}
