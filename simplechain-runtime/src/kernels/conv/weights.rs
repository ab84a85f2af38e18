//! The gradient with respect to the weights, of a convolution alone or with a max pool after it, and with respect to the biases.

use super::{Register, max_accumulators};
use crate::kernels::blocks::{blocks, for_blocks, max, min, with_size};
use crate::kernels::gemm::{add_lanes, set_part};
use crate::kernels::geometry::Geometry;
use crate::simd::{Number, Simd};

/// Of `count` window positions, `stride` apart and starting `before` pixels ahead of the image, the range of those whose pixel
/// `k` is inside the `size` pixels of the image.
#[inline(always)]
fn places(k: usize, count: usize, stride: usize, before: usize, size: usize) -> (usize, usize) {
    let first = before.saturating_sub(k).div_ceil(stride);
    let end = (size + before).saturating_sub(k).div_ceil(stride);
    (min(first, count), max(min(first, count), min(end, count)))
}

/// Columns of the window in a block of [`weights_bar`].
const fn max_columns(registers: usize) -> usize {
    min(8, max_accumulators(registers))
}

/// Output channels for this many columns in a block of [`weights_bar`].
const fn max_channels_beside(columns: usize, registers: usize) -> usize {
    // 20 sums, 4 cotangents and an input.
    let sums = if registers >= 32 {
        20
    } else {
        max_accumulators(registers)
    };
    min(16, max(1, sums / columns))
}

/// The gradient with respect to the weights of one panel:
///
/// ```text
/// weights_bar[oc][ci][ky][kx] += sum over oy, ox and lanes of
///     z_bar[oc][oy][ox] * x[ci][oy * SH + ky - TOP][ox * SW + kx - LEFT]
/// ```
#[inline(always)]
pub fn weights_bar<T, S, G, const OC: usize>(
    simd: S,
    x: &[S::V],
    z_bar: &[S::V],
    weights_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let x = bytemuck::cast_slice(&x[..G::INPUT_LEN]);
    let z_bar = bytemuck::cast_slice(&z_bar[..OC * G::OH * G::OW]);
    let weights_bar = &mut weights_bar[..const { OC * G::C * G::KH * G::KW }];
    for ci in 0..G::C {
        for ky in 0..G::KH {
            for_blocks!(
                G::KW,
                max_columns(<S::Register as Simd<T>>::REGISTERS),
                |kx| {
                    weights_bar_channels::<T, S, G, OC>(simd, x, z_bar, weights_bar, (ci, ky, kx))
                }
            );
        }
    }
}

/// `K` columns of one row of the window, all output channels.
#[inline(always)]
fn weights_bar_channels<T, S, G, const OC: usize, const K: usize>(
    simd: S,
    x: &[Register<T, S>],
    z_bar: &[Register<T, S>],
    weights_bar: &mut [T],
    tap: (usize, usize, usize),
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    for_blocks!(
        OC,
        max_channels_beside(K, <S::Register as Simd<T>>::REGISTERS),
        |first| { weights_bar_block::<T, S, G, K>(simd, x, z_bar, weights_bar, tap, first) }
    );
}

/// The register block of [`weights_bar`]: columns `kx .. kx + K` of the window's row `ky` over input channel `ci`, output
/// channels `first .. first + O`.
#[inline(always)]
fn weights_bar_block<T, S, G, const K: usize, const O: usize>(
    simd: S,
    x: &[Register<T, S>],
    z_bar: &[Register<T, S>],
    weights_bar: &mut [T],
    (ci, ky, kx): (usize, usize, usize),
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let (part, parts) = (simd.register(), S::REGISTERS_PER_VECTOR);
    let pixels = const { G::OH * G::OW };
    let (first_row, end_row) = places(ky, G::OH, G::SH, G::TOP, G::H);
    // Where all columns are inside the image.
    let inside = (
        places(kx, G::OW, G::SW, G::LEFT, G::W).0,
        places(kx + K - 1, G::OW, G::SW, G::LEFT, G::W).1,
    );
    let inside = (inside.0, max(inside.0, inside.1));
    let mut totals = [[simd.zero(); K]; O];
    for p in 0..parts {
        let mut sums = [[part.zero(); K]; O];
        for oy in first_row..end_row {
            let row = (ci * G::H + oy * G::SH + ky - G::TOP) * G::W;
            let x = &x[row * parts..][..G::W * parts];
            let z_bar = &z_bar[(first * pixels + oy * G::OW) * parts..]
                [..((O - 1) * pixels + G::OW) * parts];
            for ox in 0..inside.0 {
                step_at_edge::<T, S, G, K, O>(part, x, z_bar, p, ox, kx, &mut sums);
            }
            for ox in inside.0..inside.1 {
                let x = &x[(ox * G::SW + kx - G::LEFT) * parts..][..K * parts];
                for k in 0..K {
                    let x = x[k * parts + p];
                    for o in 0..O {
                        let z_bar = z_bar[(o * pixels + ox) * parts + p];
                        sums[o][k] = part.mul_add(x, z_bar, sums[o][k]);
                    }
                }
            }
            for ox in inside.1..G::OW {
                step_at_edge::<T, S, G, K, O>(part, x, z_bar, p, ox, kx, &mut sums);
            }
        }
        set_parts::<T, S, K, O>(p, &sums, &mut totals);
    }
    let (sums, stride) = (lane_sums(simd, &totals), const { G::C * G::KH * G::KW });
    let at = (first * G::C + ci) * const { G::KH * G::KW } + ky * G::KW + kx;
    for o in 0..O {
        for k in 0..K {
            weights_bar[at + o * stride + k] += sums[o * K + k];
        }
    }
}

