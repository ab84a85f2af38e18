//! Dropout.

use super::activate::pass_on;
use super::{ActivationGrad, Layer, Mode, RowOffsets, SampleLayer};
use crate::hash::mix;
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Simd};

/// In training, every element is set to 0 with probability `rate` and otherwise divided by `1 - rate`; outside training `y
/// = x` (inverted dropout; Srivastava et al., 2014).
///
/// Whether an element is kept depends only on the seed, the step, the index of its sample in the batch and its own index, not
/// on threads. Calls on single samples and on batches are not training; [`Trainer`](crate::train::Trainer) is, and so is a
/// custom loop with [`Chain::training`](crate::chain::Chain::training).
#[derive(Clone, Copy, Debug)]
pub struct Dropout<const N: usize> {
    /// From 0 up to, but not including, 1.
    pub rate: f64,
    /// Distinguishes the dropouts of a chain, including those of nested layers.
    pub salt: u64,
}

impl<const N: usize> ActivationGrad for Dropout<N> {
    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, _: S::V, saved: S::V) -> S::V {
        simd.mul(y_bar, saved)
    }
    /// A single sample is not training.
    #[inline(always)]
    fn z_bar_sample<T: Number, S: Simd<T>>(self, _: S, _: &[T], _: &[T], _: &mut [T]) {}
}

impl<const N: usize> Layer for Dropout<N> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = N;
    const PARAM_COUNT: usize = 0;
    const SAVES: bool = true;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        mode: Mode,
    ) {
        for (p, panel) in tile.panels().enumerate() {
            for i in 0..N {
                let factor = match mode {
                    Mode::Inference => simd.splat(T::ONE),
                    Mode::Training(step) => {
                        let first = step.first + p * T::PANEL;
                        self.factors::<T, S>(simd, step.rng_seed, first, i)
                    }
                };
                panel[rows.y + i] = simd.mul(panel[rows.x + i], factor);
                if SAVE {
                    panel[rows.y + N + i] = factor;
                }
            }
        }
    }

    #[inline(always)]
    fn vjp_tile<T: Number, S: Simd<T>, P: ActivationGrad, W: Wrt>(
        self,
        simd: S,
        _: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        _: &mut [S::V],
        previous: P,
        _: &mut [T],
    ) {
        if const { W::INPUT } {
            pass_on::<T, S, P, N>(simd, tile, rows, previous);
        }
    }
}

impl<const N: usize> Dropout<N> {
    /// The factor of element `i` of the samples from `first` on.
    #[inline(always)]
    fn factors<T: Number, S: Simd<T>>(self, simd: S, seed: u64, first: usize, i: usize) -> S::V {
        let kept = T::from_f64(1.0 / (1.0 - self.rate));
        // Of 32 bits, so many of the 2^32 are dropped.
        let dropped = (self.rate * 4_294_967_296.0) as u64;
        let mut lanes = [T::ZERO; 16];
        let row = mix(seed ^ mix(self.salt ^ (i as u64) << 32));
        for pair in 0..T::PANEL / 2 {
            let bits = mix(row.wrapping_add((first / 2 + pair) as u64));
            for (l, bits) in [bits & 0xffff_ffff, bits >> 32].into_iter().enumerate() {
                if bits >= dropped {
                    lanes[2 * pair + l] = kept;
                }
            }
        }
        simd.load(&lanes)
    }
}

impl<const N: usize> SampleLayer for Dropout<N> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        _: S,
        _: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        _: &mut [T],
    ) {
        y.copy_from_slice(x);
    }

    #[inline(always)]
    fn vjp_sample<T: Number, S: Simd<T>, W: Wrt>(
        self,
        _: S,
        _: T::Params<'_>,
        _: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        _: &mut [T],
    ) {
        if const { W::INPUT } {
            x_bar.copy_from_slice(z_bar);
        }
    }
}
