//! The pass of a tile of samples: one sample per lane; a tensor is a range of rows in every panel.
//!
//! A layer's kernel is a separate function for the layer's type, the number type and the tier. Nothing of the chain is in its
//! type, so equal layers, within one chain and across chains, are compiled once. The call costs a nanosecond; the work takes
//! microseconds.

use core::marker::PhantomData;
use core::ops::Range;

use crate::kernels::tile::Tile;
use crate::layer::{ActivationGrad, Fused, Layer, Mode, RowOffsets, SampleLayer, Wrt};
use crate::network::{FrozenPass, Network, Pass, VjpPass};
use crate::simd::{Number, Params, Simd};

/// The first row of a tensor of `N` elements: its values, then its cotangents. The layer's private rows come before it.
#[derive(Clone, Copy)]
pub(crate) struct Place<const N: usize>(usize);

impl<const N: usize> Place<N> {
    /// The first row of the cotangents.
    const fn bar(self) -> usize {
        self.0 + N
    }
}

/// How a pass uses the results of layers that a batch keeps from a forward pass for a backward pass that runs later. Of a chain
/// within the chain nothing is kept: it runs again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tape {
    Unused,
    /// They are stored.
    Stored,
    /// They are loaded, and not computed.
    Loaded,
}

/// What happens to the output of the chain.
pub(crate) trait End<T: Number, S: Simd<T>> {
    /// What happens to the results of the layers.
    const TAPE: Tape = Tape::Unused;
    /// Stores or loads the next rows of results.
    #[inline(always)]
    fn tape(&mut self, _: &mut [S::V]) {}
    /// The `len` rows of the output start at `y`. After the rows of their cotangents there are as many again, for the cotangents
    /// that a backward pass starts from.
    fn output(&mut self, simd: S, tile: &mut Tile<'_, S::V>, y: usize, len: usize);
}

/// If a backward pass follows, the forward pass saves all that it needs. The backward pass computes the derivatives `W`.
pub(crate) struct TilePass<'p, 'a, T: Number, S: Simd<T>, E, W> {
    pub(crate) simd: S,
    pub(crate) params: T::Params<'p>,
    pub(crate) tile: Tile<'a, S::V>,
    pub(crate) mode: Mode,
    /// Scratch memory of the backward pass.
    pub(crate) scratch: &'a mut [S::V],
    /// The gradient with respect to the parameters is added to it; empty if there is none.
    pub(crate) params_bar: &'a mut [T],
    pub(crate) end: E,
    /// The first row of the input.
    pub(crate) input: usize,
    /// The next row that is free.
    pub(crate) free: usize,
    /// Whether the results of the forward pass are already there.
    pub(crate) computed: bool,
    /// Whether the backward pass does nothing.
    pub(crate) forward_only: bool,
    pub(crate) wrt: PhantomData<W>,
}

impl<T: Number, S: Simd<T>, E: End<T, S>, W: Wrt> TilePass<'_, '_, T, S, E, W> {
    /// Rows for a tensor.
    #[inline(always)]
    fn place<const N: usize>(&mut self) -> Place<N> {
        let place = Place(self.free);
        self.free += 2 * N;
        place
    }

    #[inline(always)]
    fn forward<L: Layer, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: Place<IN>,
    ) -> Place<OUT> {
        let saved = self.free;
        self.free += L::SAVED_ROWS;
        let y = self.place();
        if self.computed {
            return y;
        }
        macro_rules! kernel {
            ($save:expr) => {
                Forward::<T, S, L, { $save }> {
                    simd: self.simd,
                    layer,
                    params: self.params.range(params),
                    tile: self.tile.reborrow(),
                    rows: RowOffsets::at(x.0, saved, y.0),
                    mode: self.mode,
                }
            };
        }
        if !matches!(E::TAPE, Tape::Loaded) {
            // Where it makes no difference, there is one kernel for both.
            if const { W::ANY && L::SAVES } {
                self.simd.vectorize(kernel!(true));
            } else {
                self.simd.vectorize(kernel!(false));
            }
        }
        if !matches!(E::TAPE, Tape::Unused) {
            // What is saved beside the values is where their cotangents will be.
            let end = if L::SAVES { y.bar() + OUT } else { y.bar() };
            for panel in self.tile.panels() {
                self.end.tape(&mut panel[saved..end]);
            }
        }
        y
    }

