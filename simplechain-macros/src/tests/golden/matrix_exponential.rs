/// 2x2 matrix -> its matrix exponential.
#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct MatExp;
const _: () = {
    use simplechain::__private as __lib;
    #[allow(unused_imports)]
    use __lib::{
        Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
    };
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
    #[inline(always)]
    fn rows_0() -> __lib::Rows {
        __lib::Rows::at(0, 8, 8)
    }
    #[inline(always)]
    fn rows_1() -> __lib::Rows {
        __lib::Rows::at(8, 72, 72)
    }
    #[inline(always)]
    fn rows_2() -> __lib::Rows {
        __lib::Rows::at(72, 104, 104)
    }
    #[automatically_derived]
    impl __lib::Chain for MatExp {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 4;
        const PARAM_COUNT: ::core::primitive::usize = 756;
        const ROWS: ::core::primitive::usize = 117;
        const OUTPUT_ROW: ::core::primitive::usize = 104;
        const WORK: ::core::primitive::usize = 0;
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::dense("tanh", 4, 32, true, 0),
            __lib::dense("tanh", 32, 16, true, 160),
            __lib::dense("id", 16, 4, true, 688),
        ];
        type Input<T: __lib::Number> = [T; 4];
        type Output<T: __lib::Number> = [T; 4];
        type Params<T: __lib::Number> = [T; 756];
        type Activations<T: __lib::Number> = [T; 52];
        #[inline(always)]
        fn forward_tile<
            T: __lib::Number,
            S: __lib::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, simd: S, params: T::Params<'_>, tile: &mut [S::V], mode: __lib::Mode) {
            let tile = tile.as_chunks_mut::<117>().0;
            self.forward_panels::<T, S, SAVE, 117>(simd, params, tile, 0, mode);
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
                >(simd, params.range(0..160), tile, rows_0().from(base), mode);
            layer_1()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(160..688), tile, rows_1().from(base), mode);
            layer_2()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    ROWS,
                >(simd, params.range(688..756), tile, rows_2().from(base), mode);
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
            let tile = tile.as_chunks_mut::<117>().0;
            self.vjp_panels::<
                    T,
                    S,
                    PARAMS,
                    INPUT,
                    117,
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
                    params.range(688..756),
                    tile,
                    rows_2().from(base),
                    work,
                    layer_1(),
                    if PARAMS { &mut params_bar[688..756] } else { &mut [] },
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
                    params.range(160..688),
                    tile,
                    rows_1().from(base),
                    work,
                    layer_0(),
                    if PARAMS { &mut params_bar[160..688] } else { &mut [] },
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
                    params.range(0..160),
                    tile,
                    rows_0().from(base),
                    work,
                    __lib::Input,
                    if PARAMS { &mut params_bar[0..160] } else { &mut [] },
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
            let mut y_0 = M::zeros::<T, [T; 32]>();
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..160), x, &mut y_0, &mut []);
            let mut y_1 = M::zeros::<T, [T; 16]>();
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(160..688), &y_0, &mut y_1, &mut []);
            let mut y_2 = M::zeros::<T, [T; 4]>();
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(688..756), &y_1, &mut y_2, &mut []);
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
            let (y_0, rest) = rest.split_at_mut(32);
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..160), x, y_0, &mut []);
            let (y_1, rest) = rest.split_at_mut(16);
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(160..688), y_0, y_1, &mut []);
            let y_2 = rest;
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(688..756), y_1, y_2, &mut []);
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
            let (known_0, known) = __lib::cut(known, 32);
            let mut y_0 = M::zeros::<T, [T; 32]>();
            let mut saved_0 = M::zeros::<T, [T; 32]>();
            layer_0()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(0..160), x, known_0, &mut y_0, &mut saved_0);
            let (known_1, known) = __lib::cut(known, 16);
            let mut y_1 = M::zeros::<T, [T; 16]>();
            let mut saved_1 = M::zeros::<T, [T; 16]>();
            layer_1()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(160..688), &y_0, known_1, &mut y_1, &mut saved_1);
            let (known_2, _) = __lib::cut(known, 4);
            let mut y_2 = M::zeros::<T, [T; 4]>();
            let mut saved_2 = M::zeros::<T, [T; 4]>();
            layer_2()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(simd, params.range(688..756), &y_1, known_2, &mut y_2, &mut saved_2);
            let mut bar_2 = M::zeros::<T, [T; 4]>();
            y_bar.seed(&y_2, &mut bar_2);
            layer_2().z_bar_sample(simd, &y_2, &saved_2, &mut bar_2);
            let mut bar_1 = M::zeros::<T, [T; 16]>();
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
                    params.range(688..756),
                    &y_1,
                    &bar_2,
                    &mut bar_1,
                    if PARAMS { &mut params_bar[688..756] } else { &mut [] },
                );
            layer_1().z_bar_sample(simd, &y_1, &saved_1, &mut bar_1);
            let mut bar_0 = M::zeros::<T, [T; 32]>();
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
                    params.range(160..688),
                    &y_0,
                    &bar_1,
                    &mut bar_0,
                    if PARAMS { &mut params_bar[160..688] } else { &mut [] },
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
                    params.range(0..160),
                    x,
                    &bar_0,
                    x_bar,
                    if PARAMS { &mut params_bar[0..160] } else { &mut [] },
                );
            y.copy_from_slice(&y_2);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for MatExp {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("MatExp", <Self as __lib::Chain>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        dense as _, tanh as _, dense as _, tanh as _, dense as _, id as _,
    };
};
