//! A batch from packing to reduction: pack, forward, loss, backward, reduce.
//!
//! A batch is cut into panels (the samples of one vector), panels into tiles (what goes through the chain at once
//! and stays in the cache), and tiles into chunks (what a thread takes, with a gradient of its own). Where the cuts
//! fall depends on the chain and the number of samples alone, and chunks are added in order: so the result has the
//! same bits for any number of threads.

use core::marker::PhantomData;
use core::ops::Range;

use crate::chain::{Array, Chain};
use crate::loss::Loss;
use crate::scratch::Scratch;
use crate::simd::{Kernel, Real, Simd};
use crate::threads;

/// Memory for one tile: with its weights it should sit in the second-level cache.
const TILE_BYTES: usize = 192 * 1024;
/// Panels a tile needs at least for the sums over lanes at its end to be cheap, cache or not.
const LEAST_TILE: usize = 4;
/// More panels than this do not make a tile faster.
const MOST_TILE: usize = 24;
/// Gradients that are kept apart until the end, and so the most threads that are of use.
const MOST_CHUNKS: usize = 64;

/// How a batch is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    samples: usize,
    panels: usize,
    tile: usize,
    pub(crate) chunks: usize,
}

impl Plan {
    pub(crate) fn new<C: Chain, T: Real>(samples: usize) -> Self {
        let panels = samples.div_ceil(T::PANEL);
        let tile = (TILE_BYTES / (64 * C::ROWS)).clamp(LEAST_TILE, MOST_TILE);
        Self {
            samples,
            panels,
            tile,
            chunks: panels.div_ceil(tile).min(MOST_CHUNKS),
        }
    }

    /// The panels of a chunk.
    fn chunk(&self, index: usize) -> Range<usize> {
        self.panels * index / self.chunks..self.panels * (index + 1) / self.chunks
    }

    /// Samples in a panel: all lanes, but for the last.
    fn valid<T: Real>(&self, panel: usize) -> usize {
        (self.samples - panel * T::PANEL).min(T::PANEL)
    }
}

/// Something with numbers for every sample, a row of lanes a number.
pub(crate) trait Source<T: Real>: Sync {
    /// Writes the rows of a panel; lanes past the last sample get zeros.
    fn pack<S: Simd<T>>(&self, simd: S, panel: usize, rows: &mut [S::V]);
}

/// The samples of a slice, in order or in the `order` given.
pub(crate) struct Gather<'a, I> {
    pub(crate) samples: &'a [I],
    pub(crate) order: Option<&'a [u32]>,
}

impl<I> Gather<'_, I> {
    #[inline(always)]
    fn get(&self, position: usize) -> Option<&I> {
        match self.order {
            None => self.samples.get(position),
            Some(order) => Some(&self.samples[*order.get(position)? as usize]),
        }
    }
}

impl<T: Real, I: Array<T>> Source<T> for Gather<'_, I> {
    #[inline(always)]
    fn pack<S: Simd<T>>(&self, _: S, panel: usize, rows: &mut [S::V]) {
        let lanes: &mut [T] = bytemuck::cast_slice_mut(rows);
        for lane in 0..S::LANES {
            match self.get(panel * S::LANES + lane) {
                Some(sample) => {
                    for (row, x) in lanes.chunks_exact_mut(S::LANES).zip(sample.as_slice()) {
                        row[lane] = *x;
                    }
                }
                None => lanes
                    .chunks_exact_mut(S::LANES)
                    .for_each(|row| row[lane] = T::ZERO),
            }
        }
    }
}

/// The targets of samples, as a loss encodes them.
pub(crate) struct Encoded<'a, C, L, Y> {
    loss: &'a L,
    targets: Gather<'a, Y>,
    chain: PhantomData<C>,
}

impl<'a, C, L, Y> Encoded<'a, C, L, Y> {
    pub(crate) fn new(_: C, loss: &'a L, samples: &'a [Y], order: Option<&'a [u32]>) -> Self {
        Self {
            loss,
            targets: Gather { samples, order },
            chain: PhantomData,
        }
    }
}

