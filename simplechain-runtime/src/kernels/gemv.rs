//! Matrix-vector kernels of the single-sample path: one feature per lane, the weights `params[o + OUT * i]` read in storage
//! order.
//!
//! A row of weights (all outputs of one input) is covered by full vectors. If its length is not a multiple of their lanes,
//! - the last vector starts early and overlaps the one before (`start`), where there are as many outputs as lanes;
//! - a power of two is taken several rows to a vector, the inputs repeated to match (`repeated`);
//! - otherwise a vector runs on into the next row, and the lanes after the row's end are ignored.

mod one_by_one;
mod sums;

use self::sums::{MAX_CHAINS, activate, chains, is_streamed, total};
use super::lanes::{MAX_LANES, load_at, store_at};
use super::wrt::Wrt;
use crate::activation::Activation;
use crate::kernels::blocks::{blocks, for_blocks, max, with_size};
use crate::kernels::gemm::add_lanes;
use crate::simd::{Number, Params, Simd};

/// Where vector `v` of a row starts.
const fn start(outputs: usize, lanes: usize, v: usize) -> usize {
    if lanes * (v + 1) <= outputs {
        lanes * v
    } else {
        outputs - lanes
    }
}

/// Numbers in [`repeated`] vectors at most: half the lanes, as that many outputs fill a vector.
const MAX_REPEATED: usize = MAX_LANES / 2;

/// The sums of every `N` successive lanes of `N` vectors.
#[inline(always)]
fn sums_of_successive<T: Number, S: Simd<T>, const N: usize>(
    simd: S,
    mut v: [S::V; MAX_REPEATED],
) -> S::V {
    macro_rules! step {
        ($($k:literal)*) => {$(
            let [even, odd] = simd.deinterleave([v[2 * $k], v[2 * $k + 1]]);
            v[$k] = simd.add(even, odd);
        )*};
    }
    if const { N >= 8 } {
        step!(0 1 2 3);
    }
    if const { N >= 4 } {
        step!(0 1);
    }
    if const { N >= 2 } {
        step!(0);
    }
    v[0]
}

/// The numbers of `x`, repeated to fill a vector; their count divides the number of lanes.
#[inline(always)]
fn cycled<T: Number, S: Simd<T>>(simd: S, x: &[T]) -> S::V {
    let mut lanes = [T::ZERO; MAX_LANES];
    for l in 0..S::LANES {
        lanes[l] = x[l % x.len()];
    }
    simd.load(&lanes)
}

/// [`load_at`] of parameters.
#[inline(always)]
fn params_at<T: Number, S: Simd<T>>(simd: S, params: T::Params<'_>, at: usize) -> S::W {
    if at + S::LANES <= params.len() {
        simd.load_params(params, at)
    } else {
        simd.load_params_partial(params, at)
    }
}

