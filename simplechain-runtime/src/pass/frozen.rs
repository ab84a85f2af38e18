//! Layers that are not trained.

use core::ops::Range;

use crate::kernels::tile::Tile;
use crate::layer::{ActivationGrad, Fused, Layer, Mode, RowOffsets, SampleLayer, Wrt, WrtInput};
use crate::network::{FrozenPass, Network, Pass, VjpPass};
use crate::simd::{Number, Simd};

/// A layer whose parameters get no gradient. Its running statistics stay unchanged and are used also in training (as in
/// Keras). Dropout stays active.
#[derive(Clone, Copy, Debug)]
pub struct Frozen<L>(pub L);

impl<L: ActivationGrad> ActivationGrad for Frozen<L> {
    const NEEDS_SAVED: bool = L::NEEDS_SAVED;

    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        self.0.z_bar(simd, y_bar, y, saved)
    }
    #[inline(always)]
    fn z_bar_sample<T: Number, S: Simd<T>>(self, simd: S, y: &[T], saved: &[T], bar: &mut [T]) {
        self.0.z_bar_sample(simd, y, saved, bar);
    }
}

impl<L: Layer> Layer for Frozen<L> {
    const INPUT_LEN: usize = L::INPUT_LEN;
    const OUTPUT_LEN: usize = L::OUTPUT_LEN;
    const PARAM_COUNT: usize = L::PARAM_COUNT;
    const SAVES: bool = L::SAVES;
    const SAVED_ROWS: usize = L::SAVED_ROWS;
    const SCRATCH: usize = L::SCRATCH;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        mode: Mode,
    ) {
        self.0
            .forward_tile::<T, S, SAVE>(simd, params, tile, rows, mode.frozen());
    }

    #[inline(always)]
    fn vjp_tile<T: Number, S: Simd<T>, P: ActivationGrad, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        scratch: &mut [S::V],
        previous: P,
        _: &mut [T],
    ) {
        if const { W::INPUT } {
            self.0.vjp_tile::<T, S, P, WrtInput>(
                simd,
                params,
                tile,
                rows,
                scratch,
                previous,
                &mut [],
            );
        }
    }
}

impl<L: SampleLayer> SampleLayer for Frozen<L> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        saved: &mut [T],
    ) {
        self.0
            .forward_sample::<T, S, SAVE>(simd, params, x, y, saved);
    }

    #[inline(always)]
    fn vjp_sample<T: Number, S: Simd<T>, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    ) {
        if const { W::PARAMS && !W::ADD } {
            params_bar.fill(T::ZERO);
        }
        if const { W::INPUT } {
            self.0
                .vjp_sample::<T, S, WrtInput>(simd, params, x, z_bar, x_bar, &mut []);
        }
    }
}

impl<L: Fused> Fused for Frozen<L> {
    const MID_LEN: usize = L::MID_LEN;
    type First = Frozen<L::First>;
    type Second = Frozen<L::Second>;

    #[inline(always)]
    fn split(self) -> (Self::First, Self::Second) {
        let (first, second) = self.0.split();
        (Frozen(first), Frozen(second))
    }
}

