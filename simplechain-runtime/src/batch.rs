//! A batch from packing to reduction: pack, forward, loss, backward, reduce.
//!
//! A batch is cut into panels (the samples of one vector), panels into tiles (what goes through the chain at once
//! and stays in the cache), and tiles into chunks (what a thread takes, with a gradient of its own). Where the cuts
//! fall depends on the chain and the number of samples alone, and chunks are added in order: so the result has the
//! same bits for any number of threads.

use core::marker::PhantomData;
use core::ops::Range;

use crate::array::Array;
use crate::data::Samples;
use crate::layer::Mode;
use crate::loss::{self, SecondOrderLoss};
use crate::network::Network;
use crate::pass::tile::{End, TilePass};
use crate::scratch::{Scratch, with_zeros};
use crate::simd::{Kernel, Number, Real, Simd, Taylor, Tier, Tile};
use crate::threads;

/// Memory for one tile: with its weights it should sit in the second-level cache.
const TILE_BYTES: usize = 192 * 1024;
/// Panels a tile needs at least for the sums over lanes at its end to be cheap, cache or not.
const LEAST_TILE: usize = 4;
/// More panels than this make a tile 1 % faster, but the chunks too few to be shared evenly.
const MOST_TILE: usize = 20;
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
    pub(crate) fn new<C: Network, T: Number>(samples: usize) -> Self {
        let panels = samples.div_ceil(T::PANEL);
        let tile = (TILE_BYTES / (64 * C::ROWS)).clamp(LEAST_TILE, MOST_TILE);
        let tiles = panels.div_ceil(tile);
        // Where there are many, 2 and 4 threads get as many each.
        let chunks = if tiles < 8 {
            tiles
        } else {
            tiles.next_multiple_of(4).min(MOST_CHUNKS)
        };
        Self {
            samples,
            panels,
            tile,
            chunks,
        }
    }

    /// Of a step of training, where some layer may have to see the whole batch at once.
    pub(crate) fn training<C: Network, T: Number>(samples: usize) -> Self {
        let plan = Self::new::<C, T>(samples);
        if C::WHOLE_BATCH {
            Self {
                tile: plan.panels,
                chunks: plan.chunks.min(1),
                ..plan
            }
        } else {
            plan
        }
    }

    /// The panels of a chunk.
    fn chunk(&self, index: usize) -> Range<usize> {
        self.panels * index / self.chunks..self.panels * (index + 1) / self.chunks
    }

    /// Gets this thread the memory of a tile.
    #[cfg(feature = "rayon")]
    pub(crate) fn reserve<C: Network, T: Number>(&self) {
        drop(Scratch::take::<T>(self.tile * C::ROWS + C::LAYOUT.scratch));
    }

    /// Samples in a panel: all lanes, but for the last.
    fn valid<T: Number>(&self, panel: usize) -> usize {
        (self.samples - panel * T::PANEL).min(T::PANEL)
    }
}

/// Something with numbers for every sample, which become rows of lanes. Plain code: it moves numbers, and one copy
/// serves all tiers.
pub(crate) trait Source<T: Number>: Sync {
    /// Writes the rows of a panel; lanes past the last sample get its numbers.
    fn pack(&self, panel: usize, rows: &mut [T]);
}

/// Samples in order or in the `order` given.
pub(crate) struct Gather<'a, X: ?Sized, I> {
    samples: &'a X,
    order: Option<&'a [u32]>,
    input: PhantomData<I>,
}

impl<'a, X: ?Sized, I> Gather<'a, X, I> {
    pub(crate) fn new(samples: &'a X, order: Option<&'a [u32]>) -> Self {
        Self {
            samples,
            order,
            input: PhantomData,
        }
    }
}

/// The sample at a position, or the last one past the end: a lane without a sample computes something harmless, which
/// a [`Seed`] keeps from counting.
#[inline(always)]
fn sample_at(position: usize, count: usize, order: Option<&[u32]>) -> usize {
    match order {
        None => position.min(count - 1),
        Some(order) => order[position.min(order.len() - 1)] as usize,
    }
}