/// `y = act(W x + b)`; with `SAVE`, `saved` gets the derivative if it does not follow from `y`.
#[inline(always)]
pub fn forward<T, S, A, const IN: usize, const OUT: usize, const SAVE: bool>(
    simd: S,
    activation: A,
    params: T::Params<'_>,
    x: &[T],
    y: &mut [T],
    saved: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    A: Activation,
{
    let (params, x, y) = (params, &x[..IN], &mut y[..OUT]);
    let has_bias = params.len() > IN * OUT;
    if const { S::ONE_BY_ONE } {
        one_by_one::forward::<T, S, A, IN, OUT, SAVE>(activation, params, x, y, saved, has_bias);
    } else if const { OUT < S::LANES } {
        let mut z = if const { S::LANES.is_multiple_of(OUT) } {
            shared_sums::<T, S, IN, OUT>(simd, params, x)
        } else {
            row_sums::<T, S, IN, OUT>(simd, params, x)
        };
        if has_bias {
            let bias = simd.load_params_partial(params, IN * OUT);
            z = simd.add(z, simd.param_value(bias));
        }
        activate::<T, S, A, SAVE>(simd, activation, z, y, saved, 0);
    } else if const { is_streamed::<T>(IN, OUT) } {
        streamed_sums::<T, S, A, IN, OUT, SAVE>(simd, activation, params, x, y, saved, has_bias);
    } else {
        let count = const { chains(IN, OUT.div_ceil(S::LANES)) };
        for_blocks!(
            full_vectors::<T, S>(OUT),
            max_vectors(chains(IN, OUT.div_ceil(S::LANES)), S::REGISTERS),
            |first| {
                block_of_sums::<T, S, A, IN, OUT, SAVE>(
                    simd, activation, params, x, y, saved, first, has_bias, count,
                )
            }
        );
        if const { full_vectors::<T, S>(OUT) * S::LANES < OUT } {
            let last = const { OUT.div_ceil(<S::Half as Simd<T>>::LANES) - 1 };
            block_of_sums::<T, S::Half, A, IN, OUT, SAVE, 1>(
                simd.half(),
                activation,
                params,
                x,
                y,
                saved,
                last,
                has_bias,
                count,
            );
        }
    }
}

/// Full vectors that cover a row, the last of which may overlap the one before. Without it where a vector is several registers and half of one covers
/// the rest.
const fn full_vectors<T: Number, S: Simd<T>>(outputs: usize) -> usize {
    let half = <S::Half as Simd<T>>::LANES;
    if S::REGISTERS_PER_VECTOR > 1 && outputs > S::LANES && outputs % S::LANES <= half {
        outputs / S::LANES
    } else {
        outputs.div_ceil(S::LANES)
    }
}

/// Vectors of outputs at a time.
const fn max_vectors(chains: usize, registers: usize) -> usize {
    match registers {
        32.. => max(1, 8 / max(chains, 2)),
        8.. => max(1, 4 / max(chains, 2)),
        _ => 1,
    }
}

/// The outputs of `V` vectors from vector `first` on.
#[inline(always)]
fn block_of_sums<T, S, A, const IN: usize, const OUT: usize, const SAVE: bool, const V: usize>(
    simd: S,
    activation: A,
    params: T::Params<'_>,
    x: &[T],
    y: &mut [T],
    saved: &mut [T],
    first: usize,
    has_bias: bool,
    chains: usize,
) where
    T: Number,
    S: Simd<T>,
    A: Activation,
{
    let at = |v: usize| start(OUT, S::LANES, first + v);
    let mut sums = [[simd.zero(); MAX_CHAINS]; V];
    if has_bias {
        for v in 0..V {
            sums[v][0] = simd.param_value(simd.load_params(params, IN * OUT + at(v)));
        }
    }
    for group in 0..IN / chains {
        for c in 0..chains {
            let i = group * chains + c;
            for v in 0..V {
                let weights = simd.load_params(params, OUT * i + at(v));
                sums[v][c] = simd.mul_add_param(weights, simd.splat(x[i]), sums[v][c]);
            }
        }
    }
    for c in 0..IN % chains {
        let i = IN / chains * chains + c;
        for v in 0..V {
            let weights = simd.load_params(params, OUT * i + at(v));
            sums[v][c] = simd.mul_add_param(weights, simd.splat(x[i]), sums[v][c]);
        }
    }
    for v in 0..V {
        let z = total(simd, sums[v], chains);
        activate::<T, S, A, SAVE>(simd, activation, z, y, saved, at(v));
    }
}

/// Rows that are read side by side.
const STREAMS: usize = 4;

/// All outputs at once, their sums in `y` until they are complete: a few rows of weights at a time.
#[inline(always)]
fn streamed_sums<T, S, A, const IN: usize, const OUT: usize, const SAVE: bool>(
    simd: S,
    activation: A,
    params: T::Params<'_>,
    x: &[T],
    y: &mut [T],
    saved: &mut [T],
    has_bias: bool,
) where
    T: Number,
    S: Simd<T>,
    A: Activation,
{
    let vectors = const { OUT.div_ceil(S::LANES) };
    let saved = if const { SAVE && !A::FROM_OUTPUT } {
        &mut saved[..OUT]
    } else {
        saved
    };
    for v in 0..vectors {
        let at = S::LANES * v;
        let bias = if has_bias {
            simd.param_value(params_at(simd, params, IN * OUT + at))
        } else {
            simd.zero()
        };
        store_at(simd, bias, y, at);
    }
    for group in 0..IN / STREAMS {
        add_rows::<T, S, OUT, STREAMS>(simd, params, x, y, group * STREAMS);
    }
    with_size!(
        IN % STREAMS,
        add_rows::<T, S, OUT>(simd, params, x, y, IN / STREAMS * STREAMS)
    );
    for v in 0..vectors {
        let at = S::LANES * v;
        let z = load_at(simd, y, at);
        activate::<T, S, A, SAVE>(simd, activation, z, y, saved, at);
    }
}

/// Adds the products of `N` inputs from `first` on to `y`.
#[inline(always)]
fn add_rows<T: Number, S: Simd<T>, const OUT: usize, const N: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
    y: &mut [T],
    first: usize,
) {
    let mut xs = [simd.zero(); N];
    for i in 0..N {
        xs[i] = simd.splat(x[first + i]);
    }
    for v in 0..const { OUT / S::LANES } {
        let at = S::LANES * v;
        let mut sum = simd.load(&y[at..]);
        for i in 0..N {
            let weights = simd.load_params(params, OUT * (first + i) + at);
            sum = simd.mul_add_param(weights, xs[i], sum);
        }
        simd.store(sum, &mut y[at..]);
    }
    if !OUT.is_multiple_of(S::LANES) {
        let at = OUT / S::LANES * S::LANES;
        let mut sum = simd.load_partial(&y[at..]);
        for i in 0..N {
            let weights = params_at(simd, params, OUT * (first + i) + at);
            sum = simd.mul_add_param(weights, xs[i], sum);
        }
        simd.store_partial(sum, &mut y[at..]);
    }
}

