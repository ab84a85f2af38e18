#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct Within;
const _: () = {
    use simplechain::__private as __lib;
    #[allow(non_upper_case_globals)]
    const constants_0_0: &[::core::primitive::f64] = __lib::given("MEAN", &MEAN)
        .numbers();
    const fn inner_2_0_output_0() -> ::core::primitive::usize {
        <Encoder as __lib::Network>::OUTPUT_LEN
    }
    const fn inner_2_0_weights_0() -> ::core::primitive::usize {
        <Encoder as __lib::Network>::PARAM_COUNT
    }
    const fn inner_2_0_shape_0() -> __lib::Shape {
        __lib::check::output_shape(
            <Encoder as __lib::Network>::LAYERS,
            <Encoder as __lib::Network>::OUTPUT_LEN,
        )
    }
    const fn concat_2() -> ::core::primitive::usize {
        inner_2_0_output_0() + 4
    }
    const fn params_end_2() -> ::core::primitive::usize {
        inner_2_0_weights_0() + 20
    }
    const fn output_3() -> ::core::primitive::usize {
        <own::Double<5> as __lib::CustomLayer>::OUTPUT_LEN
    }
    const fn weights_3() -> ::core::primitive::usize {
        <own::Double<5> as __lib::CustomLayer>::PARAM_COUNT
    }
    const fn params_end_3() -> ::core::primitive::usize {
        params_end_2() + weights_3()
    }
    const fn params_end_5() -> ::core::primitive::usize {
        params_end_3() + output_3() + output_3()
    }
    const fn features_6() -> ::core::primitive::usize {
        2 * output_3() * 2
    }
    const fn params_end_7() -> ::core::primitive::usize {
        params_end_5() + features_6() + 1
    }
    const fn activations_len() -> ::core::primitive::usize {
        concat_2() + output_3() + output_3() + output_3() + features_6() + 9
    }
    const _: () = {
        use __lib::check::constants;
        constants("MEAN", __lib::given("MEAN", &MEAN).checked_numbers(), 4, 4, false)
    };
    const _: () = {
        use __lib::check::divisor;
        divisor(2.0)
    };
    const _: () = {
        use __lib::check::inner_chain;
        inner_chain(<Encoder as __lib::Network>::INPUT_LEN, 4)
    };
    const _: () = {
        use __lib::check::side_by_side;
        side_by_side(inner_2_0_shape_0(), __lib::Shape::Flat(4))
    };
    const _: () = {
        use __lib::check::custom_layer;
        custom_layer(<own::Double<5> as __lib::CustomLayer>::INPUT_LEN, concat_2())
    };
    const _: () = {
        use __lib::check::period;
        period(3.0)
    };
    const _: () = {
        use __lib::check::param_count;
        param_count(params_end_7())
    };
    #[inline(always)]
    fn layer_0() -> __lib::Custom<__lib::Affine<4>> {
        __lib::Custom(__lib::Affine::normalize(constants_0_0, &[2.0]))
    }
    #[inline(always)]
    fn layer_1_0_0() -> __lib::Dense<__lib::Tanh, 4, 4, true> {
        __lib::Dense(__lib::Tanh)
    }
    #[inline(always)]
    fn layer_2_0_0() -> impl __lib::Network {
        <Encoder as __lib::Network>::CHAIN
    }
    #[inline(always)]
    fn layer_2_1_0() -> __lib::Activate<__lib::Sin, 4> {
        __lib::Activate(__lib::Sin)
    }
    #[inline(always)]
    fn own_3() -> impl __lib::CustomLayer {
        <own::Double<5> as ::core::default::Default>::default()
    }
    fn shown_3(f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        #[allow(unused_imports)]
        use __lib::own::{ByDebug as _, ByNothing as _};
        (&__lib::own::Value(<own::Double<5> as ::core::default::Default>::default()))
            .show(f)
    }
    #[inline(always)]
    fn layer_3() -> __lib::Custom<impl __lib::CustomLayer> {
        __lib::Custom(own_3())
    }
    #[inline(always)]
    fn layer_4() -> __lib::Dropout<{ output_3() }> {
        __lib::Dropout {
            rate: 0.1,
            salt: 2u64,
        }
    }
    #[inline(always)]
    fn layer_5() -> __lib::Custom<__lib::LayerNorm<{ output_3() }>> {
        __lib::Custom(__lib::LayerNorm)
    }
    #[inline(always)]
    fn layer_6() -> __lib::Custom<__lib::Fourier<{ output_3() }, 2>> {
        __lib::Custom(__lib::Fourier { period: 3.0 })
    }
    #[inline(always)]
    fn layer_7() -> __lib::Dense<__lib::Identity, { features_6() }, 1, true> {
        __lib::Dense(__lib::Identity)
    }
    #[automatically_derived]
    impl __lib::Network for Within {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 1;
        const PARAM_COUNT: ::core::primitive::usize = params_end_7();
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::with(
                __lib::flat("normalize", "", 4, 4, 0..0),
                &[__lib::numbers("mean", constants_0_0), __lib::numbers("std", &[2.0])],
            ),
            __lib::nested(
                __lib::flat("residual", "", 4, 4, 0..20),
                &[&[__lib::dense("tanh", 4, 4, true, 0)]],
                true,
            ),
            __lib::nested(
                __lib::flat("concat", "", 4, concat_2(), 20..params_end_2()),
                &[
                    &[
                        __lib::nested(
                            __lib::layer(
                                "chain",
                                "",
                                __lib::Shape::Flat(4),
                                inner_2_0_shape_0(),
                                0..inner_2_0_weights_0(),
                            ),
                            &[<Encoder as __lib::Network>::LAYERS],
                            true,
                        ),
                    ],
                    &[__lib::flat("activation", "sin", 4, 4, 0..0)],
                ],
                true,
            ),
            __lib::owned(
                __lib::flat(
                    "layer",
                    "own::Double<5>",
                    concat_2(),
                    output_3(),
                    params_end_2()..params_end_3(),
                ),
                shown_3,
            ),
            __lib::with(
                __lib::flat(
                    "dropout",
                    "",
                    output_3(),
                    output_3(),
                    params_end_3()..params_end_3(),
                ),
                &[__lib::numbers("rate", &[0.1])],
            ),
            __lib::norm(
                __lib::flat(
                    "layer_norm",
                    "",
                    output_3(),
                    output_3(),
                    params_end_3()..params_end_5(),
                ),
                true,
            ),
            __lib::with(
                __lib::flat(
                    "fourier",
                    "",
                    output_3(),
                    features_6(),
                    params_end_5()..params_end_5(),
                ),
                &[__lib::count("count", 2), __lib::numbers("period", &[3.0])],
            ),
            __lib::dense("id", features_6(), 1, true, params_end_5()),
        ];
        const LAYOUT: __lib::Layout = __lib::Layout::new(4)
            .layer(layer_0, [4, 4], 0..0)
            .fork(4)
            .layer(layer_1_0_0, [4, 4], 0..20)
            .merged(4)
            .fork(4)
            .chain(
                layer_2_0_0,
                [4, inner_2_0_output_0()],
                20..inner_2_0_weights_0() + 20,
            )
            .fork(4)
            .layer(layer_2_1_0, [4, 4], 0..0)
            .merged(concat_2())
            .layer(layer_3, [concat_2(), output_3()], params_end_2()..params_end_3())
            .layer(layer_4, [output_3(), output_3()], 0..0)
            .layer(layer_5, [output_3(), output_3()], params_end_3()..params_end_5())
            .layer(layer_6, [output_3(), features_6()], 0..0)
            .layer(layer_7, [features_6(), 1], params_end_5()..params_end_7())
            .output(1, params_end_7());
        const CHAIN: Self = Within;
        type Input<T: __lib::Number> = [T; 4];
        type Output<T: __lib::Number> = [T; 1];
        type Params<T: __lib::Number> = [T; params_end_7()];
        type Activations<T: __lib::Number> = [T; activations_len()];
        type Tape<T: __lib::Number> = [T; <Within as __lib::Network>::LAYOUT.tape];
        #[inline(always)]
        fn forward_pass<P: __lib::Pass>(self, pass: &mut P) {
            let x: P::Tensor<4> = pass.input();
            let y_0: P::Tensor<4> = pass.layer(layer_0(), 0..0, &x);
            pass.record(&y_0);
            let x_1_0: P::Tensor<4> = pass.fork(&y_0);
            let y_1_0_0: P::Tensor<4> = pass.layer(layer_1_0_0(), 0..20, &x_1_0);
            let y_1: P::Tensor<4> = pass.add(&y_0, &y_1_0_0);
            pass.record(&y_1);
            let x_2_0: P::Tensor<4> = pass.fork(&y_1);
            let (y_2_0_0, _): (P::Tensor<{ inner_2_0_output_0() }>, _) = pass
                .chain(layer_2_0_0(), 1u64, 20..inner_2_0_weights_0() + 20, &x_2_0);
            let x_2_1: P::Tensor<4> = pass.fork(&y_1);
            let y_2_1_0: P::Tensor<4> = pass.layer(layer_2_1_0(), 0..0, &x_2_1);
            let y_2: P::Tensor<{ concat_2() }> = pass.concat(&y_2_0_0, &y_2_1_0);
            pass.record(&y_2);
            let y_3: P::Tensor<{ output_3() }> = pass
                .layer(layer_3(), params_end_2()..params_end_3(), &y_2);
            pass.record(&y_3);
            let y_4: P::Tensor<{ output_3() }> = pass.layer(layer_4(), 0..0, &y_3);
            pass.record(&y_4);
            let y_5: P::Tensor<{ output_3() }> = pass
                .layer(layer_5(), params_end_3()..params_end_5(), &y_4);
            pass.record(&y_5);
            let y_6: P::Tensor<{ features_6() }> = pass.layer(layer_6(), 0..0, &y_5);
            pass.record(&y_6);
            let y_7: P::Tensor<1> = pass
                .layer(layer_7(), params_end_5()..params_end_7(), &y_6);
            pass.record(&y_7);
            pass.output(&y_7);
        }
        #[inline(always)]
        fn vjp_pass<P: __lib::VjpPass>(self, pass: &mut P) {
            let x: P::Tensor<4> = pass.input();
            let y_0: P::Tensor<4> = pass.layer(layer_0(), 0..0, &x);
            let x_1_0: P::Tensor<4> = pass.fork(&y_0);
            let y_1_0_0: P::Tensor<4> = pass.layer(layer_1_0_0(), 0..20, &x_1_0);
            let y_1: P::Tensor<4> = pass.add(&y_0, &y_1_0_0);
            let x_2_0: P::Tensor<4> = pass.fork(&y_1);
            let (y_2_0_0, tape_2_0_0): (P::Tensor<{ inner_2_0_output_0() }>, _) = pass
                .chain(layer_2_0_0(), 1u64, 20..inner_2_0_weights_0() + 20, &x_2_0);
            let x_2_1: P::Tensor<4> = pass.fork(&y_1);
            let y_2_1_0: P::Tensor<4> = pass.layer(layer_2_1_0(), 0..0, &x_2_1);
            let y_2: P::Tensor<{ concat_2() }> = pass.concat(&y_2_0_0, &y_2_1_0);
            let y_3: P::Tensor<{ output_3() }> = pass
                .layer(layer_3(), params_end_2()..params_end_3(), &y_2);
            let y_4: P::Tensor<{ output_3() }> = pass.layer(layer_4(), 0..0, &y_3);
            let y_5: P::Tensor<{ output_3() }> = pass
                .layer(layer_5(), params_end_3()..params_end_5(), &y_4);
            let y_6: P::Tensor<{ features_6() }> = pass.layer(layer_6(), 0..0, &y_5);
            let y_7: P::Tensor<1> = pass
                .layer(layer_7(), params_end_5()..params_end_7(), &y_6);
            let bar_7 = pass.seed(layer_7(), &y_7);
            let bar_6 = pass
                .vjp(layer_7(), params_end_5()..params_end_7(), &y_6, &bar_7, layer_6());
            let bar_5 = pass.vjp(layer_6(), 0..0, &y_5, &bar_6, layer_5());
            let bar_4 = pass
                .vjp(layer_5(), params_end_3()..params_end_5(), &y_4, &bar_5, layer_4());
            let bar_3 = pass.vjp(layer_4(), 0..0, &y_3, &bar_4, layer_3());
            let bar_2 = pass
                .vjp(
                    layer_3(),
                    params_end_2()..params_end_3(),
                    &y_2,
                    &bar_3,
                    __lib::Linear,
                );
            let bar_2_0_0 = pass.branch(__lib::Linear, &y_2_0_0, &bar_2, 0);
            let x_bar_2_0 = pass
                .vjp_chain(
                    layer_2_0_0(),
                    20..inner_2_0_weights_0() + 20,
                    &x_2_0,
                    &tape_2_0_0,
                    &bar_2_0_0,
                    __lib::Linear,
                );
            let bar_2_1_0 = pass
                .branch(layer_2_1_0(), &y_2_1_0, &bar_2, inner_2_0_output_0());
            let x_bar_2_1 = pass
                .vjp(layer_2_1_0(), 0..0, &x_2_1, &bar_2_1_0, __lib::Linear);
            let bar_1 = pass.join(&y_1, &x_bar_2_0, &x_bar_2_1, __lib::Linear);
            let bar_1_0_0 = pass.branch(layer_1_0_0(), &y_1_0_0, &bar_1, 0);
            let x_bar_1_0 = pass
                .vjp(layer_1_0_0(), 0..20, &x_1_0, &bar_1_0_0, __lib::Input);
            let bar_0 = pass.join(&y_0, &x_bar_1_0, &bar_1, __lib::Untrained(layer_0()));
            let x_bar = pass.vjp(layer_0(), 0..0, &x, &bar_0, __lib::Input);
            pass.finish(&y_7, &x_bar);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Within {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Within", <Self as __lib::Network>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        normalize as _, residual as _, dense as _, tanh as _, concat as _, chain as _,
        activation as _, sin as _, layer as _, dropout as _, layer_norm as _,
        fourier as _, dense as _, id as _,
    };
};
