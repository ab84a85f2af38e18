//! An activation as a separate layer.

use super::{ActivationGrad, Layer, Mode, RowOffsets, SampleLayer};
use crate::activation::Activation;
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Simd};

/// `y_i = act(x_i)`
#[derive(Clone, Copy, Debug)]
pub struct Activate<A, const N: usize>(pub A);

impl<A: Activation, const N: usize> Activate<A, N> {
    /// Applies the activation to the elements `y` of one sample, in place.
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

impl<A: Activation, const N: usize> ActivationGrad for Activate<A, N> {
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
        rows: RowOffsets,
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

/// The backward pass if `z_bar` is already the cotangent of the input.
#[inline(always)]
pub(super) fn pass_on<T, S, P, const N: usize>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    rows: RowOffsets,
    previous: P,
) where
    T: Number,
    S: Simd<T>,
    P: ActivationGrad,
{
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
