//! A batch from packing to reduction: pack, forward, loss, backward, reduce.

use core::marker::PhantomData;
use core::ops::Range;

use super::cotangents::OutputCotangents;
use super::plan::{Plan, threads_for};
use super::sink::{Gradient, Sink};
use super::source::{Gather, Source, TileInput};
use crate::data::Samples;
use crate::kernels::tile::Tile;
use crate::layer::{Mode, WrtBoth, WrtInput, WrtNothing, WrtParams};
use crate::network::Network;
use crate::pass::tile::{End, Tape, TilePass};
use crate::scratch::Scratch;
use crate::simd::{Kernel, Number, Simd, Tier};
use crate::threads;

/// What the backward pass of a batch starts from, and where all results go. If a cotangent or the gradient goes to
/// [`Discard`](super::sink::Discard), its code is not compiled.
pub(crate) struct Ends<Y, O, I, G> {
    pub(crate) cotangents: Y,
    /// Gets the output of every sample.
    pub(crate) outputs: O,
    /// Gets the cotangent of every input.
    pub(crate) input_cotangents: I,
    /// Gets the gradient summed over the samples.
    pub(crate) gradient: G,
}

/// The four types of [`Ends`] as one.
pub(crate) trait Job<T: Number> {
    type Cotangents: OutputCotangents<T>;
    type Outputs: Sink<T>;
    type InputCotangents: Sink<T>;
    type Gradient: Gradient<T>;

    fn ends(self) -> Ends<Self::Cotangents, Self::Outputs, Self::InputCotangents, Self::Gradient>;
}

impl<T, Y, O, I, G> Job<T> for Ends<Y, O, I, G>
where
    T: Number,
    Y: OutputCotangents<T>,
    O: Sink<T>,
    I: Sink<T>,
    G: Gradient<T>,
{
    type Cotangents = Y;
    type Outputs = O;
    type InputCotangents = I;
    type Gradient = G;

    fn ends(self) -> Self {
        self
    }
}

/// Runs samples through a chain as in inference, and returns the sum of the losses.
pub(crate) fn run<C, T, X, J>(chain: C, xs: &X, params: T::Params<'_>, job: J) -> T
where
    C: Network,
    T: Number,
    X: Samples<T, C::Input<T>> + ?Sized,
    J: Job<T>,
{
    BatchPass {
        chain,
        params,
        plan: Plan::new::<C, T>(xs.count()),
        threads: threads_for::<C>(xs.count()),
        mode: Mode::Inference,
        inputs: TileInput::Source(Gather::new(xs, None)),
        job,
        forward_only: false,
    }
    .run()
}

/// The forward pass of a batch through the chain and, if its [`Job`] asks for it, the backward pass.
pub(crate) struct BatchPass<'p, C, T: Number, X, J> {
    pub(crate) chain: C,
    pub(crate) params: T::Params<'p>,
    pub(crate) plan: Plan,
    pub(crate) threads: usize,
    pub(crate) mode: Mode,
    pub(crate) inputs: X,
    pub(crate) job: J,
    /// Whether the backward pass is skipped after all; then the gradient slice is empty.
    pub(crate) forward_only: bool,
}

/// Numbers in the gradients of all chunks from which on threads share their sum: one thread takes 20 us for them.
const MIN_PARALLEL_SUM: usize = 1 << 18;

impl<C: Network, T: Number, X: Source<T>, J: Job<T>> BatchPass<'_, C, T, X, J> {
    /// Runs it, and returns the sum of the losses.
    pub(crate) fn run(self) -> T {
        let Self {
            chain,
            params,
            plan,
            threads,
            mode,
            inputs,
            job,
            forward_only,
        } = self;
        let Ends {
            cotangents,
            mut outputs,
            mut input_cotangents,
            mut gradient,
        } = job.ends();
        let add = gradient.adds();
        let params_bar = gradient.to();
        // Each chunk's gradient is followed by its loss; padding to whole cache lines avoids false sharing.
        let gradient_len = params_bar.len();
        let stride = (gradient_len + 1).next_multiple_of(T::PANEL);
        let mut memory = Scratch::take::<T>(plan.chunks * stride / T::PANEL);
        let sums = memory.numbers::<T>();
        let (inputs, cotangents) = (&inputs, &cotangents);
        // The first chunk's gradient is where the sum is to be, if nothing is there.
        let mut place = (!add).then_some(&mut *params_bar);
        let chunks = sums
            .chunks_exact_mut(stride)
            .zip(0..plan.chunks)
            .map(move |(sums, index)| {
                let panels = plan.chunk(index);
                let samples = (panels.end * T::PANEL).min(plan.samples) - panels.start * T::PANEL;
                let (params_bar, loss) = sums.split_at_mut(gradient_len);
                let params_bar = place.take().unwrap_or(params_bar);
                Chunk::<C, T, X, J> {
                    chain,
                    params,
                    plan,
                    mode,
                    panels,
                    inputs,
                    cotangents,
                    outputs: outputs.split_off(samples),
                    input_cotangents: input_cotangents.split_off(samples),
                    forward_only,
                    params_bar,
                    loss: &mut loss[0],
                    scratch: &mut [],
                }
            });
        let tier = Tier::current();
        threads::for_each(threads.min(plan.chunks), chunks, |chunk| {
            let mut scratch = Scratch::take::<T>(plan.tile * C::ROWS + C::LAYOUT.scratch);
            T::dispatch_batch_in(
                tier,
                Chunk {
                    scratch: scratch.lines::<T>(),
                    ..chunk
                },
            );
        });
        let sums = &*memory.numbers::<T>();
        if plan.chunks == 0 && !add {
            params_bar.fill(T::ZERO);
        }
        // Each thread adds its parameters over all chunks, in the order of the chunks.
        let adders = match plan.chunks * gradient_len {
            ..MIN_PARALLEL_SUM => 1,
            _ => threads,
        };
        let share = (gradient_len.div_ceil(adders)).next_multiple_of(T::PANEL);
        let shares = params_bar
            .chunks_mut(share.max(1))
            .zip((0..).step_by(share.max(1)));
        threads::for_each(adders, shares, |(params_bar, first)| {
            for (index, sums) in sums.chunks_exact(stride).enumerate() {
                if index > 0 || add {
                    let sums = &sums[first..first + params_bar.len()];
                    T::add_assign_in(tier, params_bar, sums);
                }
            }
        });
        let mut loss = T::ZERO;
        for sums in sums.chunks_exact(stride) {
            loss += sums[gradient_len];
        }
        loss
    }
}

