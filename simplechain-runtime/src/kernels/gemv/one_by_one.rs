//! One output after the other, where a vector is an array in memory: with vectors of one lane, and in the order in which the lanes of a vector
//! are added, so that the bits are the same.

use super::sums::{MAX_CHAINS, activate, chains, is_streamed, total};
use crate::activation::Activation;
use crate::kernels::blocks::{min, unrolled, with_size};
use crate::kernels::lanes::MAX_LANES;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Simd};

/// As the `forward` of vectors of `S`.
#[inline(always)]
pub(super) fn forward<T, S, A, const IN: usize, const OUT: usize, const SAVE: bool>(
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
    let lane = T::OneLane::default();
    for o in 0..OUT {
        let bias = if has_bias {
            lane.param_value(lane.param(params, IN * OUT + o))
        } else {
            lane.zero()
        };
        let mut z = if const { OUT < S::LANES } {
            lane.zero()
        } else {
            bias
        };
        if const { OUT < S::LANES && S::LANES.is_multiple_of(OUT) } {
            with_size!(
                chains(IN * OUT / S::LANES, 1),
                shared_sum::<T, S, T::OneLane, IN, OUT>(lane, params, x, o, &mut z)
            );
        } else {
            with_size!(
                sum_chains::<T, S>(IN, OUT),
                sum::<T, T::OneLane, OUT>(lane, params, x, o, [0, 1, IN], &mut z)
            );
        }
        if const { OUT < S::LANES } && has_bias {
            z = lane.add(z, bias);
        }
        activate::<T, T::OneLane, A, SAVE>(lane, activation, z, y, saved, o);
    }
}

/// Chains of a sum whose row fills vectors.
const fn sum_chains<T: Number, S: Simd<T>>(inputs: usize, outputs: usize) -> usize {
    if is_streamed::<T>(inputs, outputs) {
        1
    } else {
        chains(inputs, outputs.div_ceil(S::LANES))
    }
}

/// Adds the terms of `count` inputs, `first` and every `step` after it, to `z` in `N` chains.
#[inline(always)]
fn sum<T: Number, L: Simd<T>, const OUT: usize, const N: usize>(
    lane: L,
    params: T::Params<'_>,
    x: &[T],
    o: usize,
    [first, step, count]: [usize; 3],
    z: &mut L::V,
) {
    let mut sums = [lane.zero(); MAX_CHAINS];
    sums[0] = *z;
    for group in 0..count / N {
        unrolled!(c < N, {
            let i = first + step * (group * N + c);
            let weight = lane.param(params, OUT * i + o);
            sums[c % MAX_CHAINS] =
                lane.mul_add_param(weight, lane.splat(x[i]), sums[c % MAX_CHAINS]);
        });
    }
    unrolled!(c < N, {
        if c < count % N {
            let i = first + step * (count / N * N + c);
            let weight = lane.param(params, OUT * i + o);
            sums[c % MAX_CHAINS] =
                lane.mul_add_param(weight, lane.splat(x[i]), sums[c % MAX_CHAINS]);
        }
    });
    *z = total(lane, sums, N);
}

/// A sum in `N` chains whose terms are in several lanes of a vector.
#[inline(always)]
fn shared_sum<T, S, L, const IN: usize, const OUT: usize, const N: usize>(
    lane: L,
    params: T::Params<'_>,
    x: &[T],
    o: usize,
    z: &mut L::V,
) where
    T: Number,
    S: Simd<T>,
    L: Simd<T>,
{
    let rows = const { S::LANES / OUT };
    let mut sums = [lane.zero(); MAX_LANES];
    for r in 0..rows {
        // Lanes after the last row add 0 to a sum, which makes a difference to -0 alone, and none to what follows.
        let count = IN.saturating_sub(r).div_ceil(rows);
        sum::<T, L, OUT, N>(lane, params, x, o, [r, rows, count], &mut sums[r]);
    }
    let mut half = rows / 2;
    while half > 0 {
        for r in 0..half {
            sums[r] = lane.add(sums[r], sums[r + half]);
        }
        half /= 2;
    }
    *z = sums[0];
}