impl<T: Real, C: Chain, L: Loss<C, T>> Source<T> for Encoded<'_, C, L, L::Target> {
    #[inline(always)]
    fn pack<S: Simd<T>>(&self, _: S, panel: usize, rows: &mut [S::V]) {
        let lanes: &mut [T] = bytemuck::cast_slice_mut(rows);
        for lane in 0..S::LANES {
            let mut encoded = C::Output::splat(T::ZERO);
            if let Some(target) = self.targets.get(panel * S::LANES + lane) {
                self.loss.encode(target, encoded.as_mut_slice());
            }
            for (row, t) in lanes.chunks_exact_mut(S::LANES).zip(encoded.as_slice()) {
                row[lane] = *t;
            }
        }
    }
}

/// Rows that were packed before, panel after panel.
pub(crate) struct Packed<T: Real> {
    lines: Vec<T::Line>,
    rows: usize,
}

impl<T: Real> Packed<T> {
    /// Packs all panels of a source, `rows` rows each.
    pub(crate) fn new(source: &impl Source<T>, panels: usize, rows: usize) -> Self {
        struct Fill<'a, X, A> {
            source: &'a X,
            lines: &'a mut [A],
            rows: usize,
        }
        impl<T: Real, X: Source<T>> Kernel<T> for Fill<'_, X, T::Line> {
            type Output = ();
            #[inline(always)]
            fn run<S: Simd<T>>(self, simd: S) {
                let lines: &mut [S::V] = bytemuck::cast_slice_mut(self.lines);
                for (panel, rows) in lines.chunks_exact_mut(self.rows).enumerate() {
                    self.source.pack(simd, panel, rows);
                }
            }
        }
        let mut lines = vec![bytemuck::Zeroable::zeroed(); panels * rows];
        T::wide(Fill {
            source,
            lines: &mut lines,
            rows,
        });
        Self { lines, rows }
    }
}

/// Rows from either place. One type for both, so that the chain's code is made once.
pub(crate) enum Rows<'a, T: Real, X> {
    /// Packed before.
    Packed(&'a Packed<T>),
    /// Packed on the way.
    Source(X),
}

impl<T: Real, X: Source<T>> Source<T> for Rows<'_, T, X> {
    #[inline(always)]
    fn pack<S: Simd<T>>(&self, simd: S, panel: usize, rows: &mut [S::V]) {
        match self {
            Self::Source(source) => source.pack(simd, panel, rows),
            Self::Packed(Packed { lines, rows: count }) => {
                rows.copy_from_slice(bytemuck::cast_slice(
                    &lines[panel * count..(panel + 1) * count],
                ));
            }
        }
    }
}

/// Where the cotangents of the output come from, and the loss.
pub(crate) trait Seed<T: Real>: Sync {
    /// Writes `y_bar` from the output `y` of a panel in which the first `valid` lanes are samples, and gives the
    /// loss of each lane, 0 for the others.
    fn seed<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V;
}

/// A loss against its targets; the gradient is multiplied by `scale`.
pub(crate) struct LossSeed<'a, C, T, L, X> {
    loss: &'a L,
    targets: X,
    scale: T,
    chain: PhantomData<C>,
}

impl<'a, C, T, L, X> LossSeed<'a, C, T, L, X> {
    pub(crate) fn new(_: C, loss: &'a L, targets: X, scale: T) -> Self {
        Self {
            loss,
            targets,
            scale,
            chain: PhantomData,
        }
    }
}

