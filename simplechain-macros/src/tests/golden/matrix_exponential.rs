/// 2x2 matrix -> its matrix exponential.
#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub struct MatExp;
const _: () = {
    use simplechain::__private::{Cotangent as _, Layer as _};
    #[inline(always)]
    fn layer_0() -> simplechain::__private::Dense<
        simplechain::__private::Tanh,
        4,
        32,
        true,
    > {
        simplechain::__private::Dense(simplechain::__private::Tanh)
    }
    #[inline(always)]
    fn rows_0() -> simplechain::__private::Rows {
        simplechain::__private::Rows {
            x: 0,
            y: 8,
        }
    }
    #[inline(always)]
    fn layer_1() -> simplechain::__private::Dense<
        simplechain::__private::Tanh,
        32,
        16,
        true,
    > {
        simplechain::__private::Dense(simplechain::__private::Tanh)
    }
    #[inline(always)]
    fn rows_1() -> simplechain::__private::Rows {
        simplechain::__private::Rows {
            x: 8,
            y: 72,
        }
    }
    #[inline(always)]
    fn layer_2() -> simplechain::__private::Dense<
        simplechain::__private::Identity,
        16,
        4,
        true,
    > {
        simplechain::__private::Dense(simplechain::__private::Identity)
    }
    #[inline(always)]
    fn rows_2() -> simplechain::__private::Rows {
        simplechain::__private::Rows {
            x: 72,
            y: 104,
        }
    }
    #[automatically_derived]
    impl simplechain::__private::Chain for MatExp {
        const INPUT_LEN: ::core::primitive::usize = 4;
        const OUTPUT_LEN: ::core::primitive::usize = 4;
        const PARAM_COUNT: ::core::primitive::usize = 756;
        const ROWS: ::core::primitive::usize = 117;
        const OUTPUT_ROW: ::core::primitive::usize = 104;
        const LAYERS: &'static [simplechain::__private::LayerInfo] = &[
            simplechain::__private::LayerInfo {
                name: "dense",
                activation: "tanh",
                input: simplechain::__private::Shape::Flat(4),
                output: simplechain::__private::Shape::Flat(32),
                params_start: 0,
                weight_count: 128,
                bias_count: 32,
            },
            simplechain::__private::LayerInfo {
                name: "dense",
                activation: "tanh",
                input: simplechain::__private::Shape::Flat(32),
                output: simplechain::__private::Shape::Flat(16),
                params_start: 160,
                weight_count: 512,
                bias_count: 16,
            },
            simplechain::__private::LayerInfo {
                name: "dense",
                activation: "id",
                input: simplechain::__private::Shape::Flat(16),
                output: simplechain::__private::Shape::Flat(4),
                params_start: 688,
                weight_count: 64,
                bias_count: 4,
            },
        ];
        type Input<T: simplechain::__private::Real> = [T; 4];
        type Output<T: simplechain::__private::Real> = [T; 4];
        type Params<T: simplechain::__private::Real> = [T; 756];
        type Activations<T: simplechain::__private::Real> = [T; 52];
        #[inline(always)]
        fn forward_tile<
            T: simplechain::__private::Real,
            S: simplechain::__private::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, simd: S, params: &Self::Params<T>, tile: &mut [S::V]) {
            let tile = tile.as_chunks_mut::<117>().0;
            layer_0()
                .forward_tile::<T, S, SAVE, _>(simd, &params[0..160], tile, rows_0());
            layer_1()
                .forward_tile::<T, S, SAVE, _>(simd, &params[160..688], tile, rows_1());
            layer_2()
                .forward_tile::<T, S, SAVE, _>(simd, &params[688..756], tile, rows_2());
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
            let tile = tile.as_chunks_mut::<117>().0;
            simplechain::__private::seed_tile(layer_2(), simd, tile, rows_2());
            if PARAMS {
                layer_2()
                    .vjp_params_tile(simd, tile, rows_2(), &mut params_bar[688..756]);
            }
            layer_2().vjp_input_tile(simd, &params[688..756], tile, rows_2(), layer_1());
            if PARAMS {
                layer_1()
                    .vjp_params_tile(simd, tile, rows_1(), &mut params_bar[160..688]);
            }
            layer_1().vjp_input_tile(simd, &params[160..688], tile, rows_1(), layer_0());
            if PARAMS {
                layer_0().vjp_params_tile(simd, tile, rows_0(), &mut params_bar[0..160]);
            }
            if INPUT {
                layer_0()
                    .vjp_input_tile(
                        simd,
                        &params[0..160],
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
            let mut y_0 = [T::ZERO; 32];
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[0..160], x, &mut y_0, &mut []);
            let mut y_1 = [T::ZERO; 16];
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[160..688], &y_0, &mut y_1, &mut []);
            let mut y_2 = [T::ZERO; 4];
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[688..756], &y_1, &mut y_2, &mut []);
            y_2
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
            let mut y = [T::ZERO; 52];
            let rest = &mut y[..];
            let (y_0, rest) = rest.split_at_mut(32);
            layer_0()
                .forward_sample::<T, S, false>(simd, &params[0..160], x, y_0, &mut []);
            let (y_1, rest) = rest.split_at_mut(16);
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[160..688], y_0, y_1, &mut []);
            let y_2 = rest;
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[688..756], y_1, y_2, &mut []);
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
            let mut y_0 = [T::ZERO; 32];
            let mut saved_0 = [T::ZERO; 32];
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    true,
                >(simd, &params[0..160], x, &mut y_0, &mut saved_0);
            let mut y_1 = [T::ZERO; 16];
            let mut saved_1 = [T::ZERO; 16];
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    true,
                >(simd, &params[160..688], &y_0, &mut y_1, &mut saved_1);
            let mut y_2 = [T::ZERO; 4];
            let mut saved_2 = [T::ZERO; 4];
            layer_2()
                .forward_sample::<
                    T,
                    S,
                    true,
                >(simd, &params[688..756], &y_1, &mut y_2, &mut saved_2);
            let mut bar_2 = y_bar(&y_2);
            layer_2().z_bar_sample(simd, &y_2, &saved_2, &mut bar_2);
            let mut bar_1 = [T::ZERO; 16];
            let grads = if PARAMS { &mut params_bar[688..756] } else { &mut [] };
            layer_2()
                .vjp_sample::<
                    T,
                    S,
                    PARAMS,
                    true,
                    ADD,
                >(simd, &params[688..756], &y_1, &bar_2, &mut bar_1, grads);
            layer_1().z_bar_sample(simd, &y_1, &saved_1, &mut bar_1);
            let mut bar_0 = [T::ZERO; 32];
            let grads = if PARAMS { &mut params_bar[160..688] } else { &mut [] };
            layer_1()
                .vjp_sample::<
                    T,
                    S,
                    PARAMS,
                    true,
                    ADD,
                >(simd, &params[160..688], &y_0, &bar_1, &mut bar_0, grads);
            layer_0().z_bar_sample(simd, &y_0, &saved_0, &mut bar_0);
            let grads = if PARAMS { &mut params_bar[0..160] } else { &mut [] };
            layer_0()
                .vjp_sample::<
                    T,
                    S,
                    PARAMS,
                    INPUT,
                    ADD,
                >(simd, &params[0..160], x, &bar_0, x_bar, grads);
            y_2
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for MatExp {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            simplechain::__private::fmt_layers(
                "MatExp",
                <Self as simplechain::__private::Chain>::LAYERS,
                f,
            )
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{
        dense as _, tanh as _, dense as _, tanh as _, dense as _, id as _,
    };
};
