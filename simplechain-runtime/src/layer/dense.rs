//! The fully connected layer.

use super::{Cotangent, Layer, Memory, Mode, Rows, SampleLayer};
use crate::activation::Activation;
use crate::simd::gemm::{self, Epilogue, Matrix};
use crate::simd::{Number, Params, Simd, gemv};

/// `y = act(W x + b)`, from `IN` to `OUT` numbers.
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

/// The weights as the forward product reads them: a sum an output.
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
}

/// The same weights as the product on the way back reads them: a sum an input.
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
}

/// Stores `act(z)`, and with `SAVE` the derivative if it cannot be had from that.
struct Activate<A, const OUT: usize, const SAVE: bool> {
    activation: A,
    y: usize,
}

impl<T: Number, S: Simd<T>, A: Activation, const OUT: usize, const SAVE: bool, const ROWS: usize>
    Epilogue<T, S, ROWS> for Activate<A, OUT, SAVE>
{
    #[inline(always)]
    fn finish(&self, simd: S, panel: &mut [S::V; ROWS], o: usize, z: S::V) {
        if SAVE && !A::FROM_OUTPUT {
            let (y, derivative) = self.activation.value_and_derivative(simd, z);
            panel[self.y + o] = y;
            panel[self.y + OUT + o] = derivative;
        } else {
            panel[self.y + o] = self.activation.value(simd, z);
        }
    }
}

/// Stores `x_bar` as the `z_bar` of the layer before.
struct PullBack<P, const IN: usize> {
    previous: P,
    x: usize,
}

impl<T: Number, S: Simd<T>, P: Cotangent, const IN: usize, const ROWS: usize> Epilogue<T, S, ROWS>
    for PullBack<P, IN>
{
    #[inline(always)]
    fn finish(&self, simd: S, panel: &mut [S::V; ROWS], i: usize, x_bar: S::V) {
        let (x, saved) = (panel[self.x + i], panel[self.x + IN + i]);
        panel[self.x + IN + i] = self.previous.z_bar(simd, x_bar, x, saved);
    }
}

impl<A: Activation, const IN: usize, const OUT: usize, const BIAS: bool> Cotangent
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

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool, const ROWS: usize>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        _: Mode,
    ) {
        let (weights, bias) = Self::split(params);
        let activate = Activate::<A, OUT, SAVE> {
            activation: self.0,
            y: rows.y,
        };
        gemm::product::<T, S, _, _, OUT, IN, ROWS>(
            simd,
            &Forward::<T, OUT> { weights, bias },
            &activate,
            tile,
            rows.x,
        );
    }

    #[inline(always)]
    fn vjp_tile<
        T: Number,
        S: Simd<T>,
        P: Cotangent,
        const PARAMS: bool,
        const INPUT: bool,
        const ROWS: usize,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        _: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    ) {
        if PARAMS {
            let (weights_bar, bias_bar) = params_bar.split_at_mut(const { IN * OUT });
            let weights_bar = weights_bar
                .as_chunks_mut()
                .0
                .first_chunk_mut()
                .expect("a chain slices its parameters by layer");
            gemm::outer::<T, S, IN, OUT, BIAS, ROWS>(
                simd,
                tile,
                rows.x,
                rows.y + OUT,
                weights_bar,
                bias_bar,
            );
        }
        if INPUT {
            let (weights, _) = Self::split(params);
            let pull_back = PullBack::<P, IN> {
                previous,
                x: rows.x,
            };
            gemm::product::<T, S, _, _, IN, OUT, ROWS>(
                simd,
                &Backward::<T, OUT> { weights },
                &pull_back,
                tile,
                rows.y + OUT,
            );
        }
    }
}

impl<A: Activation, const IN: usize, const OUT: usize, const BIAS: bool> SampleLayer
    for Dense<A, IN, OUT, BIAS>
{
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, M: Memory, const SAVE: bool>(
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
    fn vjp_sample<
        T: Number,
        S: Simd<T>,
        M: Memory,
        const PARAMS: bool,
        const INPUT: bool,
        const ADD: bool,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    ) {
        gemv::backward::<T, S, IN, OUT, PARAMS, INPUT, ADD>(
            simd, params, x, z_bar, x_bar, params_bar,
        );
    }
}
