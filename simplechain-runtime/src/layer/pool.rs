//! Pooling: the maximum or the mean of windows, channel by channel.

use core::marker::PhantomData;

use super::{ActivationGrad, Geometry, Input, Layer, Mode, RowOffsets, SampleLayer};
use crate::kernels::pool;
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Simd};

/// `y[c] =` the maximum of the window over `x[c]`. The cotangent goes to the first maximum, row by row; a row or column at the
/// end that is in no window gets 0. A window with NaN gives NaN; its first element that is NaN (or infinite) counts as the
/// maximum.
#[derive(Clone, Copy, Debug, Default)]
pub struct MaxPool<G>(PhantomData<G>);

/// `y[c] =` the mean of the window over `x[c]`.
#[derive(Clone, Copy, Debug, Default)]
pub struct AvgPool<G>(PhantomData<G>);

macro_rules! pool {
    ($Pool:ident, $Kind:ident) => {
        impl<G> $Pool<G> {
            /// The only value.
            #[inline(always)]
            pub const fn new() -> Self {
                Self(PhantomData)
            }
        }

        impl<G: Geometry> ActivationGrad for $Pool<G> {
            identity!();
        }

        impl<G: Geometry> Layer for $Pool<G> {
            const INPUT_LEN: usize = G::INPUT_LEN;
            const OUTPUT_LEN: usize = G::C * G::OH * G::OW;
            const PARAM_COUNT: usize = 0;
            const SAVES: bool = false;

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
                    let (x, y) = panel.split_at_mut(rows.y);
                    pool::forward::<T, S, G, pool::$Kind>(simd, &x[rows.x..], y);
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
                if const { !W::INPUT } {
                    return;
                }
                for panel in tile.panels() {
                    let (x, y_bar) = panel.split_at_mut(rows.y + Self::OUTPUT_LEN);
                    let (x, x_bar) = x[rows.x..].split_at_mut(Self::INPUT_LEN);
                    pool::input_bar::<T, S, G, pool::$Kind, P>(simd, x, y_bar, x_bar, previous);
                }
            }
        }

        impl<G: Geometry> SampleLayer for $Pool<G> {
            #[inline(always)]
            fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
                self,
                simd: S,
                _: T::Params<'_>,
                x: &[T],
                y: &mut [T],
                _: &mut [T],
            ) {
                if const { pool::sample::is_supported::<G>() } {
                    return pool::sample::forward::<T, S, G, pool::$Kind>(simd, x, y);
                }
                let (x, y) = (bytemuck::cast_slice(x), bytemuck::cast_slice_mut(y));
                pool::forward::<T, T::OneLane, G, pool::$Kind>(T::OneLane::default(), x, y);
            }

            #[inline(always)]
            fn vjp_sample<T: Number, S: Simd<T>, W: Wrt>(
                self,
                simd: S,
                _: T::Params<'_>,
                x: &[T],
                z_bar: &[T],
                x_bar: &mut [T],
                _: &mut [T],
            ) {
                if const { !W::INPUT } {
                    return;
                }
                if const { pool::sample::is_supported::<G>() } {
                    pool::sample::input_bar::<T, S, G, pool::$Kind>(simd, x, z_bar, x_bar);
                } else {
                    pool::input_bar::<T, T::OneLane, G, pool::$Kind, Input>(
                        T::OneLane::default(),
                        bytemuck::cast_slice(x),
                        bytemuck::cast_slice(z_bar),
                        bytemuck::cast_slice_mut(x_bar),
                        Input,
                    );
                }
            }
        }
    };
}
pool!(MaxPool, Max);
pool!(AvgPool, Mean);
