#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct Bent;
const _: () = {
    use simplechain::__private as __lib;
    #[inline(always)]
    fn layer_0() -> __lib::Dense<__lib::LeakyRelu, 2, 3, true> {
        __lib::Dense(__lib::LeakyRelu(0.1))
    }
    #[inline(always)]
    fn activation_1() -> impl __lib::Activation {
        own::Cube
    }
    fn shown_1(f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use __lib::own::{ByDebug as _, ByNothing as _};
        (&__lib::own::Value(own::Cube)).show(f)
    }
    #[inline(always)]
    fn layer_1() -> __lib::Dense<impl __lib::Activation, 3, 4, true> {
        __lib::Dense(activation_1())
    }
    #[inline(always)]
    fn activation_2() -> impl __lib::Activation {
        Scaled(0.5)
    }
    fn shown_2(f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use __lib::own::{ByDebug as _, ByNothing as _};
        (&__lib::own::Value(Scaled(0.5))).show(f)
    }
    #[inline(always)]
    fn layer_2() -> __lib::Dense<impl __lib::Activation, 4, 1, true> {
        __lib::Dense(activation_2())
    }
    #[automatically_derived]
    impl __lib::Network for Bent {
        const INPUT_LEN: ::core::primitive::usize = 2;
        const OUTPUT_LEN: ::core::primitive::usize = 1;
        const PARAM_COUNT: ::core::primitive::usize = 30;
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::with(
                __lib::dense("leaky_relu", 2, 3, true, 0),
                &[__lib::numbers("slope", &[0.1])],
            ),
            __lib::owned(__lib::dense("own::Cube", 3, 4, true, 9), shown_1),
            __lib::owned(__lib::dense("Scaled(0.5)", 4, 1, true, 25), shown_2),
        ];
        const LAYOUT: __lib::Layout = __lib::Layout::new(2)
            .layer(layer_0, [2, 3], 0..9)
            .layer(layer_1, [3, 4], 9..25)
            .layer(layer_2, [4, 1], 25..30)
            .output(1, 30);
        const CHAIN: Self = Bent;
        type Input<T: __lib::Number> = [T; 2];
        type Output<T: __lib::Number> = [T; 1];
        type Params<T: __lib::Number> = [T; 30];
        type Activations<T: __lib::Number> = [T; 8];
        type Tape<T: __lib::Number> = [T; <Bent as __lib::Network>::LAYOUT.tape];
        #[inline(always)]
        fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
            let x: P::Tensor<2> = pass.input();
            let y_0: P::Tensor<3> = pass.layer(layer_0(), 0..9, &x);
            pass.record(&y_0);
            let y_1: P::Tensor<4> = pass.layer(layer_1(), 9..25, &y_0);
            pass.record(&y_1);
            let y_2: P::Tensor<1> = pass.layer(layer_2(), 25..30, &y_1);
            pass.record(&y_2);
            pass.output(&y_2);
        }
        #[inline(always)]
        fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
            let x: P::Tensor<2> = pass.input();
            let y_0: P::Tensor<3> = pass.layer(layer_0(), 0..9, &x);
            let y_1: P::Tensor<4> = pass.layer(layer_1(), 9..25, &y_0);
            let y_2: P::Tensor<1> = pass.layer(layer_2(), 25..30, &y_1);
            let bar_2 = pass.seed(layer_2(), &y_2);
            let bar_1 = pass.vjp(layer_2(), 25..30, &y_1, &bar_2, layer_1());
            let bar_0 = pass.vjp(layer_1(), 9..25, &y_0, &bar_1, layer_0());
            let x_bar = pass.vjp(layer_0(), 0..9, &x, &bar_0, __lib::Input);
            pass.finish(&y_2, &x_bar);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Bent {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Bent", <Self as __lib::Network>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        dense as _, leaky_relu as _, dense as _, dense as _,
    };
};
