pub fn unnamed() -> impl simplechain::__private::Chain {
    #[::core::prelude::v1::derive(
        ::core::clone::Clone,
        ::core::marker::Copy,
        ::core::fmt::Debug,
    )]
    struct __Chain;
    const _: () = {
        use simplechain::__private::{Cotangent as _, Layer as _};
        #[inline(always)]
        fn layer_0() -> simplechain::__private::Dense<
            simplechain::__private::Tanh,
            2,
            1,
            true,
        > {
            simplechain::__private::Dense(simplechain::__private::Tanh)
        }
        #[inline(always)]
        fn rows_0() -> simplechain::__private::Rows {
            simplechain::__private::Rows {
                x: 0,
                y: 4,
            }
        }
        #[automatically_derived]
        impl simplechain::__private::Chain for __Chain {
            const INPUT_LEN: ::core::primitive::usize = 2;
            const OUTPUT_LEN: ::core::primitive::usize = 1;
            const PARAM_COUNT: ::core::primitive::usize = 3;
            const ROWS: ::core::primitive::usize = 7;
            const OUTPUT_ROW: ::core::primitive::usize = 4;
            const LAYERS: &'static [simplechain::__private::LayerInfo] = &[
                simplechain::__private::LayerInfo {
                    name: "dense",
                    activation: "tanh",
                    input: simplechain::__private::Shape::Flat(2),
                    output: simplechain::__private::Shape::Flat(1),
                    params_start: 0,
                    weight_count: 2,
                    bias_count: 1,
                },
            ];
            type Input<T: simplechain::__private::Real> = [T; 2];
            type Output<T: simplechain::__private::Real> = [T; 1];
            type Params<T: simplechain::__private::Real> = [T; 3];
            type Activations<T: simplechain::__private::Real> = [T; 1];
            #[inline(always)]
            fn forward_tile<
                T: simplechain::__private::Real,
                S: simplechain::__private::Simd<T>,
                const SAVE: ::core::primitive::bool,
            >(self, simd: S, params: &Self::Params<T>, tile: &mut [S::V]) {
                let tile = tile.as_chunks_mut::<7>().0;
                layer_0()
                    .forward_tile::<T, S, SAVE, _>(simd, &params[0..3], tile, rows_0());
            }
            #[inline(always)]
            fn vjp_tile<
                T: simplechain::__private::Real,
                S: simplechain::__private::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: &Self::Params<T>,
                tile: &mut [S::V],
                params_bar: &mut [T],
            ) {
                let tile = tile.as_chunks_mut::<7>().0;
                simplechain::__private::seed_tile(layer_0(), simd, tile, rows_0());
                if PARAMS {
                    layer_0()
                        .vjp_params_tile(simd, tile, rows_0(), &mut params_bar[0..3]);
                }
                if INPUT {
                    layer_0()
                        .vjp_input_tile(
                            simd,
                            &params[0..3],
                            tile,
                            rows_0(),
                            simplechain::__private::Input,
                        );
                }
            }
            #[inline(always)]
            fn forward_sample<
                T: simplechain::__private::Real,
                S: simplechain::__private::Simd<T>,
            >(
                self,
                simd: S,
                params: &Self::Params<T>,
                x: &Self::Input<T>,
            ) -> Self::Output<T> {
                let mut y_0 = [T::ZERO; 1];
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        false,
                    >(simd, &params[0..3], x, &mut y_0, &mut []);
                y_0
            }
            #[inline(always)]
            fn activations_sample<
                T: simplechain::__private::Real,
                S: simplechain::__private::Simd<T>,
            >(
                self,
                simd: S,
                params: &Self::Params<T>,
                x: &Self::Input<T>,
            ) -> Self::Activations<T> {
                let mut y = [T::ZERO; 1];
                let rest = &mut y[..];
                let y_0 = rest;
                layer_0()
                    .forward_sample::<T, S, false>(simd, &params[0..3], x, y_0, &mut []);
                y
            }
            #[inline(always)]
            fn vjp_sample<
                T: simplechain::__private::Real,
                S: simplechain::__private::Simd<T>,
                const PARAMS: ::core::primitive::bool,
                const INPUT: ::core::primitive::bool,
                const ADD: ::core::primitive::bool,
            >(
                self,
                simd: S,
                params: &Self::Params<T>,
                x: &Self::Input<T>,
                y_bar: impl ::core::ops::FnOnce(&Self::Output<T>) -> Self::Output<T>,
                x_bar: &mut Self::Input<T>,
                params_bar: &mut [T],
            ) -> Self::Output<T> {
                let mut y_0 = [T::ZERO; 1];
                let mut saved_0 = [T::ZERO; 1];
                layer_0()
                    .forward_sample::<
                        T,
                        S,
                        true,
                    >(simd, &params[0..3], x, &mut y_0, &mut saved_0);
                let mut bar_0 = y_bar(&y_0);
                layer_0().z_bar_sample(simd, &y_0, &saved_0, &mut bar_0);
                let grads = if PARAMS { &mut params_bar[0..3] } else { &mut [] };
                layer_0()
                    .vjp_sample::<
                        T,
                        S,
                        PARAMS,
                        INPUT,
                        ADD,
                    >(simd, &params[0..3], x, &bar_0, x_bar, grads);
                y_0
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for __Chain {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                simplechain::__private::fmt_layers(
                    "chain",
                    <Self as simplechain::__private::Chain>::LAYERS,
                    f,
                )
            }
        }
    };
    const _: () = {
        #[allow(unused_imports)]
        use simplechain::__private::dsl::{dense as _, tanh as _};
    };
    __Chain
}