/// Numbers of a sample that are moved at once: their lines stay in the first-level cache for all lanes.
const BLOCK: usize = 64;

impl<T: Number, I: Array<T>, X: Samples<T, I> + ?Sized> Source<T> for Gather<'_, X, I> {
    fn pack(&self, panel: usize, rows: &mut [T]) {
        let count = self.samples.count();
        let mut numbers = [T::ZERO; BLOCK];
        for (block, rows) in rows.chunks_mut(BLOCK * T::PANEL).enumerate() {
            // A length that the compiler knows where there is one block, because two numbers are moved faster than `memmove`
            // is called.
            let len = if I::LEN <= BLOCK {
                I::LEN
            } else {
                rows.len() / T::PANEL
            };
            let (numbers, rows) = (&mut numbers[..len], &mut rows[..len * T::PANEL]);
            for lane in 0..T::PANEL {
                let index = sample_at(panel * T::PANEL + lane, count, self.order);
                self.samples.read(index, block * BLOCK, numbers);
                set_lane(rows, lane, numbers);
            }
        }
    }
}

/// Samples without what is in those of weight 0, which may be anything: 0 times NaN is NaN.
pub(crate) struct Counted<'a, C, X: ?Sized, L, Y> {
    samples: &'a X,
    loss: &'a L,
    targets: &'a [Y],
    /// Is read in their place.
    stand_in: Option<usize>,
    chain: PhantomData<C>,
}

impl<'a, C: Network, X: ?Sized, L, Y> Counted<'a, C, X, L, Y> {
    pub(crate) fn new<T: Real>(_: C, loss: &'a L, samples: &'a X, targets: &'a [Y]) -> Self
    where
        L: loss::Loss<C, T, Target = Y>,
    {
        // The statistics of a batch must not have one sample several times.
        let replaces = L::WEIGHTED && !C::WHOLE_BATCH;
        let mut weights = targets.iter().map(|target| loss.weight(target));
        Self {
            samples,
            loss,
            targets,
            stand_in: replaces
                .then(|| weights.position(|weight| weight != 0.0))
                .flatten(),
            chain: PhantomData,
        }
    }
}

impl<T, C, X, L> Samples<T, C::Input<T>> for Counted<'_, C, X, L, L::Target>
where
    T: Real,
    C: Network,
    X: Samples<T, C::Input<T>> + ?Sized,
    L: loss::Loss<C, T>,
{
    fn count(&self) -> usize {
        self.samples.count()
    }
    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [T]) {
        if !L::WEIGHTED || self.loss.weight(&self.targets[index]) != 0.0 {
            return self.samples.read(index, from, numbers);
        }
        self.samples
            .read(self.stand_in.unwrap_or(index), from, numbers);
        if self.stand_in.is_none() {
            for number in numbers {
                *number = if number.is_finite() { *number } else { T::ZERO };
            }
        }
    }
}

/// The targets of samples, as a loss encodes them.
pub(crate) struct Encoded<'a, C, L, Y> {
    loss: &'a L,
    targets: &'a [Y],
    order: Option<&'a [u32]>,
    chain: PhantomData<C>,
}

impl<'a, C, L, Y> Encoded<'a, C, L, Y> {
    pub(crate) fn new(_: C, loss: &'a L, targets: &'a [Y], order: Option<&'a [u32]>) -> Self {
        Self {
            loss,
            targets,
            order,
            chain: PhantomData,
        }
    }
}

/// A target stands still, whatever the numbers are.
impl<T: Number, C: Network, L: loss::Loss<C, T::Real>> Source<T> for Encoded<'_, C, L, L::Target> {
    fn pack(&self, panel: usize, rows: &mut [T]) {
        with_zeros(|encoded: &mut C::Output<T::Real>| {
            let encoded = encoded.as_mut_slice();
            for lane in 0..T::PANEL {
                let index = sample_at(panel * T::PANEL + lane, self.targets.len(), self.order);
                encoded.fill(T::Real::ZERO);
                self.loss.encode(&self.targets[index], encoded);
                for (row, x) in rows.chunks_exact_mut(T::PANEL).zip(&*encoded) {
                    T::set_lane(row, lane, T::constant(*x));
                }
            }
        });
    }
}

