//! Matrix-vector kernels of the single-sample path: one feature per lane, 8 lanes, the weights `params[o + OUT * i]` read in
//! storage order.
//!
//! A row of weights (all outputs of one input) is covered by full vectors. If its length is not a multiple of 8, then
//! - from 8 outputs on, the last vector starts early and overlaps the one before (`start`);
//! - 1, 2 or 4 outputs are taken several rows to a vector, the inputs repeated to match (`repeated`);
//! - with 3, 5, 6 or 7 a vector runs on into the next row, and the lanes after the row's end are ignored.

use super::wrt::Wrt;
use crate::activation::Activation;
use crate::simd::{Number, Params, Simd};

/// Lanes of a vector, in every tier.
const LANES: usize = 8;

/// Where vector `v` of a row starts.
const fn start(outputs: usize, v: usize) -> usize {
    if LANES * (v + 1) <= outputs {
        LANES * v
    } else {
        outputs - LANES
    }
}

/// Whether several rows of this length fill a vector exactly.
const fn share_a_vector(outputs: usize) -> bool {
    LANES.is_multiple_of(outputs)
}

/// Numbers `at .. at + 8` of `x` with every number written `REPEAT` times, zeros after its end.
#[inline(always)]
fn repeated<T: Number, S: Simd<T>, const REPEAT: usize>(simd: S, x: &[T], at: usize) -> S::V {
    let mut lanes = [T::ZERO; LANES];
    for l in 0..LANES {
        if (at + l) / REPEAT < x.len() {
            lanes[l] = x[(at + l) / REPEAT];
        }
    }
    simd.load(&lanes)
}

/// The numbers of `x`, repeated to fill a vector; their count divides 8.
#[inline(always)]
fn cycled<T: Number, S: Simd<T>>(simd: S, x: &[T]) -> S::V {
    let mut lanes = [T::ZERO; LANES];
    for l in 0..LANES {
        lanes[l] = x[l % x.len()];
    }
    simd.load(&lanes)
}

/// The 8 numbers from `at`, or as many as there are, then zeros.
#[inline(always)]
fn load_at<T: Number, S: Simd<T>>(simd: S, x: &[T], at: usize) -> S::V {
    if at + LANES <= x.len() {
        simd.load(&x[at..])
    } else {
        simd.load_partial(&x[at..])
    }
}

/// [`load_at`] of parameters.
#[inline(always)]
fn params_at<T: Number, S: Simd<T>>(simd: S, params: T::Params<'_>, at: usize) -> S::W {
    if at + LANES <= params.len() {
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
    if const { OUT < LANES } {
        let mut z = if share_a_vector(OUT) {
            shared_sums::<T, S, IN, OUT>(simd, params, x)
        } else {
            row_sums::<T, S, IN, OUT>(simd, params, x)
        };
        if has_bias {
            z = simd.add(
                z,
                simd.param_value(simd.load_params_partial(params, IN * OUT)),
            );
        }
        activate::<T, S, A, SAVE>(simd, activation, z, y, saved, 0);
    } else {
        // Sums of 4 vectors, 2 or more terms at a time, keep the multiply-adds busy.
        let vectors = OUT.div_ceil(LANES);
        for v in 0..vectors / 4 {
            block_of_sums::<T, S, A, IN, OUT, SAVE, 4>(
                simd,
                activation,
                params,
                x,
                y,
                saved,
                4 * v,
                has_bias,
            );
        }
        let first = vectors / 4 * 4;
        match vectors % 4 {
            0 => {}
            1 => block_of_sums::<T, S, A, IN, OUT, SAVE, 1>(
                simd, activation, params, x, y, saved, first, has_bias,
            ),
            2 => block_of_sums::<T, S, A, IN, OUT, SAVE, 2>(
                simd, activation, params, x, y, saved, first, has_bias,
            ),
            _ => block_of_sums::<T, S, A, IN, OUT, SAVE, 3>(
                simd, activation, params, x, y, saved, first, has_bias,
            ),
        }
    }
}

/// Chains of dependent multiply-adds for each sum; several hide the latency.
const CHAINS: usize = 4;

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
) where
    T: Number,
    S: Simd<T>,
    A: Activation,
{
    let chains = const { if V >= 3 { 2 } else { CHAINS } };
    let mut sums = [[simd.zero(); CHAINS]; V];
    if has_bias {
        for v in 0..V {
            let bias = simd.load_params(params, IN * OUT + start(OUT, first + v));
            sums[v][0] = simd.param_value(bias);
        }
    }
    for group in 0..IN / chains {
        for c in 0..chains {
            let i = group * chains + c;
            for v in 0..V {
                let weights = simd.load_params(params, OUT * i + start(OUT, first + v));
                sums[v][c] = simd.mul_add_param(weights, simd.splat(x[i]), sums[v][c]);
            }
        }
    }
    for c in 0..IN % chains {
        let i = IN / chains * chains + c;
        for v in 0..V {
            let weights = simd.load_params(params, OUT * i + start(OUT, first + v));
            sums[v][c] = simd.mul_add_param(weights, simd.splat(x[i]), sums[v][c]);
        }
    }
    for v in 0..V {
        let mut z = simd.add(sums[v][0], sums[v][1]);
        if chains == CHAINS {
            z = simd.add(z, simd.add(sums[v][2], sums[v][3]));
        }
        activate::<T, S, A, SAVE>(simd, activation, z, y, saved, start(OUT, first + v));
    }
}

