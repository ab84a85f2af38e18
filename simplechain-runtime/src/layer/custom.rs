//! Custom layers: one formula for all number types, tiers, and both paths.

use super::{ActivationGrad, Layer, Mode, RowOffsets, SampleLayer};
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Simd};

/// A custom layer: `layer(path::Type)` in a chain.
///
/// It is written once, for vectors. On a batch a lane is a sample; on a single sample there is one lane. The number type is
/// `f32`, `f64`, or a Taylor polynomial of them, so the layer supports all derivatives that the built-in layers support.
/// `#[inline(always)]` matters: a function that is not inlined is compiled without the vector instructions. [`check_vjp`](super::check_vjp)
/// tests whether `vjp` is correct. If the type implements `Debug`, the contents of its `Default` are in
/// [`architecture`](crate::chain::Chain::architecture).
///
/// ```
/// use simplechain::layer::CustomLayer;
/// use simplechain::simd::{Number, Simd};
///
/// /// `y_i = p_i x_i^2`
/// #[derive(Clone, Copy, Debug, Default)]
/// struct Squares<const N: usize>;
///
/// impl<const N: usize> CustomLayer for Squares<N> {
///     const INPUT_LEN: usize = N;
///     const OUTPUT_LEN: usize = N;
///     const PARAM_COUNT: usize = N;
///
///     #[inline(always)]
///     fn forward<T: Number, S: Simd<T>>(
///         self, simd: S, params: T::Params<'_>, x: &[S::V], y: &mut [S::V],
///     ) {
///         for i in 0..N {
///             y[i] = simd.mul_param(simd.param(params, i), simd.mul(x[i], x[i]));
///         }
///     }
///
///     #[inline(always)]
///     fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
///         self, simd: S, params: T::Params<'_>, x: &[S::V], y_bar: &[S::V], x_bar: &mut [S::V], params_bar: &mut [S::V],
///     ) {
///         for i in 0..N {
///             let slope = simd.mul_param(simd.param(params, i), simd.add(x[i], x[i]));
///             x_bar[i] = simd.mul(slope, y_bar[i]);
///             if PARAMS {
///                 params_bar[i] = simd.mul_add(simd.mul(x[i], x[i]), y_bar[i], params_bar[i]);
///             }
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer",
    label = "not a layer",
    note = "a layer of your own needs `impl simplechain::layer::CustomLayer for {Self}`"
)]
pub trait CustomLayer: Copy + Default + Send + Sync + 'static {
    /// Length of one sample's input.
    const INPUT_LEN: usize;
    /// Length of one sample's output.
    const OUTPUT_LEN: usize;
    /// Parameter count; the parameters are initialized like weights of a layer with as many inputs and outputs.
    const PARAM_COUNT: usize = 0;

    /// `y` from `x`.
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    );

    /// Writes `x_bar = y_bar^T dy/dx`; with `PARAMS`, *adds* `y_bar^T dy/dparams` to `params_bar`, which is empty
    /// otherwise.
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        params_bar: &mut [S::V],
    );
}

/// A [`CustomLayer`] as a layer of a chain.
#[derive(Clone, Copy, Debug)]
pub struct Custom<L>(pub L);

impl<L: CustomLayer> Custom<L> {
    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        params_bar: &mut [S::V],
    ) {
        let Self(layer) = self;
        if const { W::PARAMS } {
            layer.vjp::<T, S, true>(simd, params, x, y_bar, x_bar, params_bar);
        } else {
            layer.vjp::<T, S, false>(simd, params, x, y_bar, x_bar, params_bar);
        }
    }
}

impl<L: CustomLayer> ActivationGrad for Custom<L> {
    identity!();
}

impl<L: CustomLayer> Layer for Custom<L> {
    const INPUT_LEN: usize = L::INPUT_LEN;
    const OUTPUT_LEN: usize = L::OUTPUT_LEN;
    const PARAM_COUNT: usize = L::PARAM_COUNT;
    const SAVES: bool = false;
    const SCRATCH: usize = L::INPUT_LEN + L::PARAM_COUNT;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        _: Mode,
    ) {
        for panel in tile.panels() {
            let (x, y) = panel.split_at_mut(rows.y);
            let (x, y) = (&x[rows.x..][..L::INPUT_LEN], &mut y[..L::OUTPUT_LEN]);
            self.0.forward(simd, params, x, y);
        }
    }

    #[inline(always)]
    fn vjp_tile<T: Number, S: Simd<T>, P: ActivationGrad, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        scratch: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    ) {
        let (x_bar, lanes) = scratch.split_at_mut(L::INPUT_LEN);
        let count = const { if W::PARAMS { L::PARAM_COUNT } else { 0 } };
        let lanes = &mut lanes[..count];
        lanes.fill(simd.zero());
        for panel in tile.panels() {
            let x = &panel[rows.x..][..L::INPUT_LEN];
            let y_bar = &panel[rows.y + L::OUTPUT_LEN..][..L::OUTPUT_LEN];
            self.vjp::<T, S, W>(simd, params, x, y_bar, x_bar, lanes);
            if const { W::INPUT } {
                pull_back::<T, S, P>(simd, panel, rows.x, x_bar, previous);
            }
        }
        for (bar, lanes) in params_bar.iter_mut().zip(lanes) {
            *bar += simd.sum(*lanes);
        }
    }
}

/// Stores the cotangents of the input at row `x`, as the `z_bar` of the previous layer.
#[inline(always)]
fn pull_back<T: Number, S: Simd<T>, P: ActivationGrad>(
    simd: S,
    panel: &mut [S::V],
    x: usize,
    x_bar: &[S::V],
    previous: P,
) {
    let len = x_bar.len();
    for (i, x_bar) in x_bar.iter().enumerate() {
        let (value, saved) = (panel[x + i], panel[x + len + i]);
        panel[x + len + i] = previous.z_bar(simd, *x_bar, value, saved);
    }
}

impl<L: CustomLayer> SampleLayer for Custom<L> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        _: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        _: &mut [T],
    ) {
        let (x, y) = (bytemuck::cast_slice(x), bytemuck::cast_slice_mut(y));
        self.0
            .forward::<T, T::OneLane>(T::OneLane::default(), params, x, y);
    }

    #[inline(always)]
    fn vjp_sample<T: Number, S: Simd<T>, W: Wrt>(
        self,
        _: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    ) {
        if const { W::PARAMS && !W::ADD } {
            params_bar.fill(T::ZERO);
        }
        self.vjp::<T, T::OneLane, W>(
            T::OneLane::default(),
            params,
            bytemuck::cast_slice(x),
            bytemuck::cast_slice(z_bar),
            bytemuck::cast_slice_mut(x_bar),
            bytemuck::cast_slice_mut(params_bar),
        );
    }
}
