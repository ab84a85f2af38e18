pub fn unnamed() -> impl simplechain::__private::Chain {
    #[::core::prelude::v1::derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
    )]
    struct __Chain;
    const _: () = {
        use simplechain::__private as __lib;
        #[allow(unused_imports)]
        use __lib::{
            Cotangent as _, Layer as _, Params as _, SampleLayer as _, SampleSeed as _,
        };
        #[inline(always)]
        fn layer_0() -> __lib::Dense<__lib::Tanh, 2, 1, true> {
            __lib::Dense(__lib::Tanh)
        }
        #[inline(always)]
        fn rows_0() -> __lib::Rows {
            __lib::Rows::at(0, 4, 4)
        }
        #[automatically_derived]
        impl __lib::Chain for __Chain {
            const INPUT_LEN: ::core::primitive::usize = 2;
            const OUTPUT_LEN: ::core::primitive::usize = 1;
            const PARAM_COUNT: ::core::primitive::usize = 3;
            const ROWS: ::core::primitive::usize = 7;
            const OUTPUT_ROW: ::core::primitive::usize = 4;
            const WORK: ::core::primitive::usize = 0;
            const LAYERS: &'static [__lib::LayerInfo] = &[
                __lib::dense("tanh", 2, 1, true, 0),
            ];
            type Input<T: __lib::Number> = [T; 2];
            type Output<T: __lib::Number> = [T; 1];
            type Params<T: __lib::Number> = [T; 3];
            type Activations<T: __lib::Number> = [T; 1];
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
                let tile = tile.as_chunks_mut::<7>().0;
                self.forward_panels::<T, S, SAVE, 7>(simd, params, tile, 0, mode);
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
                    >(simd, params.range(0..3), tile, rows_0().from(base), mode);
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
                let tile = tile.as_chunks_mut::<7>().0;
                self.vjp_panels::<
                        T,
                        S,
                        PARAMS,
                        INPUT,
                        7,
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
                        params.range(0..3),
                        tile,
                        rows_0().from(base),
                        work,
                        __lib::Input,
                        if PARAMS { &mut params_bar[0..3] } else { &mut [] },
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
                let mut y_0 = M::zeros::<T, [T; 1]>();
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        M,
                        false,
                    >(simd, params.range(0..3), x, &mut y_0, &mut []);
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
                    >(simd, params.range(0..3), x, y_0, &mut []);
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
                let (known_0, _) = __lib::cut(known, 1);
                let mut y_0 = M::zeros::<T, [T; 1]>();
                let mut saved_0 = M::zeros::<T, [T; 1]>();
                layer_0()
                    .recall_sample::<
                        T,
                        S,
                        M,
                    >(simd, params.range(0..3), x, known_0, &mut y_0, &mut saved_0);
                let mut bar_0 = M::zeros::<T, [T; 1]>();
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
                        params.range(0..3),
                        x,
                        &bar_0,
                        x_bar,
                        if PARAMS { &mut params_bar[0..3] } else { &mut [] },
                    );
                y.copy_from_slice(&y_0);
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for __Chain {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                __lib::fmt_layers("chain", <Self as __lib::Chain>::LAYERS, f)
            }
        }
    };
    const _: () = {
        #[allow(unused_imports)]
        use simplechain::__private::dsl::{dense as _, tanh as _};
    };
    __Chain
}