    #[inline(always)]
    fn backward<L: Layer, P: ActivationGrad, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: Place<IN>,
        y: Place<OUT>,
        previous: P,
    ) -> Place<IN> {
        if self.forward_only || const { P::IS_INPUT && !W::INPUT && L::PARAM_COUNT == 0 } {
            return x;
        }
        let rows = RowOffsets::at(x.0, y.0 - L::SAVED_ROWS, y.0);
        let (simd, tile, scratch) = (self.simd, self.tile.reborrow(), &mut *self.scratch);
        let params_bar = if const { W::PARAMS } {
            &mut self.params_bar[params.clone()]
        } else {
            &mut []
        };
        let params = self.params.range(params);
        macro_rules! kernel {
            ($W:ty) => {
                Backward::<T, S, L, P, $W> {
                    simd,
                    layer,
                    params,
                    tile,
                    rows,
                    scratch,
                    previous,
                    params_bar,
                    wrt: PhantomData,
                }
            };
        }
        if const { P::IS_INPUT && !W::INPUT } {
            simd.vectorize(kernel!(W));
        } else {
            simd.vectorize(kernel!(W::WithInput));
        }
        x
    }
}

/// A layer's forward kernel.
struct Forward<'p, 'a, T: Number, S: Simd<T>, L, const SAVE: bool> {
    simd: S,
    layer: L,
    params: T::Params<'p>,
    tile: Tile<'a, S::V>,
    rows: RowOffsets,
    mode: Mode,
}

impl<T: Number, S: Simd<T>, L: Layer, const SAVE: bool> pulp::NullaryFnOnce
    for Forward<'_, '_, T, S, L, SAVE>
{
    type Output = ();
    #[inline(always)]
    fn call(mut self) {
        self.layer.forward_tile::<T, S, SAVE>(
            self.simd,
            self.params,
            &mut self.tile,
            self.rows,
            self.mode,
        );
    }
}

/// A layer's backward kernel.
struct Backward<'p, 'a, T: Number, S: Simd<T>, L, P, W> {
    simd: S,
    layer: L,
    params: T::Params<'p>,
    tile: Tile<'a, S::V>,
    rows: RowOffsets,
    scratch: &'a mut [S::V],
    previous: P,
    params_bar: &'a mut [T],
    wrt: PhantomData<W>,
}

impl<T: Number, S: Simd<T>, L: Layer, P: ActivationGrad, W: Wrt> pulp::NullaryFnOnce
    for Backward<'_, '_, T, S, L, P, W>
{
    type Output = ();
    #[inline(always)]
    fn call(mut self) {
        self.layer.vjp_tile::<T, S, P, W>(
            self.simd,
            self.params,
            &mut self.tile,
            self.rows,
            self.scratch,
            self.previous,
            self.params_bar,
        );
    }
}

impl<T: Number, S: Simd<T>, E: End<T, S>, W: Wrt> Pass for TilePass<'_, '_, T, S, E, W> {
    type Tensor<const N: usize> = Place<N>;
    /// The first row of the inner chain's input.
    type Tape<C: Network> = usize;

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> Place<N> {
        Place(self.input)
    }

