//! Convolution, alone or followed by a max pool.

use core::marker::PhantomData;

use super::{
    ActivationGrad, Fused, Geometry, Layer, MaxPool, Mode, Pooled, RowOffsets, SampleLayer,
};
use crate::activation::Activation;
use crate::kernels::blocks::{max, unrolled};
use crate::kernels::conv::{self, BlockEpilogue, Panel};
use crate::kernels::pool::FirstMax;
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Params, Simd};

/// `y[oc] = act(b[oc] + sum_c W[oc][c] * x[c])`, with the cross-correlation `*` of channel planes: what deep learning
/// calls a convolution. From `C` to `OC` channels.
///
/// Parameters: `params[kx + KW * (ky + KH * (c + C * oc))] = W[oc][c][ky][kx]`, then `b` if `BIAS`.
#[derive(Clone, Copy, Debug)]
pub struct Conv<A, G, const OC: usize, const BIAS: bool>(pub A, PhantomData<G>);

impl<A, G, const OC: usize, const BIAS: bool> Conv<A, G, OC, BIAS> {
    /// With this activation.
    #[inline(always)]
    pub const fn new(activation: A) -> Self {
        Self(activation, PhantomData)
    }
}

impl<A: Activation, G: Geometry, const OC: usize, const BIAS: bool> Conv<A, G, OC, BIAS> {
    const WEIGHT_COUNT: usize = OC * G::C * G::KH * G::KW;
    const LEN: usize = OC * G::OH * G::OW;
}

impl<A: Activation, G: Geometry, const OC: usize, const BIAS: bool> ActivationGrad
    for Conv<A, G, OC, BIAS>
{
    const NEEDS_SAVED: bool = !A::FROM_OUTPUT;

    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        self.0.z_bar(simd, y_bar, y, saved)
    }
}

/// Stores `act(z)`, and with `SAVE` the derivative if it does not follow from `act(z)`.
struct StoreActivation<A, const SAVE: bool> {
    activation: A,
    y: usize,
    len: usize,
    /// Of a channel.
    pixels: usize,
}

impl<T: Number, S: Simd<T>, A: Activation, const SAVE: bool> BlockEpilogue<T, S>
    for StoreActivation<A, SAVE>
{
    const POOL: Option<(usize, usize)> = None;

    #[inline(always)]
    fn finish<const N: usize>(
        &self,
        simd: S,
        panel: &mut Panel<'_, S::V>,
        channel: usize,
        pixel: usize,
        sums: [S::V; N],
    ) {
        let first = self.y + channel * self.pixels + pixel;
        unrolled!(n < N, {
            if const { SAVE && !A::FROM_OUTPUT } {
                let (y, derivative) = self.activation.value_and_derivative(simd, sums[n]);
                panel.set(first + n, y);
                panel.set(first + self.len + n, derivative);
            } else {
                panel.set(first + n, self.activation.value(simd, sums[n]));
            }
        });
    }
}

impl<A: Activation, G: Geometry, const OC: usize, const BIAS: bool> Layer for Conv<A, G, OC, BIAS> {
    const INPUT_LEN: usize = G::INPUT_LEN;
    const OUTPUT_LEN: usize = Self::LEN;
    const PARAM_COUNT: usize = Self::WEIGHT_COUNT + if BIAS { OC } else { 0 };
    const SAVES: bool = !A::FROM_OUTPUT;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        _: Mode,
    ) {
        let (weights, bias) = params.split_at(Self::WEIGHT_COUNT);
        let activate = StoreActivation::<A, SAVE> {
            activation: self.0,
            y: rows.y,
            len: Self::LEN,
            pixels: G::OH * G::OW,
        };
        conv::forward::<T, S, G, _, OC>(simd, weights, bias, &activate, tile, rows.x);
    }

    #[inline(always)]
    fn vjp_tile<T: Number, S: Simd<T>, P: ActivationGrad, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        _: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    ) {
        let weights = params.range(0..Self::WEIGHT_COUNT);
        for panel in tile.panels() {
            let (panel, z_bar) = panel.split_at_mut(rows.y + Self::LEN);
            if const { W::PARAMS } {
                let (weights_bar, bias_bar) = params_bar.split_at_mut(Self::WEIGHT_COUNT);
                conv::weights_bar::<T, S, G, OC>(simd, &panel[rows.x..], z_bar, weights_bar);
                conv::bias_bar(simd, z_bar, G::OH * G::OW, bias_bar);
            }
            if const { W::INPUT } {
                conv::input_bar::<T, S, G, P, OC>(simd, weights, panel, rows.x, z_bar, previous);
            }
        }
    }
}

