#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub(super) struct Sized;
const _: () = {
    use simplechain::__private as __lib;
    const fn input_len() -> ::core::primitive::usize {
        INPUT
    }
    const fn width_0() -> ::core::primitive::usize {
        crate::HIDDEN
    }
    const fn params_end_0() -> ::core::primitive::usize {
        input_len() * width_0() + width_0()
    }
    const fn params_end_1() -> ::core::primitive::usize {
        params_end_0() + width_0() * 2 + 2
    }
    const fn output_row_0() -> ::core::primitive::usize {
        2 * input_len()
    }
    const fn output_row_1() -> ::core::primitive::usize {
        output_row_0() + 2 * width_0()
    }
    const fn rows() -> ::core::primitive::usize {
        (output_row_1() + 6) | 1
    }
    const fn activations_len() -> ::core::primitive::usize {
        width_0() + 2
    }
    const _: () = {
        use __lib::check::size;
        size("INPUT", input_len())
    };
    const _: () = {
        use __lib::check::size;
        size("crate::HIDDEN", width_0())
    };
    const _: () = {
        use __lib::check::param_count;
        param_count(params_end_1())
    };
    const _: () = {
        use __lib::check::output;
        output(OUTPUT, 2)
    };
    #[allow(unused_imports)]
    use __lib::{
        Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
    };
    #[inline(always)]
    fn layer_0() -> __lib::Dense<__lib::Relu, { input_len() }, { width_0() }, true> {
        __lib::Dense(__lib::Relu)
    }
    #[inline(always)]
    fn layer_1() -> __lib::Dense<__lib::Identity, { width_0() }, 2, true> {
        __lib::Dense(__lib::Identity)
    }
    #[inline(always)]
    fn rows_0() -> __lib::Rows {
        __lib::Rows::at(0, 2 * input_len(), output_row_0())
    }
    #[inline(always)]
    fn rows_1() -> __lib::Rows {
        __lib::Rows::at(output_row_0(), output_row_0() + 2 * width_0(), output_row_1())
    }
    #[automatically_derived]
    impl __lib::Chain for Sized {
        const INPUT_LEN: ::core::primitive::usize = input_len();
        const OUTPUT_LEN: ::core::primitive::usize = 2;
        const PARAM_COUNT: ::core::primitive::usize = params_end_1();
        const ROWS: ::core::primitive::usize = rows();
        const OUTPUT_ROW: ::core::primitive::usize = output_row_1();
        const WORK: ::core::primitive::usize = 0;
        const LAYERS: &'static [__lib::LayerInfo] = &[
            __lib::dense("relu", input_len(), width_0(), true, 0),
            __lib::dense("id", width_0(), 2, true, params_end_0()),
        ];
        type Input<T: __lib::Number> = [T; input_len()];
        type Output<T: __lib::Number> = [T; 2];
        type Params<T: __lib::Number> = [T; params_end_1()];
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
                >(
                    simd,
                    params.range(params_end_0()..params_end_1()),
                    tile,
                    rows_1().from(base),
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
            __lib::seed_tile(layer_1(), simd, tile, rows_1().from(base));
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
                    params.range(params_end_0()..params_end_1()),
                    tile,
                    rows_1().from(base),
                    work,
                    layer_0(),
                    if PARAMS {
                        &mut params_bar[params_end_0()..params_end_1()]
                    } else {
                        &mut []
                    },
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
            let mut y_0 = M::zeros::<T, [T; width_0()]>();
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..params_end_0()), x, &mut y_0, &mut []);
            let mut y_1 = M::zeros::<T, [T; 2]>();
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(
                    simd,
                    params.range(params_end_0()..params_end_1()),
                    &y_0,
                    &mut y_1,
                    &mut [],
                );
            y.copy_from_slice(&y_1);
        }
        #[inline(always)]
        fn activations_sample<T: __lib::Number, S: __lib::Simd<T>, M: __lib::Memory>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            rest: &mut [T],
        ) {
            let (y_0, rest) = rest.split_at_mut(width_0());
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(0..params_end_0()), x, y_0, &mut []);
            let y_1 = rest;
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    M,
                    false,
                >(simd, params.range(params_end_0()..params_end_1()), y_0, y_1, &mut []);
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
            let (known_0, known) = __lib::cut(known, width_0());
            let mut y_0 = M::zeros::<T, [T; width_0()]>();
            let mut saved_0 = M::zeros::<T, [T; width_0()]>();
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
            let (known_1, _) = __lib::cut(known, 2);
            let mut y_1 = M::zeros::<T, [T; 2]>();
            let mut saved_1 = M::zeros::<T, [T; 2]>();
            layer_1()
                .recall_sample::<
                    T,
                    S,
                    M,
                >(
                    simd,
                    params.range(params_end_0()..params_end_1()),
                    &y_0,
                    known_1,
                    &mut y_1,
                    &mut saved_1,
                );
            let mut bar_1 = M::zeros::<T, [T; 2]>();
            y_bar.seed(&y_1, &mut bar_1);
            layer_1().z_bar_sample(simd, &y_1, &saved_1, &mut bar_1);
            let mut bar_0 = M::zeros::<T, [T; width_0()]>();
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
                    params.range(params_end_0()..params_end_1()),
                    &y_0,
                    &bar_1,
                    &mut bar_0,
                    if PARAMS {
                        &mut params_bar[params_end_0()..params_end_1()]
                    } else {
                        &mut []
                    },
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
                    params.range(0..params_end_0()),
                    x,
                    &bar_0,
                    x_bar,
                    if PARAMS { &mut params_bar[0..params_end_0()] } else { &mut [] },
                );
            y.copy_from_slice(&y_1);
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Sized {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            __lib::fmt_layers("Sized", <Self as __lib::Chain>::LAYERS, f)
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{dense as _, relu as _, dense as _, id as _};
};