    #[inline(always)]
    fn layer<L: Layer + SampleLayer, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Place<IN>,
    ) -> Place<OUT> {
        self.forward(layer, params, *x)
    }

    #[inline(always)]
    fn fused<L: Fused, const IN: usize, const MID: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Place<IN>,
    ) -> (Place<MID>, Place<OUT>) {
        // The tensor between the layers is not stored.
        (Place(self.free), self.forward(layer, params, *x))
    }

    #[inline(always)]
    fn inner_chain<C: Network, const FROZEN: bool, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        site: u64,
        params: Range<usize>,
        x: &Place<IN>,
    ) -> (Place<OUT>, usize) {
        let input = self.fork(x).0;
        let mut inner = TilePass::<T, S, _, W> {
            simd: self.simd,
            params: self.params.range(params),
            tile: self.tile.reborrow(),
            mode: self.mode.at(site),
            scratch: &mut [],
            params_bar: &mut [],
            end: Output(0),
            input,
            free: self.free,
            computed: self.computed,
            forward_only: true,
            wrt: PhantomData,
        };
        if FROZEN {
            chain.forward_pass(&mut FrozenPass(&mut inner));
        } else {
            chain.forward_pass(&mut inner);
        }
        let from = inner.end.0;
        self.free = inner.free;
        let y: Place<OUT> = self.place();
        if !self.computed {
            for panel in self.tile.panels() {
                panel.copy_within(from..from + OUT, y.0);
            }
        }
        (y, input)
    }

    #[inline(always)]
    fn fork<const N: usize>(&mut self, x: &Place<N>) -> Place<N> {
        let fork: Place<N> = self.place();
        if !self.computed {
            for panel in self.tile.panels() {
                panel.copy_within(x.0..x.0 + N, fork.0);
            }
        }
        fork
    }

    #[inline(always)]
    fn add<const N: usize, const M: usize>(&mut self, a: &Place<N>, b: &Place<M>) -> Place<N> {
        let y: Place<N> = self.place();
        if !self.computed {
            for panel in self.tile.panels() {
                for i in 0..N {
                    panel[y.0 + i] = self.simd.add(panel[a.0 + i], panel[b.0 + i]);
                }
            }
        }
        y
    }

    #[inline(always)]
    fn concat<const A: usize, const B: usize, const N: usize>(
        &mut self,
        a: &Place<A>,
        b: &Place<B>,
    ) -> Place<N> {
        let y: Place<N> = self.place();
        if !self.computed {
            for panel in self.tile.panels() {
                panel.copy_within(a.0..a.0 + A, y.0);
                panel.copy_within(b.0..b.0 + B, y.0 + A);
            }
        }
        y
    }

    #[inline(always)]
    fn record<const N: usize>(&mut self, _: &Place<N>) {}

    #[inline(always)]
    fn output<const N: usize>(&mut self, y: &Place<N>) {
        debug_assert_eq!(y.0 + 2 * N, self.free, "the output is the last tensor");
        self.free += N;
        self.end.output(self.simd, &mut self.tile, y.0, N);
    }
}

impl<T: Number, S: Simd<T>, E: End<T, S>, W: Wrt> VjpPass for TilePass<'_, '_, T, S, E, W> {
    /// The place of the values, which the cotangents follow.
    type Bar<const N: usize> = Place<N>;

    #[inline(always)]
    fn seed<L: ActivationGrad, const OUT: usize>(&mut self, last: L, y: &Place<OUT>) -> Place<OUT> {
        self.output(y);
        if self.forward_only {
            return *y;
        }
        for panel in self.tile.panels() {
            for o in 0..OUT {
                let (value, saved) = (panel[y.0 + o], panel[y.bar() + o]);
                let y_bar = panel[y.bar() + OUT + o];
                panel[y.bar() + o] = last.z_bar(self.simd, y_bar, value, saved);
            }
        }
        *y
    }