#[inline(always)]
fn set_lane<T: Number>(rows: &mut [T], lane: usize, sample: &[T]) {
    for (row, x) in rows.chunks_exact_mut(T::PANEL).zip(sample) {
        T::set_lane(row, lane, *x);
    }
}

/// Where numbers of every sample go to. Plain code, as a [`Source`].
pub(crate) trait Sink<T: Number>: Send + Sized {
    /// The part of the next `samples`.
    fn split_off(&mut self, samples: usize) -> Self;
    /// Writes the lanes of a panel's rows to all of them.
    fn unpack(self, rows: &[T]);
}

/// Nobody wants the numbers.
pub(crate) struct Nowhere;

impl<T: Number> Sink<T> for Nowhere {
    #[inline(always)]
    fn split_off(&mut self, _: usize) -> Self {
        Self
    }
    #[inline(always)]
    fn unpack(self, _: &[T]) {}
}

/// An array for every sample.
pub(crate) struct Arrays<'a, I> {
    pub(crate) to: &'a mut [I],
    /// Whether the numbers are added to those that are there.
    pub(crate) add: bool,
}

impl<T: Number, I: Array<T>> Sink<T> for Arrays<'_, I> {
    fn split_off(&mut self, samples: usize) -> Self {
        Self {
            to: self
                .to
                .split_off_mut(..samples)
                .expect("a place for every sample"),
            add: self.add,
        }
    }
    fn unpack(self, rows: &[T]) {
        for (lane, sample) in self.to.iter_mut().enumerate() {
            let rows = rows.chunks_exact(T::PANEL);
            for (x, row) in sample.as_mut_slice().iter_mut().zip(rows) {
                let number = T::lane(row, lane);
                *x = if self.add { *x + number } else { number };
            }
        }
    }
}

/// Rows that were packed before, panel after panel.
pub(crate) struct Packed<T: Number> {
    lines: Vec<T::Line>,
    rows: usize,
}

impl<T: Number> Packed<T> {
    /// Packs all panels of a source, `rows` rows each.
    pub(crate) fn new(source: &impl Source<T>, panels: usize, rows: usize) -> Self {
        let mut lines: Vec<T::Line> = vec![bytemuck::Zeroable::zeroed(); panels * rows];
        for (panel, rows) in lines.chunks_exact_mut(rows).enumerate() {
            source.pack(panel, bytemuck::cast_slice_mut(rows));
        }
        Self { lines, rows }
    }
}

/// Rows from either place. One type for both, so that the chain's code is made once.
pub(crate) enum Rows<'a, T: Number, X> {
    /// Packed before.
    Packed(&'a Packed<T>),
    /// Packed on the way.
    Source(X),
}

impl<T: Number, X: Source<T>> Source<T> for Rows<'_, T, X> {
    fn pack(&self, panel: usize, rows: &mut [T]) {
        match self {
            Self::Source(source) => source.pack(panel, rows),
            Self::Packed(Packed { lines, rows: count }) => {
                let lines = &lines[panel * count..(panel + 1) * count];
                rows.copy_from_slice(bytemuck::cast_slice(lines));
            }
        }
    }
}

/// Where the cotangents of the output come from, and the loss.
pub(crate) trait Seed<T: Number>: Sync {
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
pub(crate) struct LossSeed<'a, C, T, L, Y, X> {
    /// The targets as they are given, for their weights.
    given: Encoded<'a, C, L, Y>,
    /// The same as rows.
    targets: X,
    scale: T,
}

impl<'a, C, T, L, Y, X> LossSeed<'a, C, T, L, Y, X> {
    pub(crate) fn new(given: Encoded<'a, C, L, Y>, targets: X, scale: T) -> Self {
        Self {
            given,
            targets,
            scale,
        }
    }
}

