#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct Bent;
const _: () = {
    use simplechain::__private as __lib;
    #[allow(unused_imports)]
    use __lib::{
        Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
    };
    #[inline(always)]
    fn layer_0() -> __lib::Dense<__lib::LeakyRelu, 2, 3, true> {
        __lib::Dense(__lib::LeakyRelu(0.1))
    }
    #[inline(always)]
    fn activation_1() -> impl __lib::Activation {
        own::Cube
    }
    #[inline(always)]
    fn layer_1() -> __lib::Dense<impl __lib::Activation, 3, 4, true> {
        __lib::Dense(activation_1())
    }
    #[inline(always)]
    fn activation_2() -> impl __lib::Activation {
        Scaled(0.5)
    }
    #[inline(always)]
    fn layer_2() -> __lib::Dense<impl __lib::Activation, 4, 1, true> {
        __lib::Dense(activation_2())
    }
    #[inline(always)]
    fn rows_0() -> __lib::Rows {
        __lib::Rows::at(0, 4, 4)
    }
    #[inline(always)]
    fn rows_1() -> __lib::Rows {
        __lib::Rows::at(4, 10, 10)
    }
    #[inline(always)]
    fn rows_2() -> __lib::Rows {
        __lib::Rows::at(10, 18, 18)
    }
    #[automatically_derived]
    impl __lib::Chain for Bent {
        const INPUT_LEN: ::core::primitive::usize = 2;
        const OUTPUT_LEN: ::core::primitive::usize = 1;
        const PARAM_COUNT: ::core::primitive::usize = 30;
        const ROWS: ::core::primitive::usize = 21;
        const OUTPUT_ROW: ::core::primitive::usize = 18;
        const WORK: ::core::primitive::usize = 0;
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::dense("leaky_relu(0.1)", 2, 3, true, 0),
            __lib::dense("own::Cube", 3, 4, true, 9),
            __lib::dense("Scaled(0.5)", 4, 1, true, 25),
        ];
        type Input<T: __lib::Number> = [T; 2];
        type Output<T: __lib::Number> = [T; 1];
        type Params<T: __lib::Number> = [T; 30];
        type Activations<T: __lib::Number> = [T; 8];
        #[inline(always)]
        fn forward_tile<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, simd: S, params: T::Params<'_>, tile: &mut [S::V], mode: __lib::Mode) {
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
                >(simd, params.range(0..9), tile, rows_0().from(base), mode);
            layer_1()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(9..25), tile, rows_1().from(base), mode);
            layer_2()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(25..30), tile, rows_2().from(base), mode);
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
            __lib::seed_tile(layer_2(), simd, tile, rows_2().from(base));
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
                    params.range(25..30),
                    tile,
                    rows_2().from(base),
                    work,
                    layer_1(),
                    if PARAMS { &mut params_bar[25..30] } else { &mut [] },
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
                    params.range(9..25),
                    tile,
                    rows_1().from(base),
                    work,
                    layer_0(),
                    if PARAMS { &mut params_bar[9..25] } else { &mut [] },
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
                    params.range(0..9),
                    tile,
                    rows_0().from(base),
                    work,
                    __lib::Input,
                    if PARAMS { &mut params_bar[0..9] } else { &mut [] },
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
            let mut y_0 = M::zeros::<T, [T; 3]>();
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..9), x, &mut y_0, &mut []);
            let mut y_1 = M::zeros::<T, [T; 4]>();
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(9..25), &y_0, &mut y_1, &mut []);
            let mut y_2 = M::zeros::<T, [T; 1]>();
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(25..30), &y_1, &mut y_2, &mut []);
            y.copy_from_slice(&y_2);
        }
        #[inline(always)]
        fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            rest: &mut [T],
        ) {
            let (y_0, rest) = rest.split_at_mut(3);
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..9), x, y_0, &mut []);
            let (y_1, rest) = rest.split_at_mut(4);
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(9..25), y_0, y_1, &mut []);
            let y_2 = rest;
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(25..30), y_1, y_2, &mut []);
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
            let (known_0, known) = __lib::cut(known, 3);
            let mut y_0 = M::zeros::<T, [T; 3]>();
            let mut saved_0 = M::zeros::<T, [T; 3]>();
            layer_0()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..9), x, known_0, &mut y_0, &mut saved_0);
            let (known_1, known) = __lib::cut(known, 4);
            let mut y_1 = M::zeros::<T, [T; 4]>();
            let mut saved_1 = M::zeros::<T, [T; 4]>();
            layer_1()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(9..25), &y_0, known_1, &mut y_1, &mut saved_1);
            let (known_2, _) = __lib::cut(known, 1);
            let mut y_2 = M::zeros::<T, [T; 1]>();
            let mut saved_2 = M::zeros::<T, [T; 1]>();
            layer_2()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(25..30), &y_1, known_2, &mut y_2, &mut saved_2);
            let mut bar_2 = M::zeros::<T, [T; 1]>();
            y_bar.seed(&y_2, &mut bar_2);
            layer_2().z_bar_sample(simd, &y_2, &saved_2, &mut bar_2);
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
                    params.range(25..30),
                    &y_1,
                    &bar_2,
                    &mut bar_1,
                    if PARAMS { &mut params_bar[25..30] } else { &mut [] },
                );
            layer_1().z_bar_sample(simd, &y_1, &saved_1, &mut bar_1);
            let mut bar_0 = M::zeros::<T, [T; 3]>();
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
                    params.range(9..25),
                    &y_0,
                    &bar_1,
                    &mut bar_0,
                    if PARAMS { &mut params_bar[9..25] } else { &mut [] },
                );
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
                    params.range(0..9),
                    x,
                    &bar_0,
                    x_bar,
                    if PARAMS { &mut params_bar[0..9] } else { &mut [] },
                );
            y.copy_from_slice(&y_2);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Bent {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Bent", <Self as __lib::Chain>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        dense as _, leaky_relu as _, dense as _, dense as _,
    };
};