/// As the `backward` of vectors of `S`.
#[inline(always)]
pub(super) fn backward<T, S, W, const IN: usize, const OUT: usize>(
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
    let lane = T::OneLane::default();
    for i in 0..IN {
        if const { W::INPUT } {
            let sum = if const { OUT < S::LANES && S::LANES.is_multiple_of(OUT) } {
                neighbours::<T, T::OneLane, OUT>(lane, params, z_bar, OUT * i)
            } else {
                halves::<T, S, T::OneLane, IN, OUT>(lane, params, z_bar, OUT * i)
            };
            lane.store(sum, &mut x_bar[i..]);
        }
        if const { W::PARAMS } {
            row_bar::<T, T::OneLane, W, OUT>(lane, x[i], z_bar, &mut params_bar[OUT * i..]);
        }
    }
    if W::PARAMS && params_bar.len() > IN * OUT {
        row_bar::<T, T::OneLane, W, OUT>(lane, T::ONE, z_bar, &mut params_bar[IN * OUT..]);
    }
}

/// The product of the row at `row` and `z_bar`, where several rows fill a vector: neighbours are added until one is left.
#[inline(always)]
fn neighbours<T: Number, L: Simd<T>, const OUT: usize>(
    lane: L,
    params: T::Params<'_>,
    z_bar: &[T],
    row: usize,
) -> L::V {
    let mut sums = [lane.zero(); MAX_LANES];
    for o in 0..OUT {
        sums[o] = lane.mul_param(lane.param(params, row + o), lane.load(&z_bar[o..]));
    }
    let mut len = OUT;
    while len > 1 {
        len /= 2;
        for k in 0..len {
            sums[k] = lane.add(sums[2 * k], sums[2 * k + 1]);
        }
    }
    sums[0]
}

/// The same where a row fills vectors of its own: their lanes are added half to half.
#[inline(always)]
fn halves<T, S, L, const IN: usize, const OUT: usize>(
    lane: L,
    params: T::Params<'_>,
    z_bar: &[T],
    row: usize,
) -> L::V
where
    T: Number,
    S: Simd<T>,
    L: Simd<T>,
{
    let mut sums = [lane.zero(); MAX_LANES];
    for l in 0..const { min(S::LANES, OUT) } {
        let weight = lane.param(params, row + l);
        let z = lane.load(&z_bar[l..]);
        let mut sum = if const { is_streamed::<T>(IN, OUT) } {
            lane.mul_add_param(weight, z, lane.zero())
        } else {
            lane.mul_param(weight, z)
        };
        let mut o = l + S::LANES;
        while o < const { OUT / S::LANES * S::LANES } {
            let weight = lane.param(params, row + o);
            sum = lane.mul_add_param(weight, lane.load(&z_bar[o..]), sum);
            o += S::LANES;
        }
        // The last vector ends with the row, and covers a part of the one before once more.
        let seen = const { S::LANES - OUT % S::LANES };
        if const { OUT > S::LANES && !OUT.is_multiple_of(S::LANES) } && l >= seen {
            let o = OUT - S::LANES + l;
            let weight = lane.param(params, row + o);
            sum = lane.mul_add_param(weight, lane.load(&z_bar[o..]), sum);
        }
        sums[l] = sum;
    }
    let mut half = const { S::LANES / 2 };
    while half > 0 {
        for l in 0..half {
            sums[l] = lane.add(sums[l], sums[l + half]);
        }
        half /= 2;
    }
    sums[0]
}

/// Writes, or with [`Wrt::ADD`] adds, `x z_bar`.
#[inline(always)]
fn row_bar<T: Number, L: Simd<T>, W: Wrt, const OUT: usize>(
    lane: L,
    x: T,
    z_bar: &[T],
    row: &mut [T],
) {
    for (row, z) in row[..OUT].chunks_exact_mut(1).zip(z_bar.chunks_exact(1)) {
        let mut product = lane.mul(lane.splat(x), lane.load(z));
        if const { W::ADD } {
            product = lane.add(product, lane.load(row));
        }
        lane.store(product, row);
    }
}