impl<T: Real, C: Network, L: loss::Loss<C, T>, X> LossSeed<'_, C, T, L, L::Target, X> {
    /// The weights of a panel's samples; of lanes without one, some weight.
    #[inline(always)]
    fn weights<N: Number<Real = T>, S: Simd<N>>(&self, simd: S, panel: usize) -> S::V {
        let Encoded {
            loss,
            targets,
            order,
            ..
        } = &self.given;
        let mut lanes = [N::ZERO; 16];
        for (lane, weight) in lanes[..N::PANEL].iter_mut().enumerate() {
            let index = sample_at(panel * N::PANEL + lane, targets.len(), *order);
            *weight = N::from_f64(loss.weight(&targets[index]));
        }
        simd.load(&lanes)
    }

    /// Weighs and scales the losses of a panel and their gradients; lanes without a sample get 0.
    #[inline(always)]
    fn finish<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        mut loss: S::V,
        y_bar: &mut [S::V],
    ) -> S::V {
        let mut scale = simd.splat(N::constant(self.scale));
        if L::WEIGHTED {
            let weights = self.weights(simd, panel);
            // What is infinite or NaN counts nothing with the weight 0.
            let none = simd.eq(weights, simd.zero());
            loss = simd.select(none, simd.zero(), simd.mul(loss, weights));
            scale = simd.mul(scale, weights);
            for y_bar in y_bar.iter_mut() {
                *y_bar = simd.select(none, simd.zero(), *y_bar);
            }
        }
        for y_bar in y_bar.iter_mut() {
            *y_bar = simd.mul(*y_bar, scale);
        }
        keep_valid(simd, valid, y_bar);
        let mut losses = [loss];
        keep_valid(simd, valid, &mut losses);
        losses[0]
    }
}

impl<T: Real, C: Network, L: loss::Loss<C, T>, X: Source<T>> Seed<T>
    for LossSeed<'_, C, T, L, L::Target, X>
{
    #[inline(always)]
    fn seed<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        self.targets.pack(panel, bytemuck::cast_slice_mut(y_bar));
        let loss = self.given.loss.value_and_grad(simd, y, y_bar);
        self.finish(simd, panel, valid, loss, y_bar)
    }
}

/// The gradient of a loss as the output moves: along a line of parameters, the slopes that go back through the chain to the
/// product with the loss's Hessian.
pub(crate) struct MovingLossSeed<S> {
    pub(crate) loss: S,
    /// Whether the slopes of the gradient go back alone, without what the gradient itself gives by the chain's own second
    /// derivatives: then it is the product with the Gauss-Newton matrix.
    pub(crate) gauss_newton: bool,
}

impl<T, C, L, X> Seed<Taylor<T, 2, true>> for MovingLossSeed<LossSeed<'_, C, T, L, L::Target, X>>
where
    T: Real,
    C: Network,
    L: SecondOrderLoss<C, T>,
    X: Source<Taylor<T, 2, true>>,
{
    #[inline(always)]
    fn seed<S: Simd<Taylor<T, 2, true>>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        let seed = &self.loss;
        seed.targets.pack(panel, bytemuck::cast_slice_mut(y_bar));
        let loss = seed.given.loss.formula(simd, y, y_bar);
        let loss = seed.finish(simd, panel, valid, loss, y_bar);
        if self.gauss_newton {
            for values_and_slopes in y_bar {
                let numbers: &mut [T] =
                    bytemuck::cast_slice_mut(core::slice::from_mut(values_and_slopes));
                numbers[..S::LANES].fill(T::ZERO);
            }
        }
        loss
    }
}

/// Puts zeros in the lanes that are not samples.
#[inline(always)]
fn keep_valid<T: Number, S: Simd<T>>(simd: S, valid: usize, rows: &mut [S::V]) {
    if valid < S::LANES {
        let mut ones = [T::ZERO; 16];
        ones[..valid].fill(T::ONE);
        let is_sample = simd.eq(simd.load(&ones), simd.splat(T::ONE));
        for row in rows {
            *row = simd.select(is_sample, *row, simd.zero());
        }
    }
}

/// Cotangents that are given.
pub(crate) struct Given<X>(pub(crate) X);

impl<T: Number, X: Source<T>> Seed<T> for Given<X> {
    #[inline(always)]
    fn seed<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        _: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        self.0.pack(panel, bytemuck::cast_slice_mut(y_bar));
        keep_valid(simd, valid, y_bar);
        simd.zero()
    }
}

