//! A chain written by hand, as `simple_chain!` writes it: the runtime does not need the macro.

use simplechain_runtime as krate;

/// 2x2 matrix -> its matrix exponential: `4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)`
#[derive(Clone, Copy, Debug)]
pub struct MatExp;

const _: () = {
    use krate::activation::{Identity, Tanh};
    use krate::chain::{Chain, LayerInfo, Shape, Start};
    use krate::layer::{Cotangent, Dense, Input, Layer, Mode, Rows, SampleLayer, cut, seed_tile};
    use krate::simd::{Number, Params, Simd};

    const LAYER_0: Dense<Tanh, 4, 32, true> = Dense(Tanh);
    const LAYER_1: Dense<Tanh, 32, 16, true> = Dense(Tanh);
    const LAYER_2: Dense<Identity, 16, 4, true> = Dense(Identity);
    const ROWS_0: Rows = Rows {
        x: 0,
        saved: 8,
        y: 8,
    };
    const ROWS_1: Rows = Rows {
        x: 8,
        saved: 72,
        y: 72,
    };
    const ROWS_2: Rows = Rows {
        x: 72,
        saved: 104,
        y: 104,
    };

    impl core::fmt::Display for MatExp {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            krate::chain::fmt_layers("MatExp", MatExp::LAYERS, f)
        }
    }

    impl Chain for MatExp {
        const INPUT_LEN: usize = 4;
        const OUTPUT_LEN: usize = 4;
        const PARAM_COUNT: usize = 756;
        const ROWS: usize = 117;
        const OUTPUT_ROW: usize = 104;
        const WORK: usize = 0;
        const CHAIN: Self = Self;
        const LAYERS: &'static [LayerInfo] = &[
            LayerInfo {
                name: "dense",
                activation: "tanh",
                constants: &[],
                own: None,
                input: Shape::Flat(4),
                output: Shape::Flat(32),
                params_start: 0,
                weight_count: 128,
                bias_count: 32,
                state_count: 0,
                window: None,
                start: Start::Scheme,
                trained: true,
                inner: &[],
            },
            LayerInfo {
                name: "dense",
                activation: "tanh",
                constants: &[],
                own: None,
                input: Shape::Flat(32),
                output: Shape::Flat(16),
                params_start: 160,
                weight_count: 512,
                bias_count: 16,
                state_count: 0,
                window: None,
                start: Start::Scheme,
                trained: true,
                inner: &[],
            },
            LayerInfo {
                name: "dense",
                activation: "id",
                constants: &[],
                own: None,
                input: Shape::Flat(16),
                output: Shape::Flat(4),
                params_start: 688,
                weight_count: 64,
                bias_count: 4,
                state_count: 0,
                window: None,
                start: Start::Scheme,
                trained: true,
                inner: &[],
            },
        ];
        type Input<T: Number> = [T; 4];
        type Output<T: Number> = [T; 4];
        type Params<T: Number> = [T; 756];
        type Activations<T: Number> = [T; 52];

        #[inline(always)]
        fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
            self,
            simd: S,
            params: T::Params<'_>,
            tile: &mut [S::V],
            mode: Mode,
        ) {
            let tile = tile.as_chunks_mut::<117>().0;
            self.forward_panels::<T, S, SAVE, 117>(simd, params, tile, 0, mode);
        }

        #[inline(always)]
        fn forward_panels<T: Number, S: Simd<T>, const SAVE: bool, const ROWS: usize>(
            self,
            simd: S,
            params: T::Params<'_>,
            tile: &mut [[S::V; ROWS]],
            base: usize,
            mode: Mode,
        ) {
            let rows = [ROWS_0, ROWS_1, ROWS_2].map(|rows| rows.from(base));
            LAYER_0.forward_tile::<T, S, SAVE, ROWS>(
                simd,
                params.range(0..160),
                tile,
                rows[0],
                mode,
            );
            LAYER_1.forward_tile::<T, S, SAVE, ROWS>(
                simd,
                params.range(160..688),
                tile,
                rows[1],
                mode,
            );
            LAYER_2.forward_tile::<T, S, SAVE, ROWS>(
                simd,
                params.range(688..756),
                tile,
                rows[2],
                mode,
            );
        }

        #[inline(always)]
        fn vjp_tile<T: Number, S: Simd<T>, const PARAMS: bool, const INPUT: bool>(
            self,
            simd: S,
            params: T::Params<'_>,
            tile: &mut [S::V],
            work: &mut [S::V],
            params_bar: &mut [T],
        ) {
            let tile = tile.as_chunks_mut::<117>().0;
            self.vjp_panels::<T, S, PARAMS, INPUT, 117>(simd, params, tile, 0, work, params_bar);
        }

        #[inline(always)]
        fn vjp_panels<
            T: Number,
            S: Simd<T>,
            const PARAMS: bool,
            const INPUT: bool,
            const ROWS: usize,
        >(
            self,
            simd: S,
            params: T::Params<'_>,
            tile: &mut [[S::V; ROWS]],
            base: usize,
            work: &mut [S::V],
            params_bar: &mut [T],
        ) {
            let rows = [ROWS_0, ROWS_1, ROWS_2].map(|rows| rows.from(base));
            seed_tile(LAYER_2, simd, tile, rows[2]);
            let grads = if PARAMS {
                &mut params_bar[688..756]
            } else {
                &mut []
            };
            LAYER_2.vjp_tile::<T, S, _, PARAMS, true, _>(
                simd,
                params.range(688..756),
                tile,
                rows[2],
                work,
                LAYER_1,
                grads,
            );
            let grads = if PARAMS {
                &mut params_bar[160..688]
            } else {
                &mut []
            };
            LAYER_1.vjp_tile::<T, S, _, PARAMS, true, _>(
                simd,
                params.range(160..688),
                tile,
                rows[1],
                work,
                LAYER_0,
                grads,
            );
            let grads = if PARAMS {
                &mut params_bar[0..160]
            } else {
                &mut []
            };
            LAYER_0.vjp_tile::<T, S, _, PARAMS, INPUT, _>(
                simd,
                params.range(0..160),
                tile,
                rows[0],
                work,
                Input,
                grads,
            );
        }

        #[inline(always)]
        fn forward_sample<T: Number, S: Simd<T>>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T; 4],
        ) -> [T; 4] {
            let mut y_0 = [T::ZERO; 32];
            let mut y_1 = [T::ZERO; 16];
            let mut y_2 = [T::ZERO; 4];
            LAYER_0.forward_sample::<T, S, false>(simd, params.range(0..160), x, &mut y_0, &mut []);
            LAYER_1.forward_sample::<T, S, false>(
                simd,
                params.range(160..688),
                &y_0,
                &mut y_1,
                &mut [],
            );
            LAYER_2.forward_sample::<T, S, false>(
                simd,
                params.range(688..756),
                &y_1,
                &mut y_2,
                &mut [],
            );
            y_2
        }

        #[inline(always)]
        fn activations_sample<T: Number, S: Simd<T>>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T; 4],
        ) -> [T; 52] {
            let mut y = [T::ZERO; 52];
            let (y_0, rest) = y.split_at_mut(32);
            LAYER_0.forward_sample::<T, S, false>(simd, params.range(0..160), x, y_0, &mut []);
            let (y_1, rest) = rest.split_at_mut(16);
            LAYER_1.forward_sample::<T, S, false>(simd, params.range(160..688), y_0, y_1, &mut []);
            let (y_2, _) = rest.split_at_mut(4);
            LAYER_2.forward_sample::<T, S, false>(simd, params.range(688..756), y_1, y_2, &mut []);
            y
        }

        #[inline(always)]
        fn vjp_sample<
            T: Number,
            S: Simd<T>,
            const PARAMS: bool,
            const INPUT: bool,
            const ADD: bool,
        >(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T; 4],
            known: Option<&[T]>,
            y_bar: impl FnOnce(&[T; 4]) -> [T; 4],
            x_bar: &mut [T; 4],
            params_bar: &mut [T],
        ) -> [T; 4] {
            let (known_0, known) = cut(known, 32);
            let (known_1, known_2) = cut(known, 16);
            let mut y_0 = [T::ZERO; 32];
            let mut saved_0 = [T::ZERO; 32];
            let mut y_1 = [T::ZERO; 16];
            let mut saved_1 = [T::ZERO; 16];
            let mut y_2 = [T::ZERO; 4];
            let mut saved_2 = [T::ZERO; 4];
            LAYER_0.recall_sample::<T, S>(
                simd,
                params.range(0..160),
                x,
                known_0,
                &mut y_0,
                &mut saved_0,
            );
            LAYER_1.recall_sample::<T, S>(
                simd,
                params.range(160..688),
                &y_0,
                known_1,
                &mut y_1,
                &mut saved_1,
            );
            LAYER_2.recall_sample::<T, S>(
                simd,
                params.range(688..756),
                &y_1,
                known_2,
                &mut y_2,
                &mut saved_2,
            );
            let mut bar_2 = y_bar(&y_2);
            LAYER_2.z_bar_sample(simd, &y_2, &saved_2, &mut bar_2);
            let mut bar_1 = [T::ZERO; 16];
            let grads = if PARAMS {
                &mut params_bar[688..756]
            } else {
                &mut []
            };
            LAYER_2.vjp_sample::<T, S, PARAMS, true, ADD>(
                simd,
                params.range(688..756),
                &y_1,
                &bar_2,
                &mut bar_1,
                grads,
            );
            LAYER_1.z_bar_sample(simd, &y_1, &saved_1, &mut bar_1);
            let mut bar_0 = [T::ZERO; 32];
            let grads = if PARAMS {
                &mut params_bar[160..688]
            } else {
                &mut []
            };
            LAYER_1.vjp_sample::<T, S, PARAMS, true, ADD>(
                simd,
                params.range(160..688),
                &y_0,
                &bar_1,
                &mut bar_0,
                grads,
            );
            LAYER_0.z_bar_sample(simd, &y_0, &saved_0, &mut bar_0);
            let grads = if PARAMS {
                &mut params_bar[0..160]
            } else {
                &mut []
            };
            LAYER_0.vjp_sample::<T, S, PARAMS, INPUT, ADD>(
                simd,
                params.range(0..160),
                x,
                &bar_0,
                x_bar,
                grads,
            );
            y_2
        }
    }
};