impl<T: Real, C: Chain, L: Loss<C, T>, X: Source<T>> Seed<T> for LossSeed<'_, C, T, L, X> {
    #[inline(always)]
    fn seed<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        self.targets.pack(simd, panel, y_bar);
        let mut loss = self.loss.value_and_grad(simd, y, y_bar);
        let scale = simd.splat(self.scale);
        if valid == S::LANES {
            for y_bar in y_bar {
                *y_bar = simd.mul(*y_bar, scale);
            }
        } else {
            // A lane without a sample must not count, whatever the chain makes of its zeros.
            let mut ones = [T::ZERO; 16];
            ones[..valid].fill(T::ONE);
            let is_sample = simd.eq(simd.load(&ones), simd.splat(T::ONE));
            loss = simd.select(is_sample, loss, simd.zero());
            for y_bar in y_bar {
                *y_bar = simd.select(is_sample, simd.mul(*y_bar, scale), simd.zero());
            }
        }
        loss
    }
}

/// Cotangents that are given.
pub(crate) struct Given<X>(pub(crate) X);

impl<T: Real, X: Source<T>> Seed<T> for Given<X> {
    #[inline(always)]
    fn seed<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        _: usize,
        _: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        self.0.pack(simd, panel, y_bar);
        simd.zero()
    }
}

/// No cotangents: the forward pass alone.
pub(crate) struct NoSeed;

impl<T: Real> Seed<T> for NoSeed {
    #[inline(always)]
    fn seed<S: Simd<T>>(&self, simd: S, _: usize, _: usize, _: &[S::V], _: &mut [S::V]) -> S::V {
        simd.zero()
    }
}

/// Writes the rows of a panel to as many samples as there are, at most one a lane.
#[inline(always)]
fn unpack<T: Real, S: Simd<T>, I: Array<T>>(_: S, rows: &[S::V], samples: &mut [I]) {
    let lanes: &[T] = bytemuck::cast_slice(rows);
    for (lane, sample) in samples.iter_mut().take(S::LANES).enumerate() {
        for (x, row) in sample
            .as_mut_slice()
            .iter_mut()
            .zip(lanes.chunks_exact(S::LANES))
        {
            *x = row[lane];
        }
    }
}

/// A batch's way through the chain, forward and, with `PARAMS` or `INPUT`, back.
pub(crate) struct Pass<'a, C: Chain, T: Real, X, Y, const PARAMS: bool, const INPUT: bool> {
    pub(crate) chain: C,
    pub(crate) params: &'a C::Params<T>,
    pub(crate) plan: Plan,
    pub(crate) threads: usize,
    pub(crate) x: X,
    pub(crate) seed: Y,
    /// Gets the output of every sample; or empty.
    pub(crate) ys: &'a mut [C::Output<T>],
    /// With `INPUT`, gets the cotangent of every input; else empty.
    pub(crate) x_bars: &'a mut [C::Input<T>],
    /// With `PARAMS`, gets the gradient summed over the samples; else empty.
    pub(crate) params_bar: &'a mut [T],
}

impl<C, T, X, Y, const PARAMS: bool, const INPUT: bool> Kernel<T>
    for Pass<'_, C, T, X, Y, PARAMS, INPUT>
where
    C: Chain,
    T: Real,
    X: Source<T>,
    Y: Seed<T>,
{
    /// The sum of the losses.
    type Output = T;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let Self {
            chain,
            params,
            plan,
            threads,
            x,
            seed,
            ys,
            x_bars,
            params_bar,
        } = self;
        // Behind each chunk's gradient stands its loss; whole lines keep threads out of each other's cache lines.
        let gradient_len = if PARAMS { C::PARAM_COUNT } else { 0 };
        let stride = (gradient_len + 1).next_multiple_of(T::PANEL);
        let mut memory = Scratch::take(plan.chunks * stride / T::PANEL);
        let sums = memory.numbers::<T>();
        let (x, seed, mut ys, mut x_bars) = (&x, &seed, ys, x_bars);
        let chunks = sums
            .chunks_exact_mut(stride)
            .zip(0..plan.chunks)
            .map(move |(sums, index)| {
                let panels = plan.chunk(index);
                let samples = (panels.end * T::PANEL).min(plan.samples) - panels.start * T::PANEL;
                let (params_bar, loss) = sums.split_at_mut(gradient_len);
                Chunk::<C, T, X, Y, PARAMS, INPUT> {
                    chain,
                    params,
                    plan,
                    panels,
                    x,
                    seed,
                    ys: split_off(&mut ys, samples),
                    x_bars: split_off(&mut x_bars, samples),
                    params_bar,
                    loss: &mut loss[0],
                    scratch: &mut [],
                }
            });
        threads::for_each(threads, chunks, |chunk| {
            let mut scratch = Scratch::take(plan.tile * C::ROWS);
            simd.enter(Chunk {
                scratch: scratch.lines::<T>(),
                ..chunk
            });
        });
        params_bar.fill(T::ZERO);
        let mut loss = T::ZERO;
        for sums in memory.numbers::<T>().chunks_exact(stride) {
            for (total, sum) in params_bar.iter_mut().zip(sums) {
                *total += *sum;
            }
            loss += sums[gradient_len];
        }
        loss
    }
}