/// No cotangents: the forward pass alone.
pub(crate) struct NoSeed;

impl<T: Number> Seed<T> for NoSeed {
    #[inline(always)]
    fn seed<S: Simd<T>>(&self, simd: S, _: usize, _: usize, _: &[S::V], _: &mut [S::V]) -> S::V {
        simd.zero()
    }
}

/// A batch's way through the chain, forward and, with `PARAMS` or `INPUT`, back.
pub(crate) struct BatchPass<
    'p,
    'a,
    C: Network,
    T: Number,
    X,
    Y,
    Z,
    B,
    const PARAMS: bool,
    const INPUT: bool,
> {
    pub(crate) chain: C,
    pub(crate) params: T::Params<'p>,
    pub(crate) plan: Plan,
    pub(crate) threads: usize,
    pub(crate) mode: Mode,
    pub(crate) x: X,
    pub(crate) seed: Y,
    /// Gets the output of every sample.
    pub(crate) ys: Z,
    /// With `INPUT`, gets the cotangent of every input.
    pub(crate) x_bars: B,
    /// Whether there is no way back after all.
    pub(crate) forward_only: bool,
    /// With `PARAMS` and a way back, gets the gradient summed over the samples; else empty.
    pub(crate) params_bar: &'a mut [T],
    /// Whether the gradient is added to the numbers that are there.
    pub(crate) add: bool,
}

impl<C, T, X, Y, Z, B, const PARAMS: bool, const INPUT: bool>
    BatchPass<'_, '_, C, T, X, Y, Z, B, PARAMS, INPUT>
where
    C: Network,
    T: Number,
    X: Source<T>,
    Y: Seed<T>,
    Z: Sink<T>,
    B: Sink<T>,
{
    /// Runs it, and gives the sum of the losses.
    pub(crate) fn run(self) -> T {
        let Self {
            chain,
            params,
            plan,
            threads,
            mode,
            x,
            seed,
            ys,
            x_bars,
            forward_only,
            params_bar,
            add,
        } = self;
        // Behind each chunk's gradient stands its loss; whole lines keep threads out of each other's cache lines.
        let gradient_len = params_bar.len();
        let stride = (gradient_len + 1).next_multiple_of(T::PANEL);
        let mut memory = Scratch::take::<T>(plan.chunks * stride / T::PANEL);
        let sums = memory.numbers::<T>();
        let (x, seed, mut ys, mut x_bars) = (&x, &seed, ys, x_bars);
        let chunks = sums
            .chunks_exact_mut(stride)
            .zip(0..plan.chunks)
            .map(move |(sums, index)| {
                let panels = plan.chunk(index);
                let samples = (panels.end * T::PANEL).min(plan.samples) - panels.start * T::PANEL;
                let (params_bar, loss) = sums.split_at_mut(gradient_len);
                Chunk::<C, T, X, Y, Z, B, PARAMS, INPUT> {
                    chain,
                    params,
                    plan,
                    mode,
                    panels,
                    x,
                    seed,
                    ys: ys.split_off(samples),
                    x_bars: x_bars.split_off(samples),
                    forward_only,
                    params_bar,
                    loss: &mut loss[0],
                    scratch: &mut [],
                }
            });
        let tier = Tier::current();
        threads::for_each(threads.min(plan.chunks), chunks, |chunk| {
            let mut scratch = Scratch::take::<T>(plan.tile * C::ROWS + C::LAYOUT.scratch);
            T::wide_in(
                tier,
                Chunk {
                    scratch: scratch.lines::<T>(),
                    ..chunk
                },
            );
        });
        let mut loss = T::ZERO;
        if plan.chunks == 0 && !add {
            params_bar.fill(T::ZERO);
        }
        for (index, sums) in memory.numbers::<T>().chunks_exact(stride).enumerate() {
            if index == 0 && !add {
                params_bar.copy_from_slice(&sums[..params_bar.len()]);
            } else {
                for (total, sum) in params_bar.iter_mut().zip(sums) {
                    *total += *sum;
                }
            }
            loss += sums[gradient_len];
        }
        loss
    }
}

