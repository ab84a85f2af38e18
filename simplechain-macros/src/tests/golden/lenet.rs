/// LeNet-5.
#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct LeNet;
const _: () = {
    use simplechain::__private as __lib;
    #[allow(unused_imports)]
    use __lib::{
        Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
    };
    #[inline(always)]
    fn layer_0() -> __lib::Conv<
        __lib::Relu,
        __lib::Window<28, 28, 1, 5, 5, 1, 1, 0, 0, 24, 24>,
        6,
        true,
    > {
        __lib::Conv(__lib::Relu, __lib::Window)
    }
    #[inline(always)]
    fn layer_1() -> __lib::MaxPool<__lib::Window<24, 24, 6, 2, 2, 2, 2, 0, 0, 12, 12>> {
        __lib::MaxPool(__lib::Window)
    }
    #[inline(always)]
    fn layer_2() -> __lib::Conv<
        __lib::Relu,
        __lib::Window<12, 12, 6, 5, 5, 1, 1, 0, 0, 8, 8>,
        16,
        true,
    > {
        __lib::Conv(__lib::Relu, __lib::Window)
    }
    #[inline(always)]
    fn layer_3() -> __lib::MaxPool<__lib::Window<8, 8, 16, 2, 2, 2, 2, 0, 0, 4, 4>> {
        __lib::MaxPool(__lib::Window)
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
    #[inline(always)]
    fn rows_0() -> __lib::Rows {
        __lib::Rows::at(0, 1568, 2432)
    }
    #[inline(always)]
    fn rows_1() -> __lib::Rows {
        __lib::Rows::at(2432, 4160, 4416)
    }
    #[inline(always)]
    fn rows_2() -> __lib::Rows {
        __lib::Rows::at(4416, 4928, 4928)
    }
    #[inline(always)]
    fn rows_3() -> __lib::Rows {
        __lib::Rows::at(4928, 5168, 5168)
    }
    #[inline(always)]
    fn rows_4() -> __lib::Rows {
        __lib::Rows::at(5168, 5336, 5336)
    }
    #[automatically_derived]
    impl __lib::Chain for LeNet {
        const INPUT_LEN: ::core::primitive::usize = 784;
        const OUTPUT_LEN: ::core::primitive::usize = 10;
        const PARAM_COUNT: ::core::primitive::usize = 44426;
        const ROWS: ::core::primitive::usize = 5367;
        const OUTPUT_ROW: ::core::primitive::usize = 5336;
        const WORK: ::core::primitive::usize = 3456;
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
        type Input<T: __lib::Number> = [T; 784];
        type Output<T: __lib::Number> = [T; 10];
        type Params<T: __lib::Number> = [T; 44426];
        type Activations<T: __lib::Number> = [T; 6070];
        #[inline(always)]
        fn forward_tile<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, simd: S, params: T::Params<'_>, tile: &mut [S::V], mode: __lib::Mode) {
            let tile = tile.as_chunks_mut::<5367>().0;
            self.forward_panels::<T, S, SAVE, 5367>(simd, params, tile, 0, mode);
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
            __lib::ConvMaxPool(layer_0(), layer_1())
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(0..156), tile, rows_0().from(base), mode);
            __lib::ConvMaxPool(layer_2(), layer_3())
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(156..2572), tile, rows_1().from(base), mode);
            layer_5()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(2572..33412), tile, rows_2().from(base), mode);
            layer_6()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(33412..43576), tile, rows_3().from(base), mode);
            layer_7()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(43576..44426), tile, rows_4().from(base), mode);
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
            let tile = tile.as_chunks_mut::<5367>().0;
            self.vjp_panels::<
                    T,
                    S,
                    PARAMS,
                    INPUT,
                    5367,
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
            __lib::seed_tile(layer_7(), simd, tile, rows_4().from(base));
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
                    params.range(43576..44426),
                    tile,
                    rows_4().from(base),
                    work,
                    layer_6(),
                    if PARAMS { &mut params_bar[43576..44426] } else { &mut [] },
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
                    params.range(33412..43576),
                    tile,
                    rows_3().from(base),
                    work,
                    layer_5(),
                    if PARAMS { &mut params_bar[33412..43576] } else { &mut [] },
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
                    params.range(2572..33412),
                    tile,
                    rows_2().from(base),
                    work,
                    __lib::ConvMaxPool(layer_2(), layer_3()),
                    if PARAMS { &mut params_bar[2572..33412] } else { &mut [] },
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
                    params.range(156..2572),
                    tile,
                    rows_1().from(base),
                    work,
                    __lib::ConvMaxPool(layer_0(), layer_1()),
                    if PARAMS { &mut params_bar[156..2572] } else { &mut [] },
                );
            __lib::ConvMaxPool(layer_0(), layer_1())
                .vjp_tile::<
                    T,
                    S,
                    _,
                    PARAMS,
                    INPUT,
                    ROWS,
                >(
                    simd,
                    params.range(0..156),
                    tile,
                    rows_0().from(base),
                    work,
                    __lib::Input,
                    if PARAMS { &mut params_bar[0..156] } else { &mut [] },
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
            let mut y_0 = M::zeros::<T, [T; 3456]>();
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..156), x, &mut y_0, &mut []);
            let mut y_1 = M::zeros::<T, [T; 864]>();
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), &y_0, &mut y_1, &mut []);
            let mut y_2 = M::zeros::<T, [T; 1024]>();
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(156..2572), &y_1, &mut y_2, &mut []);
            let mut y_3 = M::zeros::<T, [T; 256]>();
            layer_3()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), &y_2, &mut y_3, &mut []);
            let mut y_5 = M::zeros::<T, [T; 120]>();
            layer_5()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(2572..33412), &y_3, &mut y_5, &mut []);
            let mut y_6 = M::zeros::<T, [T; 84]>();
            layer_6()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(33412..43576), &y_5, &mut y_6, &mut []);
            let mut y_7 = M::zeros::<T, [T; 10]>();
            layer_7()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(43576..44426), &y_6, &mut y_7, &mut []);
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
            let (y_0, rest) = rest.split_at_mut(3456);
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..156), x, y_0, &mut []);
            let (y_1, rest) = rest.split_at_mut(864);
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), y_0, y_1, &mut []);
            let (y_2, rest) = rest.split_at_mut(1024);
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(156..2572), y_1, y_2, &mut []);
            let (y_3, rest) = rest.split_at_mut(256);
            layer_3()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..0), y_2, y_3, &mut []);
            let (y_4, rest) = rest.split_at_mut(256);
            y_4.copy_from_slice(y_3);
            let (y_5, rest) = rest.split_at_mut(120);
            layer_5()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(2572..33412), y_3, y_5, &mut []);
            let (y_6, rest) = rest.split_at_mut(84);
            layer_6()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(33412..43576), y_5, y_6, &mut []);
            let y_7 = rest;
            layer_7()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(43576..44426), y_6, y_7, &mut []);
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
            let (known_0, known) = __lib::cut(known, 3456);
            let mut y_0 = M::zeros::<T, [T; 3456]>();
            let mut saved_0 = M::zeros::<T, [T; 3456]>();
            layer_0()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..156), x, known_0, &mut y_0, &mut saved_0);
            let (known_1, known) = __lib::cut(known, 864);
            let mut y_1 = M::zeros::<T, [T; 864]>();
            layer_1()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..0), &y_0, known_1, &mut y_1, &mut []);
            let (known_2, known) = __lib::cut(known, 1024);
            let mut y_2 = M::zeros::<T, [T; 1024]>();
            let mut saved_2 = M::zeros::<T, [T; 1024]>();
            layer_2()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(156..2572), &y_1, known_2, &mut y_2, &mut saved_2);
            let (known_3, known) = __lib::cut(known, 256);
            let mut y_3 = M::zeros::<T, [T; 256]>();
            layer_3()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..0), &y_2, known_3, &mut y_3, &mut []);
            let (_, known) = __lib::cut(known, 256);
            let (known_5, known) = __lib::cut(known, 120);
            let mut y_5 = M::zeros::<T, [T; 120]>();
            let mut saved_5 = M::zeros::<T, [T; 120]>();
            layer_5()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(2572..33412),
                    &y_3,
                    known_5,
                    &mut y_5,
                    &mut saved_5,
                );
            let (known_6, known) = __lib::cut(known, 84);
            let mut y_6 = M::zeros::<T, [T; 84]>();
            let mut saved_6 = M::zeros::<T, [T; 84]>();
            layer_6()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(33412..43576),
                    &y_5,
                    known_6,
                    &mut y_6,
                    &mut saved_6,
                );
            let (known_7, _) = __lib::cut(known, 10);
            let mut y_7 = M::zeros::<T, [T; 10]>();
            let mut saved_7 = M::zeros::<T, [T; 10]>();
            layer_7()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(43576..44426),
                    &y_6,
                    known_7,
                    &mut y_7,
                    &mut saved_7,
                );
            let mut bar_7 = M::zeros::<T, [T; 10]>();
            y_bar.seed(&y_7, &mut bar_7);
            layer_7().z_bar_sample(simd, &y_7, &saved_7, &mut bar_7);
            let mut bar_6 = M::zeros::<T, [T; 84]>();
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
                    params.range(43576..44426),
                    &y_6,
                    &bar_7,
                    &mut bar_6,
                    if PARAMS { &mut params_bar[43576..44426] } else { &mut [] },
                );
            layer_6().z_bar_sample(simd, &y_6, &saved_6, &mut bar_6);
            let mut bar_5 = M::zeros::<T, [T; 120]>();
            layer_6()
                .vjp_sample::<
                    T,
                    S,
                    M,
                    PARAMS,
                    true,
                    ADD,
                >(
                    simd,
                    params.range(33412..43576),
                    &y_5,
                    &bar_6,
                    &mut bar_5,
                    if PARAMS { &mut params_bar[33412..43576] } else { &mut [] },
                );
            layer_5().z_bar_sample(simd, &y_5, &saved_5, &mut bar_5);
            let mut bar_3 = M::zeros::<T, [T; 256]>();
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
                    params.range(2572..33412),
                    &y_3,
                    &bar_5,
                    &mut bar_3,
                    if PARAMS { &mut params_bar[2572..33412] } else { &mut [] },
                );
            let mut bar_2 = M::zeros::<T, [T; 1024]>();
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
            let mut bar_1 = M::zeros::<T, [T; 864]>();
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
                    params.range(156..2572),
                    &y_1,
                    &bar_2,
                    &mut bar_1,
                    if PARAMS { &mut params_bar[156..2572] } else { &mut [] },
                );
            let mut bar_0 = M::zeros::<T, [T; 3456]>();
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
                    params.range(0..156),
                    x,
                    &bar_0,
                    x_bar,
                    if PARAMS { &mut params_bar[0..156] } else { &mut [] },
                );
            y.copy_from_slice(&y_7);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for LeNet {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("LeNet", <Self as __lib::Chain>::LAYERS, f)
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
