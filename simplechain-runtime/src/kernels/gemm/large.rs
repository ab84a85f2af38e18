//! The kernels of layers whose weights are larger than a cache.

use super::panels::{Operands, finish, max_sums, operands, panels_at_a_time};
use super::{Matrix, Packed, SumEpilogue};
use crate::kernels::blocks::{blocks, for_blocks, min, with_size};
use crate::kernels::lanes::{MAX_LANES, load_at, store_at};
use crate::kernels::tile::Tile;
use crate::scratch::Scratch;
use crate::simd::{Number, Params, Simd};

/// Whether it pays to copy blocks of a matrix: its size is that of a second-level cache.
pub(super) const fn is_large<T: Number>(rows: usize, columns: usize) -> bool {
    rows * columns * size_of::<T::Real>() >= LARGE_BYTES
}

const LARGE_BYTES: usize = 1024 * 1024;

/// Inputs of a block of `large_product`: those of two panels fit the first-level cache, those of a tile the second.
pub const INPUTS: usize = 128;

/// Register blocks whose weights are copied together, so that whole cache lines are read.
const BLOCKS: usize = 8;

/// [`product`] with a large matrix, a block of inputs at a time. Their weights are copied block by block and then read for all panels:
/// so each is read from memory once for a tile. Sums are kept from one block of inputs to the next, and the order of additions is the
/// same.
#[inline(always)]
pub(super) fn large_product<T, S, M, E, const N: usize, const K: usize>(
    simd: S,
    matrix: &M,
    epilogue: &E,
    tile: &mut Tile<'_, S::V>,
    from: usize,
    to: usize,
) where
    T: Number,
    S: Simd<T>,
    M: Matrix<T>,
    E: SumEpilogue<T, S, N>,
{
    let mut weights = Scratch::take::<T>(
        const { (max_sums(N, S::REGISTERS) * BLOCKS * INPUTS).div_ceil(T::PANEL) },
    );
    let mut partial = Scratch::take::<T>(N * tile.count());
    let weights = weights.numbers::<T>();
    let partial: &mut [S::V] = bytemuck::cast_slice_mut(partial.lines::<T>());
    for k in (0..K).step_by(INPUTS) {
        let inputs = min(INPUTS, K - k);
        for_blocks!(N, max_sums(N, S::REGISTERS), BLOCKS, |first, count| {
            large_sums::<T, S, M, E, K, N>(
                simd, matrix, epilogue, tile, from, to, weights, partial, first, count, k, inputs,
            )
        });
    }
}

/// Adds the terms of `inputs` inputs from `k` on to `count` times `R` sums from `first` on, for all panels.
#[inline(always)]
fn large_sums<T, S, M, E, const K: usize, const N: usize, const R: usize>(
    simd: S,
    matrix: &M,
    epilogue: &E,
    tile: &mut Tile<'_, S::V>,
    from: usize,
    to: usize,
    weights: &mut [T],
    partial: &mut [S::V],
    first: usize,
    count: usize,
    k: usize,
    inputs: usize,
) where
    T: Number,
    S: Simd<T>,
    M: Matrix<T>,
    E: SumEpilogue<T, S, N>,
{
    let packed = matrix.pack::<R>([first, R * count], [k, inputs], weights);
    let mut partial = &mut partial[first * tile.count()..];
    macro_rules! add {
        ($panels:expr) => {{
            let mut panels = $panels;
            for b in 0..count {
                let (sums, rest) = partial.split_at_mut(panels.len() * R);
                partial = rest;
                let weights = packed.weights.range(b * R * INPUTS..(b + 1) * R * INPUTS);
                add_terms::<T, S, M, E, K, N, _, R>(
                    simd,
                    matrix,
                    &Packed { weights, ..packed },
                    epilogue,
                    &mut panels,
                    sums,
                    first + b * R,
                    k,
                    inputs,
                );
            }
        }};
    }
    if const { panels_at_a_time(S::REGISTERS) == 1 } {
        for panel in tile.panels() {
            add!([operands::<S::V, K, N>(panel, from, to)]);
        }
    } else {
        let (pairs, odd) = tile.pairs();
        for pair in pairs {
            let (a, b) = pair.split_at_mut(pair.len() / 2);
            add!([
                operands::<S::V, K, N>(a, from, to),
                operands::<S::V, K, N>(b, from, to),
            ]);
        }
        if let Some(panel) = odd {
            add!([operands::<S::V, K, N>(panel, from, to)]);
        }
    }
    let _ = partial;
}