/// One chunk's part of a [`BatchPass`].
struct Chunk<'p, 'a, C: Network, T: Number, X, Y, Z, B, const PARAMS: bool, const INPUT: bool> {
    chain: C,
    params: T::Params<'p>,
    plan: Plan,
    mode: Mode,
    panels: Range<usize>,
    x: &'a X,
    seed: &'a Y,
    ys: Z,
    x_bars: B,
    forward_only: bool,
    params_bar: &'a mut [T],
    loss: &'a mut T,
    scratch: &'a mut [T::Line],
}

impl<C, T, X, Y, Z, B, const PARAMS: bool, const INPUT: bool> Kernel<T>
    for Chunk<'_, '_, C, T, X, Y, Z, B, PARAMS, INPUT>
where
    C: Network,
    T: Number,
    X: Source<T>,
    Y: Seed<T>,
    Z: Sink<T>,
    B: Sink<T>,
{
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            chain,
            params,
            plan,
            mode,
            panels,
            x,
            seed,
            mut ys,
            mut x_bars,
            forward_only,
            params_bar,
            loss,
            scratch,
        } = self;
        let scratch: &mut [S::V] = bytemuck::cast_slice_mut(scratch);
        let (panels_memory, between) = scratch.split_at_mut(plan.tile * C::ROWS);
        params_bar.fill(T::ZERO);
        let mut losses = simd.zero();
        let mut first = panels.start;
        while first < panels.end {
            let count = (panels.end - first).min(plan.tile);
            let mut tile = Tile::new(&mut panels_memory[..count * C::ROWS], C::ROWS);
            for (p, panel) in tile.panels().enumerate() {
                let rows = &mut panel[..C::INPUT_LEN];
                x.pack(first + p, bytemuck::cast_slice_mut(rows));
            }
            macro_rules! pass {
                ($save:expr) => {
                    TilePass::<T, S, _, { $save }, PARAMS, INPUT> {
                        simd,
                        params,
                        tile: tile.reborrow(),
                        mode: mode.starting_at(first * T::PANEL),
                        scratch: &mut *between,
                        params_bar: &mut *params_bar,
                        end: Loss {
                            plan,
                            seed,
                            first,
                            ys: &mut ys,
                            sum: &mut losses,
                        },
                        input: 0,
                        free: 2 * C::INPUT_LEN,
                        computed: false,
                        forward_only,
                    }
                };
            }
            if PARAMS || INPUT {
                chain.vjp_pass(&mut pass!(true));
            } else {
                chain.forward_pass(&mut pass!(false));
            }
            if INPUT {
                for (p, panel) in tile.panels().enumerate() {
                    let x_bar = &panel[C::INPUT_LEN..2 * C::INPUT_LEN];
                    let x_bars = x_bars.split_off(plan.valid::<T>(first + p));
                    x_bars.unpack(bytemuck::cast_slice(x_bar));
                }
            }
            first += count;
        }
        *loss = simd.sum(losses);
    }
}

/// Takes the loss and the outputs of a tile.
struct Loss<'a, Y, Z, V> {
    plan: Plan,
    seed: &'a Y,
    /// The tile's first panel.
    first: usize,
    ys: &'a mut Z,
    /// The sum of the losses, lane by lane.
    sum: &'a mut V,
}

impl<T, S, Y, Z> End<T, S> for Loss<'_, Y, Z, S::V>
where
    T: Number,
    S: Simd<T>,
    Y: Seed<T>,
    Z: Sink<T>,
{
    #[inline(always)]
    fn output(&mut self, simd: S, tile: &mut Tile<'_, S::V>, y: usize, len: usize) {
        for (p, panel) in tile.panels().enumerate() {
            let panel_index = self.first + p;
            let valid = self.plan.valid::<T>(panel_index);
            let (y, bars) = panel[y..].split_at_mut(len);
            let y_bar = &mut bars[len..2 * len];
            let losses = self.seed.seed(simd, panel_index, valid, y, y_bar);
            *self.sum = simd.add(*self.sum, losses);
            self.ys.split_off(valid).unpack(bytemuck::cast_slice(y));
        }
    }
}