/// Stores `act(z)` from `y[at]` on.
#[inline(always)]
fn activate<T: Number, S: Simd<T>, A: Activation, const SAVE: bool>(
    simd: S,
    activation: A,
    z: S::V,
    y: &mut [T],
    saved: &mut [T],
    at: usize,
) {
    if const { SAVE && !A::FROM_OUTPUT } {
        let (value, derivative) = activation.value_and_derivative(simd, z);
        store_at(simd, value, y, at);
        store_at(simd, derivative, saved, at);
    } else {
        store_at(simd, activation.value(simd, z), y, at);
    }
}

/// Writes the lanes from `x[at]` on, as many as there is room for.
#[inline(always)]
fn store_at<T: Number, S: Simd<T>>(simd: S, v: S::V, x: &mut [T], at: usize) {
    if at + LANES <= x.len() {
        simd.store(v, &mut x[at..]);
    } else {
        simd.store_partial(v, &mut x[at..]);
    }
}

/// `W x` in the first lanes, for 1, 2 or 4 outputs.
#[inline(always)]
fn shared_sums<T: Number, S: Simd<T>, const IN: usize, const OUT: usize>(
    simd: S,
    params: T::Params<'_>,
    x: &[T],
) -> S::V {
    let weights = params.range(0..IN * OUT);
    let mut sums = [simd.zero(); CHAINS];
    for j in 0..const { (IN * OUT).div_ceil(LANES) } {
        let product = (
            params_at(simd, weights, LANES * j),
            repeated::<T, S, OUT>(simd, x, LANES * j),
        );
        sums[j % CHAINS] = simd.mul_add_param(product.0, product.1, sums[j % CHAINS]);
    }
    let sum = simd.add(simd.add(sums[0], sums[1]), simd.add(sums[2], sums[3]));
    let mut lanes = [T::ZERO; LANES];
    simd.store(sum, &mut lanes);
    let mut half = LANES / 2;
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
    let mut sums = [simd.zero(); CHAINS];
    for i in 0..IN {
        let weights = params_at(simd, params, OUT * i);
        sums[i % CHAINS] = simd.mul_add_param(weights, simd.splat(x[i]), sums[i % CHAINS]);
    }
    simd.add(simd.add(sums[0], sums[1]), simd.add(sums[2], sums[3]))
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
    for group in 0..const { IN / LANES } {
        if const { W::INPUT } {
            input_bar::<T, S, OUT, LANES>(simd, params, z_bar, x_bar, group * LANES);
        }
        if const { W::PARAMS } {
            rows_bar::<T, S, W, OUT>(simd, x, z_bar, params_bar, group * LANES, LANES);
        }
    }
    let first = const { IN / LANES * LANES };
    if const { W::INPUT } {
        match const { IN % LANES } {
            0 => {}
            1 => input_bar::<T, S, OUT, 1>(simd, params, z_bar, x_bar, first),
            2 => input_bar::<T, S, OUT, 2>(simd, params, z_bar, x_bar, first),
            3 => input_bar::<T, S, OUT, 3>(simd, params, z_bar, x_bar, first),
            4 => input_bar::<T, S, OUT, 4>(simd, params, z_bar, x_bar, first),
            5 => input_bar::<T, S, OUT, 5>(simd, params, z_bar, x_bar, first),
            6 => input_bar::<T, S, OUT, 6>(simd, params, z_bar, x_bar, first),
            _ => input_bar::<T, S, OUT, 7>(simd, params, z_bar, x_bar, first),
        }
    }
    if const { W::PARAMS } {
        rows_bar::<T, S, W, OUT>(simd, x, z_bar, params_bar, first, IN % LANES);
        if params_bar.len() > IN * OUT {
            row_bar::<T, S, W, OUT>(simd, T::ONE, z_bar, params_bar, IN * OUT);
        }
    }
}

