#[::core::prelude::v1::derive(
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::fmt::Debug,
)]
pub(super) struct Sized;
const _: () = {
    const fn input_len() -> ::core::primitive::usize {
        INPUT
    }
    const fn width_0() -> ::core::primitive::usize {
        crate::HIDDEN
    }
    const fn params_end_0() -> ::core::primitive::usize {
        input_len() * width_0() + width_0()
    }
    const fn output_row_0() -> ::core::primitive::usize {
        2 * input_len()
    }
    const fn params_end_1() -> ::core::primitive::usize {
        params_end_0() + width_0() * 2 + 2
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
        use simplechain::__private::check::size;
        size("INPUT", input_len())
    };
    const _: () = {
        use simplechain::__private::check::size;
        size("crate::HIDDEN", width_0())
    };
    const _: () = {
        use simplechain::__private::check::param_count;
        param_count(params_end_1())
    };
    const _: () = {
        use simplechain::__private::check::output;
        output(OUTPUT, 2)
    };
    use simplechain::__private::{Cotangent as _, Layer as _};
    #[inline(always)]
    fn layer_0() -> simplechain::__private::Dense<
        simplechain::__private::Relu,
        { input_len() },
        { width_0() },
        true,
    > {
        simplechain::__private::Dense(simplechain::__private::Relu)
    }
    #[inline(always)]
    fn rows_0() -> simplechain::__private::Rows {
        simplechain::__private::Rows {
            x: 0,
            y: output_row_0(),
        }
    }
    #[inline(always)]
    fn layer_1() -> simplechain::__private::Dense<
        simplechain::__private::Identity,
        { width_0() },
        2,
        true,
    > {
        simplechain::__private::Dense(simplechain::__private::Identity)
    }
    #[inline(always)]
    fn rows_1() -> simplechain::__private::Rows {
        simplechain::__private::Rows {
            x: output_row_0(),
            y: output_row_1(),
        }
    }
    #[automatically_derived]
    impl simplechain::__private::Chain for Sized {
        const INPUT_LEN: ::core::primitive::usize = input_len();
        const OUTPUT_LEN: ::core::primitive::usize = 2;
        const PARAM_COUNT: ::core::primitive::usize = params_end_1();
        const ROWS: ::core::primitive::usize = rows();
        const OUTPUT_ROW: ::core::primitive::usize = output_row_1();
        const LAYERS: &'static [simplechain::__private::LayerInfo] = &[
            simplechain::__private::LayerInfo {
                name: "dense",
                activation: "relu",
                input: simplechain::__private::Shape::Flat(input_len()),
                output: simplechain::__private::Shape::Flat(width_0()),
                params_start: 0,
                weight_count: input_len() * width_0(),
                bias_count: width_0(),
            },
            simplechain::__private::LayerInfo {
                name: "dense",
                activation: "id",
                input: simplechain::__private::Shape::Flat(width_0()),
                output: simplechain::__private::Shape::Flat(2),
                params_start: params_end_0(),
                weight_count: width_0() * 2,
                bias_count: 2,
            },
        ];
        type Input<T: simplechain::__private::Real> = [T; input_len()];
        type Output<T: simplechain::__private::Real> = [T; 2];
        type Params<T: simplechain::__private::Real> = [T; params_end_1()];
        type Activations<T: simplechain::__private::Real> = [T; activations_len()];
        #[inline(always)]
        fn forward_tile<
            T: simplechain::__private::Real,
            S: simplechain::__private::Simd<T>,
            const SAVE: ::core::primitive::bool,
        >(self, simd: S, params: &Self::Params<T>, tile: &mut [S::V]) {
            let tile = tile.as_chunks_mut::<{ rows() }>().0;
            layer_0()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    _,
                >(simd, &params[0..params_end_0()], tile, rows_0());
            layer_1()
                .forward_tile::<
                    T,
                    S,
                    SAVE,
                    _,
                >(simd, &params[params_end_0()..params_end_1()], tile, rows_1());
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
            let tile = tile.as_chunks_mut::<{ rows() }>().0;
            simplechain::__private::seed_tile(layer_1(), simd, tile, rows_1());
            if PARAMS {
                layer_1()
                    .vjp_params_tile(
                        simd,
                        tile,
                        rows_1(),
                        &mut params_bar[params_end_0()..params_end_1()],
                    );
            }
            layer_1()
                .vjp_input_tile(
                    simd,
                    &params[params_end_0()..params_end_1()],
                    tile,
                    rows_1(),
                    layer_0(),
                );
            if PARAMS {
                layer_0()
                    .vjp_params_tile(
                        simd,
                        tile,
                        rows_0(),
                        &mut params_bar[0..params_end_0()],
                    );
            }
            if INPUT {
                layer_0()
                    .vjp_input_tile(
                        simd,
                        &params[0..params_end_0()],
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
            let mut y_0 = [T::ZERO; width_0()];
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[0..params_end_0()], x, &mut y_0, &mut []);
            let mut y_1 = [T::ZERO; 2];
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(
                    simd,
                    &params[params_end_0()..params_end_1()],
                    &y_0,
                    &mut y_1,
                    &mut [],
                );
            y_1
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
            let mut y = [T::ZERO; activations_len()];
            let rest = &mut y[..];
            let (y_0, rest) = rest.split_at_mut(width_0());
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[0..params_end_0()], x, y_0, &mut []);
            let y_1 = rest;
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    false,
                >(simd, &params[params_end_0()..params_end_1()], y_0, y_1, &mut []);
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
            let mut y_0 = [T::ZERO; width_0()];
            let mut saved_0 = [T::ZERO; width_0()];
            layer_0()
                .forward_sample::<
                    T,
                    S,
                    true,
                >(simd, &params[0..params_end_0()], x, &mut y_0, &mut saved_0);
            let mut y_1 = [T::ZERO; 2];
            let mut saved_1 = [T::ZERO; 2];
            layer_1()
                .forward_sample::<
                    T,
                    S,
                    true,
                >(
                    simd,
                    &params[params_end_0()..params_end_1()],
                    &y_0,
                    &mut y_1,
                    &mut saved_1,
                );
            let mut bar_1 = y_bar(&y_1);
            layer_1().z_bar_sample(simd, &y_1, &saved_1, &mut bar_1);
            let mut bar_0 = [T::ZERO; width_0()];
            let grads = if PARAMS {
                &mut params_bar[params_end_0()..params_end_1()]
            } else {
                &mut []
            };
            layer_1()
                .vjp_sample::<
                    T,
                    S,
                    PARAMS,
                    true,
                    ADD,
                >(
                    simd,
                    &params[params_end_0()..params_end_1()],
                    &y_0,
                    &bar_1,
                    &mut bar_0,
                    grads,
                );
            layer_0().z_bar_sample(simd, &y_0, &saved_0, &mut bar_0);
            let grads = if PARAMS {
                &mut params_bar[0..params_end_0()]
            } else {
                &mut []
            };
            layer_0()
                .vjp_sample::<
                    T,
                    S,
                    PARAMS,
                    INPUT,
                    ADD,
                >(simd, &params[0..params_end_0()], x, &bar_0, x_bar, grads);
            y_1
        }
    }
    #[automatically_derived]
    impl ::core::fmt::Display for Sized {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            simplechain::__private::fmt_layers(
                "Sized",
                <Self as simplechain::__private::Chain>::LAYERS,
                f,
            )
        }
    }
};
const _: () = {
    #[allow(unused_imports)]
    use simplechain::__private::dsl::{dense as _, relu as _, dense as _, id as _};
};
