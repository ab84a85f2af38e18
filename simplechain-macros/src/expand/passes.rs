//! The two passes of a chain, straight through its layers and inner layers: forward, and the fused vector-Jacobian
//! product, which consists of the same statements followed by the layers in reverse.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use crate::hygiene::{at_path, ident, quote_mixed};
use crate::ir::{Chain, Definition, Layer, LayerKind, Nested, ResolvedLayer};
use crate::shape::Size;

/// The generated code of a chain besides its constants.
pub(super) struct Passes {
    /// The functions that return the layers.
    pub(super) definitions: TokenStream,
    /// The steps of the chain's layout.
    pub(super) layout: TokenStream,
    pub(super) forward: TokenStream,
    pub(super) vjp: TokenStream,
}

/// A tensor computed by a statement.
#[derive(Clone)]
struct Tensor {
    /// The local that holds it.
    name: Ident,
    /// The local with its cotangents.
    bar: Ident,
    len: Size,
    /// The layer that converts the cotangent to that of a pre-activation; `None` if there is not an activation.
    layer: Option<TokenStream>,
    /// Whether no earlier layer is trained.
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
            (None, true) => quote_mixed!(__lib::Input),
            (None, false) => quote_mixed!(__lib::Linear),
            (Some(layer), true) => {
                quote_mixed!(__lib::Untrained(#layer))
            }
            (Some(layer), false) => layer.clone(),
        }
    }
}

/// The position of the statements.
#[derive(Clone)]
struct Place {
    /// Indices of the enclosing layers: `_2_0`.
    path: String,
    /// The offset of the parameters of their chain.
    params: Size,
    frozen: bool,
}

impl Place {
    fn name(&self, name: &str, index: usize) -> Ident {
        at_path(name, &format!("{}_{index}", self.path))
    }

    /// The layers of branch `branch` of layer `index`.
    fn within(&self, index: usize, branch: usize, params: Size) -> Self {
        Self {
            path: format!("{}_{index}_{branch}", self.path),
            params,
            frozen: self.frozen,
        }
    }