/// The cotangents of inputs `first .. first + N`.
#[inline(always)]
fn input_bar<T: Number, S: Simd<T>, const OUT: usize, const N: usize>(
    simd: S,
    params: T::Params<'_>,
    z_bar: &[T],
    x_bar: &mut [T],
    first: usize,
) {
    let mut products = [simd.zero(); LANES];
    for i in 0..N {
        let row = OUT * (first + i);
        if const { OUT < LANES } {
            products[i] = simd.mul_param(params_at(simd, params, row), simd.load_partial(z_bar));
        } else {
            let mut sum = simd.mul_param(simd.load_params(params, row), simd.load(z_bar));
            for v in 1..const { OUT / LANES } {
                let at = LANES * v;
                sum = simd.mul_add_param(
                    simd.load_params(params, row + at),
                    simd.load(&z_bar[at..]),
                    sum,
                );
            }
            if !OUT.is_multiple_of(LANES) {
                // Lanes that the previous vector covers count as 0.
                let mut rest = [T::ZERO; LANES];
                rest[LANES - OUT % LANES..].copy_from_slice(&z_bar[OUT / LANES * LANES..]);
                sum = simd.mul_add_param(
                    simd.load_params(params, row + OUT - LANES),
                    simd.load(&rest),
                    sum,
                );
            }
            products[i] = sum;
        }
    }
    x_bar[first..first + N].copy_from_slice(&simd.sum_8(products)[..N]);
}

/// The rows `first .. first + n` of the weights' cotangent.
#[inline(always)]
fn rows_bar<T: Number, S: Simd<T>, W: Wrt, const OUT: usize>(
    simd: S,
    x: &[T],
    z_bar: &[T],
    params_bar: &mut [T],
    first: usize,
    n: usize,
) {
    if const { OUT < LANES && share_a_vector(OUT) } {
        let z_bar = cycled(simd, z_bar);
        let rows = &mut params_bar[OUT * first..OUT * (first + n)];
        let x = &x[first..first + n];
        for j in 0..(n * OUT).div_ceil(LANES) {
            let mut row = simd.mul(repeated::<T, S, OUT>(simd, x, LANES * j), z_bar);
            if const { W::ADD } {
                row = simd.add(row, load_at(simd, rows, LANES * j));
            }
            store_at(simd, row, rows, LANES * j);
        }
    } else {
        for i in first..first + n {
            row_bar::<T, S, W, OUT>(simd, x[i], z_bar, params_bar, OUT * i);
        }
    }
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
    let x = simd.splat(x);
    for v in 0..const { OUT / LANES } {
        let row = &mut params_bar[at + LANES * v..];
        let mut product = simd.mul(x, simd.load(&z_bar[LANES * v..]));
        if const { W::ADD } {
            product = simd.add(product, simd.load(row));
        }
        simd.store(product, row);
    }
    if OUT.is_multiple_of(LANES) {
        return;
    }
    if const { W::ADD } {
        let (rest, row) = (
            OUT / LANES * LANES,
            &mut params_bar[at + OUT / LANES * LANES..at + OUT],
        );
        let product = simd.mul(x, simd.load_partial(&z_bar[rest..]));
        simd.store_partial(simd.add(product, simd.load_partial(row)), row);
    } else if const { OUT < LANES } {
        store_at(simd, simd.mul(x, simd.load_partial(z_bar)), params_bar, at);
    } else {
        let last = OUT - LANES;
        simd.store(
            simd.mul(x, simd.load(&z_bar[last..])),
            &mut params_bar[at + last..],
        );
    }
}