/// `W x` in the first lanes, for outputs whose number divides that of the lanes.
#[inline(always)]
fn shared_sums<T: Number, S: Simd<T>, const IN: usize, const OUT: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
) -> S::V {
    let weights = params.range(0..IN * OUT);
    let chains = const { chains(IN * OUT / S::LANES, 1) };
    let mut sums = [simd.zero(); MAX_CHAINS];
    for group in 0..const { IN.div_ceil(S::LANES) } {
        let x = simd.repeat::<OUT>(load_at(simd, x, group * S::LANES));
        for k in 0..OUT {
            let vector = group * OUT + k;
            if vector * S::LANES < IN * OUT {
                let weights = params_at(simd, weights, vector * S::LANES);
                let sum = &mut sums[vector % chains];
                *sum = simd.mul_add_param(weights, x[k], *sum);
            }
        }
    }
    let mut lanes = [T::ZERO; MAX_LANES];
    simd.store(total(simd, sums, chains), &mut lanes);
    let mut half = S::LANES / 2;
    while half >= OUT {
        for l in 0..half {
            lanes[l] += lanes[l + half];
        }
        half /= 2;
    }
    simd.load_partial(&lanes[..OUT])
}

/// `W x` in the first lanes, for less than 8 outputs; the other lanes hold anything.
#[inline(always)]
fn row_sums<T: Number, S: Simd<T>, const IN: usize, const OUT: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
) -> S::V {
    let chains = const { chains(IN, 1) };
    let mut sums = [simd.zero(); MAX_CHAINS];
    for i in 0..IN {
        let weights = params_at(simd, params, OUT * i);
        sums[i % chains] = simd.mul_add_param(weights, simd.splat(x[i]), sums[i % chains]);
    }
    total(simd, sums, chains)
}

