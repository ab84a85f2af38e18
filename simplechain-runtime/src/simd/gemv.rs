//! Kernels of the one-sample path: a feature a lane, weights read in the order in which they are stored.

use super::{Real, Simd};
use crate::activation::Activation;

/// `y = act(W x + b)`; with `SAVE`, `saved` gets the derivative if it cannot be had from `y`.
#[inline(always)]
pub fn forward<T, S, A, const IN: usize, const OUT: usize, const SAVE: bool>(
    simd: S,
    activation: A,
    params: &[T],
    x: &[T],
    y: &mut [T],
    saved: &mut [T],
) where
    T: Real,
    S: Simd<T>,
    A: Activation,
{
    let (weights, bias) = params.split_at(const { IN * OUT });
    let weights: &[[T; OUT]; IN] = weights.as_chunks().0.first_chunk().expect("IN rows");
    let mut at = 0;
    while at < OUT {
        let n = (OUT - at).min(S::LANES);
        let mut z = if bias.is_empty() {
            simd.zero()
        } else {
            simd.load_partial(&bias[at..at + n])
        };
        for i in 0..IN {
            z = simd.mul_add(
                simd.load_partial(&weights[i][at..at + n]),
                simd.splat(x[i]),
                z,
            );
        }
        if SAVE && !A::FROM_OUTPUT {
            let (value, derivative) = activation.value_and_derivative(simd, z);
            simd.store_partial(value, &mut y[at..at + n]);
            simd.store_partial(derivative, &mut saved[at..at + n]);
        } else {
            simd.store_partial(activation.value(simd, z), &mut y[at..at + n]);
        }
        at += S::LANES;
    }
}

/// `x_bar[i] = sum_o W[o][i] z_bar[o]`
#[inline(always)]
pub fn input_bar<T, S, const IN: usize, const OUT: usize>(
    simd: S,
    params: &[T],
    z_bar: &[T],
    x_bar: &mut [T],
) where
    T: Real,
    S: Simd<T>,
{
    for i in 0..IN {
        let mut sum = simd.zero();
        let mut at = 0;
        while at < OUT {
            let n = (OUT - at).min(S::LANES);
            let weights = simd.load_partial(&params[OUT * i + at..OUT * i + at + n]);
            sum = simd.mul_add(weights, simd.load_partial(&z_bar[at..at + n]), sum);
            at += S::LANES;
        }
        x_bar[i] = simd.sum(sum);
    }
}

/// The outer product `x z_bar^T` and `z_bar`, written to or, with `ADD`, added to `params_bar`.
#[inline(always)]
pub fn params_bar<T, S, const IN: usize, const OUT: usize, const BIAS: bool, const ADD: bool>(
    simd: S,
    x: &[T],
    z_bar: &[T],
    params_bar: &mut [T],
) where
    T: Real,
    S: Simd<T>,
{
    let _ = simd;
    for i in 0..IN {
        for o in 0..OUT {
            let g = x[i] * z_bar[o];
            if ADD {
                params_bar[OUT * i + o] += g;
            } else {
                params_bar[OUT * i + o] = g;
            }
        }
    }
    if BIAS {
        for o in 0..OUT {
            if ADD {
                params_bar[OUT * IN + o] += z_bar[o];
            } else {
                params_bar[OUT * IN + o] = z_bar[o];
            }
        }
    }
}