impl<A: Activation, G: Geometry, const OC: usize, const BIAS: bool> SampleLayer
    for Conv<A, G, OC, BIAS>
{
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        saved: &mut [T],
    ) {
        let (weights, bias) = params.split_at(Self::WEIGHT_COUNT);
        conv::sample::forward::<T, S, G, A, OC, SAVE>(simd, self.0, weights, bias, x, y, saved);
    }

    #[inline(always)]
    fn vjp_sample<T: Number, S: Simd<T>, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    ) {
        if const { W::PARAMS } {
            let (weights_bar, bias_bar) = params_bar.split_at_mut(Self::WEIGHT_COUNT);
            conv::sample::weights_bar::<T, S, G, W, OC>(simd, x, z_bar, weights_bar);
            conv::sample::bias_bar::<T, S, G, W, OC>(simd, z_bar, bias_bar);
        }
        if const { W::INPUT } {
            let weights = params.range(0..Self::WEIGHT_COUNT);
            conv::sample::input_bar::<T, S, G, OC>(simd, weights, z_bar, x_bar);
        }
    }
}

/// A convolution and the max pool of non-overlapping windows after it, fused into one step of the batch path.
///
/// Of the convolution's output only the maxima are stored, each with the index of its pixel in the window.
#[derive(Clone, Copy, Debug)]
pub struct ConvMaxPool<C, P>(pub C, pub P);

impl<C: ActivationGrad, P: ActivationGrad> ActivationGrad for ConvMaxPool<C, P> {
    /// There the pool is a layer by itself.
    #[inline(always)]
    fn z_bar_sample<T: Number, S: Simd<T>>(self, _: S, _: &[T], _: &[T], _: &mut [T]) {}

    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        self.0.z_bar(simd, y_bar, y, saved)
    }
}

/// Stores the maximum of `act(z)` over a pool window; with `SAVE` also its index, and the derivative there if it does not
/// follow from the output.
struct StoreMax<A, P, const SAVE: bool> {
    activation: A,
    pool: PhantomData<P>,
    saved: usize,
    y: usize,
    len: usize,
}

impl<T: Number, S: Simd<T>, A: Activation, P: Geometry, const SAVE: bool> BlockEpilogue<T, S>
    for StoreMax<A, P, SAVE>
{
    const POOL: Option<(usize, usize)> = Some((P::KH, P::KW));

    #[inline(always)]
    fn finish<const N: usize>(
        &self,
        simd: S,
        panel: &mut Panel<'_, S::V>,
        channel: usize,
        pixel: usize,
        z: [S::V; N],
    ) {
        let pooled = channel * (P::OH * P::OW) + pixel;
        let winner;
        if A::MONOTONE {
            // The maximum goes through the activation alone.
            let best = first_max(simd, &z, &z);
            winner = best.place;
            if const { SAVE && !A::FROM_OUTPUT } {
                let (y, derivative) = self.activation.value_and_derivative(simd, best.max);
                panel.set(self.y + pooled, y);
                panel.set(self.y + self.len + pooled, derivative);
            } else {
                panel.set(self.y + pooled, self.activation.value(simd, best.max));
            }
        } else {
            let (mut y, mut derivative) = (z, z);
            unrolled!(n < N, {
                (y[n], derivative[n]) = self.activation.value_and_derivative(simd, z[n]);
            });
            let best = first_max(simd, &y, &derivative);
            winner = best.place;
            panel.set(self.y + pooled, best.max);
            if const { SAVE && !A::FROM_OUTPUT } {
                panel.set(self.y + self.len + pooled, best.beside);
            }
        }
        panel.set(self.saved + pooled, winner);
    }
}

/// The first of the largest `values`, with its element of `beside`.
#[inline(always)]
fn first_max<T: Number, S: Simd<T>, const N: usize>(
    simd: S,
    values: &[S::V; N],
    beside: &[S::V; N],
) -> FirstMax<S::V> {
    let mut best = FirstMax::new(simd, values[0], beside[0]);
    for n in 1..N {
        best.add(simd, values[n], beside[n], n);
    }
    if best.may_miss_nan(simd) {
        unrolled!(k < N, {
            let n = N - 1 - k;
            best.add_nan(simd, values[n], beside[n], n);
        });
    }
    best
}

impl<A: Activation, G: Geometry, P: Geometry, const OC: usize, const BIAS: bool>
    ConvMaxPool<Conv<A, G, OC, BIAS>, MaxPool<P>>
{
    /// Rows of the cotangents of the convolution.
    const SPREAD_ROWS: usize = OC * P::OH * P::KH * P::OW * P::KW;
    /// Rows of the tables of weights, of any number type.
    const TABLES_ROWS: usize = conv::weight_tables_len::<G, P>(OC).div_ceil(f64::PANEL);
}