/// Writes register `p` of the vectors.
#[inline(always)]
fn set_parts<T: Number, S: Simd<T>, const K: usize, const O: usize>(
    p: usize,
    sums: &[[Register<T, S>; K]; O],
    totals: &mut [[S::V; K]; O],
) {
    for o in 0..O {
        for k in 0..K {
            set_part::<T, S>(&mut totals[o][k], p, sums[o][k]);
        }
    }
}

/// The sums over the lanes of at most 32 vectors.
#[inline(always)]
fn lane_sums<T: Number, S: Simd<T>, const K: usize, const O: usize>(
    simd: S,
    totals: &[[S::V; K]; O],
) -> [T; 32] {
    let mut vectors = [simd.zero(); 32];
    for o in 0..O {
        for k in 0..K {
            vectors[o * K + k] = totals[o][k];
        }
    }
    let mut sums = [T::ZERO; 32];
    let (low, high) = vectors.split_at(16);
    let low = low.first_chunk().expect("16 vectors");
    sums[..16].copy_from_slice(&add_lanes(simd, *low, min(O * K, 16)));
    if O * K > 16 {
        let high = high.first_chunk().expect("16 vectors");
        sums[16..].copy_from_slice(&add_lanes(simd, *high, O * K - 16));
    }
    sums
}

/// One output column of [`weights_bar_block`] whose window reaches over the edge.
#[inline(always)]
fn step_at_edge<T: Number, S: Simd<T>, G: Geometry, const K: usize, const O: usize>(
    part: S::Register,
    x: &[Register<T, S>],
    z_bar: &[Register<T, S>],
    p: usize,
    ox: usize,
    kx: usize,
    sums: &mut [[Register<T, S>; K]; O],
) {
    for k in 0..K {
        let ix = (ox * G::SW + kx + k).wrapping_sub(G::LEFT);
        if ix < G::W {
            for o in 0..O {
                let z_bar = z_bar[(o * G::OH * G::OW + ox) * S::REGISTERS_PER_VECTOR + p];
                sums[o][k] = part.mul_add(x[ix * S::REGISTERS_PER_VECTOR + p], z_bar, sums[o][k]);
            }
        }
    }
}