/// Back through `z = W x + b` in one pass over the rows: with [`Wrt::INPUT`], `x_bar[i] = sum_o W[o][i] z_bar[o]`; with
/// [`Wrt::PARAMS`], the row `x[i] z_bar` and `z_bar` itself are written to or, with [`Wrt::ADD`], added to `params_bar`.
#[inline(always)]
pub fn backward<T, S, W, const IN: usize, const OUT: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
    z_bar: &[T],
    x_bar: &mut [T],
    params_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    W: Wrt,
{
    let z_bar = &z_bar[..OUT];
    if const { S::ONE_BY_ONE } {
        return one_by_one::backward::<T, S, W, IN, OUT>(params, x, z_bar, x_bar, params_bar);
    }
    if const { OUT < S::LANES && S::LANES.is_multiple_of(OUT) } {
        shared_back::<T, S, W, IN, OUT>(simd, params, x, z_bar, x_bar, params_bar);
    } else {
        separate_back::<T, S, W, IN, OUT>(simd, params, x, z_bar, x_bar, params_bar);
    }
    if W::PARAMS && params_bar.len() > IN * OUT {
        row_bar::<T, S, W, OUT>(simd, T::ONE, z_bar, params_bar, IN * OUT);
    }
}

/// [`backward`] where several rows fill a vector.
#[inline(always)]
fn shared_back<T, S, W, const IN: usize, const OUT: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
    z_bar: &[T],
    x_bar: &mut [T],
    params_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    W: Wrt,
{
    let z_bar = cycled(simd, z_bar);
    let weights = params.range(0..IN * OUT);
    for group in 0..const { IN.div_ceil(S::LANES) } {
        let first = group * S::LANES;
        if const { W::INPUT } {
            let mut products = [simd.zero(); MAX_REPEATED];
            for k in 0..OUT {
                let at = (group * OUT + k) * S::LANES;
                if at < IN * OUT {
                    products[k] = simd.mul_param(params_at(simd, weights, at), z_bar);
                }
            }
            let sums = sums_of_successive::<T, S, OUT>(simd, products);
            store_at(simd, sums, &mut x_bar[..IN], first);
        }
        if const { W::PARAMS } {
            let weights_bar = &mut params_bar[..IN * OUT];
            let x = simd.repeat::<OUT>(load_at(simd, &x[..IN], first));
            for k in 0..OUT {
                let at = (group * OUT + k) * S::LANES;
                if at < IN * OUT {
                    let mut rows = simd.mul(x[k], z_bar);
                    if const { W::ADD } {
                        rows = simd.add(rows, load_at(simd, weights_bar, at));
                    }
                    store_at(simd, rows, weights_bar, at);
                }
            }
        }
    }
}

/// [`backward`] where a row fills vectors of its own.
#[inline(always)]
fn separate_back<T, S, W, const IN: usize, const OUT: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
    z_bar: &[T],
    x_bar: &mut [T],
    params_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    W: Wrt,
{
    let rows = const { rows_at_a_time(S::REGISTERS) };
    let full = IN / rows;
    for group in 0..full {
        with_size!(
            rows_at_a_time(S::REGISTERS),
            rows_back::<T, S, W, IN, OUT>(simd, params, x, z_bar, x_bar, params_bar, group * rows,)
        );
    }
    with_size!(
        IN % rows_at_a_time(S::REGISTERS),
        rows_back::<T, S, W, IN, OUT>(simd, params, x, z_bar, x_bar, params_bar, full * rows,)
    );
}

/// Rows whose dot products are added up together.
const fn rows_at_a_time(registers: usize) -> usize {
    match registers {
        8.. => 8,
        // Every operation is a call then, and what counts is the size of the code.
        _ => 1,
    }
}

/// Rows `first .. first + N` of [`backward`].
#[inline(always)]
fn rows_back<T, S, W, const IN: usize, const OUT: usize, const N: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
    z_bar: &[T],
    x_bar: &mut [T],
    params_bar: &mut [T],
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    W: Wrt,
{
    if const { W::INPUT } {
        let mut products = [simd.zero(); 16];
        if const { is_streamed::<T>(IN, OUT) } {
            products = dots::<T, S, OUT, N>(simd, params, z_bar, OUT * first);
        } else {
            for i in 0..N {
                products[i] = dot::<T, S, OUT>(simd, params, z_bar, OUT * (first + i));
            }
        }
        x_bar[first..first + N].copy_from_slice(&add_lanes(simd, products, N)[..N]);
    }
    if const { W::PARAMS } {
        for i in first..first + N {
            row_bar::<T, S, W, OUT>(simd, x[i], z_bar, params_bar, OUT * i);
        }
    }
}

