/// 2x2 matrix -> its matrix exponential.
#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct MatExp;
const _: () = {
    use simplechain::__private as __lib;
    #[inline(always)]
    fn layer_0() -> __lib::Dense<__lib::Tanh, 4, 32, true> {
        __lib::Dense(__lib::Tanh)
    }
    #[inline(always)]
    fn layer_1() -> __lib::Dense<__lib::Tanh, 32, 16, true> {
        __lib::Dense(__lib::Tanh)
    }
    #[inline(always)]
    fn layer_2() -> __lib::Dense<__lib::Identity, 16, 4, true> {
        __lib::Dense(__lib::Identity)
    }
    #[automatically_derived]
    impl __lib::Network for MatExp {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 4;
        const PARAM_COUNT: ::core::primitive::usize = 756;
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::dense("tanh", 4, 32, true, 0),
            __lib::dense("tanh", 32, 16, true, 160),
            __lib::dense("id", 16, 4, true, 688),
        ];
        const LAYOUT: __lib::Layout = __lib::Layout::new(4)
            .layer(layer_0, [4, 32], 0..160)
            .layer(layer_1, [32, 16], 160..688)
            .layer(layer_2, [16, 4], 688..756)
            .output(4, 756);
        const CHAIN: Self = MatExp;
        type Input<T: __lib::Number> = [T; 4];
        type Output<T: __lib::Number> = [T; 4];
        type Params<T: __lib::Number> = [T; 756];
        type Activations<T: __lib::Number> = [T; 52];
        type Tape<T: __lib::Number> = [T; <MatExp as __lib::Network>::LAYOUT.tape];
        #[inline(always)]
        fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
            let x: P::Tensor<4> = pass.input();
            let y_0: P::Tensor<32> = pass.layer(layer_0(), 0..160, &x);
            pass.record(&y_0);
            let y_1: P::Tensor<16> = pass.layer(layer_1(), 160..688, &y_0);
            pass.record(&y_1);
            let y_2: P::Tensor<4> = pass.layer(layer_2(), 688..756, &y_1);
            pass.record(&y_2);
            pass.output(&y_2);
        }
        #[inline(always)]
        fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
            let x: P::Tensor<4> = pass.input();
            let y_0: P::Tensor<32> = pass.layer(layer_0(), 0..160, &x);
            let y_1: P::Tensor<16> = pass.layer(layer_1(), 160..688, &y_0);
            let y_2: P::Tensor<4> = pass.layer(layer_2(), 688..756, &y_1);
            let bar_2 = pass.seed(layer_2(), &y_2);
            let bar_1 = pass.vjp(layer_2(), 688..756, &y_1, &bar_2, layer_1());
            let bar_0 = pass.vjp(layer_1(), 160..688, &y_0, &bar_1, layer_0());
            let x_bar = pass.vjp(layer_0(), 0..160, &x, &bar_0, __lib::Input);
            pass.finish(&y_2, &x_bar);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for MatExp {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("MatExp", <Self as __lib::Network>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        dense as _, tanh as _, dense as _, tanh as _, dense as _, id as _,
    };
};