impl<P: Pass> Pass for FrozenPass<'_, P> {
    type Tensor<const N: usize> = P::Tensor<N>;
    type Tape<C: Network> = P::Tape<C>;

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> P::Tensor<N> {
        self.0.input()
    }
    #[inline(always)]
    fn layer<L: Layer + SampleLayer, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &P::Tensor<IN>,
    ) -> P::Tensor<OUT> {
        self.0.layer(Frozen(layer), params, x)
    }
    #[inline(always)]
    fn fused<L: Fused, const IN: usize, const MID: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &P::Tensor<IN>,
    ) -> (P::Tensor<MID>, P::Tensor<OUT>) {
        self.0.fused(Frozen(layer), params, x)
    }
    #[inline(always)]
    fn inner_chain<C: Network, const FROZEN: bool, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        site: u64,
        params: Range<usize>,
        x: &P::Tensor<IN>,
    ) -> (P::Tensor<OUT>, P::Tape<C>) {
        self.0
            .inner_chain::<C, true, IN, OUT>(chain, site, params, x)
    }
    #[inline(always)]
    fn fork<const N: usize>(&mut self, x: &P::Tensor<N>) -> P::Tensor<N> {
        self.0.fork(x)
    }
    #[inline(always)]
    fn add<const N: usize, const M: usize>(
        &mut self,
        a: &P::Tensor<N>,
        b: &P::Tensor<M>,
    ) -> P::Tensor<N> {
        self.0.add(a, b)
    }
    #[inline(always)]
    fn concat<const A: usize, const B: usize, const N: usize>(
        &mut self,
        a: &P::Tensor<A>,
        b: &P::Tensor<B>,
    ) -> P::Tensor<N> {
        self.0.concat(a, b)
    }
    #[inline(always)]
    fn record<const N: usize>(&mut self, y: &P::Tensor<N>) {
        self.0.record(y);
    }
    #[inline(always)]
    fn output<const N: usize>(&mut self, y: &P::Tensor<N>) {
        self.0.output(y);
    }
}

impl<P: VjpPass> VjpPass for FrozenPass<'_, P> {
    type Bar<const N: usize> = P::Bar<N>;

    #[inline(always)]
    fn seed<L: ActivationGrad, const OUT: usize>(
        &mut self,
        last: L,
        y: &P::Tensor<OUT>,
    ) -> P::Bar<OUT> {
        self.0.seed(last, y)
    }
    #[inline(always)]
    fn vjp<L: Layer + SampleLayer, Q: ActivationGrad, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &P::Tensor<IN>,
        z_bar: &P::Bar<OUT>,
        previous: Q,
    ) -> P::Bar<IN> {
        self.0.vjp(Frozen(layer), params, x, z_bar, previous)
    }
    #[inline(always)]
    fn vjp_fused<
        L: Fused,
        Q: ActivationGrad,
        const IN: usize,
        const MID: usize,
        const OUT: usize,
    >(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &P::Tensor<IN>,
        mid: &P::Tensor<MID>,
        z_bar: &P::Bar<OUT>,
        previous: Q,
    ) -> P::Bar<IN> {
        self.0
            .vjp_fused(Frozen(layer), params, x, mid, z_bar, previous)
    }
    #[inline(always)]
    fn vjp_inner_chain<
        C: Network,
        Q: ActivationGrad,
        const FROZEN: bool,
        const IN: usize,
        const OUT: usize,
    >(
        &mut self,
        chain: C,
        params: Range<usize>,
        x: &P::Tensor<IN>,
        tape: &P::Tape<C>,
        y_bar: &P::Bar<OUT>,
        previous: Q,
    ) -> P::Bar<IN> {
        self.0
            .vjp_inner_chain::<C, Q, true, IN, OUT>(chain, params, x, tape, y_bar, previous)
    }
    #[inline(always)]
    fn branch<L: ActivationGrad, const N: usize, const OUT: usize>(
        &mut self,
        last: L,
        y: &P::Tensor<N>,
        bar: &P::Bar<OUT>,
        at: usize,
    ) -> P::Bar<N> {
        self.0.branch(last, y, bar, at)
    }
    #[inline(always)]
    fn join<Q: ActivationGrad, const N: usize>(
        &mut self,
        x: &P::Tensor<N>,
        a: &P::Bar<N>,
        b: &P::Bar<N>,
        previous: Q,
    ) -> P::Bar<N> {
        self.0.join(x, a, b, previous)
    }
    #[inline(always)]
    fn finish<const OUT: usize, const IN: usize>(
        &mut self,
        y: &P::Tensor<OUT>,
        x_bar: &P::Bar<IN>,
    ) {
        self.0.finish(y, x_bar);
    }
}