/// The first `n` of `rest`, or none if there are none at all.
#[inline(always)]
fn split_off<'a, A>(rest: &mut &'a mut [A], n: usize) -> &'a mut [A] {
    let n = n.min(rest.len());
    rest.split_off_mut(..n).expect("n is at most the length")
}

/// One chunk's part of a [`Pass`].
struct Chunk<'a, C: Chain, T: Real, X, Y, const PARAMS: bool, const INPUT: bool> {
    chain: C,
    params: &'a C::Params<T>,
    plan: Plan,
    panels: Range<usize>,
    x: &'a X,
    seed: &'a Y,
    ys: &'a mut [C::Output<T>],
    x_bars: &'a mut [C::Input<T>],
    params_bar: &'a mut [T],
    loss: &'a mut T,
    scratch: &'a mut [T::Line],
}

impl<C, T, X, Y, const PARAMS: bool, const INPUT: bool> Kernel<T>
    for Chunk<'_, C, T, X, Y, PARAMS, INPUT>
where
    C: Chain,
    T: Real,
    X: Source<T>,
    Y: Seed<T>,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            chain,
            params,
            plan,
            panels,
            x,
            seed,
            mut ys,
            mut x_bars,
            params_bar,
            loss,
            scratch,
        } = self;
        let scratch: &mut [S::V] = bytemuck::cast_slice_mut(scratch);
        params_bar.fill(T::ZERO);
        let mut losses = simd.zero();
        let mut first = panels.start;
        while first < panels.end {
            let count = (panels.end - first).min(plan.tile);
            let tile = &mut scratch[..count * C::ROWS];
            for (p, panel) in tile.chunks_exact_mut(C::ROWS).enumerate() {
                x.pack(simd, first + p, &mut panel[..C::INPUT_LEN]);
            }
            if PARAMS || INPUT {
                chain.forward_tile::<T, S, true>(simd, params, tile);
            } else {
                chain.forward_tile::<T, S, false>(simd, params, tile);
            }
            for (p, panel) in tile.chunks_exact_mut(C::ROWS).enumerate() {
                let valid = plan.valid::<T>(first + p);
                let (y, bars) = panel[C::OUTPUT_ROW..].split_at_mut(C::OUTPUT_LEN);
                let y_bar = &mut bars[C::OUTPUT_LEN..2 * C::OUTPUT_LEN];
                losses = simd.add(losses, seed.seed(simd, first + p, valid, y, y_bar));
                let ys = split_off(&mut ys, valid);
                unpack(simd, y, ys);
            }
            if PARAMS || INPUT {
                chain.vjp_tile::<T, S, PARAMS, INPUT>(simd, params, tile, params_bar);
            }
            if INPUT {
                for (p, panel) in tile.chunks_exact(C::ROWS).enumerate() {
                    let x_bars = split_off(&mut x_bars, plan.valid::<T>(first + p));
                    unpack(simd, &panel[C::INPUT_LEN..2 * C::INPUT_LEN], x_bars);
                }
            }
            first += count;
        }
        *loss = simd.sum(losses);
    }
}
