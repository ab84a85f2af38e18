//! The two passes of a chain, straight through its layers and those within them: forward, and the fused vector-Jacobian
//! product, which is the same statements and then the layers in reverse.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::const_argument;
use super::layer::LayerCode;
use crate::ir::{Chain, Inner, Layer, LayerKind, NestedKind};
use crate::shape::Size;

/// What is written of a chain beside its constants.
pub(super) struct Passes {
    /// The functions that give the layers.
    pub(super) definitions: TokenStream,
    /// The steps of the chain's layout.
    pub(super) layout: TokenStream,
    pub(super) forward: TokenStream,
    pub(super) vjp: TokenStream,
}

/// A tensor that a statement has made.
#[derive(Clone)]
struct Tensor {
    /// The local that holds it.
    name: Ident,
    /// The local with its cotangents.
    bar: Ident,
    len: Size,
    /// Who turns the cotangent into that of a pre-activation: a layer; `None` if there is no activation.
    layer: Option<TokenStream>,
    /// Whether nothing before it is trained.
    untrained: bool,
}

impl Tensor {
    fn new(name: Ident, bar: Ident, len: Size) -> Self {
        Self {
            name,
            bar,
            len,
            layer: None,
            untrained: false,
        }
    }

    /// As the `previous` layer of the backward pass.
    fn previous(&self) -> TokenStream {
        match (&self.layer, self.untrained) {
            (None, true) => quote_spanned!(Span::mixed_site()=> __lib::Input),
            (None, false) => quote_spanned!(Span::mixed_site()=> __lib::Linear),
            (Some(layer), true) => {
                quote_spanned!(Span::mixed_site()=> __lib::Untrained(#layer))
            }
            (Some(layer), false) => layer.clone(),
        }
    }
}

/// Where the statements stand.
#[derive(Clone)]
struct Place {
    /// Numbers of the layers within which they are: `_2_0`.
    path: String,
    /// The first parameter of the chain that they belong to.
    params: Size,
    frozen: bool,
}

impl Place {
    fn name(&self, name: &str, index: usize) -> Ident {
        format_ident!("{name}{}_{index}", self.path, span = Span::mixed_site())
    }

    /// The layers of branch `branch` of layer `index`.
    fn within(&self, index: usize, branch: usize, params: Size) -> Self {
        Self {
            path: format!("{}_{index}_{branch}", self.path),
            params,
            frozen: self.frozen,
        }
    }

    /// The local with the pass.
    fn pass(&self) -> TokenStream {
        match self.frozen {
            true => quote_spanned!(Span::mixed_site()=> pass.frozen()),
            false => quote_spanned!(Span::mixed_site()=> pass),
        }
    }

    /// The parameters of a layer.
    fn params(&self, layer: &Layer) -> TokenStream {
        if !layer.has_params() {
            return quote!(0..0);
        }
        let start = self.params.plus(&layer.params_start);
        let end = self.params.plus(&layer.params_end);
        quote!(#start..#end)
    }
}

struct Writer<'a> {
    private: &'a TokenStream,
    definitions: TokenStream,
    layout: TokenStream,
    forward: TokenStream,
    /// The statements of `forward` as a backward pass needs them.
    again: TokenStream,
    /// The backward pass, last statement first.
    backward: Vec<TokenStream>,
}

/// The passes of a chain.
pub(super) fn passes(private: &TokenStream, chain: &Chain) -> Passes {
    let input = Tensor {
        untrained: true,
        ..Tensor::new(local("x"), local("x_bar"), chain.input.len())
    };
    let mut writer = Writer {
        private,
        definitions: TokenStream::new(),
        layout: TokenStream::new(),
        forward: TokenStream::new(),
        again: TokenStream::new(),
        backward: Vec::new(),
    };
    let outermost = Place {
        path: String::new(),
        params: Size::ZERO,
        frozen: false,
    };
    writer.both(&input, quote_spanned!(Span::mixed_site()=> pass.input()));
    let output = writer.chain(chain, &outermost, &input);

    let Writer {
        definitions,
        layout,
        forward,
        again,
        backward,
        ..
    } = writer;
    let backward = backward.iter().rev();
    let (y, bar) = (&output.name, &output.bar);
    let last = output
        .layer
        .clone()
        .unwrap_or_else(|| quote_spanned!(Span::mixed_site()=> __lib::Linear));
    Passes {
        definitions,
        layout,
        forward: quote_spanned!(Span::mixed_site()=> #forward pass.output(&#y);),
        vjp: quote_spanned! {Span::mixed_site()=>
            #again
            let #bar = pass.seed(#last, &#y);
            #(#backward)*
            pass.finish(&#y, &x_bar);
        },
    }
}

fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

impl Writer<'_> {
    /// A statement of both passes.
    fn both(&mut self, Tensor { name, len, .. }: &Tensor, value: TokenStream) {
        let len = const_argument(len);
        let statement = quote_spanned! {Span::mixed_site()=>
            let #name: P::Tensor<#len> = #value;
        };
        self.forward.extend(statement.clone());
        self.again.extend(statement);
    }

    /// The layers of a chain, from its input to its output.
    fn chain(&mut self, chain: &Chain, place: &Place, input: &Tensor) -> Tensor {
        let mut x = input.clone();
        let mut layers = chain.layers.iter().enumerate();
        while let Some((index, layer)) = layers.next() {
            let pool = layer.pooled.then(|| layers.next()).flatten();
            let mut y = match (&layer.kind, pool) {
                (_, Some((next, pool))) => self.fused(place, [index, next], [layer, pool], &x),
                (LayerKind::Flatten, None) => x.clone(),
                (LayerKind::Nested(nested), None) => match (nested.kind, &*nested.chains) {
                    (NestedKind::Concat, [Inner::Here(a), Inner::Here(b)]) => {
                        self.concat(place, index, layer, [a, b], &x)
                    }
                    (NestedKind::Residual, [Inner::Here(inner)]) => {
                        self.residual(place, index, layer, inner, &x)
                    }
                    (NestedKind::Frozen, [Inner::Here(inner)]) => {
                        let params = place.params.plus(&layer.params_start);
                        let place = Place {
                            frozen: true,
                            ..place.within(index, 0, params)
                        };
                        self.chain(inner, &place, &x)
                    }
                    (NestedKind::Chain { site }, [Inner::Declared(own)]) => {
                        self.declared(place, index, layer, own, site, &x)
                    }
                    _ => unreachable!("`check` gives a layer as many chains as it has"),
                },
                (_, None) => self.layer(place, index, layer, &x),
            };
            let trained = match &layer.kind {
                LayerKind::Nested(nested) => {
                    !matches!(nested.kind, NestedKind::Frozen) && !place.frozen
                }
                _ => layer.has_params() && !place.frozen,
            };
            y.untrained = x.untrained && !trained;
            // The table of layers has those of the chain itself alone.
            if place.path.is_empty() {
                let name = &y.name;
                self.forward
                    .extend(quote_spanned!(Span::mixed_site()=> pass.record(&#name);));
            }
            x = y;
        }
        x
    }

    fn layer(&mut self, place: &Place, index: usize, layer: &Layer, x: &Tensor) -> Tensor {
        let function = place.name("layer", index);
        let code = LayerCode::new(self.private, format!("{}_{index}", place.path), layer);
        let (items, layer_type, value) = code.parts();
        self.define(&function, items, &layer_type, &value);

        let (params, pass) = (place.params(layer), place.pass());
        let y = Tensor {
            layer: Some(quote!(#function())),
            ..Tensor::new(
                place.name("y", index),
                place.name("bar", index),
                layer.output.len(),
            )
        };
        let lens = [&x.len, &y.len];
        self.layout
            .extend(quote_spanned!(Span::mixed_site()=> .layer(#function, [#(#lens),*], #params)));
        let (input, input_bar, bar, previous) = (&x.name, &x.bar, &y.bar, x.previous());
        self.both(
            &y,
            quote_spanned!(Span::mixed_site()=> #pass.layer(#function(), #params, &#input)),
        );
        self.backward.push(quote_spanned! {Span::mixed_site()=>
            let #input_bar = #pass.vjp(#function(), #params, &#input, &#bar, #previous);
        });
        y
    }

    /// A convolution and the pool behind it.
    fn fused(
        &mut self,
        place: &Place,
        [index, next]: [usize; 2],
        [conv, pool]: [&Layer; 2],
        x: &Tensor,
    ) -> Tensor {
        let function = place.name("layer", index);
        let code = |index: usize, layer| {
            LayerCode::new(self.private, format!("{}_{index}", place.path), layer).parts()
        };
        let (items, conv_type, conv_value) = code(index, conv);
        let (_, pool_type, pool_value) = code(next, pool);
        self.define(
            &function,
            items,
            &quote_spanned!(Span::mixed_site()=> __lib::ConvMaxPool<#conv_type, #pool_type>),
            &quote_spanned!(Span::mixed_site()=> __lib::ConvMaxPool(#conv_value, #pool_value)),
        );

        let (params, pass) = (place.params(conv), place.pass());
        let (mid, mid_len) = (place.name("y", index), conv.output.len());
        let y = Tensor {
            layer: Some(quote!(#function())),
            ..Tensor::new(
                place.name("y", next),
                place.name("bar", next),
                pool.output.len(),
            )
        };
        let lens = [&x.len, &mid_len, &y.len];
        self.layout
            .extend(quote_spanned!(Span::mixed_site()=> .fused(#function, [#(#lens),*], #params)));
        let [_, mid_len, y_len] = lens.map(const_argument);
        let (input, input_bar, bar, previous) = (&x.name, &x.bar, &y.bar, x.previous());
        let name = &y.name;
        let statement = |mid: &TokenStream| {
            quote_spanned! {Span::mixed_site()=>
                let (#mid, #name): (P::Tensor<#mid_len>, P::Tensor<#y_len>) =
                    #pass.fused(#function(), #params, &#input);
            }
        };
        self.again.extend(statement(&mid.to_token_stream()));
        if place.path.is_empty() {
            self.forward.extend(statement(&mid.to_token_stream()));
            self.forward
                .extend(quote_spanned!(Span::mixed_site()=> pass.record(&#mid);));
        } else {
            self.forward.extend(statement(&quote!(_)));
        }
        self.backward.push(quote_spanned! {Span::mixed_site()=>
            let #input_bar = #pass.vjp_fused(#function(), #params, &#input, &#mid, &#bar, #previous);
        });
        y
    }

    /// A chain that is declared elsewhere.
    fn declared(
        &mut self,
        place: &Place,
        index: usize,
        layer: &Layer,
        own: &TokenStream,
        site: u64,
        x: &Tensor,
    ) -> Tensor {
        let function = place.name("layer", index);
        // Where it is not a chain, that is reported at it.
        let any_chain = quote_spanned!(own.span()=> impl __lib::Chain);
        self.define(
            &function,
            TokenStream::new(),
            &any_chain,
            &quote_spanned!(Span::mixed_site()=> <#own as __lib::Chain>::CHAIN),
        );
        let (params, pass) = (place.params(layer), place.pass());
        let tape = place.name("tape", index);
        let y = Tensor::new(
            place.name("y", index),
            place.name("bar", index),
            layer.output.len(),
        );
        let lens = [&x.len, &y.len];
        self.layout
            .extend(quote_spanned!(Span::mixed_site()=> .chain(#function, [#(#lens),*], #params)));
        let (name, len) = (&y.name, const_argument(&y.len));
        let (input, input_bar, bar, previous) = (&x.name, &x.bar, &y.bar, x.previous());
        let statement = |tape: &TokenStream| {
            quote_spanned! {Span::mixed_site()=>
                let (#name, #tape): (P::Tensor<#len>, _) =
                    #pass.chain(#function(), #site, #params, &#input);
            }
        };
        self.forward.extend(statement(&quote!(_)));
        self.again.extend(statement(&tape.to_token_stream()));
        self.backward.push(quote_spanned! {Span::mixed_site()=>
            let #input_bar = #pass.vjp_chain(#function(), #params, &#input, &#tape, &#bar, #previous);
        });
        y
    }

    /// The input of a branch.
    fn fork(&mut self, place: &Place, index: usize, branch: usize, x: &Tensor) -> Tensor {
        let fork = Tensor {
            untrained: x.untrained,
            ..Tensor::new(
                format_ident!(
                    "x{}_{index}_{branch}",
                    place.path,
                    span = Span::mixed_site()
                ),
                format_ident!(
                    "x_bar{}_{index}_{branch}",
                    place.path,
                    span = Span::mixed_site()
                ),
                x.len.clone(),
            )
        };
        let (input, len) = (&x.name, &x.len);
        self.both(
            &fork,
            quote_spanned!(Span::mixed_site()=> pass.fork(&#input)),
        );
        self.layout
            .extend(quote_spanned!(Span::mixed_site()=> .fork(#len)));
        fork
    }

    /// The output of branches.
    fn merged(&mut self, place: &Place, index: usize, layer: &Layer, value: TokenStream) -> Tensor {
        let y = Tensor::new(
            place.name("y", index),
            place.name("bar", index),
            layer.output.len(),
        );
        let len = &y.len;
        self.both(&y, value);
        self.layout
            .extend(quote_spanned!(Span::mixed_site()=> .merged(#len)));
        y
    }

    /// How the cotangents of the `output` of branches go into one of them, whose output is `y`, from element `at` on.
    fn branch(y: &Tensor, output: &Tensor, at: &Size) -> TokenStream {
        let (name, bar, output_bar, previous) = (&y.name, &y.bar, &output.bar, y.previous());
        quote_spanned! {Span::mixed_site()=>
            let #bar = pass.branch(#previous, &#name, &#output_bar, #at);
        }
    }

    /// `y = x + f(x)`
    fn residual(
        &mut self,
        place: &Place,
        index: usize,
        layer: &Layer,
        inner: &Chain,
        x: &Tensor,
    ) -> Tensor {
        let before = std::mem::take(&mut self.backward);
        let fork = self.fork(place, index, 0, x);
        let within = place.within(index, 0, place.params.plus(&layer.params_start));
        let f = self.chain(inner, &within, &fork);
        let (input, name) = (&x.name, &f.name);
        let sum = quote_spanned!(Span::mixed_site()=> pass.add(&#input, &#name));
        let y = self.merged(place, index, layer, sum);

        let inside = std::mem::replace(&mut self.backward, before);
        let (input_bar, fork_bar, bar, previous) = (&x.bar, &fork.bar, &y.bar, x.previous());
        self.backward.push(quote_spanned! {Span::mixed_site()=>
            let #input_bar = pass.join(&#input, &#fork_bar, &#bar, #previous);
        });
        self.backward.extend(inside);
        self.backward.push(Self::branch(&f, &y, &Size::ZERO));
        y
    }

    /// `y = (a(x), b(x))`
    fn concat(
        &mut self,
        place: &Place,
        index: usize,
        layer: &Layer,
        branches: [&Chain; 2],
        x: &Tensor,
    ) -> Tensor {
        let before = std::mem::take(&mut self.backward);
        let mut params = place.params.plus(&layer.params_start);
        let [(x_a, a, inside_a), (x_b, b, inside_b)] = [0, 1].map(|branch| {
            let chain = branches[branch];
            let fork = self.fork(place, index, branch, x);
            let within = place.within(index, branch, params.clone());
            params = params.plus(&chain.param_count);
            let y = self.chain(chain, &within, &fork);
            (fork, y, std::mem::take(&mut self.backward))
        });
        self.backward = before;
        let (input, a_name, b_name) = (&x.name, &a.name, &b.name);
        let both = quote_spanned!(Span::mixed_site()=> pass.concat(&#a_name, &#b_name));
        let y = self.merged(place, index, layer, both);

        let (input_bar, a_bar, b_bar, previous) = (&x.bar, &x_a.bar, &x_b.bar, x.previous());
        self.backward.push(quote_spanned! {Span::mixed_site()=>
            let #input_bar = pass.join(&#input, &#a_bar, &#b_bar, #previous);
        });
        self.backward.extend(inside_b);
        self.backward.push(Self::branch(&b, &y, &a.len));
        self.backward.extend(inside_a);
        self.backward.push(Self::branch(&a, &y, &Size::ZERO));
        y
    }

    fn define(
        &mut self,
        function: &Ident,
        items: TokenStream,
        layer_type: &TokenStream,
        value: &TokenStream,
    ) {
        self.definitions.extend(quote_spanned! {Span::mixed_site()=>
            #items

            #[inline(always)]
            fn #function() -> #layer_type {
                #value
            }
        });
    }
}