    /// The local that holds the pass.
    fn pass(&self) -> TokenStream {
        match self.frozen {
            true => quote_mixed!(pass.frozen()),
            false => quote_mixed!(pass),
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

#[derive(Default)]
struct Writer {
    definitions: TokenStream,
    layout: TokenStream,
    forward: TokenStream,
    /// The statements of `forward` as needed by a backward pass.
    again: TokenStream,
    /// The backward pass, last statement first.
    backward: Vec<TokenStream>,
    /// Whether there are layers that are not trained.
    uses_frozen: bool,
}

/// The passes of a chain.
pub(super) fn passes(chain: &Chain) -> Passes {
    let input = Tensor {
        untrained: true,
        ..Tensor::new(ident("x"), ident("x_bar"), chain.input.len())
    };
    let mut writer = Writer::default();
    let outermost = Place {
        path: String::new(),
        params: Size::ZERO,
        frozen: false,
    };
    writer.both(&input, quote_mixed!(pass.input()));
    let output = writer.chain(chain, &outermost, &input);

    let Writer {
        definitions,
        layout,
        forward,
        again,
        backward,
        uses_frozen,
    } = writer;
    // The frozen pass is a type of the library, whose traits must be in scope.
    let traits = uses_frozen.then(|| {
        quote_mixed!(
            use __lib::{Pass as _, VjpPass as _};
        )
    });
    let backward = backward.iter().rev();
    let (y, bar) = (&output.name, &output.bar);
    let last = output
        .layer
        .clone()
        .unwrap_or_else(|| quote_mixed!(__lib::Linear));
    Passes {
        definitions: quote!(#traits #definitions),
        layout,
        forward: quote_mixed!(#forward pass.output(&#y);),
        vjp: quote_mixed! {
            #again
            let #bar = pass.seed(#last, &#y);
            #(#backward)*
            pass.finish(&#y, &x_bar);
        },
    }
}

impl Writer {
    /// A statement of both passes.
    fn both(&mut self, Tensor { name, len, .. }: &Tensor, value: TokenStream) {
        let len = len.const_argument();
        let statement = quote_mixed! {
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
            let pool = match layer.pooled {
                true => layers.next().and_then(|(next, pool)| match &pool.kind {
                    LayerKind::Computes(code) => Some((next, pool, code.as_ref())),
                    LayerKind::Flatten | LayerKind::Nested(_) => None,
                }),
                false => None,
            };
            let mut y = match (&layer.kind, pool) {
                (LayerKind::Computes(conv), Some((next, pool, code))) => {
                    let [first, second] = [(index, layer, conv.as_ref()), (next, pool, code)];
                    self.fused(place, first, second, &x)
                }
                (LayerKind::Flatten, _) => x.clone(),
                (LayerKind::Nested(nested), _) => match nested {
                    Nested::Concat(branches) => self.concat(place, index, layer, branches, &x),
                    Nested::Residual(inner) => self.residual(place, index, layer, inner, &x),
                    Nested::Frozen(inner) => {
                        let params = place.params.plus(&layer.params_start);
                        let place = Place {
                            frozen: true,
                            ..place.within(index, 0, params)
                        };
                        self.uses_frozen = true;
                        self.chain(inner, &place, &x)
                    }
                    Nested::Declared { own, site } => {
                        self.declared(place, index, layer, own, *site, &x)
                    }
                },
                (LayerKind::Computes(code), None) => {
                    self.layer(place, index, layer, code.as_ref(), &x)
                }
            };
            let trained = match &layer.kind {
                LayerKind::Nested(nested) => nested.is_trained() && !place.frozen,
                LayerKind::Computes(code) => {
                    code.is_trained() && layer.has_params() && !place.frozen
                }
                LayerKind::Flatten => false,
            };
            y.untrained = x.untrained && !trained;
            // The table of layers contains only the layers of the chain itself.
            if place.path.is_empty() {
                let name = &y.name;
                self.forward.extend(quote_mixed!(pass.record(&#name);));
            }
            x = y;
        }
        x
    }

    fn layer(
        &mut self,
        place: &Place,
        index: usize,
        layer: &Layer,
        code: &dyn ResolvedLayer,
        x: &Tensor,
    ) -> Tensor {
        let function = place.name("layer", index);
        let path = format!("{}_{index}", place.path);
        self.define(&function, code.definition(layer, &path));

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
            .extend(quote_mixed!(.layer(#function, [#(#lens),*], #params)));
        let (input, input_bar, bar, previous) = (&x.name, &x.bar, &y.bar, x.previous());
        self.both(&y, quote_mixed!(#pass.layer(#function(), #params, &#input)));
        self.backward.push(quote_mixed! {
            let #input_bar = #pass.vjp(#function(), #params, &#input, &#bar, #previous);
        });
        y
    }

    /// A convolution and the pool after it.
    fn fused(
        &mut self,
        place: &Place,
        (index, conv, conv_code): (usize, &Layer, &dyn ResolvedLayer),
        (next, pool, pool_code): (usize, &Layer, &dyn ResolvedLayer),
        x: &Tensor,
    ) -> Tensor {
        let function = place.name("layer", index);
        let path = |index: usize| format!("{}_{index}", place.path);
        let definition = conv_code.definition(conv, &path(index));
        let Definition {
            layer_type: pool_type,
            value: pool_value,
            ..
        } = pool_code.definition(pool, &path(next));
        let fused = definition.wrapped(|conv_type, conv_value| {
            (
                quote_mixed!(__lib::ConvMaxPool<#conv_type, #pool_type>),
                quote_mixed!(__lib::ConvMaxPool(#conv_value, #pool_value)),
            )
        });
        self.define(&function, fused);

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
            .extend(quote_mixed!(.fused(#function, [#(#lens),*], #params)));
        let [_, mid_len, y_len] = lens.map(Size::const_argument);
        let (input, input_bar, bar, previous) = (&x.name, &x.bar, &y.bar, x.previous());
        let name = &y.name;
        let statement = |mid: &TokenStream| {
            quote_mixed! {
                let (#mid, #name): (P::Tensor<#mid_len>, P::Tensor<#y_len>) =
                    #pass.fused(#function(), #params, &#input);
            }
        };
        self.again.extend(statement(&mid.to_token_stream()));
        if place.path.is_empty() {
            self.forward.extend(statement(&mid.to_token_stream()));
            self.forward.extend(quote_mixed!(pass.record(&#mid);));
        } else {
            self.forward.extend(statement(&quote!(_)));
        }
        self.backward.push(quote_mixed! {
            let #input_bar = #pass.vjp_fused(#function(), #params, &#input, &#mid, &#bar, #previous);
        });
        y
    }

    /// A chain declared elsewhere.
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
        // If it is not a chain, that is reported at its type.
        let lib = quote_mixed!(__lib);
        let any_chain = quote_spanned!(own.span()=> impl #lib::Network);
        let value = quote_mixed!(<#own as __lib::Network>::CHAIN);
        self.define(&function, Definition::of(any_chain, value));
        let (params, pass) = (place.params(layer), place.pass());
        let tape = place.name("tape", index);
        let y = Tensor::new(
            place.name("y", index),
            place.name("bar", index),
            layer.output.len(),
        );
        let lens = [&x.len, &y.len];
        self.layout
            .extend(quote_mixed!(.chain(#function, [#(#lens),*], #params)));
        let (name, len) = (&y.name, y.len.const_argument());
        let (input, input_bar, bar, previous) = (&x.name, &x.bar, &y.bar, x.previous());
        let statement = |tape: &TokenStream| {
            quote_mixed! {
                let (#name, #tape): (P::Tensor<#len>, _) =
                    #pass.chain(#function(), #site, #params, &#input);
            }
        };
        self.forward.extend(statement(&quote!(_)));
        self.again.extend(statement(&tape.to_token_stream()));
        self.backward.push(quote_mixed! {
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
        self.both(&fork, quote_mixed!(pass.fork(&#input)));
        self.layout.extend(quote_mixed!(.fork(#len)));
        fork
    }

    /// The combined output of branches.
    fn merged(&mut self, place: &Place, index: usize, layer: &Layer, value: TokenStream) -> Tensor {
        let y = Tensor::new(
            place.name("y", index),
            place.name("bar", index),
            layer.output.len(),
        );
        let len = &y.len;
        self.both(&y, value);
        self.layout.extend(quote_mixed!(.merged(#len)));
        y
    }

    /// Propagates the cotangents of the combined `output` to one branch, whose output is `y`, from element `at` on.
    fn branch(y: &Tensor, output: &Tensor, at: &Size) -> TokenStream {
        let (name, bar, output_bar, previous) = (&y.name, &y.bar, &output.bar, y.previous());
        quote_mixed! {
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
        let sum = quote_mixed!(pass.add(&#input, &#name));
        let y = self.merged(place, index, layer, sum);

        let inside = std::mem::replace(&mut self.backward, before);
        let (input_bar, fork_bar, bar, previous) = (&x.bar, &fork.bar, &y.bar, x.previous());
        self.backward.push(quote_mixed! {
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
        branches: &[Chain; 2],
        x: &Tensor,
    ) -> Tensor {
        let before = std::mem::take(&mut self.backward);
        let mut params = place.params.plus(&layer.params_start);
        let [(x_a, a, inside_a), (x_b, b, inside_b)] = [0, 1].map(|branch| {
            let chain = &branches[branch];
            let fork = self.fork(place, index, branch, x);
            let within = place.within(index, branch, params.clone());
            params = params.plus(&chain.param_count);
            let y = self.chain(chain, &within, &fork);
            (fork, y, std::mem::take(&mut self.backward))
        });
        self.backward = before;
        let (input, a_name, b_name) = (&x.name, &a.name, &b.name);
        let both = quote_mixed!(pass.concat(&#a_name, &#b_name));
        let y = self.merged(place, index, layer, both);

        let (input_bar, a_bar, b_bar, previous) = (&x.bar, &x_a.bar, &x_b.bar, x.previous());
        self.backward.push(quote_mixed! {
            let #input_bar = pass.join(&#input, &#a_bar, &#b_bar, #previous);
        });
        self.backward.extend(inside_b);
        self.backward.push(Self::branch(&b, &y, &a.len));
        self.backward.extend(inside_a);
        self.backward.push(Self::branch(&a, &y, &Size::ZERO));
        y
    }

    fn define(&mut self, function: &Ident, definition: Definition) {
        let Definition {
            items,
            layer_type,
            value,
        } = definition;
        self.definitions.extend(quote_mixed! {
            #items

            #[inline(always)]
            fn #function() -> #layer_type {
                #value
            }
        });
    }
}