/// The products of the row at `row` and `z_bar`, lane by lane.
#[inline(always)]
fn dot<T: Number, S: Simd<T>, const OUT: usize>(
    simd: S,
    params: T::Params<'_>,
    z_bar: &[T],
    row: usize,
) -> S::V {
    if const { OUT < S::LANES } {
        return simd.mul_param(params_at(simd, params, row), simd.load_partial(z_bar));
    }
    let mut sum = simd.mul_param(simd.load_params(params, row), simd.load(z_bar));
    for v in 1..const { OUT / S::LANES } {
        let at = S::LANES * v;
        let weights = simd.load_params(params, row + at);
        sum = simd.mul_add_param(weights, simd.load(&z_bar[at..]), sum);
    }
    if !OUT.is_multiple_of(S::LANES) {
        let weights = simd.load_params(params, row + OUT - S::LANES);
        sum = simd.mul_add_param(weights, rest::<T, S, OUT>(simd, z_bar), sum);
    }
    sum
}

/// [`dot`] of `N` rows side by side, where they are long: each sum waits for its last step, but not for the others.
#[inline(always)]
fn dots<T: Number, S: Simd<T>, const OUT: usize, const N: usize>(
    simd: S,
    params: T::Params<'_>,
    z_bar: &[T],
    row: usize,
) -> [S::V; 16] {
    let mut sums = [simd.zero(); 16];
    for v in 0..const { OUT / S::LANES } {
        let at = S::LANES * v;
        let z_bar = simd.load(&z_bar[at..]);
        for i in 0..N {
            let weights = simd.load_params(params, row + OUT * i + at);
            sums[i] = simd.mul_add_param(weights, z_bar, sums[i]);
        }
    }
    if !OUT.is_multiple_of(S::LANES) {
        let z_bar = rest::<T, S, OUT>(simd, z_bar);
        for i in 0..N {
            let weights = simd.load_params(params, row + OUT * (i + 1) - S::LANES);
            sums[i] = simd.mul_add_param(weights, z_bar, sums[i]);
        }
    }
    sums
}

/// The last lanes of `z_bar`; those that the previous vector covers count as 0.
#[inline(always)]
fn rest<T: Number, S: Simd<T>, const OUT: usize>(simd: S, z_bar: &[T]) -> S::V {
    let mut rest = [T::ZERO; MAX_LANES];
    let seen = S::LANES - OUT % S::LANES;
    rest[seen..S::LANES].copy_from_slice(&z_bar[OUT / S::LANES * S::LANES..]);
    simd.load(&rest)
}