/// [`weights_bar`] if a max pool `P` follows the convolution, from the pool's own cotangents and argmax indices.
///
/// Of the pixels of a pool window only one has a gradient, a different one in every lane: its input is selected, and one
/// product serves the whole window. A selection costs half as much as a product (Zen 4), and more execution units can do it.
#[inline(always)]
pub fn weights_bar_pooled<T, S, G, P, const OC: usize>(
    simd: S,
    x: &[S::V],
    winners: &[S::V],
    z_bar: &[S::V],
    weights_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Geometry,
{
    let x = bytemuck::cast_slice(&x[..G::INPUT_LEN]);
    let winners = bytemuck::cast_slice(&winners[..OC * P::OH * P::OW]);
    let z_bar = bytemuck::cast_slice(&z_bar[..OC * P::OH * P::OW]);
    let weights_bar = &mut weights_bar[..const { OC * G::C * G::KH * G::KW }];
    for ci in 0..G::C {
        for ky in 0..G::KH {
            for_blocks!(G::KW, POOLED_COLUMNS, |kx| {
                weights_bar_pooled_channels::<T, S, G, P, OC>(
                    simd,
                    x,
                    winners,
                    z_bar,
                    weights_bar,
                    (ci, ky, kx),
                )
            });
        }
    }
}

/// Output channels of a block of [`weights_bar_pooled`]: they share the inputs that are selected from.
const fn pooled_channels(registers: usize) -> usize {
    if registers >= 32 { 2 } else { 1 }
}

/// Columns of the window of such a block.
const POOLED_COLUMNS: usize = 5;

/// `K` columns of one row of the window, all output channels.
#[inline(always)]
fn weights_bar_pooled_channels<T, S, G, P, const OC: usize, const K: usize>(
    simd: S,
    x: &[Register<T, S>],
    winners: &[Register<T, S>],
    z_bar: &[Register<T, S>],
    weights_bar: &mut [T],
    tap: (usize, usize, usize),
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Geometry,
{
    for_blocks!(
        OC,
        pooled_channels(<S::Register as Simd<T>>::REGISTERS),
        |first| {
            weights_bar_pooled_block::<T, S, G, P, K>(
                simd,
                x,
                winners,
                z_bar,
                weights_bar,
                tap,
                first,
            )
        }
    );
}

/// The register block of [`weights_bar_pooled`]: as [`weights_bar_block`].
#[inline(always)]
fn weights_bar_pooled_block<T, S, G, P, const K: usize, const O: usize>(
    simd: S,
    x: &[Register<T, S>],
    winners: &[Register<T, S>],
    z_bar: &[Register<T, S>],
    weights_bar: &mut [T],
    (ci, ky, kx): (usize, usize, usize),
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Geometry,
{
    let (part, parts) = (simd.register(), S::REGISTERS_PER_VECTOR);
    let pooled = const { P::OH * P::OW };
    let mut totals = [[simd.zero(); K]; O];
    for p in 0..parts {
        let mut sums = [[part.zero(); K]; O];
        for row in 0..P::OH {
            let start = (ci * G::H + row * P::KH * G::SH + ky) * G::W + kx;
            let x = &x[start * parts..];
            let from = (first * pooled + row * P::OW) * parts;
            let len = ((O - 1) * pooled + P::OW) * parts;
            let (winners, z_bar) = (&winners[from..][..len], &z_bar[from..][..len]);
            for column in 0..P::OW {
                let x = &x[column * P::KW * G::SW * parts..][..(((P::KH - 1) * G::SH * G::W
                    + (P::KW - 1) * G::SW
                    + K
                    - 1)
                    * parts
                    + parts)];
                for o in 0..O {
                    let winner = winners[(o * pooled + column) * parts + p];
                    let z_bar = z_bar[(o * pooled + column) * parts + p];
                    for k in 0..K {
                        let mut chosen = x[k * parts + p];
                        for n in 1..P::KH * P::KW {
                            let pixel = n / P::KW * G::SH * G::W + n % P::KW * G::SW + k;
                            let won = part.eq(winner, part.splat(T::from_f64(n as f64)));
                            chosen = part.select(won, x[pixel * parts + p], chosen);
                        }
                        sums[o][k] = part.mul_add(chosen, z_bar, sums[o][k]);
                    }
                }
            }
        }
        set_parts::<T, S, K, O>(p, &sums, &mut totals);
    }
    let (sums, stride) = (lane_sums(simd, &totals), const { G::C * G::KH * G::KW });
    let at = (first * G::C + ci) * const { G::KH * G::KW } + ky * G::KW + kx;
    for o in 0..O {
        for k in 0..K {
            weights_bar[at + o * stride + k] += sums[o * K + k];
        }
    }
}

/// The gradient with respect to the biases of one panel: adds to the `bias_bar` of each channel the sum over its `pixels`
/// vectors and their lanes.
#[inline(always)]
pub fn bias_bar<T: Number, S: Simd<T>>(simd: S, z_bar: &[S::V], pixels: usize, bias_bar: &mut [T]) {
    let (part, parts) = (simd.register(), S::REGISTERS_PER_VECTOR);
    let z_bar: &[Register<T, S>] = bytemuck::cast_slice(z_bar);
    let mut first = 0;
    while first < bias_bar.len() {
        let count = min(8, bias_bar.len() - first);
        let mut totals = [simd.zero(); 16];
        for o in 0..count {
            let channel = &z_bar[(first + o) * pixels * parts..][..pixels * parts];
            for p in 0..parts {
                let mut sum = part.zero();
                for pixel in 0..pixels {
                    sum = part.add(sum, channel[pixel * parts + p]);
                }
                set_part::<T, S>(&mut totals[o], p, sum);
            }
        }
        let sums = add_lanes(simd, totals, count);
        for o in 0..count {
            bias_bar[first + o] += sums[o];
        }
        first += count;
    }
}
