//! The fully connected layer.

use super::{ActivationGrad, Layer, Mode, RowOffsets, SampleLayer};
use crate::activation::Activation;
use crate::kernels::gemm::{self, INPUTS, Matrix, Packed, SumEpilogue, TensorRows};
use crate::kernels::gemv;
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Params, Simd};

/// `y = act(W x + b)`, from `IN` to `OUT` elements.
///
/// Parameters: `params[o + OUT * i] = W[o][i]` (the output index is fastest), then `b` if `BIAS`.
#[derive(Clone, Copy, Debug)]
pub struct Dense<A, const IN: usize, const OUT: usize, const BIAS: bool>(pub A);

impl<A: Activation, const IN: usize, const OUT: usize, const BIAS: bool> Dense<A, IN, OUT, BIAS> {
    /// The parameters as weights, `[i][o]`, and biases (empty without).
    #[inline(always)]
    fn split<'a, P: Params<'a>>(params: P) -> (P, P) {
        let weights = const { IN * OUT };
        (
            params.range(0..weights),
            params.range(weights..params.len()),
        )
    }
}

/// The weights as the forward product reads them: one accumulator per output.
struct Forward<'a, T: Number, const OUT: usize> {
    weights: T::Params<'a>,
    bias: T::Params<'a>,
}

impl<T: Number, const OUT: usize> Matrix<T> for Forward<'_, T, OUT> {
    #[inline(always)]
    fn at<S: Simd<T>>(&self, simd: S, o: usize, i: usize) -> S::W {
        simd.param(self.weights, o + OUT * i)
    }
    #[inline(always)]
    fn start<S: Simd<T>>(&self, simd: S, o: usize) -> S::V {
        simd.bias(self.bias, o)
    }
    #[inline(always)]
    fn pack<'a, const R: usize>(
        &self,
        [o, sums]: [usize; 2],
        [i, inputs]: [usize; 2],
        memory: &'a mut [T],
    ) -> Packed<'a, T> {
        for k in 0..inputs {
            for b in 0..sums / R {
                let (at, to) = (o + b * R + OUT * (i + k), (b * INPUTS + k) * R);
                T::copy_params(self.weights, at, R, memory, to);
            }
        }
        Packed::new(memory, [1, R])
    }
}

/// The same weights as the product in the backward pass reads them: one accumulator per input.
struct Backward<'a, T: Number, const OUT: usize> {
    weights: T::Params<'a>,
}

impl<T: Number, const OUT: usize> Matrix<T> for Backward<'_, T, OUT> {
    #[inline(always)]
    fn at<S: Simd<T>>(&self, simd: S, i: usize, o: usize) -> S::W {
        simd.param(self.weights, o + OUT * i)
    }
    #[inline(always)]
    fn start<S: Simd<T>>(&self, simd: S, _: usize) -> S::V {
        simd.zero()
    }
    #[inline(always)]
    fn pack<'a, const R: usize>(
        &self,
        [i, sums]: [usize; 2],
        [o, inputs]: [usize; 2],
        memory: &'a mut [T],
    ) -> Packed<'a, T> {
        for r in 0..sums {
            let at = o + OUT * (i + r);
            T::copy_params(self.weights, at, inputs, memory, r * INPUTS);
        }
        Packed::new(memory, [INPUTS, 1])
    }
}

/// Stores `act(z)`, and with `SAVE` the derivative if it does not follow from `act(z)`.
struct StoreActivation<A, const SAVE: bool>(A);

impl<T: Number, S: Simd<T>, A: Activation, const OUT: usize, const SAVE: bool>
    SumEpilogue<T, S, OUT> for StoreActivation<A, SAVE>
{
    #[inline(always)]
    fn finish(&self, simd: S, [y, saved]: &mut TensorRows<S::V, OUT>, o: usize, z: S::V) {
        if const { SAVE && !A::FROM_OUTPUT } {
            (y[o], saved[o]) = self.0.value_and_derivative(simd, z);
        } else {
            y[o] = self.0.value(simd, z);
        }
    }
}

/// Stores `x_bar` as the `z_bar` of the previous layer.
struct PullBack<P>(P);

impl<T: Number, S: Simd<T>, P: ActivationGrad, const IN: usize> SumEpilogue<T, S, IN>
    for PullBack<P>
{
    #[inline(always)]
    fn finish(&self, simd: S, [x, bar]: &mut TensorRows<S::V, IN>, i: usize, x_bar: S::V) {
        bar[i] = self.0.z_bar(simd, x_bar, x[i], bar[i]);
    }
}

impl<A: Activation, const IN: usize, const OUT: usize, const BIAS: bool> ActivationGrad
    for Dense<A, IN, OUT, BIAS>
{
    const NEEDS_SAVED: bool = !A::FROM_OUTPUT;

    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        self.0.z_bar(simd, y_bar, y, saved)
    }
}

impl<A: Activation, const IN: usize, const OUT: usize, const BIAS: bool> Layer
    for Dense<A, IN, OUT, BIAS>
{
    const INPUT_LEN: usize = IN;
    const OUTPUT_LEN: usize = OUT;
    const PARAM_COUNT: usize = IN * OUT + if BIAS { OUT } else { 0 };
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
        let (weights, bias) = Self::split(params);
        gemm::product::<T, S, _, _, OUT, IN>(
            simd,
            &Forward::<T, OUT> { weights, bias },
            &StoreActivation::<A, SAVE>(self.0),
            tile,
            rows.x,
            rows.y,
        );
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
        if const { W::PARAMS } {
            let (weights_bar, bias_bar) = params_bar.split_at_mut(const { IN * OUT });
            let weights_bar = weights_bar
                .as_chunks_mut()
                .0
                .first_chunk_mut()
                .expect("a chain slices its parameters by layer");
            gemm::outer::<T, S, IN, OUT, BIAS>(
                simd,
                tile,
                rows.x,
                rows.y + OUT,
                weights_bar,
                bias_bar,
            );
        }
        if const { W::INPUT } {
            let (weights, _) = Self::split(params);
            gemm::product::<T, S, _, _, IN, OUT>(
                simd,
                &Backward::<T, OUT> { weights },
                &PullBack(previous),
                tile,
                rows.y + OUT,
                rows.x,
            );
        }
    }
}

impl<A: Activation, const IN: usize, const OUT: usize, const BIAS: bool> SampleLayer
    for Dense<A, IN, OUT, BIAS>
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
        gemv::forward::<T, S, A, IN, OUT, SAVE>(simd, self.0, params, x, y, saved);
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
        gemv::backward::<T, S, W, IN, OUT>(simd, params, x, z_bar, x_bar, params_bar);
    }
}
