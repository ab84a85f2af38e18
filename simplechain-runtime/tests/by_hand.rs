//! A chain written by hand, as `simple_chain!` writes it: the runtime does not need the macro.

use simplechain_runtime as krate;

/// 2x2 matrix -> its matrix exponential: `4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4)`
#[derive(Clone, Copy, Debug)]
pub struct MatExp;

const _: () = {
    use krate::activation::{Identity, Tanh};
    use krate::chain::{Chain, LayerInfo, Shape, Start};
    use krate::layer::{
        Cotangent, Dense, Input, Layer, Memory, Mode, Rows, SampleLayer, SampleSeed, cut, seed_tile,
    };
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
        fn forward_sample<T: Number, S: Simd<T>, M: Memory>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            y: &mut [T],
        ) {
            let (first, second, third) = (0..160, 160..688, 688..756);
            let mut y_0 = M::zeros::<T, [T; 32]>();
            let mut y_1 = M::zeros::<T, [T; 16]>();
            LAYER_0.forward_sample::<T, S, M, false>(
                simd,
                params.range(first),
                x,
                &mut y_0,
                &mut [],
            );
            LAYER_1.forward_sample::<T, S, M, false>(
                simd,
                params.range(second),
                &y_0,
                &mut y_1,
                &mut [],
            );
            LAYER_2.forward_sample::<T, S, M, false>(simd, params.range(third), &y_1, y, &mut []);
        }

        #[inline(always)]
        fn activations_sample<T: Number, S: Simd<T>, M: Memory>(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            ys: &mut [T],
        ) {
            let (first, second, third) = (0..160, 160..688, 688..756);
            let (y_0, rest) = ys.split_at_mut(32);
            LAYER_0.forward_sample::<T, S, M, false>(simd, params.range(first), x, y_0, &mut []);
            let (y_1, y_2) = rest.split_at_mut(16);
            LAYER_1.forward_sample::<T, S, M, false>(simd, params.range(second), y_0, y_1, &mut []);
            LAYER_2.forward_sample::<T, S, M, false>(simd, params.range(third), y_1, y_2, &mut []);
        }

        #[inline(always)]
        fn vjp_sample<
            T: Number,
            S: Simd<T>,
            M: Memory,
            const PARAMS: bool,
            const INPUT: bool,
            const ADD: bool,
        >(
            self,
            simd: S,
            params: T::Params<'_>,
            x: &[T],
            known: Option<&[T]>,
            y: &mut [T],
            y_bar: impl SampleSeed<T>,
            x_bar: &mut [T],
            params_bar: &mut [T],
        ) {
            let (known_0, known) = cut(known, 32);
            let (known_1, known_2) = cut(known, 16);
            let mut y_0 = M::zeros::<T, [T; 32]>();
            let mut saved_0 = M::zeros::<T, [T; 32]>();
            let mut y_1 = M::zeros::<T, [T; 16]>();
            let mut saved_1 = M::zeros::<T, [T; 16]>();
            let mut saved_2 = M::zeros::<T, [T; 4]>();
            LAYER_0.recall_sample::<T, S, M>(
                simd,
                params.range(0..160),
                x,
                known_0,
                &mut y_0,
                &mut saved_0,
            );
            LAYER_1.recall_sample::<T, S, M>(
                simd,
                params.range(160..688),
                &y_0,
                known_1,
                &mut y_1,
                &mut saved_1,
            );
            LAYER_2.recall_sample::<T, S, M>(
                simd,
                params.range(688..756),
                &y_1,
                known_2,
                y,
                &mut saved_2,
            );
            let mut bar_2 = M::zeros::<T, [T; 4]>();
            y_bar.seed(y, &mut bar_2);
            LAYER_2.z_bar_sample(simd, y, &saved_2, &mut bar_2);
            let mut bar_1 = M::zeros::<T, [T; 16]>();
            let grads = if PARAMS {
                &mut params_bar[688..756]
            } else {
                &mut []
            };
            LAYER_2.vjp_sample::<T, S, M, PARAMS, true, ADD>(
                simd,
                params.range(688..756),
                &y_1,
                &bar_2,
                &mut bar_1,
                grads,
            );
            LAYER_1.z_bar_sample(simd, &y_1, &saved_1, &mut bar_1);
            let mut bar_0 = M::zeros::<T, [T; 32]>();
            let grads = if PARAMS {
                &mut params_bar[160..688]
            } else {
                &mut []
            };
            LAYER_1.vjp_sample::<T, S, M, PARAMS, true, ADD>(
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
            LAYER_0.vjp_sample::<T, S, M, PARAMS, INPUT, ADD>(
                simd,
                params.range(0..160),
                x,
                &bar_0,
                x_bar,
                grads,
            );
        }
    }
};
