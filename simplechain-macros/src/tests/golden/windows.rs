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
    const fn output_row_0() -> ::core::primitive::usize {
        2 * input_height() * 9 * 2
    }
    const fn output_row_1() -> ::core::primitive::usize {
        output_row_0() + 2 * output_height_0() * 5 * channels_0()
    }
    const fn output_row_2() -> ::core::primitive::usize {
        output_row_1() + 2 * output_height_1() * 4 * channels_0()
            + output_height_3() * 2 * 3
    }
    const fn rows() -> ::core::primitive::usize {
        (output_row_2() + 3 * output_height_3() * 2 * 3) | 1
    }
    const fn work() -> ::core::primitive::usize {
        output_height_2() * 5 * 3
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
        window("window", 2, output_height_0())
    };
    const _: () = {
        use __lib::check::window;
        window("kernel", 2, output_height_1() + 2)
    };
    const _: () = {
        use __lib::check::window;
        window("window", 2, output_height_2())
    };
    const _: () = {
        use __lib::check::param_count;
        param_count(params_end_2())
    };
    #[allow(unused_imports)]
    use __lib::{
        Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
    };
    #[inline(always)]
    fn layer_0() -> __lib::Conv<
        __lib::Relu,
        __lib::Window<
            { input_height() },
            9,
            2,
            3,
            3,
            2,
            2,
            { __lib::check::same_before(input_height(), 3, 2) },
            1,
            { output_height_0() },
            5,
        >,
        { channels_0() },
        false,
    > {
        __lib::Conv(__lib::Relu, __lib::Window)
    }
    #[inline(always)]
    fn layer_1() -> __lib::AvgPool<
        __lib::Window<
            { output_height_0() },
            5,
            { channels_0() },
            2,
            2,
            1,
            1,
            0,
            0,
            { output_height_1() },
            4,
        >,
    > {
        __lib::AvgPool(__lib::Window)
    }
    #[inline(always)]
    fn layer_2() -> __lib::Conv<
        __lib::Tanh,
        __lib::Window<
            { output_height_1() },
            4,
            { channels_0() },
            2,
            2,
            1,
            1,
            1,
            1,
            { output_height_2() },
            5,
        >,
        3,
        true,
    > {
        __lib::Conv(__lib::Tanh, __lib::Window)
    }
    #[inline(always)]
    fn layer_3() -> __lib::MaxPool<
        __lib::Window<
            { output_height_2() },
            5,
            3,
            2,
            2,
            2,
            2,
            0,
            0,
            { output_height_3() },
            2,
        >,
    > {
        __lib::MaxPool(__lib::Window)
    }
    #[inline(always)]
    fn rows_0() -> __lib::Rows {
        __lib::Rows::at(0, 2 * input_height() * 9 * 2, output_row_0())
    }
    #[inline(always)]
    fn rows_1() -> __lib::Rows {
        __lib::Rows::at(
            output_row_0(),
            output_row_0() + 2 * output_height_0() * 5 * channels_0(),
            output_row_1(),
        )
    }
    #[inline(always)]
    fn rows_2() -> __lib::Rows {
        __lib::Rows::at(
            output_row_1(),
            output_row_1() + 2 * output_height_1() * 4 * channels_0(),
            output_row_2(),
        )
    }
    #[automatically_derived]
    impl __lib::Chain for Windows {
        const INPUT_LEN: ::core::primitive::usize = input_height() * 9 * 2;
        const OUTPUT_LEN: ::core::primitive::usize = output_height_3() * 2 * 3;
        const PARAM_COUNT: ::core::primitive::usize = params_end_2();
        const ROWS: ::core::primitive::usize = rows();
        const OUTPUT_ROW: ::core::primitive::usize = output_row_2();
        const WORK: ::core::primitive::usize = work();
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
        type Input<T: __lib::Number> = [T; input_height() * 9 * 2];
        type Output<T: __lib::Number> = [T; output_height_3() * 2 * 3];
        type Params<T: __lib::Number> = [T; params_end_2()];
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
                >(
                    simd,
                    params.range(0..params_end_0()),
                    tile,
                    rows_0().from(base),
                    mode,
                );
            layer_1()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(0..0), tile, rows_1().from(base), mode);
            __lib::ConvMaxPool(layer_2(), layer_3())
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_0()..params_end_2()),
                    tile,
                    rows_2().from(base),
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
            __lib::seed_tile(
                __lib::ConvMaxPool(layer_2(), layer_3()),
                simd,
                tile,
                rows_2().from(base),
            );
            __lib::ConvMaxPool(layer_2(), layer_3())
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    true,
                    ROWS,
                >(
                    simd,
                    params.range(params_end_0()..params_end_2()),
                    tile,
                    rows_2().from(base),
                    work,
                    layer_1(),
                    if PARAMS {
                        &mut params_bar[params_end_0()..params_end_2()]
                    } else {
                        &mut []
                    },
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
                    params.range(0..0),
                    tile,
                    rows_1().from(base),
                    work,
                    layer_0(),
                    &mut [],
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
                    params.range(0..params_end_0()),
                    tile,
                    rows_0().from(base),
                    work,
                    __lib::Input,
                    if PARAMS { &mut params_bar[0..params_end_0()] } else { &mut [] },
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
            let mut y_0 = M::zeros::<T, [T; output_height_0() * 5 * channels_0()]>();
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..params_end_0()), x, &mut y_0, &mut []);
            let mut y_1 = M::zeros::<T, [T; output_height_1() * 4 * channels_0()]>();
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), &y_0, &mut y_1, &mut []);
            let mut y_2 = M::zeros::<T, [T; output_height_2() * 5 * 3]>();
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(
                    simd,
                    params.range(params_end_0()..params_end_2()),
                    &y_1,
                    &mut y_2,
                    &mut [],
                );
            let mut y_3 = M::zeros::<T, [T; output_height_3() * 2 * 3]>();
            layer_3()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), &y_2, &mut y_3, &mut []);
            y.copy_from_slice(&y_3);
        }
        #[inline(always)]
        fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            rest: &mut [T],
        ) {
            let (y_0, rest) = rest.split_at_mut(output_height_0() * 5 * channels_0());
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..params_end_0()), x, y_0, &mut []);
            let (y_1, rest) = rest.split_at_mut(output_height_1() * 4 * channels_0());
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), y_0, y_1, &mut []);
            let (y_2, rest) = rest.split_at_mut(output_height_2() * 5 * 3);
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(params_end_0()..params_end_2()), y_1, y_2, &mut []);
            let y_3 = rest;
            layer_3()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), y_2, y_3, &mut []);
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
            let (known_0, known) = __lib::cut(
                known,
                output_height_0() * 5 * channels_0(),
            );
            let mut y_0 = M::zeros::<T, [T; output_height_0() * 5 * channels_0()]>();
            let mut saved_0 = M::zeros::<T, [T; output_height_0() * 5 * channels_0()]>();
            layer_0()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(0..params_end_0()),
                    x,
                    known_0,
                    &mut y_0,
                    &mut saved_0,
                );
            let (known_1, known) = __lib::cut(
                known,
                output_height_1() * 4 * channels_0(),
            );
            let mut y_1 = M::zeros::<T, [T; output_height_1() * 4 * channels_0()]>();
            layer_1()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..0), &y_0, known_1, &mut y_1, &mut []);
            let (known_2, known) = __lib::cut(known, output_height_2() * 5 * 3);
            let mut y_2 = M::zeros::<T, [T; output_height_2() * 5 * 3]>();
            let mut saved_2 = M::zeros::<T, [T; output_height_2() * 5 * 3]>();
            layer_2()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(params_end_0()..params_end_2()),
                    &y_1,
                    known_2,
                    &mut y_2,
                    &mut saved_2,
                );
            let (known_3, _) = __lib::cut(known, output_height_3() * 2 * 3);
            let mut y_3 = M::zeros::<T, [T; output_height_3() * 2 * 3]>();
            layer_3()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..0), &y_2, known_3, &mut y_3, &mut []);
            let mut bar_3 = M::zeros::<T, [T; output_height_3() * 2 * 3]>();
            y_bar.seed(&y_3, &mut bar_3);
            let mut bar_2 = M::zeros::<T, [T; output_height_2() * 5 * 3]>();
            layer_3()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(simd, params.range(0..0), &y_2, &bar_3, &mut bar_2, &mut []);
            layer_2().z_bar_sample(simd, &y_2, &saved_2, &mut bar_2);
            let mut bar_1 = M::zeros::<T, [T; output_height_1() * 4 * channels_0()]>();
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
                    params.range(params_end_0()..params_end_2()),
                    &y_1,
                    &bar_2,
                    &mut bar_1,
                    if PARAMS {
                        &mut params_bar[params_end_0()..params_end_2()]
                    } else {
                        &mut []
                    },
                );
            let mut bar_0 = M::zeros::<T, [T; output_height_0() * 5 * channels_0()]>();
            layer_1()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(simd, params.range(0..0), &y_0, &bar_1, &mut bar_0, &mut []);
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
                    params.range(0..params_end_0()),
                    x,
                    &bar_0,
                    x_bar,
                    if PARAMS { &mut params_bar[0..params_end_0()] } else { &mut [] },
                );
            y.copy_from_slice(&y_3);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Windows {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Windows", <Self as __lib::Chain>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        conv as _, relu as _, avgpool as _, conv as _, tanh as _, maxpool as _,
    };
};
