//! Polynomials through one sample, forward and back.

use core::marker::PhantomData;

use super::jet::{Jet, adjoint_seed, coefficient, derivatives, set, take_last};
use crate::array::Array;
use crate::layer::{Wrt, WrtParams};
use crate::network::Network;
use crate::run::sample::{self, Sample};
use crate::scratch::{Memory, OffStack, with_zeros};
use crate::simd::{Number, ParamsAndTangents, Real, Taylor};

/// Calls `f` with the unit vector `i`.
#[inline(always)]
pub(super) fn with_unit<T: Real, A: Array<T>, R>(i: usize, f: impl FnOnce(&A) -> R) -> R {
    with_zeros(|unit: &mut A| {
        unit.as_mut_slice()[i] = T::ONE;
        f(unit)
    })
}

/// Forward pass of one sample; `x` writes the input into zeros, and `take` is given the output.
#[inline(always)]
pub(super) fn forward<C: Network, N: Number, R>(
    chain: C,
    params: N::Params<'_>,
    x: impl FnOnce(&mut [N]),
    take: impl FnOnce(&[N]) -> R,
) -> R {
    with_zeros(|input: &mut C::Input<N>| {
        x(input.as_mut_slice());
        with_zeros(|y: &mut C::Output<N>| {
            N::dispatch_sample(Sample(sample::Forward {
                chain,
                x: input,
                params,
                y,
            }));
            take(y.as_slice())
        })
    })
}

/// Backward pass of one sample; `x` and `y_bar` write input and cotangent into zeros, and `take` is given the output and the
/// requested cotangents of input and parameters.
#[inline(always)]
pub(super) fn back<C: Network, N: Number, W: Wrt, R>(
    chain: C,
    params: N::Params<'_>,
    x: impl FnOnce(&mut [N]),
    y_bar: impl FnOnce(&mut [N]),
    take: impl FnOnce(&[N], &[N], &[N]) -> R,
) -> R {
    let mut memory = const { W::PARAMS }.then(OffStack::zeros::<N, C::Params<N>>);
    let params_bar: &mut [N] = memory.as_deref_mut().unwrap_or_default();
    with_zeros(|input: &mut C::Input<N>| {
        x(input.as_mut_slice());
        with_zeros(|seed: &mut C::Output<N>| {
            y_bar(seed.as_mut_slice());
            with_zeros(|x_bar: &mut C::Input<N>| {
                with_zeros(|y: &mut C::Output<N>| {
                    N::dispatch_sample(Sample(sample::Vjp::<C, _, W> {
                        chain,
                        x: input,
                        params,
                        y_bar: seed,
                        y,
                        x_bar: x_bar.as_mut_slice(),
                        params_bar: &mut *params_bar,
                        wrt: PhantomData,
                    }));
                    take(y.as_slice(), x_bar.as_slice(), params_bar)
                })
            })
        })
    })
}

/// Backward pass of the derivatives along the curve that `x` writes.
#[inline(always)]
pub(super) fn back_jet<C: Network, T: Real>(
    chain: C,
    params: &C::Params<T>,
    x: impl FnOnce(&mut [Jet<T>]),
    bars: [&C::Output<T>; 3],
    params_bar: &mut [T],
) -> [C::Output<T>; 3] {
    back::<_, Jet<T>, WrtParams, _>(
        chain,
        ParamsAndTangents::new(params.as_slice(), &[]),
        x,
        |y_bar| {
            for (o, y_bar) in y_bar.iter_mut().enumerate() {
                *y_bar = adjoint_seed(bars.map(|bar| bar.as_slice()[o]));
            }
        },
        |y, _, jets| {
            take_last(jets, params_bar);
            derivatives(y)
        },
    )
}

/// Backward pass of one sample with dual numbers; the results are the first derivatives.
#[inline(always)]
pub(super) fn back_slopes<C, T, W, const PARAM_TANGENTS: bool>(
    chain: C,
    line: [&[T]; 2],
    params: ParamsAndTangents<'_, T>,
    y_bar: &C::Output<T>,
    x_out: &mut [T],
    params_out: &mut [T],
) -> C::Output<T>
where
    C: Network,
    T: Real,
    W: Wrt,
{
    back::<C, Taylor<T, 2, PARAM_TANGENTS>, W, _>(
        chain,
        params,
        |x| set(x, line),
        |seed| set(seed, [y_bar.as_slice()]),
        |y, x_bar, params_bar| {
            take_last(x_bar, x_out);
            take_last(params_bar, params_out);
            coefficient(y, 0, T::ONE)
        },
    )
}
