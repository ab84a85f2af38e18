#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub(super) struct Windows;
const _: () = {
    use simplechain::__private as __lib;
    const fn input_height() -> ::core::primitive::usize {
        SIDE
    }
    const fn channels_0() -> ::core::primitive::usize {
        CHANNELS
    }
    const fn output_height_0() -> ::core::primitive::usize {
        __lib::check::same_out(input_height(), 2)
    }
    const fn params_end_0() -> ::core::primitive::usize {
        18 * channels_0()
    }
    const fn output_height_1() -> ::core::primitive::usize {
        __lib::check::window_out(output_height_0(), 2, 1, 0)
    }
    const fn output_height_2() -> ::core::primitive::usize {
        __lib::check::window_out(output_height_1(), 2, 1, 1)
    }
    const fn params_end_2() -> ::core::primitive::usize {
        params_end_0() + 4 * channels_0() * 3 + 3
    }
    const fn output_height_3() -> ::core::primitive::usize {
        __lib::check::window_out(output_height_2(), 2, 2, 0)
    }
    const fn activations_len() -> ::core::primitive::usize {
        output_height_0() * 5 * channels_0() + output_height_1() * 4 * channels_0()
            + output_height_2() * 5 * 3 + output_height_3() * 2 * 3
    }
    const _: () = {
        use __lib::check::size;
        size("SIDE", input_height())
    };
    const _: () = {
        use __lib::check::size;
        size("CHANNELS", channels_0())
    };
    const _: () = {
        use __lib::check::window;
        window("window", 2, output_height_0(), 0)
    };
    const _: () = {
        use __lib::check::window;
        window("kernel", 2, output_height_1(), 1)
    };
    const _: () = {
        use __lib::check::window;
        window("window", 2, output_height_2(), 0)
    };
    const _: () = {
        use __lib::check::param_count;
        param_count(params_end_2())
    };
    #[inline(always)]
    fn layer_0() -> __lib::Conv<
        __lib::Relu,
        __lib::Window<
            __lib::Image<{ input_height() }, 9, 2>,
            __lib::Size<3, 3>,
            __lib::Step<2, 2>,
            __lib::Padding<
                { __lib::check::same_before(input_height(), 3, 2) },
                1,
                { __lib::check::same_after(input_height(), 3, 2) },
                1,
            >,
        >,
        { channels_0() },
        false,
    > {
        __lib::Conv::new(__lib::Relu)
    }
    #[inline(always)]
    fn layer_1() -> __lib::AvgPool<
        __lib::Window<
            __lib::Image<{ output_height_0() }, 5, { channels_0() }>,
            __lib::Size<2, 2>,
        >,
    > {
        __lib::AvgPool::new()
    }
    #[inline(always)]
    fn layer_2() -> __lib::ConvMaxPool<
        __lib::Conv<
            __lib::Tanh,
            __lib::Window<
                __lib::Image<{ output_height_1() }, 4, { channels_0() }>,
                __lib::Size<2, 2>,
                __lib::Step<1, 1>,
                __lib::Padding<1, 1>,
            >,
            3,
            true,
        >,
        __lib::MaxPool<
            __lib::Window<
                __lib::Image<{ output_height_2() }, 5, 3>,
                __lib::Size<2, 2>,
                __lib::Step<2, 2>,
            >,
        >,
    > {
        __lib::ConvMaxPool(__lib::Conv::new(__lib::Tanh), __lib::MaxPool::new())
    }
    #[automatically_derived]
    impl __lib::Network for Windows {
        const INPUT_LEN: ::core::primitive::usize = input_height() * 9 * 2;
        const OUTPUT_LEN: ::core::primitive::usize = output_height_3() * 2 * 3;
        const PARAM_COUNT: ::core::primitive::usize = params_end_2();
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::conv(
                "relu",
                (input_height(), 9, 2),
                (output_height_0(), 5, channels_0()),
                __lib::window(
                    (3, 3),
                    (2, 2),
                    (__lib::check::same_before(input_height(), 3, 2), 1),
                ),
                false,
                0,
            ),
            __lib::pool(
                "avgpool",
                (output_height_0(), 5, channels_0()),
                (output_height_1(), 4, channels_0()),
                __lib::window((2, 2), (1, 1), (0, 0)),
                params_end_0(),
            ),
            __lib::conv(
                "tanh",
                (output_height_1(), 4, channels_0()),
                (output_height_2(), 5, 3),
                __lib::window((2, 2), (1, 1), (1, 1)),
                true,
                params_end_0(),
            ),
            __lib::pool(
                "maxpool",
                (output_height_2(), 5, 3),
                (output_height_3(), 2, 3),
                __lib::window((2, 2), (2, 2), (0, 0)),
                params_end_2(),
            ),
        ];
        const LAYOUT: __lib::Layout = __lib::Layout::new(input_height() * 9 * 2)
            .layer(
                layer_0,
                [input_height() * 9 * 2, output_height_0() * 5 * channels_0()],
                0..params_end_0(),
            )
            .layer(
                layer_1,
                [
                    output_height_0() * 5 * channels_0(),
                    output_height_1() * 4 * channels_0(),
                ],
                0..0,
            )
            .fused(
                layer_2,
                [
                    output_height_1() * 4 * channels_0(),
                    output_height_2() * 5 * 3,
                    output_height_3() * 2 * 3,
                ],
                params_end_0()..params_end_2(),
            )
            .output(output_height_3() * 2 * 3, params_end_2());
        const CHAIN: Self = Windows;
        type Input<T: __lib::Number> = [T; input_height() * 9 * 2];
        type Output<T: __lib::Number> = [T; output_height_3() * 2 * 3];
        type Params<T: __lib::Number> = [T; params_end_2()];
        type Activations<T: __lib::Number> = [T; activations_len()];
        type Tape<T: __lib::Number> = [T; <Windows as __lib::Network>::LAYOUT.tape];
        #[inline(always)]
        fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
            let x: P::Tensor<{ input_height() * 9 * 2 }> = pass.input();
            let y_0: P::Tensor<{ output_height_0() * 5 * channels_0() }> = pass
                .layer(layer_0(), 0..params_end_0(), &x);
            pass.record(&y_0);
            let y_1: P::Tensor<{ output_height_1() * 4 * channels_0() }> = pass
                .layer(layer_1(), 0..0, &y_0);
            pass.record(&y_1);
            let (
                y_2,
                y_3,
            ): (
                P::Tensor<{ output_height_2() * 5 * 3 }>,
                P::Tensor<{ output_height_3() * 2 * 3 }>,
            ) = pass.fused(layer_2(), params_end_0()..params_end_2(), &y_1);
            pass.record(&y_2);
            pass.record(&y_3);
            pass.output(&y_3);
        }
        #[inline(always)]
        fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
            let x: P::Tensor<{ input_height() * 9 * 2 }> = pass.input();
            let y_0: P::Tensor<{ output_height_0() * 5 * channels_0() }> = pass
                .layer(layer_0(), 0..params_end_0(), &x);
            let y_1: P::Tensor<{ output_height_1() * 4 * channels_0() }> = pass
                .layer(layer_1(), 0..0, &y_0);
            let (
                y_2,
                y_3,
            ): (
                P::Tensor<{ output_height_2() * 5 * 3 }>,
                P::Tensor<{ output_height_3() * 2 * 3 }>,
            ) = pass.fused(layer_2(), params_end_0()..params_end_2(), &y_1);
            let bar_3 = pass.seed(layer_2(), &y_3);
            let bar_1 = pass
                .vjp_fused(
                    layer_2(),
                    params_end_0()..params_end_2(),
                    &y_1,
                    &y_2,
                    &bar_3,
                    layer_1(),
                );
            let bar_0 = pass.vjp(layer_1(), 0..0, &y_0, &bar_1, layer_0());
            let x_bar = pass.vjp(layer_0(), 0..params_end_0(), &x, &bar_0, __lib::Input);
            pass.finish(&y_3, &x_bar);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Windows {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Windows", <Self as __lib::Network>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        conv as _, relu as _, avgpool as _, conv as _, tanh as _, maxpool as _,
    };
};