/// One chunk's part of a [`BatchPass`].
struct Chunk<'p, 'a, C, T: Number, X, J: Job<T>> {
    chain: C,
    params: T::Params<'p>,
    plan: Plan,
    mode: Mode,
    panels: Range<usize>,
    inputs: &'a X,
    cotangents: &'a J::Cotangents,
    outputs: J::Outputs,
    input_cotangents: J::InputCotangents,
    forward_only: bool,
    params_bar: &'a mut [T],
    loss: &'a mut T,
    scratch: &'a mut [T::Line],
}

impl<C: Network, T: Number, X: Source<T>, J: Job<T>> Kernel<T> for Chunk<'_, '_, C, T, X, J> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            chain,
            params,
            plan,
            mode,
            panels,
            inputs,
            cotangents,
            mut outputs,
            mut input_cotangents,
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
                inputs.pack(first + p, bytemuck::cast_slice_mut(rows));
            }
            macro_rules! pass {
                ($W:ty) => {
                    &mut TilePass::<T, S, _, $W> {
                        simd,
                        params,
                        tile: tile.reborrow(),
                        mode: mode.starting_at(first * T::PANEL),
                        scratch: &mut *between,
                        params_bar: &mut *params_bar,
                        end: Turn {
                            plan,
                            cotangents,
                            first,
                            outputs: &mut outputs,
                            loss: &mut losses,
                        },
                        input: 0,
                        free: 2 * C::INPUT_LEN,
                        computed: false,
                        forward_only,
                        wrt: PhantomData,
                    }
                };
            }
            // Only one of these is compiled.
            if const { J::Gradient::WANTED } {
                if const { J::InputCotangents::WANTED } {
                    chain.vjp_pass(pass!(WrtBoth));
                } else {
                    chain.vjp_pass(pass!(WrtParams));
                }
            } else if const { J::InputCotangents::WANTED } {
                chain.vjp_pass(pass!(WrtInput));
            } else {
                chain.forward_pass(pass!(WrtNothing));
            }
            if const { J::InputCotangents::WANTED } {
                for (p, panel) in tile.panels().enumerate() {
                    let x_bar = &panel[C::INPUT_LEN..2 * C::INPUT_LEN];
                    let x_bars = input_cotangents.split_off(plan.valid::<T>(first + p));
                    x_bars.unpack(bytemuck::cast_slice(x_bar));
                }
            }
            first += count;
        }
        *loss = simd.sum(losses);
    }
}

/// The end of a tile's forward pass: takes its outputs and the loss.
struct Turn<'a, Y, O, V> {
    plan: Plan,
    cotangents: &'a Y,
    /// The tile's first panel.
    first: usize,
    outputs: &'a mut O,
    /// The sum of the losses, lane by lane.
    loss: &'a mut V,
}

impl<T, S, Y, O> End<T, S> for Turn<'_, Y, O, S::V>
where
    T: Number,
    S: Simd<T>,
    Y: OutputCotangents<T>,
    O: Sink<T>,
{
    const TAPE: Tape = O::TAPE;
    #[inline(always)]
    fn tape(&mut self, rows: &mut [S::V]) {
        self.outputs.tape(bytemuck::cast_slice_mut(rows));
    }
    #[inline(always)]
    fn output(&mut self, simd: S, tile: &mut Tile<'_, S::V>, y: usize, len: usize) {
        for (p, panel) in tile.panels().enumerate() {
            let index = self.first + p;
            let valid = self.plan.valid::<T>(index);
            let (y, bars) = panel[y..].split_at_mut(len);
            let y_bar = &mut bars[len..2 * len];
            let losses = self.cotangents.start(simd, index, valid, y, y_bar);
            *self.loss = simd.add(*self.loss, losses);
            self.outputs.unpack_next(valid, bytemuck::cast_slice(y));
        }
    }
}