/// [`large_sums`] of one register block and `P` panels. Sums are in `partial` before the last input, and after the first.
#[inline(always)]
fn add_terms<T, S, M, E, const K: usize, const N: usize, const P: usize, const R: usize>(
    simd: S,
    matrix: &M,
    packed: &Packed<'_, T>,
    epilogue: &E,
    panels: &mut [Operands<'_, S::V, K, N>; P],
    partial: &mut [S::V],
    first: usize,
    k: usize,
    inputs: usize,
) where
    T: Number,
    S: Simd<T>,
    M: Matrix<T>,
    E: SumEpilogue<T, S, N>,
{
    let mut sums = [[simd.zero(); P]; R];
    for r in 0..R {
        sums[r] = [matrix.start(simd, first + r); P];
        if k > 0 {
            for p in 0..P {
                sums[r][p] = partial[P * r + p];
            }
        }
    }
    let mut xs = [&panels[0].0[k..k + inputs]; P];
    for p in 0..P {
        xs[p] = &panels[p].0[k..k + inputs];
    }
    for k in 0..inputs {
        for r in 0..R {
            let weight = simd.param(
                packed.weights,
                packed.strides[0] * r + packed.strides[1] * k,
            );
            for p in 0..P {
                sums[r][p] = simd.mul_add_param(weight, xs[p][k], sums[r][p]);
            }
        }
    }
    if k + inputs < K {
        for r in 0..R {
            for p in 0..P {
                partial[P * r + p] = sums[r][p];
            }
        }
    } else {
        finish(simd, epilogue, panels[0].1, first, &sums, 0);
        if P == 2 {
            finish(simd, epilogue, panels[P - 1].1, first, &sums, P - 1);
        }
    }
}

/// Inputs of a block of [`large_outer`], and vectors of outputs.
const fn large_outer_block(registers: usize) -> (usize, usize) {
    match registers {
        32.. => (8, 2),
        8.. => (6, 1),
        _ => (1, 1),
    }
}

/// [`outer`] of a large layer. So that no lanes are left to add, the cotangents of a few outputs at a time are transposed: an output in
/// every lane, and one vector for every sample. A sum adds sample after sample.
#[inline(always)]
pub(super) fn large_outer<T, S, const IN: usize, const OUT: usize, const BIAS: bool>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    bias: &mut [T],
) where
    T: Number,
    S: Simd<T>,
{
    let (inputs, vectors) = const { large_outer_block(S::GRADIENT_REGISTERS) };
    let block = tile.count() * S::LANES * vectors;
    let blocks = COLUMNS / vectors;
    let mut memory = Scratch::take::<T>(block * blocks);
    let samples: &mut [S::V] = bytemuck::cast_slice_mut(memory.lines::<T>());
    let full = IN / inputs;
    for o in (0..OUT).step_by(COLUMNS * S::LANES) {
        let blocks = min(blocks, (OUT - o).div_ceil(vectors * S::LANES));
        let samples = &mut samples[..blocks * block];
        for (b, samples) in samples.chunks_exact_mut(block).enumerate() {
            let first = o + b * vectors * S::LANES;
            transpose::<T, S, OUT>(simd, tile, z_bar, first, samples, vectors);
            if BIAS {
                for v in 0..vectors {
                    let mut sum = simd.zero();
                    for sample in samples.chunks_exact(vectors) {
                        sum = simd.add_gradient(sum, sample[v]);
                    }
                    add_at(simd, sum, bias, first + v * S::LANES);
                }
            }
        }
        for b in 0..full {
            with_size!(
                large_outer_block(S::GRADIENT_REGISTERS).0,
                large_outer_rows::<T, S, IN, OUT>(simd, tile, x, samples, out, o, b * inputs)
            );
        }
        with_size!(
            IN % large_outer_block(S::GRADIENT_REGISTERS).0,
            large_outer_rows::<T, S, IN, OUT>(simd, tile, x, samples, out, o, full * inputs)
        );
    }
}

