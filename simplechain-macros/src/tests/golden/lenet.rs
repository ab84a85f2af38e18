/// LeNet-5.
#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct LeNet;
const _: () = {
    use simplechain::__private as __lib;
    #[inline(always)]
    fn layer_0() -> __lib::ConvMaxPool<
        __lib::Conv<
            __lib::Relu,
            __lib::Window<__lib::Image<28, 28, 1>, __lib::Size<5, 5>>,
            6,
            true,
        >,
        __lib::MaxPool<
            __lib::Window<__lib::Image<24, 24, 6>, __lib::Size<2, 2>, __lib::Step<2, 2>>,
        >,
    > {
        __lib::ConvMaxPool(__lib::Conv::new(__lib::Relu), __lib::MaxPool::new())
    }
    #[inline(always)]
    fn layer_2() -> __lib::ConvMaxPool<
        __lib::Conv<
            __lib::Relu,
            __lib::Window<__lib::Image<12, 12, 6>, __lib::Size<5, 5>>,
            16,
            true,
        >,
        __lib::MaxPool<
            __lib::Window<__lib::Image<8, 8, 16>, __lib::Size<2, 2>, __lib::Step<2, 2>>,
        >,
    > {
        __lib::ConvMaxPool(__lib::Conv::new(__lib::Relu), __lib::MaxPool::new())
    }
    #[inline(always)]
    fn layer_5() -> __lib::Dense<__lib::Relu, 256, 120, true> {
        __lib::Dense(__lib::Relu)
    }
    #[inline(always)]
    fn layer_6() -> __lib::Dense<__lib::Relu, 120, 84, true> {
        __lib::Dense(__lib::Relu)
    }
    #[inline(always)]
    fn layer_7() -> __lib::Dense<__lib::Identity, 84, 10, true> {
        __lib::Dense(__lib::Identity)
    }
    #[automatically_derived]
    impl __lib::Network for LeNet {
        const INPUT_LEN: ::core::primitive::usize = 784;
        const OUTPUT_LEN: ::core::primitive::usize = 10;
        const PARAM_COUNT: ::core::primitive::usize = 44426;
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::conv(
                "relu",
                (28, 28, 1),
                (24, 24, 6),
                __lib::window((5, 5), (1, 1), (0, 0)),
                true,
                0,
            ),
            __lib::pool(
                "maxpool",
                (24, 24, 6),
                (12, 12, 6),
                __lib::window((2, 2), (2, 2), (0, 0)),
                156,
            ),
            __lib::conv(
                "relu",
                (12, 12, 6),
                (8, 8, 16),
                __lib::window((5, 5), (1, 1), (0, 0)),
                true,
                156,
            ),
            __lib::pool(
                "maxpool",
                (8, 8, 16),
                (4, 4, 16),
                __lib::window((2, 2), (2, 2), (0, 0)),
                2572,
            ),
            __lib::flatten((4, 4, 16), 2572),
            __lib::dense("relu", 256, 120, true, 2572),
            __lib::dense("relu", 120, 84, true, 33412),
            __lib::dense("id", 84, 10, true, 43576),
        ];
        const LAYOUT: __lib::Layout = __lib::Layout::new(784)
            .fused(layer_0, [784, 3456, 864], 0..156)
            .fused(layer_2, [864, 1024, 256], 156..2572)
            .layer(layer_5, [256, 120], 2572..33412)
            .layer(layer_6, [120, 84], 33412..43576)
            .layer(layer_7, [84, 10], 43576..44426)
            .output(10, 44426);
        const CHAIN: Self = LeNet;
        type Input<T: __lib::Number> = [T; 784];
        type Output<T: __lib::Number> = [T; 10];
        type Params<T: __lib::Number> = [T; 44426];
        type Activations<T: __lib::Number> = [T; 6070];
        type Tape<T: __lib::Number> = [T; <LeNet as __lib::Network>::LAYOUT.tape];
        #[inline(always)]
        fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
            let x: P::Tensor<784> = pass.input();
            let (y_0, y_1): (P::Tensor<3456>, P::Tensor<864>) = pass
                .fused(layer_0(), 0..156, &x);
            pass.record(&y_0);
            pass.record(&y_1);
            let (y_2, y_3): (P::Tensor<1024>, P::Tensor<256>) = pass
                .fused(layer_2(), 156..2572, &y_1);
            pass.record(&y_2);
            pass.record(&y_3);
            pass.record(&y_3);
            let y_5: P::Tensor<120> = pass.layer(layer_5(), 2572..33412, &y_3);
            pass.record(&y_5);
            let y_6: P::Tensor<84> = pass.layer(layer_6(), 33412..43576, &y_5);
            pass.record(&y_6);
            let y_7: P::Tensor<10> = pass.layer(layer_7(), 43576..44426, &y_6);
            pass.record(&y_7);
            pass.output(&y_7);
        }
        #[inline(always)]
        fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
            let x: P::Tensor<784> = pass.input();
            let (y_0, y_1): (P::Tensor<3456>, P::Tensor<864>) = pass
                .fused(layer_0(), 0..156, &x);
            let (y_2, y_3): (P::Tensor<1024>, P::Tensor<256>) = pass
                .fused(layer_2(), 156..2572, &y_1);
            let y_5: P::Tensor<120> = pass.layer(layer_5(), 2572..33412, &y_3);
            let y_6: P::Tensor<84> = pass.layer(layer_6(), 33412..43576, &y_5);
            let y_7: P::Tensor<10> = pass.layer(layer_7(), 43576..44426, &y_6);
            let bar_7 = pass.seed(layer_7(), &y_7);
            let bar_6 = pass.vjp(layer_7(), 43576..44426, &y_6, &bar_7, layer_6());
            let bar_5 = pass.vjp(layer_6(), 33412..43576, &y_5, &bar_6, layer_5());
            let bar_3 = pass.vjp(layer_5(), 2572..33412, &y_3, &bar_5, layer_2());
            let bar_1 = pass
                .vjp_fused(layer_2(), 156..2572, &y_1, &y_2, &bar_3, layer_0());
            let x_bar = pass
                .vjp_fused(layer_0(), 0..156, &x, &y_0, &bar_1, __lib::Input);
            pass.finish(&y_7, &x_bar);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for LeNet {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("LeNet", <Self as __lib::Network>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        conv as _, relu as _, maxpool as _, conv as _, relu as _, maxpool as _,
        flatten as _, dense as _, relu as _, dense as _, relu as _, dense as _, id as _,
    };
};