impl<A: Activation, G: Geometry, P: Geometry, const OC: usize, const BIAS: bool> Layer
    for ConvMaxPool<Conv<A, G, OC, BIAS>, MaxPool<P>>
{
    const INPUT_LEN: usize = G::INPUT_LEN;
    const OUTPUT_LEN: usize = OC * P::OH * P::OW;
    const PARAM_COUNT: usize = Conv::<A, G, OC, BIAS>::PARAM_COUNT;
    /// Which pixel was the maximum is always stored: it costs less than a second kernel would, which is compiled for every chain.
    const SAVES: bool = !A::FROM_OUTPUT;
    const SAVED_ROWS: usize = Self::OUTPUT_LEN;
    /// What [`vjp_tile`](Layer::vjp_tile) of this layer has there.
    const SCRATCH: usize = max(Self::SPREAD_ROWS, Self::OUTPUT_LEN + Self::TABLES_ROWS);

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        _: Mode,
    ) {
        let (weights, bias) = params.split_at(Conv::<A, G, OC, BIAS>::WEIGHT_COUNT);
        let activate = StoreMax::<A, P, SAVE> {
            activation: self.0.0,
            pool: PhantomData,
            saved: rows.saved,
            y: rows.y,
            len: Self::OUTPUT_LEN,
        };
        conv::forward::<T, S, Pooled<G, P>, _, OC>(simd, weights, bias, &activate, tile, rows.x);
    }

    /// For the gradient of the input, `scratch` gets the winners as indices and tables of weights to look up in; where nothing is looked
    /// up, the cotangents of the convolution's pre-activations, panel after panel.
    #[inline(always)]
    fn vjp_tile<T: Number, S: Simd<T>, Q: ActivationGrad, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        scratch: &mut [S::V],
        previous: Q,
        params_bar: &mut [T],
    ) {
        let weights = params.range(0..Conv::<A, G, OC, BIAS>::WEIGHT_COUNT);
        // Where a window reaches over the edge, what would be selected may not be there.
        let selects = const { !Pooled::<G, P>::PADDED };
        let looks_up = const { conv::looks_up::<T, G, P>() };
        if const { W::INPUT } && looks_up {
            let tables = bytemuck::cast_slice_mut(&mut scratch[Self::OUTPUT_LEN..]);
            conv::weight_tables::<T, G, P, OC>(weights, tables);
        }
        for panel in tile.panels() {
            let (panel, y_bar) = panel.split_at_mut(rows.y + Self::OUTPUT_LEN);
            let z_bar = &y_bar[..Self::OUTPUT_LEN];
            let winners = rows.saved..rows.saved + Self::OUTPUT_LEN;
            if const { W::INPUT } && !looks_up || !selects {
                unpool::<T, S, P, OC>(simd, &panel[winners.clone()], z_bar, scratch);
            }
            if const { W::PARAMS } {
                let x = &panel[rows.x..];
                let (weights_bar, bias_bar) =
                    params_bar.split_at_mut(Conv::<A, G, OC, BIAS>::WEIGHT_COUNT);
                conv::bias_bar(simd, z_bar, P::OH * P::OW, bias_bar);
                if selects {
                    conv::weights_bar_pooled::<T, S, G, P, OC>(
                        simd,
                        x,
                        &panel[winners.clone()],
                        z_bar,
                        weights_bar,
                    );
                } else {
                    conv::weights_bar::<T, S, Pooled<G, P>, OC>(simd, x, scratch, weights_bar);
                }
            }
            if const { !W::INPUT } {
                continue;
            }
            if looks_up {
                let (indices, tables) = scratch.split_at_mut(Self::OUTPUT_LEN);
                for (index, &winner) in indices.iter_mut().zip(&panel[winners]) {
                    *index = simd.lookup_index(winner);
                }
                conv::input_bar_pooled::<T, S, G, P, Q, OC>(
                    simd,
                    bytemuck::cast_slice(tables),
                    panel,
                    rows.x,
                    (indices, z_bar),
                    previous,
                );
            } else {
                conv::input_bar::<T, S, Pooled<G, P>, Q, OC>(
                    simd, weights, panel, rows.x, scratch, previous,
                );
            }
        }
    }
}

impl<A: Activation, G: Geometry, P: Geometry, const OC: usize, const BIAS: bool> Fused
    for ConvMaxPool<Conv<A, G, OC, BIAS>, MaxPool<P>>
{
    const MID_LEN: usize = Conv::<A, G, OC, BIAS>::LEN;
    type First = Conv<A, G, OC, BIAS>;
    type Second = MaxPool<P>;

    #[inline(always)]
    fn split(self) -> (Self::First, Self::Second) {
        (self.0, self.1)
    }
}

/// Spreads the cotangents over the windows: each goes to the pixel that won, the others get 0.
#[inline(always)]
fn unpool<T: Number, S: Simd<T>, P: Geometry, const OC: usize>(
    simd: S,
    winners: &[S::V],
    z_bar: &[S::V],
    spread: &mut [S::V],
) {
    let width = P::OW * P::KW;
    for oc in 0..OC {
        for row in 0..P::OH {
            for column in 0..P::OW {
                let pooled = (oc * P::OH + row) * P::OW + column;
                let (winner, z_bar) = (winners[pooled], z_bar[pooled]);
                let first = (oc * P::OH + row) * P::KH * width + column * P::KW;
                for n in 0..P::KH * P::KW {
                    let won = simd.eq(winner, simd.splat(T::from_f64(n as f64)));
                    spread[first + n / P::KW * width + n % P::KW] =
                        simd.select(won, z_bar, simd.zero());
                }
            }
        }
    }
}