/// Vectors of outputs that are transposed together.
const COLUMNS: usize = 8;

/// The cotangents of `vectors` vectors of outputs from `first` on, sample by sample; zeros after the last output.
#[inline(always)]
fn transpose<T: Number, S: Simd<T>, const OUT: usize>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    z_bar: usize,
    first: usize,
    samples: &mut [S::V],
    vectors: usize,
) {
    for (p, panel) in tile.panels().enumerate() {
        for v in 0..vectors {
            let first = min(first + v * S::LANES, OUT);
            let rows = &panel[z_bar + first..z_bar + min(first + S::LANES, OUT)];
            let columns = transposed(simd, rows);
            for l in 0..S::LANES {
                samples[(p * S::LANES + l) * vectors + v] = columns[l];
            }
        }
    }
}

/// Adds the lanes to the numbers from `x[at]` on, as many as there are.
#[inline(always)]
fn add_at<T: Number, S: Simd<T>>(simd: S, v: S::V, x: &mut [T], at: usize) {
    store_at(simd, simd.add(load_at(simd, x, at), v), x, at);
}

/// Lane `l` of up to as many rows as there are lanes, in vector `l`; then zeros.
#[inline(always)]
fn transposed<T: Number, S: Simd<T>>(simd: S, rows: &[S::V]) -> [S::V; MAX_LANES] {
    let mut v = [simd.zero(); MAX_LANES];
    v[..rows.len()].copy_from_slice(rows);
    // Each step rotates the bits of the index `row * lanes + lane` by one.
    let mut step = 1;
    while step < S::LANES {
        let from = v;
        for i in 0..S::LANES / 2 {
            [v[2 * i], v[2 * i + 1]] = simd.interleave(from[i], from[i + S::LANES / 2]);
        }
        step *= 2;
    }
    v
}

/// Inputs `i0 .. i0 + R` of [`large_outer`], for the outputs from `o0` on that are in `samples`.
#[inline(always)]
fn large_outer_rows<T, S, const IN: usize, const OUT: usize, const R: usize>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    x: usize,
    samples: &[S::V],
    out: &mut [[T; OUT]; IN],
    o0: usize,
    i0: usize,
) where
    T: Number,
    S: Simd<T>,
{
    let vectors = const { large_outer_block(S::GRADIENT_REGISTERS).1 };
    for (b, samples) in samples
        .chunks_exact(tile.count() * S::LANES * vectors)
        .enumerate()
    {
        let mut sums = [[simd.zero(); 2]; R];
        for (panel, samples) in tile.panels().zip(samples.chunks_exact(S::LANES * vectors)) {
            let x: &[S::V; R] = panel[x + i0..].first_chunk().expect("rows of a panel");
            let numbers: &[T] = bytemuck::cast_slice(x);
            for l in 0..S::LANES {
                for i in 0..R {
                    let x = simd.splat(T::lane(&numbers[i * S::LANES..], l));
                    for v in 0..vectors {
                        sums[i][v] = simd.mul_add_gradient(x, samples[l * vectors + v], sums[i][v]);
                    }
                }
            }
        }
        for i in 0..R {
            for v in 0..vectors {
                let at = o0 + (b * vectors + v) * S::LANES;
                add_at(simd, sums[i][v], &mut out[i0 + i], at);
            }
        }
    }
}