    #[inline(always)]
    fn vjp<L: Layer + SampleLayer, P: ActivationGrad, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Place<IN>,
        z_bar: &Place<OUT>,
        previous: P,
    ) -> Place<IN> {
        self.backward(layer, params, *x, *z_bar, previous)
    }

    #[inline(always)]
    fn vjp_fused<
        L: Fused,
        P: ActivationGrad,
        const IN: usize,
        const MID: usize,
        const OUT: usize,
    >(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Place<IN>,
        _: &Place<MID>,
        z_bar: &Place<OUT>,
        previous: P,
    ) -> Place<IN> {
        self.backward(layer, params, *x, *z_bar, previous)
    }

    #[inline(always)]
    fn vjp_inner_chain<
        C: Network,
        P: ActivationGrad,
        const FROZEN: bool,
        const IN: usize,
        const OUT: usize,
    >(
        &mut self,
        chain: C,
        params: Range<usize>,
        x: &Place<IN>,
        tape: &usize,
        y_bar: &Place<OUT>,
        previous: P,
    ) -> Place<IN> {
        if self.forward_only {
            return *x;
        }
        macro_rules! inner {
            ($W:ty) => {{
                let mut inner = TilePass::<T, S, _, $W> {
                    simd: self.simd,
                    params: self.params.range(params.clone()),
                    tile: self.tile.reborrow(),
                    mode: self.mode,
                    scratch: &mut *self.scratch,
                    params_bar: if const { W::PARAMS } {
                        &mut self.params_bar[params]
                    } else {
                        &mut []
                    },
                    end: OutputBar(y_bar.bar()),
                    input: *tape,
                    free: *tape + 2 * IN,
                    computed: true,
                    forward_only: false,
                    wrt: PhantomData,
                };
                if FROZEN {
                    chain.vjp_pass(&mut FrozenPass(&mut inner));
                } else {
                    chain.vjp_pass(&mut inner);
                }
            }};
        }
        if const { P::IS_INPUT && !W::INPUT } {
            inner!(W);
            return *x;
        }
        inner!(W::WithInput);
        let fork: Place<IN> = Place(*tape);
        for panel in self.tile.panels() {
            for i in 0..IN {
                let (value, saved) = (panel[x.0 + i], panel[x.bar() + i]);
                panel[x.bar() + i] = previous.z_bar(self.simd, panel[fork.bar() + i], value, saved);
            }
        }
        *x
    }

    #[inline(always)]
    fn branch<L: ActivationGrad, const N: usize, const OUT: usize>(
        &mut self,
        last: L,
        y: &Place<N>,
        bar: &Place<OUT>,
        at: usize,
    ) -> Place<N> {
        if self.forward_only {
            return *y;
        }
        for panel in self.tile.panels() {
            for o in 0..N {
                let (value, saved) = (panel[y.0 + o], panel[y.bar() + o]);
                let y_bar = panel[bar.bar() + at + o];
                panel[y.bar() + o] = last.z_bar(self.simd, y_bar, value, saved);
            }
        }
        *y
    }

    #[inline(always)]
    fn join<P: ActivationGrad, const N: usize>(
        &mut self,
        x: &Place<N>,
        a: &Place<N>,
        b: &Place<N>,
        previous: P,
    ) -> Place<N> {
        if self.forward_only || const { P::IS_INPUT && !W::INPUT } {
            return *x;
        }
        for panel in self.tile.panels() {
            for i in 0..N {
                let x_bar = self.simd.add(panel[a.bar() + i], panel[b.bar() + i]);
                let (value, saved) = (panel[x.0 + i], panel[x.bar() + i]);
                panel[x.bar() + i] = previous.z_bar(self.simd, x_bar, value, saved);
            }
        }
        *x
    }

    /// Both results are in their rows already.
    #[inline(always)]
    fn finish<const OUT: usize, const IN: usize>(&mut self, _: &Place<OUT>, _: &Place<IN>) {}
}

/// Where the output of an inner chain is.
struct Output(usize);

impl<T: Number, S: Simd<T>> End<T, S> for Output {
    #[inline(always)]
    fn output(&mut self, _: S, _: &mut Tile<'_, S::V>, y: usize, _: usize) {
        self.0 = y;
    }
}

/// The first row of the cotangents of an inner chain's output.
struct OutputBar(usize);

impl<T: Number, S: Simd<T>> End<T, S> for OutputBar {
    #[inline(always)]
    fn output(&mut self, _: S, tile: &mut Tile<'_, S::V>, y: usize, len: usize) {
        for panel in tile.panels() {
            panel.copy_within(self.0..self.0 + len, y + 2 * len);
        }
    }
}
