//! How a batch is split, and among how many threads.
//!
//! A batch is split into panels (the samples of one vector), panels into tiles (what passes through the chain at once and
//! stays in the cache), and tiles into chunks (what a thread takes, each with its own gradient). The split depends only on the
//! chain and the number of samples, and chunks are added in order: so the result has the same bits for any number of threads.

use core::ops::Range;

use crate::network::Network;
use crate::ranks::Ranks;
#[cfg(feature = "rayon")]
use crate::scratch::Scratch;
use crate::simd::Number;
use crate::threads;

/// Memory of one tile: together with the weights it should fit in the second-level cache.
const TILE_BYTES: usize = 192 * 1024;
/// Minimum number of panels per tile for the final sums over lanes to be cheap, whatever the cache.
const MIN_TILE: usize = 4;
/// Parameters of a chain whose layers are read and written again and again: the more panels there are in a tile, the less often.
const WIDE: usize = 1 << 18;
/// The same by row of a tile; with less, it is the rows that take the memory.
const WIDE_BY_ROW: usize = 64;
/// Maximum number of panels of its tiles.
const MAX_WIDE_TILE: usize = 16;
/// More panels than this make a tile 1 % faster, but leave too few chunks for an even distribution.
const MAX_TILE: usize = 20;
/// Maximum number of gradients kept apart until the end, and so the maximum number of useful threads, if nothing else is said.
pub(crate) const MAX_CHUNKS: usize = 64;

/// How a batch is split.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(super) samples: usize,
    panels: usize,
    pub(super) tile: usize,
    pub(crate) chunks: usize,
}

impl Plan {
    pub(crate) fn new<C: Network, T: Number>(samples: usize) -> Self {
        Self::up_to::<C, T>(samples, MAX_CHUNKS)
    }

    /// With so many chunks at most.
    pub(crate) fn up_to<C: Network, T: Number>(samples: usize, max_chunks: usize) -> Self {
        let panels = samples.div_ceil(T::PANEL);
        let tile = if const { C::PARAM_COUNT >= WIDE && C::PARAM_COUNT >= WIDE_BY_ROW * C::ROWS } {
            // Four threads have work.
            (panels / 4).clamp(MIN_TILE, MAX_WIDE_TILE)
        } else {
            (TILE_BYTES / (64 * C::ROWS)).clamp(MIN_TILE, MAX_TILE)
        };
        let tiles = panels.div_ceil(tile);
        // If there are many tiles, 2 or 4 threads get equal numbers of chunks.
        let chunks = if tiles < 8 {
            tiles
        } else {
            tiles.next_multiple_of(4)
        };
        Self {
            samples,
            panels,
            tile,
            chunks: chunks.min(max_chunks),
        }
    }

    /// For a training step, where some layer may need the whole batch at once.
    pub(crate) fn training<C: Network, T: Number>(samples: usize, max_chunks: usize) -> Self {
        let plan = Self::up_to::<C, T>(samples, max_chunks);
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

    /// The panels of chunks.
    pub(super) fn panels(&self, chunks: Range<usize>) -> Range<usize> {
        let first = |chunk| self.panels * chunk / self.chunks.max(1);
        first(chunks.start)..first(chunks.end)
    }

    /// The chunks of this process.
    pub(super) fn own(&self, ranks: Option<&Ranks<'_>>) -> Range<usize> {
        ranks.map_or(0..self.chunks, |ranks| ranks.part(self.chunks))
    }

    /// The panels of this process.
    pub(crate) fn own_panels(&self, ranks: Option<&Ranks<'_>>) -> Range<usize> {
        self.panels(self.own(ranks))
    }

    /// The samples of this process.
    pub(crate) fn own_samples<T: Number>(&self, ranks: Option<&Ranks<'_>>) -> Range<usize> {
        self.samples_in::<T>(self.own_panels(ranks))
    }

    /// The samples of panels.
    pub(super) fn samples_in<T: Number>(&self, panels: Range<usize>) -> Range<usize> {
        let first = |panel: usize| (panel * T::PANEL).min(self.samples);
        first(panels.start)..first(panels.end)
    }

    /// Allocates the scratch memory of a tile on this thread.
    #[cfg(feature = "rayon")]
    pub(crate) fn reserve<C: Network, T: Number>(&self) {
        drop(Scratch::take::<T>(self.tile * C::ROWS + C::LAYOUT.scratch));
    }

    /// Samples in a panel: one in every lane, except in the last panel.
    pub(super) fn valid<T: Number>(&self, panel: usize) -> usize {
        (self.samples - panel * T::PANEL).min(T::PANEL)
    }
}

/// Multiply-adds above which a batch is processed in parallel.
const MIN_PARALLEL_WORK: usize = 1 << 20;

/// Threads for a batch of this many samples.
pub(crate) fn threads_for<C: Network>(samples: usize) -> usize {
    if samples.saturating_mul(C::PARAM_COUNT) < MIN_PARALLEL_WORK {
        1
    } else {
        threads::current()
    }
}
