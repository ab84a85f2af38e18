//! Layers that change every number by itself: an activation, and dropout.

use super::{Cotangent, Layer, Mode, Rows, SampleLayer};
use crate::activation::Activation;
use crate::simd::{Number, Simd, Tile};

/// `y_i = act(x_i)`
#[derive(Clone, Copy, Debug)]
pub struct Activate<A, const N: usize>(pub A);

impl<A: Activation, const N: usize> Activate<A, N> {
    /// Turns the numbers `y` of one sample into what the activation gives for them.
    #[inline(always)]
    pub(super) fn in_place<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        y: &mut [T],
        saved: &mut [T],
    ) {
        let both = const { SAVE && !A::FROM_OUTPUT };
        let mut at = 0;
        while at + S::LANES <= N {
            let z = simd.load(&y[at..]);
            if both {
                let (value, derivative) = self.0.value_and_derivative(simd, z);
                simd.store(value, &mut y[at..]);
                simd.store(derivative, &mut saved[at..]);
            } else {
                simd.store(self.0.value(simd, z), &mut y[at..]);
            }
            at += S::LANES;
        }
        if at < N {
            let z = simd.load_partial(&y[at..]);
            if both {
                let (value, derivative) = self.0.value_and_derivative(simd, z);
                simd.store_partial(value, &mut y[at..]);
                simd.store_partial(derivative, &mut saved[at..]);
            } else {
                simd.store_partial(self.0.value(simd, z), &mut y[at..]);
            }
        }
    }
}

impl<A: Activation, const N: usize> Cotangent for Activate<A, N> {
    const NEEDS_SAVED: bool = !A::FROM_OUTPUT;

    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        self.0.z_bar(simd, y_bar, y, saved)
    }
}

impl<A: Activation, const N: usize> Layer for Activate<A, N> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = N;
    const PARAM_COUNT: usize = 0;
    const SAVES: bool = !A::FROM_OUTPUT;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: Rows,
        _: Mode,
    ) {
        for panel in tile.panels() {
            for i in 0..N {
                let x = panel[rows.x + i];
                if const { SAVE && !A::FROM_OUTPUT } {
                    let (y, derivative) = self.0.value_and_derivative(simd, x);
                    panel[rows.y + i] = y;
                    panel[rows.y + N + i] = derivative;
                } else {
                    panel[rows.y + i] = self.0.value(simd, x);
                }
            }
        }
    }

    #[inline(always)]
    fn vjp_tile<T: Number, S: Simd<T>, P: Cotangent, const PARAMS: bool, const INPUT: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: Rows,
        _: &mut [S::V],
        previous: P,
        _: &mut [T],
    ) {
        pass_on::<T, S, P, INPUT, N>(simd, tile, rows, previous);
    }
}

/// The way back where `z_bar` is the cotangent of the input already.
#[inline(always)]
fn pass_on<T, S, P, const INPUT: bool, const N: usize>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    rows: Rows,
    previous: P,
) where
    T: Number,
    S: Simd<T>,
    P: Cotangent,
{
    if !INPUT {
        return;
    }
    for panel in tile.panels() {
        for i in 0..N {
            let (x, saved) = (panel[rows.x + i], panel[rows.x + N + i]);
            panel[rows.x + N + i] = previous.z_bar(simd, panel[rows.y + N + i], x, saved);
        }
    }
}

impl<A: Activation, const N: usize> SampleLayer for Activate<A, N> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        saved: &mut [T],
    ) {
        y.copy_from_slice(x);
        self.in_place::<T, S, SAVE>(simd, y, saved);
    }

    #[inline(always)]
    fn vjp_sample<T: Number, S: Simd<T>, const PARAMS: bool, const INPUT: bool, const ADD: bool>(
        self,
        _: S,
        _: T::Params<'_>,
        _: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        _: &mut [T],
    ) {
        if INPUT {
            x_bar.copy_from_slice(z_bar);
        }
    }
}

/// In training, every number is 0 with the probability `rate`, else divided by `1 - rate`; otherwise `y = x` (inverted
/// dropout; Srivastava et al., 2014).
///
/// Whether a number is kept depends on the seed, the step, its sample's place in the batch and itself alone, not on
/// threads. Calls on single samples and on batches are not training; [`Trainer`](crate::train::Trainer) is, and a loop of your
/// own by [`Chain::training`](crate::chain::Chain::training).
#[derive(Clone, Copy, Debug)]
pub struct Dropout<const N: usize> {
    /// From 0 up to, but not including, 1.
    pub rate: f64,
    /// Tells the dropouts of a chain apart, those inside of its layers too.
    pub salt: u64,
}

impl<const N: usize> Cotangent for Dropout<N> {
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
        rows: Rows,
        mode: Mode,
    ) {
        for (p, panel) in tile.panels().enumerate() {
            for i in 0..N {
                let factor = match mode {
                    Mode::Inference => simd.splat(T::ONE),
                    Mode::Training(step) => {
                        let first = step.first + p * T::PANEL;
                        self.factors::<T, S>(simd, step.seed, first, i)
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
    fn vjp_tile<T: Number, S: Simd<T>, P: Cotangent, const PARAMS: bool, const INPUT: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: Rows,
        _: &mut [S::V],
        previous: P,
        _: &mut [T],
    ) {
        pass_on::<T, S, P, INPUT, N>(simd, tile, rows, previous);
    }
}

impl<const N: usize> Dropout<N> {
    /// What number `i` of the samples from `first` on is multiplied by.
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

/// A step of SplitMix64 (Steele, Lea and Flood, 2014): neighbours become unrelated.
#[inline(always)]
pub(crate) const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
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
    fn vjp_sample<T: Number, S: Simd<T>, const PARAMS: bool, const INPUT: bool, const ADD: bool>(
        self,
        _: S,
        _: T::Params<'_>,
        _: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        _: &mut [T],
    ) {
        if INPUT {
            x_bar.copy_from_slice(z_bar);
        }
    }
}
