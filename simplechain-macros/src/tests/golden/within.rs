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
        <Encoder as __lib::Chain>::OUTPUT_LEN
    }
    const fn inner_2_0_weights_0() -> ::core::primitive::usize {
        <Encoder as __lib::Chain>::PARAM_COUNT
    }
    const fn inner_2_0_inner_rows_0() -> ::core::primitive::usize {
        <Encoder as __lib::Chain>::ROWS
    }
    const fn inner_2_0_inner_work_0() -> ::core::primitive::usize {
        <Encoder as __lib::Chain>::WORK
    }
    const fn inner_2_0_shape_0() -> __lib::Shape {
        __lib::check::output_shape(
            <Encoder as __lib::Chain>::LAYERS,
            <Encoder as __lib::Chain>::OUTPUT_LEN,
        )
    }
    const fn inner_2_0_output_row_0() -> ::core::primitive::usize {
        inner_2_0_inner_rows_0() + 8
    }
    const fn inner_2_0_rows() -> ::core::primitive::usize {
        (inner_2_0_output_row_0() + 3 * inner_2_0_output_0()) | 1
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
    const fn output_row_2() -> ::core::primitive::usize {
        inner_2_0_rows() + 66
    }
    const fn output_row_3() -> ::core::primitive::usize {
        output_row_2() + 2 * concat_2()
    }
    const fn output_row_4() -> ::core::primitive::usize {
        output_row_3() + 2 * output_3()
    }
    const fn output_row_5() -> ::core::primitive::usize {
        output_row_4() + 2 * output_3()
    }
    const fn output_row_6() -> ::core::primitive::usize {
        output_row_5() + 2 * output_3()
    }
    const fn output_row_7() -> ::core::primitive::usize {
        output_row_6() + 2 * features_6()
    }
    const fn rows() -> ::core::primitive::usize {
        (output_row_7() + 3) | 1
    }
    const fn work() -> ::core::primitive::usize {
        __lib::check::max(
            __lib::check::max(
                __lib::check::max(
                    __lib::check::max(4, inner_2_0_inner_work_0()),
                    concat_2() + weights_3(),
                ),
                3 * output_3(),
            ),
            output_3(),
        )
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
        inner_chain(<Encoder as __lib::Chain>::INPUT_LEN, 4)
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
    #[allow(unused_imports)]
    use __lib::{
        Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
    };
    #[::core::prelude::v1::derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
    )]
    #[allow(non_camel_case_types)]
    pub struct __Inner_1_0;
    const _: () = {
        #[allow(unused_imports)]
        use __lib::{
            Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
        };
        #[inline(always)]
        fn layer_0() -> __lib::Dense<__lib::Tanh, 4, 4, true> {
            __lib::Dense(__lib::Tanh)
        }
        #[inline(always)]
        fn rows_0() -> __lib::Rows {
            __lib::Rows::at(0, 8, 8)
        }
        #[automatically_derived]
        impl __lib::Chain for __Inner_1_0 {
            const INPUT_LEN: ::core::primitive::usize = 4;
            const OUTPUT_LEN: ::core::primitive::usize = 4;
            const PARAM_COUNT: ::core::primitive::usize = 20;
            const ROWS: ::core::primitive::usize = 21;
            const OUTPUT_ROW: ::core::primitive::usize = 8;
            const WORK: ::core::primitive::usize = 0;
            const LAYERS: &'static [__lib::LayerInfo] = &[
                __lib::dense("tanh", 4, 4, true, 0),
            ];
            const CHAIN: Self = __Inner_1_0;
            type Input<T: __lib::Number> = [T; 4];
            type Output<T: __lib::Number> = [T; 4];
            type Params<T: __lib::Number> = [T; 20];
            type Activations<T: __lib::Number> = [T; 4];
            #[inline(always)]
            fn forward_tile<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const SAVE: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                mode: __lib::Mode,
            ) {
                let tile = tile.as_chunks_mut::<21>().0;
                self.forward_panels::<T, S, SAVE, 21>(simd, params, tile, 0, mode);
            }
            #[inline(always)]
            fn forward_panels<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const SAVE: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                mode: __lib::Mode,
            ) {
                layer_0()
                    .forward_tile::<
                        T,
                        S,
                        SAVE,
                        ROWS,
                    >(simd, params.range(0..20), tile, rows_0().from(base), mode);
            }
            #[inline(always)]
            fn vjp_tile<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                let tile = tile.as_chunks_mut::<21>().0;
                self.vjp_panels::<
                        T,
                        S,
                        PARAMS,
                        INPUT,
                        21,
                    >(simd, params, tile, 0, work, params_bar);
            }
            #[inline(always)]
            fn vjp_panels<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                __lib::seed_tile(layer_0(), simd, tile, rows_0().from(base));
                layer_0()
                    .vjp_tile::<
                        T,
                        S,
                        _,
                        PARAMS,
                        INPUT,
                        ROWS,
                    >(
                        simd,
                        params.range(0..20),
                        tile,
                        rows_0().from(base),
                        work,
                        __lib::Input,
                        if PARAMS { &mut params_bar[0..20] } else { &mut [] },
                    );
            }
            #[inline(always)]
            fn forward_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                y: &mut [T],
            ) {
                let mut y_0 = M::zeros::<T, [T; 4]>();
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        M,
                        false,
                    >(simd, params.range(0..20), x, &mut y_0, &mut []);
                y.copy_from_slice(&y_0);
            }
            #[inline(always)]
            fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                rest: &mut [T],
            ) {
                let y_0 = rest;
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        M,
                        false,
                    >(simd, params.range(0..20), x, y_0, &mut []);
            }
            #[inline(always)]
            fn vjp_sample<
                T: __lib::Number,
                S: __lib::Simd<T>,
                M: __lib::Memory,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ADD: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                known: ::core::option::Option<&[T]>,
                y: &mut [T],
                y_bar: impl __lib::SampleSeed<T>,
                x_bar: &mut [T],
                params_bar: &mut [T],
            ) {
                let (known_0, _) = __lib::cut(known, 4);
                let mut y_0 = M::zeros::<T, [T; 4]>();
                let mut saved_0 = M::zeros::<T, [T; 4]>();
                layer_0()
                    .recall_sample::<
                        T,
                        S,
                        M,
                    >(simd, params.range(0..20), x, known_0, &mut y_0, &mut saved_0);
                let mut bar_0 = M::zeros::<T, [T; 4]>();
                y_bar.seed(&y_0, &mut bar_0);
                layer_0().z_bar_sample(simd, &y_0, &saved_0, &mut bar_0);
                layer_0()
                    .vjp_sample::<
                        T,
                        S,
                        M,
                        PARAMS,
                        INPUT,
                        ADD,
                    >(
                        simd,
                        params.range(0..20),
                        x,
                        &bar_0,
                        x_bar,
                        if PARAMS { &mut params_bar[0..20] } else { &mut [] },
                    );
                y.copy_from_slice(&y_0);
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for __Inner_1_0 {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __lib::fmt_layers("layers", <Self as __lib::Chain>::LAYERS, f)
            }
        }
    };
    #[::core::prelude::v1::derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
    )]
    #[allow(non_camel_case_types)]
    pub struct __Inner_2_0;
    const _: () = {
        #[allow(unused_imports)]
        use __lib::{
            Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
        };
        #[inline(always)]
        fn layer_0() -> __lib::Nested<impl __lib::Chain, false, false> {
            __lib::Nested(<Encoder as __lib::Chain>::CHAIN)
        }
        #[inline(always)]
        fn rows_0() -> __lib::Rows {
            __lib::Rows::at(0, 8, inner_2_0_output_row_0())
        }
        #[automatically_derived]
        impl __lib::Chain for __Inner_2_0 {
            const INPUT_LEN: ::core::primitive::usize = 4;
            const OUTPUT_LEN: ::core::primitive::usize = inner_2_0_output_0();
            const PARAM_COUNT: ::core::primitive::usize = inner_2_0_weights_0();
            const ROWS: ::core::primitive::usize = inner_2_0_rows();
            const OUTPUT_ROW: ::core::primitive::usize = inner_2_0_output_row_0();
            const WORK: ::core::primitive::usize = inner_2_0_inner_work_0();
            const LAYERS: &'static [__lib::LayerInfo] = &[
                __lib::nested(
                    __lib::layer(
                        "chain",
                        "",
                        __lib::Shape::Flat(4),
                        inner_2_0_shape_0(),
                        0,
                        inner_2_0_weights_0(),
                    ),
                    &[<Encoder as __lib::Chain>::LAYERS],
                    true,
                ),
            ];
            const CHAIN: Self = __Inner_2_0;
            type Input<T: __lib::Number> = [T; 4];
            type Output<T: __lib::Number> = [T; inner_2_0_output_0()];
            type Params<T: __lib::Number> = [T; inner_2_0_weights_0()];
            type Activations<T: __lib::Number> = [T; inner_2_0_output_0()];
            #[inline(always)]
            fn forward_tile<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const SAVE: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                mode: __lib::Mode,
            ) {
                let tile = tile.as_chunks_mut::<{ inner_2_0_rows() }>().0;
                self.forward_panels::<
                        T,
                        S,
                        SAVE,
                        { inner_2_0_rows() },
                    >(simd, params, tile, 0, mode);
            }
            #[inline(always)]
            fn forward_panels<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const SAVE: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                mode: __lib::Mode,
            ) {
                layer_0()
                    .forward_tile::<
                        T,
                        S,
                        SAVE,
                        ROWS,
                    >(
                        simd,
                        params.range(0..inner_2_0_weights_0()),
                        tile,
                        rows_0().from(base),
                        mode.at(1u64),
                    );
            }
            #[inline(always)]
            fn vjp_tile<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                let tile = tile.as_chunks_mut::<{ inner_2_0_rows() }>().0;
                self.vjp_panels::<
                        T,
                        S,
                        PARAMS,
                        INPUT,
                        { inner_2_0_rows() },
                    >(simd, params, tile, 0, work, params_bar);
            }
            #[inline(always)]
            fn vjp_panels<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                __lib::seed_tile(layer_0(), simd, tile, rows_0().from(base));
                layer_0()
                    .vjp_tile::<
                        T,
                        S,
                        _,
                        PARAMS,
                        INPUT,
                        ROWS,
                    >(
                        simd,
                        params.range(0..inner_2_0_weights_0()),
                        tile,
                        rows_0().from(base),
                        work,
                        __lib::Input,
                        if PARAMS {
                            &mut params_bar[0..inner_2_0_weights_0()]
                        } else {
                            &mut []
                        },
                    );
            }
            #[inline(always)]
            fn forward_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                y: &mut [T],
            ) {
                let mut y_0 = M::zeros::<T, [T; inner_2_0_output_0()]>();
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        M,
                        false,
                    >(
                        simd,
                        params.range(0..inner_2_0_weights_0()),
                        x,
                        &mut y_0,
                        &mut [],
                    );
                y.copy_from_slice(&y_0);
            }
            #[inline(always)]
            fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                rest: &mut [T],
            ) {
                let y_0 = rest;
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        M,
                        false,
                    >(simd, params.range(0..inner_2_0_weights_0()), x, y_0, &mut []);
            }
            #[inline(always)]
            fn vjp_sample<
                T: __lib::Number,
                S: __lib::Simd<T>,
                M: __lib::Memory,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ADD: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                known: ::core::option::Option<&[T]>,
                y: &mut [T],
                y_bar: impl __lib::SampleSeed<T>,
                x_bar: &mut [T],
                params_bar: &mut [T],
            ) {
                let (known_0, _) = __lib::cut(known, inner_2_0_output_0());
                let mut y_0 = M::zeros::<T, [T; inner_2_0_output_0()]>();
                layer_0()
                    .recall_sample::<
                        T,
                        S,
                        M,
                    >(
                        simd,
                        params.range(0..inner_2_0_weights_0()),
                        x,
                        known_0,
                        &mut y_0,
                        &mut [],
                    );
                let mut bar_0 = M::zeros::<T, [T; inner_2_0_output_0()]>();
                y_bar.seed(&y_0, &mut bar_0);
                layer_0()
                    .vjp_sample::<
                        T,
                        S,
                        M,
                        PARAMS,
                        INPUT,
                        ADD,
                    >(
                        simd,
                        params.range(0..inner_2_0_weights_0()),
                        x,
                        &bar_0,
                        x_bar,
                        if PARAMS {
                            &mut params_bar[0..inner_2_0_weights_0()]
                        } else {
                            &mut []
                        },
                    );
                y.copy_from_slice(&y_0);
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for __Inner_2_0 {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __lib::fmt_layers("layers", <Self as __lib::Chain>::LAYERS, f)
            }
        }
    };
    #[::core::prelude::v1::derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
    )]
    #[allow(non_camel_case_types)]
    pub struct __Inner_2_1;
    const _: () = {
        #[allow(unused_imports)]
        use __lib::{
            Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
        };
        #[inline(always)]
        fn layer_0() -> __lib::Activate<__lib::Sin, 4> {
            __lib::Activate(__lib::Sin)
        }
        #[inline(always)]
        fn rows_0() -> __lib::Rows {
            __lib::Rows::at(0, 8, 8)
        }
        #[automatically_derived]
        impl __lib::Chain for __Inner_2_1 {
            const INPUT_LEN: ::core::primitive::usize = 4;
            const OUTPUT_LEN: ::core::primitive::usize = 4;
            const PARAM_COUNT: ::core::primitive::usize = 0;
            const ROWS: ::core::primitive::usize = 21;
            const OUTPUT_ROW: ::core::primitive::usize = 8;
            const WORK: ::core::primitive::usize = 0;
            const LAYERS: &'static [__lib::LayerInfo] = &[
                __lib::layer(
                    "activation",
                    "sin",
                    __lib::Shape::Flat(4),
                    __lib::Shape::Flat(4),
                    0,
                    0,
                ),
            ];
            const CHAIN: Self = __Inner_2_1;
            type Input<T: __lib::Number> = [T; 4];
            type Output<T: __lib::Number> = [T; 4];
            type Params<T: __lib::Number> = [T; 0];
            type Activations<T: __lib::Number> = [T; 4];
            #[inline(always)]
            fn forward_tile<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const SAVE: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                mode: __lib::Mode,
            ) {
                let tile = tile.as_chunks_mut::<21>().0;
                self.forward_panels::<T, S, SAVE, 21>(simd, params, tile, 0, mode);
            }
            #[inline(always)]
            fn forward_panels<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const SAVE: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                mode: __lib::Mode,
            ) {
                layer_0()
                    .forward_tile::<
                        T,
                        S,
                        SAVE,
                        ROWS,
                    >(simd, params.range(0..0), tile, rows_0().from(base), mode);
            }
            #[inline(always)]
            fn vjp_tile<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [S::V],
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                let tile = tile.as_chunks_mut::<21>().0;
                self.vjp_panels::<
                        T,
                        S,
                        PARAMS,
                        INPUT,
                        21,
                    >(simd, params, tile, 0, work, params_bar);
            }
            #[inline(always)]
            fn vjp_panels<
                T: __lib::Number,
                S: __lib::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ROWS: ::core::primitive::usize,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                tile: &mut [[S::V; ROWS]],
                base: ::core::primitive::usize,
                work: &mut [S::V],
                params_bar: &mut [T],
            ) {
                __lib::seed_tile(layer_0(), simd, tile, rows_0().from(base));
                layer_0()
                    .vjp_tile::<
                        T,
                        S,
                        _,
                        PARAMS,
                        INPUT,
                        ROWS,
                    >(
                        simd,
                        params.range(0..0),
                        tile,
                        rows_0().from(base),
                        work,
                        __lib::Input,
                        &mut [],
                    );
            }
            #[inline(always)]
            fn forward_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                y: &mut [T],
            ) {
                let mut y_0 = M::zeros::<T, [T; 4]>();
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        M,
                        false,
                    >(simd, params.range(0..0), x, &mut y_0, &mut []);
                y.copy_from_slice(&y_0);
            }
            #[inline(always)]
            fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                rest: &mut [T],
            ) {
                let y_0 = rest;
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        M,
                        false,
                    >(simd, params.range(0..0), x, y_0, &mut []);
            }
            #[inline(always)]
            fn vjp_sample<
                T: __lib::Number,
                S: __lib::Simd<T>,
                M: __lib::Memory,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ADD: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: T::Params<'_>,
                x: &[T],
                known: ::core::option::Option<&[T]>,
                y: &mut [T],
                y_bar: impl __lib::SampleSeed<T>,
                x_bar: &mut [T],
                params_bar: &mut [T],
            ) {
                let (known_0, _) = __lib::cut(known, 4);
                let mut y_0 = M::zeros::<T, [T; 4]>();
                let mut saved_0 = M::zeros::<T, [T; 4]>();
                layer_0()
                    .recall_sample::<
                        T,
                        S,
                        M,
                    >(simd, params.range(0..0), x, known_0, &mut y_0, &mut saved_0);
                let mut bar_0 = M::zeros::<T, [T; 4]>();
                y_bar.seed(&y_0, &mut bar_0);
                layer_0().z_bar_sample(simd, &y_0, &saved_0, &mut bar_0);
                layer_0()
                    .vjp_sample::<
                        T,
                        S,
                        M,
                        PARAMS,
                        INPUT,
                        ADD,
                    >(simd, params.range(0..0), x, &bar_0, x_bar, &mut []);
                y.copy_from_slice(&y_0);
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for __Inner_2_1 {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __lib::fmt_layers("layers", <Self as __lib::Chain>::LAYERS, f)
            }
        }
    };
    #[inline(always)]
    fn layer_0() -> __lib::Custom<__lib::Affine<4>> {
        __lib::Custom(__lib::Affine::normalize(constants_0_0, &[2.0]))
    }
    #[inline(always)]
    fn layer_1() -> __lib::Nested<__Inner_1_0, true, false> {
        __lib::Nested(__Inner_1_0)
    }
    #[inline(always)]
    fn layer_2() -> __lib::Concat<__Inner_2_0, __Inner_2_1> {
        __lib::Concat(__Inner_2_0, __Inner_2_1)
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
    #[inline(always)]
    fn rows_0() -> __lib::Rows {
        __lib::Rows::at(0, 8, 8)
    }
    #[inline(always)]
    fn rows_1() -> __lib::Rows {
        __lib::Rows::at(8, 16, 37)
    }
    #[inline(always)]
    fn rows_2() -> __lib::Rows {
        __lib::Rows::at(37, 45, output_row_2())
    }
    #[inline(always)]
    fn rows_3() -> __lib::Rows {
        __lib::Rows::at(output_row_2(), output_row_2() + 2 * concat_2(), output_row_3())
    }
    #[inline(always)]
    fn rows_4() -> __lib::Rows {
        __lib::Rows::at(output_row_3(), output_row_3() + 2 * output_3(), output_row_4())
    }
    #[inline(always)]
    fn rows_5() -> __lib::Rows {
        __lib::Rows::at(output_row_4(), output_row_4() + 2 * output_3(), output_row_5())
    }
    #[inline(always)]
    fn rows_6() -> __lib::Rows {
        __lib::Rows::at(output_row_5(), output_row_5() + 2 * output_3(), output_row_6())
    }
    #[inline(always)]
    fn rows_7() -> __lib::Rows {
        __lib::Rows::at(
            output_row_6(),
            output_row_6() + 2 * features_6(),
            output_row_7(),
        )
    }
    #[automatically_derived]
    impl __lib::Chain for Within {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 1;
        const PARAM_COUNT: ::core::primitive::usize = params_end_7();
        const ROWS: ::core::primitive::usize = rows();
        const OUTPUT_ROW: ::core::primitive::usize = output_row_7();
        const WORK: ::core::primitive::usize = work();
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::with(
                __lib::layer(
                    "normalize",
                    "",
                    __lib::Shape::Flat(4),
                    __lib::Shape::Flat(4),
                    0,
                    0,
                ),
                &[
                    __lib::Constant {
                        name: "mean",
                        value: __lib::ConstantValue::Numbers(constants_0_0),
                    },
                    __lib::Constant {
                        name: "std",
                        value: __lib::ConstantValue::Numbers(&[2.0]),
                    },
                ],
            ),
            __lib::nested(
                __lib::layer(
                    "residual",
                    "",
                    __lib::Shape::Flat(4),
                    __lib::Shape::Flat(4),
                    0,
                    20,
                ),
                &[<__Inner_1_0 as __lib::Chain>::LAYERS],
                true,
            ),
            __lib::nested(
                __lib::layer(
                    "concat",
                    "",
                    __lib::Shape::Flat(4),
                    __lib::Shape::Flat(concat_2()),
                    20,
                    params_end_2(),
                ),
                &[
                    <__Inner_2_0 as __lib::Chain>::LAYERS,
                    <__Inner_2_1 as __lib::Chain>::LAYERS,
                ],
                true,
            ),
            __lib::owned(
                __lib::layer(
                    "layer",
                    "own::Double<5>",
                    __lib::Shape::Flat(concat_2()),
                    __lib::Shape::Flat(output_3()),
                    params_end_2(),
                    params_end_3(),
                ),
                shown_3,
            ),
            __lib::with(
                __lib::layer(
                    "dropout",
                    "",
                    __lib::Shape::Flat(output_3()),
                    __lib::Shape::Flat(output_3()),
                    params_end_3(),
                    params_end_3(),
                ),
                &[
                    __lib::Constant {
                        name: "rate",
                        value: __lib::ConstantValue::Numbers(&[0.1]),
                    },
                ],
            ),
            __lib::norm(
                __lib::layer(
                    "layer_norm",
                    "",
                    __lib::Shape::Flat(output_3()),
                    __lib::Shape::Flat(output_3()),
                    params_end_3(),
                    params_end_5(),
                ),
            ),
            __lib::with(
                __lib::layer(
                    "fourier",
                    "",
                    __lib::Shape::Flat(output_3()),
                    __lib::Shape::Flat(features_6()),
                    params_end_5(),
                    params_end_5(),
                ),
                &[
                    __lib::Constant {
                        name: "count",
                        value: __lib::ConstantValue::Count(2),
                    },
                    __lib::Constant {
                        name: "period",
                        value: __lib::ConstantValue::Numbers(&[3.0]),
                    },
                ],
            ),
            __lib::dense("id", features_6(), 1, true, params_end_5()),
        ];
        const CHAIN: Self = Within;
        type Input<T: __lib::Number> = [T; 4];
        type Output<T: __lib::Number> = [T; 1];
        type Params<T: __lib::Number> = [T; params_end_7()];
        type Activations<T: __lib::Number> = [T; activations_len()];
        #[inline(always)]
        fn forward_tile<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, simd: S, params: T::Params<'_>, tile: &mut [S::V], mode: __lib::Mode) {
            let tile = tile.as_chunks_mut::<{ rows() }>().0;
            self.forward_panels::<T, S, SAVE, { rows() }>(simd, params, tile, 0, mode);
        }
        #[inline(always)]
        fn forward_panels<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const SAVE: ::core::primitive::bool,
            const ROWS: ::core::primitive::usize,
        >(
            self,
            simd: S,
            params: T::Params<'_>,
            tile: &mut [[S::V; ROWS]],
            base: ::core::primitive::usize,
            mode: __lib::Mode,
        ) {
            layer_0()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(0..0), tile, rows_0().from(base), mode);
            layer_1()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(0..20), tile, rows_1().from(base), mode);
            layer_2()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(
                    simd,
                    params.range(20..params_end_2()),
                    tile,
                    rows_2().from(base),
                    mode,
                );
            layer_3()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_2()..params_end_3()),
                    tile,
                    rows_3().from(base),
                    mode,
                );
            layer_4()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(0..0), tile, rows_4().from(base), mode);
            layer_5()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_3()..params_end_5()),
                    tile,
                    rows_5().from(base),
                    mode,
                );
            layer_6()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(0..0), tile, rows_6().from(base), mode);
            layer_7()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_5()..params_end_7()),
                    tile,
                    rows_7().from(base),
                    mode,
                );
        }
        #[inline(always)]
        fn vjp_tile<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
        >(
            self,
            simd: S,
            params: T::Params<'_>,
            tile: &mut [S::V],
            work: &mut [S::V],
            params_bar: &mut [T],
        ) {
            let tile = tile.as_chunks_mut::<{ rows() }>().0;
            self.vjp_panels::<
                    T,
                    S,
                    PARAMS,
                    INPUT,
                    { rows() },
                >(simd, params, tile, 0, work, params_bar);
        }
        #[inline(always)]
        fn vjp_panels<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
            const ROWS: ::core::primitive::usize,
        >(
            self,
            simd: S,
            params: T::Params<'_>,
            tile: &mut [[S::V; ROWS]],
            base: ::core::primitive::usize,
            work: &mut [S::V],
            params_bar: &mut [T],
        ) {
            __lib::seed_tile(layer_7(), simd, tile, rows_7().from(base));
            layer_7()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_5()..params_end_7()),
                    tile,
                    rows_7().from(base),
                    work,
                    layer_6(),
                    if PARAMS {
                        &mut params_bar[params_end_5()..params_end_7()]
                    } else {
                        &mut []
                    },
                );
            layer_6()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(0..0),
                    tile,
                    rows_6().from(base),
                    work,
                    layer_5(),
                    &mut [],
                );
            layer_5()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_3()..params_end_5()),
                    tile,
                    rows_5().from(base),
                    work,
                    layer_4(),
                    if PARAMS {
                        &mut params_bar[params_end_3()..params_end_5()]
                    } else {
                        &mut []
                    },
                );
            layer_4()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(0..0),
                    tile,
                    rows_4().from(base),
                    work,
                    layer_3(),
                    &mut [],
                );
            layer_3()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_2()..params_end_3()),
                    tile,
                    rows_3().from(base),
                    work,
                    layer_2(),
                    if PARAMS {
                        &mut params_bar[params_end_2()..params_end_3()]
                    } else {
                        &mut []
                    },
                );
            layer_2()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(20..params_end_2()),
                    tile,
                    rows_2().from(base),
                    work,
                    layer_1(),
                    if PARAMS { &mut params_bar[20..params_end_2()] } else { &mut [] },
                );
            layer_1()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(0..20),
                    tile,
                    rows_1().from(base),
                    work,
                    layer_0(),
                    if PARAMS { &mut params_bar[0..20] } else { &mut [] },
                );
            layer_0()
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    INPUT,
                    ROWS,
                >(
                    simd,
                    params.range(0..0),
                    tile,
                    rows_0().from(base),
                    work,
                    __lib::Input,
                    &mut [],
                );
        }
        #[inline(always)]
        fn forward_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            y: &mut [T],
        ) {
            let mut y_0 = M::zeros::<T, [T; 4]>();
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), x, &mut y_0, &mut []);
            let mut y_1 = M::zeros::<T, [T; 4]>();
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..20), &y_0, &mut y_1, &mut []);
            let mut y_2 = M::zeros::<T, [T; concat_2()]>();
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(20..params_end_2()), &y_1, &mut y_2, &mut []);
            let mut y_3 = M::zeros::<T, [T; output_3()]>();
            layer_3()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(
                    simd,
                    params.range(params_end_2()..params_end_3()),
                    &y_2,
                    &mut y_3,
                    &mut [],
                );
            let mut y_4 = M::zeros::<T, [T; output_3()]>();
            layer_4()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), &y_3, &mut y_4, &mut []);
            let mut y_5 = M::zeros::<T, [T; output_3()]>();
            layer_5()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(
                    simd,
                    params.range(params_end_3()..params_end_5()),
                    &y_4,
                    &mut y_5,
                    &mut [],
                );
            let mut y_6 = M::zeros::<T, [T; features_6()]>();
            layer_6()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), &y_5, &mut y_6, &mut []);
            let mut y_7 = M::zeros::<T, [T; 1]>();
            layer_7()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(
                    simd,
                    params.range(params_end_5()..params_end_7()),
                    &y_6,
                    &mut y_7,
                    &mut [],
                );
            y.copy_from_slice(&y_7);
        }
        #[inline(always)]
        fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            rest: &mut [T],
        ) {
            let (y_0, rest) = rest.split_at_mut(4);
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), x, y_0, &mut []);
            let (y_1, rest) = rest.split_at_mut(4);
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..20), y_0, y_1, &mut []);
            let (y_2, rest) = rest.split_at_mut(concat_2());
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(20..params_end_2()), y_1, y_2, &mut []);
            let (y_3, rest) = rest.split_at_mut(output_3());
            layer_3()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(params_end_2()..params_end_3()), y_2, y_3, &mut []);
            let (y_4, rest) = rest.split_at_mut(output_3());
            layer_4()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), y_3, y_4, &mut []);
            let (y_5, rest) = rest.split_at_mut(output_3());
            layer_5()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(params_end_3()..params_end_5()), y_4, y_5, &mut []);
            let (y_6, rest) = rest.split_at_mut(features_6());
            layer_6()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), y_5, y_6, &mut []);
            let y_7 = rest;
            layer_7()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(params_end_5()..params_end_7()), y_6, y_7, &mut []);
        }
        #[inline(always)]
        fn vjp_sample<
            T: __lib::Number,
            S: __lib::Simd<T>,
            M: __lib::Memory,
            const PARAMS: ::core::primitive::bool,
            const INPUT: ::core::primitive::bool,
            const ADD: ::core::primitive::bool,
        >(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            known: ::core::option::Option<&[T]>,
            y: &mut [T],
            y_bar: impl __lib::SampleSeed<T>,
            x_bar: &mut [T],
            params_bar: &mut [T],
        ) {
            let (known_0, known) = __lib::cut(known, 4);
            let mut y_0 = M::zeros::<T, [T; 4]>();
            layer_0()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..0), x, known_0, &mut y_0, &mut []);
            let (known_1, known) = __lib::cut(known, 4);
            let mut y_1 = M::zeros::<T, [T; 4]>();
            layer_1()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..20), &y_0, known_1, &mut y_1, &mut []);
            let (known_2, known) = __lib::cut(known, concat_2());
            let mut y_2 = M::zeros::<T, [T; concat_2()]>();
            layer_2()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(20..params_end_2()),
                    &y_1,
                    known_2,
                    &mut y_2,
                    &mut [],
                );
            let (known_3, known) = __lib::cut(known, output_3());
            let mut y_3 = M::zeros::<T, [T; output_3()]>();
            layer_3()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(params_end_2()..params_end_3()),
                    &y_2,
                    known_3,
                    &mut y_3,
                    &mut [],
                );
            let (known_4, known) = __lib::cut(known, output_3());
            let mut y_4 = M::zeros::<T, [T; output_3()]>();
            layer_4()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..0), &y_3, known_4, &mut y_4, &mut []);
            let (known_5, known) = __lib::cut(known, output_3());
            let mut y_5 = M::zeros::<T, [T; output_3()]>();
            layer_5()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(params_end_3()..params_end_5()),
                    &y_4,
                    known_5,
                    &mut y_5,
                    &mut [],
                );
            let (known_6, known) = __lib::cut(known, features_6());
            let mut y_6 = M::zeros::<T, [T; features_6()]>();
            layer_6()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..0), &y_5, known_6, &mut y_6, &mut []);
            let (known_7, _) = __lib::cut(known, 1);
            let mut y_7 = M::zeros::<T, [T; 1]>();
            let mut saved_7 = M::zeros::<T, [T; 1]>();
            layer_7()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(params_end_5()..params_end_7()),
                    &y_6,
                    known_7,
                    &mut y_7,
                    &mut saved_7,
                );
            let mut bar_7 = M::zeros::<T, [T; 1]>();
            y_bar.seed(&y_7, &mut bar_7);
            layer_7().z_bar_sample(simd, &y_7, &saved_7, &mut bar_7);
            let mut bar_6 = M::zeros::<T, [T; features_6()]>();
            layer_7()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(
                    simd,
                    params.range(params_end_5()..params_end_7()),
                    &y_6,
                    &bar_7,
                    &mut bar_6,
                    if PARAMS {
                        &mut params_bar[params_end_5()..params_end_7()]
                    } else {
                        &mut []
                    },
                );
            let mut bar_5 = M::zeros::<T, [T; output_3()]>();
            layer_6()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(simd, params.range(0..0), &y_5, &bar_6, &mut bar_5, &mut []);
            let mut bar_4 = M::zeros::<T, [T; output_3()]>();
            layer_5()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(
                    simd,
                    params.range(params_end_3()..params_end_5()),
                    &y_4,
                    &bar_5,
                    &mut bar_4,
                    if PARAMS {
                        &mut params_bar[params_end_3()..params_end_5()]
                    } else {
                        &mut []
                    },
                );
            let mut bar_3 = M::zeros::<T, [T; output_3()]>();
            layer_4()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(simd, params.range(0..0), &y_3, &bar_4, &mut bar_3, &mut []);
            let mut bar_2 = M::zeros::<T, [T; concat_2()]>();
            layer_3()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(
                    simd,
                    params.range(params_end_2()..params_end_3()),
                    &y_2,
                    &bar_3,
                    &mut bar_2,
                    if PARAMS {
                        &mut params_bar[params_end_2()..params_end_3()]
                    } else {
                        &mut []
                    },
                );
            let mut bar_1 = M::zeros::<T, [T; 4]>();
            layer_2()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(
                    simd,
                    params.range(20..params_end_2()),
                    &y_1,
                    &bar_2,
                    &mut bar_1,
                    if PARAMS { &mut params_bar[20..params_end_2()] } else { &mut [] },
                );
            let mut bar_0 = M::zeros::<T, [T; 4]>();
            layer_1()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(
                    simd,
                    params.range(0..20),
                    &y_0,
                    &bar_1,
                    &mut bar_0,
                    if PARAMS { &mut params_bar[0..20] } else { &mut [] },
                );
            layer_0()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    INPUT,
                    ADD,
                >(simd, params.range(0..0), x, &bar_0, x_bar, &mut []);
            y.copy_from_slice(&y_7);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Within {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Within", <Self as __lib::Chain>::LAYERS, f)
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
