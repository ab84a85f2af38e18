pub fn unnamed() -> impl simplechain::__private::Network {
    #[::core::prelude::v1::derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
    )]
    struct __Chain;
    const _: () = {
        use simplechain::__private as __lib;
        #[inline(always)]
        fn layer_0() -> __lib::Dense<__lib::Tanh, 2, 1, true> {
            __lib::Dense(__lib::Tanh)
        }
        #[automatically_derived]
        impl __lib::Network for __Chain {
            const INPUT_LEN: ::core::primitive::usize = 2;
            const OUTPUT_LEN: ::core::primitive::usize = 1;
            const PARAM_COUNT: ::core::primitive::usize = 3;
            const LAYERS: &'static [__lib::LayerInfo] = &[
                __lib::dense("tanh", 2, 1, true, 0),
            ];
            const LAYOUT: __lib::Layout = __lib::Layout::new(2)
                .layer(layer_0, [2, 1], 0..3)
                .output(1, 3);
            const CHAIN: Self = __Chain;
            type Input<T: __lib::Number> = [T; 2];
            type Output<T: __lib::Number> = [T; 1];
            type Params<T: __lib::Number> = [T; 3];
            type Activations<T: __lib::Number> = [T; 1];
            type Tape<T: __lib::Number> = [T; <__Chain as __lib::Network>::LAYOUT.tape];
            #[inline(always)]
            fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
                let x: P::Tensor<2> = pass.input();
                let y_0: P::Tensor<1> = pass.layer(layer_0(), 0..3, &x);
                pass.record(&y_0);
                pass.output(&y_0);
            }
            #[inline(always)]
            fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
                let x: P::Tensor<2> = pass.input();
                let y_0: P::Tensor<1> = pass.layer(layer_0(), 0..3, &x);
                let bar_0 = pass.seed(layer_0(), &y_0);
                let x_bar = pass.vjp(layer_0(), 0..3, &x, &bar_0, __lib::Input);
                pass.finish(&y_0, &x_bar);
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for __Chain {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __lib::fmt_layers("chain", <Self as __lib::Network>::LAYERS, f)
            }
        }
    };
    const _: () = {
        #[allow(unused_imports)]
        use simplechain::__private::dsl::{dense as _, tanh as _};
    };
    __Chain
}
