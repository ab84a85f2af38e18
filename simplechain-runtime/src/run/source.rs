//! Sources of the rows of a batch: samples, and targets as a loss encodes them.

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;

use crate::array::Array;
use crate::data::Samples;
use crate::loss::Loss;
use crate::network::Network;
use crate::scratch::with_zeros;
use crate::simd::{Number, Real};

/// A source of values for every sample, which become rows of lanes. Plain code: it only moves values, and one copy serves all
/// tiers.
pub(crate) trait Source<T: Number>: Sync {
    /// Writes the rows of a panel; lanes after the last sample repeat its values.
    fn pack(&self, panel: usize, rows: &mut [T]);
}

/// Samples in order, or in the given `order`.
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

/// The sample at a position, or the last one if past the end: a lane without a sample computes something harmless, which the
/// start of the backward pass excludes.
#[inline(always)]
pub(super) fn sample_at(position: usize, count: usize, order: Option<&[u32]>) -> usize {
    match order {
        None => position.min(count - 1),
        Some(order) => order[position.min(order.len() - 1)] as usize,
    }
}

/// Elements of a sample that are moved at once: their cache lines stay in the first-level cache for all lanes.
const BLOCK: usize = 64;

impl<T: Number, I: Array<T>, X: Samples<T, I> + ?Sized> Source<T> for Gather<'_, X, I> {
    fn pack(&self, panel: usize, rows: &mut [T]) {
        let count = self.samples.count();
        let mut numbers = [T::ZERO; BLOCK];
        for (block, rows) in rows.chunks_mut(BLOCK * T::PANEL).enumerate() {
            // With a single block the compiler knows the length: to move two numbers is faster than to call `memmove`.
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

/// Samples, ignoring the contents of those with weight 0, which may be anything: 0 times NaN is NaN.
pub(crate) struct Counted<'a, C, X: ?Sized, L, Y> {
    samples: &'a X,
    loss: &'a L,
    targets: &'a [Y],
    /// The sample that is read in their place.
    stand_in: Option<usize>,
    chain: PhantomData<C>,
}

impl<'a, C: Network, X: ?Sized, L, Y> Counted<'a, C, X, L, Y> {
    pub(crate) fn new<T: Real>(_: C, loss: &'a L, samples: &'a X, targets: &'a [Y]) -> Self
    where
        L: Loss<C, T, Target = Y>,
    {
        // The statistics of a batch must not count one sample several times.
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
    L: Loss<C, T>,
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
    pub(super) loss: &'a L,
    pub(super) targets: &'a [Y],
    pub(super) order: Option<&'a [u32]>,
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

/// Targets are constants in every number type.
impl<T: Number, C: Network, L: Loss<C, T::Real>> Source<T> for Encoded<'_, C, L, L::Target> {
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

/// Input that was packed in advance, panel after panel.
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

/// Input of either kind. One type for both, so that the chain's code is compiled once.
pub(crate) enum TileInput<'a, T: Number, X> {
    /// Packed in advance.
    Packed(&'a Packed<T>),
    /// Packed tile by tile.
    Source(X),
}

impl<T: Number, X: Source<T>> Source<T> for TileInput<'_, T, X> {
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
