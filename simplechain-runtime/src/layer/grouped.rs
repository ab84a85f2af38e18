//! Convolution in groups of channels, down to one channel each.

use core::marker::PhantomData;

use super::{
    Activate, ActivationGrad, Custom, CustomLayer, Geometry, Layer, Mode, RowOffsets, SampleLayer,
};
use crate::activation::Activation;
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Simd};

/// Like [`Conv`](super::Conv) without an activation, but in `GROUPS`: the channels of the input and of the output are divided
/// into `GROUPS` groups, and each output group sees only its own input group. With as many groups as input channels the
/// convolution is *depthwise*.
///
/// Parameters: `params[kx + KW * (ky + KH * (c + C / GROUPS * oc))]`, then `b` if `BIAS`.
///
/// It has no dedicated kernel: each product is a load and a multiply-add, so it runs at half the speed of `Conv`, and on a
/// single sample one element at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupedConv<G, const OC: usize, const GROUPS: usize, const BIAS: bool>(PhantomData<G>);

impl<G, const OC: usize, const GROUPS: usize, const BIAS: bool> GroupedConv<G, OC, GROUPS, BIAS> {
    /// The only value.
    #[inline(always)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<G: Geometry, const OC: usize, const GROUPS: usize, const BIAS: bool>
    GroupedConv<G, OC, GROUPS, BIAS>
{
    /// Input channels of a group.
    const IC: usize = G::C / GROUPS;
    const WEIGHT_COUNT: usize = OC * Self::IC * G::KH * G::KW;

    /// The index of the input pixel that output channel `oc` sees in window `(oy, ox)` at `(ci, ky, kx)`.
    #[inline(always)]
    fn pixel(
        oc: usize,
        (oy, ox): (usize, usize),
        (ci, ky, kx): (usize, usize, usize),
    ) -> Option<usize> {
        // An index before the first row or column wraps around and is too large.
        let iy = (oy * G::SH + ky).wrapping_sub(G::TOP);
        let ix = (ox * G::SW + kx).wrapping_sub(G::LEFT);
        let channel = oc / (OC / GROUPS) * Self::IC + ci;
        if iy < G::H && ix < G::W {
            Some((channel * G::H + iy) * G::W + ix)
        } else {
            None
        }
    }

    #[inline(always)]
    fn tap(oc: usize, (ci, ky, kx): (usize, usize, usize)) -> usize {
        ((oc * Self::IC + ci) * G::KH + ky) * G::KW + kx
    }
}

#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<G: Geometry + Default, const OC: usize, const GROUPS: usize, const BIAS: bool> CustomLayer
    for GroupedConv<G, OC, GROUPS, BIAS>
{
    const INPUT_LEN: usize = G::INPUT_LEN;
    const OUTPUT_LEN: usize = OC * G::OH * G::OW;
    const PARAM_COUNT: usize = Self::WEIGHT_COUNT + if BIAS { OC } else { 0 };

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    ) {
        for oc in 0..OC {
            for oy in 0..G::OH {
                for ox in 0..G::OW {
                    let mut sum = simd.bias(params, Self::WEIGHT_COUNT + oc);
                    for ci in 0..Self::IC {
                        for ky in 0..G::KH {
                            for kx in 0..G::KW {
                                let at = (ci, ky, kx);
                                if let Some(pixel) = Self::pixel(oc, (oy, ox), at) {
                                    let weight = simd.param(params, Self::tap(oc, at));
                                    sum = simd.mul_add_param(weight, x[pixel], sum);
                                }
                            }
                        }
                    }
                    y[(oc * G::OH + oy) * G::OW + ox] = sum;
                }
            }
        }
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        params_bar: &mut [S::V],
    ) {
        x_bar.fill(simd.zero());
        for oc in 0..OC {
            let y_bar = &y_bar[oc * G::OH * G::OW..][..G::OH * G::OW];
            for ci in 0..Self::IC {
                for ky in 0..G::KH {
                    for kx in 0..G::KW {
                        let at = (ci, ky, kx);
                        let weight = simd.param(params, Self::tap(oc, at));
                        let mut sum = simd.zero();
                        for oy in 0..G::OH {
                            for ox in 0..G::OW {
                                if let Some(pixel) = Self::pixel(oc, (oy, ox), at) {
                                    let bar = y_bar[oy * G::OW + ox];
                                    x_bar[pixel] = simd.mul_add_param(weight, bar, x_bar[pixel]);
                                    sum = simd.mul_add(x[pixel], bar, sum);
                                }
                            }
                        }
                        if PARAMS {
                            let tap = Self::tap(oc, at);
                            params_bar[tap] = simd.add(params_bar[tap], sum);
                        }
                    }
                }
            }
            if PARAMS && BIAS {
                let mut sum = simd.zero();
                for bar in y_bar {
                    sum = simd.add(sum, *bar);
                }
                let bias = &mut params_bar[Self::WEIGHT_COUNT + oc];
                *bias = simd.add(*bias, sum);
            }
        }
    }
}

/// A [`CustomLayer`] followed by an activation: `y = act(L(x))`. `N` is the length of its output.
#[derive(Clone, Copy, Debug)]
pub struct Activated<L, A, const N: usize>(pub L, pub A);

impl<L: CustomLayer, A: Activation, const N: usize> ActivationGrad for Activated<L, A, N> {
    const NEEDS_SAVED: bool = !A::FROM_OUTPUT;

    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        self.1.z_bar(simd, y_bar, y, saved)
    }
}

impl<L: CustomLayer, A: Activation, const N: usize> Layer for Activated<L, A, N> {
    const INPUT_LEN: usize = L::INPUT_LEN;
    const OUTPUT_LEN: usize = N;
    const PARAM_COUNT: usize = L::PARAM_COUNT;
    const SAVES: bool = !A::FROM_OUTPUT;
    const SCRATCH: usize = Custom::<L>::SCRATCH;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        mode: Mode,
    ) {
        let layer = Custom(self.0);
        layer.forward_tile::<T, S, SAVE>(simd, params, tile, rows, mode);
        let in_place = RowOffsets { x: rows.y, ..rows };
        Activate::<A, N>(self.1).forward_tile::<T, S, SAVE>(simd, params, tile, in_place, mode);
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
        Custom(self.0)
            .vjp_tile::<T, S, P, W>(simd, params, tile, rows, scratch, previous, params_bar);
    }
}

impl<L: CustomLayer, A: Activation, const N: usize> SampleLayer for Activated<L, A, N> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        saved: &mut [T],
    ) {
        let layer = Custom(self.0);
        layer.forward_sample::<T, S, SAVE>(simd, params, x, y, &mut []);
        Activate::<A, N>(self.1).in_place::<T, S, SAVE>(simd, y, saved);
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
        Custom(self.0).vjp_sample::<T, S, W>(simd, params, x, z_bar, x_bar, params_bar);
    }
}