/// The row `x z_bar` from `params_bar[at]` on. Rows are written in order: where one is shorter than a vector, the next
/// overwrites what it writes beyond its end.
#[inline(always)]
fn row_bar<T: Number, S: Simd<T>, W: Wrt, const OUT: usize>(
    simd: S,
    x: T,
    z_bar: &[T],
    params_bar: &mut [T],
    at: usize,
) {
    let xx = x;
    let x = simd.splat(x);
    for v in 0..const { OUT / S::LANES } {
        let row = &mut params_bar[at + S::LANES * v..];
        let mut product = simd.mul(x, simd.load(&z_bar[S::LANES * v..]));
        if const { W::ADD } {
            product = simd.add(product, simd.load(row));
        }
        simd.store(product, row);
    }
    if OUT.is_multiple_of(S::LANES) {
        return;
    }
    if const { W::ADD } {
        let (rest, row) = (
            OUT / S::LANES * S::LANES,
            &mut params_bar[at + OUT / S::LANES * S::LANES..at + OUT],
        );
        let product = simd.mul(x, simd.load_partial(&z_bar[rest..]));
        simd.store_partial(simd.add(product, simd.load_partial(row)), row);
    } else if const { OUT < S::LANES } {
        store_at(simd, simd.mul(x, simd.load_partial(z_bar)), params_bar, at);
    } else if const { OUT % S::LANES <= <S::Half as Simd<T>>::LANES } {
        let last = OUT - <S::Half as Simd<T>>::LANES;
        let simd = simd.half();
        simd.store(
            simd.mul(simd.splat(xx), simd.load(&z_bar[last..])),
            &mut params_bar[at + last..],
        );
    } else {
        let last = OUT - S::LANES;
        simd.store(
            simd.mul(x, simd.load(&z_bar[last..])),
            &mut params_bar[at + last..],
        );
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::activation::{Silu, Tanh};
    use crate::kernels::wrt::{Adding, WrtBoth};
    use crate::simd::{Real, Scalar};

    /// Numbers in `[-1, 1)`.
    fn numbers<T: Real>(seed: u32, count: usize) -> Vec<T> {
        let mut state = seed;
        let mut number = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            T::from_f64(f64::from(state >> 8) / f64::from(1 << 23) - 1.0)
        };
        (0..count).map(|_| number()).collect()
    }

    fn same_bits<T, S, const IN: usize, const OUT: usize>(simd: S)
    where
        T: Real,
        S: Simd<T>,
    {
        let params = numbers::<T>(1, IN * OUT + OUT);
        let (x, z_bar) = (numbers::<T>(2, IN), numbers::<T>(3, OUT));
        for has_bias in [false, true] {
            let params = &params[..IN * OUT + if has_bias { OUT } else { 0 }];
            let read = T::as_params(params);
            let [mut vectors, mut singly] = [(); 2].map(|()| numbers::<T>(4, 2 * OUT));
            let (y, saved) = vectors.split_at_mut(OUT);
            forward::<T, S, _, IN, OUT, true>(simd, Silu, read, &x, y, saved);
            let (y, saved) = singly.split_at_mut(OUT);
            one_by_one::forward::<T, S, _, IN, OUT, true>(Silu, read, &x, y, saved, has_bias);
            assert_eq!(vectors, singly, "{IN} to {OUT}");
            forward::<T, S, _, IN, OUT, false>(simd, Tanh, read, &x, &mut vectors[..OUT], &mut []);
            let y = &mut singly[..OUT];
            one_by_one::forward::<T, S, _, IN, OUT, false>(Tanh, read, &x, y, &mut [], has_bias);
            assert_eq!(vectors, singly, "{IN} to {OUT}");

            let [mut vectors, mut singly] = [(); 2].map(|()| numbers::<T>(5, IN + params.len()));
            let (x_bar, bar) = vectors.split_at_mut(IN);
            backward::<T, S, WrtBoth, IN, OUT>(simd, read, &x, &z_bar, x_bar, bar);
            backward::<T, S, Adding<WrtBoth>, IN, OUT>(simd, read, &x, &z_bar, x_bar, bar);
            let (x_bar, bar) = singly.split_at_mut(IN);
            one_by_one::backward::<T, S, WrtBoth, IN, OUT>(read, &x, &z_bar, x_bar, bar);
            one_by_one::backward::<T, S, Adding<WrtBoth>, IN, OUT>(read, &x, &z_bar, x_bar, bar);
            assert_eq!(vectors, singly, "{IN} to {OUT}, backwards");
        }
    }

    #[test]
    fn one_output_after_the_other_has_the_bits_of_vectors() {
        macro_rules! shapes {
            ($($IN:literal $OUT:literal)*) => {$(
                // In Miri the larger ones take minutes.
                if !cfg!(miri) || $IN * $OUT <= 80 {
                    same_bits::<f32, _, $IN, $OUT>(Scalar::<16>);
                    same_bits::<f64, _, $IN, $OUT>(Scalar::<8>);
                }
            )*};
        }
        shapes!(1 1 3 1 40 1 5 2 17 2 4 4 16 4 37 4 9 8 33 8 2 3 11 5 7 7 30 13 4 16 16 16 3 17 20 31 4 32 32 32 9 40 65 48);
    }
}
