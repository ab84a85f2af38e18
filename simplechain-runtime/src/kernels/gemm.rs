//! Matrix kernels of the batch path: one sample per lane, one panel of samples per wide vector.
//!
//! A tile is a slice of panels; a panel holds one vector for every element of a sample's tensors. [`product`] keeps a column
//! of `R` accumulators in registers while it runs down the inner dimension: every step loads one vector and issues `R`
//! multiply-adds whose other factor is a broadcast weight. [`outer`] keeps 16 accumulators over all panels of the tile and
//! adds their lanes at the end, sixteen sums in one transposed tree.

use super::blocks::{blocks, for_blocks, min, with_size};
use super::lanes::{MAX_LANES, load_at, store_at};
use super::tile::Tile;
use crate::scratch::Scratch;
use crate::simd::{Number, Params, Simd};

/// A matrix as the kernel reads it: `R` rows of sums, inner index `k`.
pub trait Matrix<T: Number> {
    /// The factor of input `k` in sum `r`.
    fn at<S: Simd<T>>(&self, simd: S, r: usize, k: usize) -> S::W;
    /// The value that sum `r` starts from.
    fn start<S: Simd<T>>(&self, simd: S, r: usize) -> S::V;
    /// Copies the factors of `inputs` inputs from `k` on in `sums` sums from `r` on.
    fn pack<'a, const R: usize>(
        &self,
        r_and_sums: [usize; 2],
        k_and_inputs: [usize; 2],
        memory: &'a mut [T],
    ) -> Packed<'a, T>;
}

/// A part of a [`Matrix`], copied to `R` times [`INPUTS`] numbers for every `R` sums: the factor of input `k` in the `r`-th of them
/// is number `r * strides[0] + k * strides[1]`.
#[derive(Clone, Copy)]
pub struct Packed<'a, T: Number> {
    weights: T::Params<'a>,
    strides: [usize; 2],
}

impl<'a, T: Number> Packed<'a, T> {
    /// What [`Number::copy_params`] has copied to `memory`.
    #[inline(always)]
    pub fn new(memory: &'a [T], strides: [usize; 2]) -> Self {
        Self {
            weights: T::copied_params(memory),
            strides,
        }
    }
}

/// The rows of a tensor of `N` elements in a panel: its values, then as many for its cotangents.
pub type TensorRows<V, const N: usize> = [[V; N]; 2];

/// The operation on a finished sum.
pub trait SumEpilogue<T: Number, S: Simd<T>, const N: usize> {
    /// Stores what follows from sum `r` in the rows of the tensor that the sums are for.
    fn finish(&self, simd: S, rows: &mut TensorRows<S::V, N>, r: usize, sum: S::V);
}

/// What a product reads and writes of a panel.
type Operands<'a, V, const K: usize, const N: usize> = (&'a [V; K], &'a mut TensorRows<V, N>);

/// `K` rows from `from` on, and the `2 N` rows of the tensor at `to`, which do not overlap.
#[inline(always)]
fn operands<V, const K: usize, const N: usize>(
    panel: &mut [V],
    from: usize,
    to: usize,
) -> Operands<'_, V, K, N> {
    let (source, target) = if from < to {
        let (head, tail) = panel.split_at_mut(to);
        (&head[from..], tail)
    } else {
        let (head, tail) = panel.split_at_mut(from);
        (&*tail, &mut head[to..])
    };
    let source = source.first_chunk().expect("rows of a panel");
    let target = target.as_chunks_mut().0.first_chunk_mut();
    (source, target.expect("rows of a panel"))
}

/// The maximum number of sums of a block of `n`, besides their inputs, a broadcast weight and what the epilogue needs. Where there
/// are two panels, 10 of each fit and 7 are enough; blocks of one size are half the code of blocks of two.
const fn max_sums(n: usize, registers: usize) -> usize {
    match registers {
        32.. if n.is_multiple_of(8) => 8,
        32.. if n.is_multiple_of(10) => 10,
        32.. if n.is_multiple_of(9) => 9,
        32.. if n.is_multiple_of(7) => 7,
        32.. => 8,
        8.. => 4,
        _ => 1,
    }
}

/// Panels of a block. A weight that is loaded for two panels leaves half of the loads, which else take longer than the
/// multiply-adds where two of them start in a cycle.
const fn panels_at_a_time(registers: usize) -> usize {
    if registers >= 32 { 2 } else { 1 }
}

/// `N` sums over `K` inputs for every panel: `sum[r] = start(r) + sum_k at(r, k) * panel[from + k]`, in the
/// order of `k`, each handed to the epilogue with the rows from `to` on.
#[inline(always)]
pub fn product<T, S, M, E, const N: usize, const K: usize>(
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
    if const { is_large::<T>(N, K) } {
        large_product::<T, S, M, E, N, K>(simd, matrix, epilogue, tile, from, to);
    } else if const { panels_at_a_time(S::REGISTERS) == 1 } {
        for panel in tile.panels() {
            let mut panels = [operands::<S::V, K, N>(panel, from, to)];
            for_blocks!(N, max_sums(N, S::REGISTERS), |first| {
                sums::<T, S, M, E, K, N, _>(simd, matrix, epilogue, &mut panels, first)
            });
        }
    } else {
        let (pairs, odd) = tile.pairs();
        for pair in pairs {
            let (a, b) = pair.split_at_mut(pair.len() / 2);
            let mut panels = [
                operands::<S::V, K, N>(a, from, to),
                operands::<S::V, K, N>(b, from, to),
            ];
            for_blocks!(N, max_sums(N, S::REGISTERS), |first| {
                sums::<T, S, M, E, K, N, _>(simd, matrix, epilogue, &mut panels, first)
            });
        }
        if let Some(panel) = odd {
            let mut panels = [operands::<S::V, K, N>(panel, from, to)];
            for_blocks!(N, max_sums(N, S::REGISTERS), |first| {
                sums::<T, S, M, E, K, N, _>(simd, matrix, epilogue, &mut panels, first)
            });
        }
    }
}

/// The register block of [`product`]: sums `first .. first + R` of `P` panels.
#[inline(always)]
fn sums<T, S, M, E, const K: usize, const N: usize, const P: usize, const R: usize>(
    simd: S,
    matrix: &M,
    epilogue: &E,
    panels: &mut [Operands<'_, S::V, K, N>; P],
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    M: Matrix<T>,
    E: SumEpilogue<T, S, N>,
{
    let mut sums = [[simd.zero(); P]; R];
    for r in 0..R {
        sums[r] = [matrix.start(simd, first + r); P];
    }
    for k in 0..K {
        for r in 0..R {
            let weight = matrix.at(simd, first + r, k);
            for p in 0..P {
                sums[r][p] = simd.mul_add_param(weight, panels[p].0[k], sums[r][p]);
            }
        }
    }
    finish(simd, epilogue, panels[0].1, first, &sums, 0);
    if P == 2 {
        finish(simd, epilogue, panels[P - 1].1, first, &sums, P - 1);
    }
}

/// Whether it pays to copy blocks of a matrix: its size is that of a second-level cache.
const fn is_large<T: Number>(rows: usize, columns: usize) -> bool {
    rows * columns * size_of::<T::Real>() > LARGE_BYTES
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
fn large_product<T, S, M, E, const N: usize, const K: usize>(
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

/// Hands the sums of panel `p` to the epilogue.
///
/// Unrolled: in a loop the sums would be stored to memory, and a store takes the time of 1.6 multiply-adds (Zen 4).
#[inline(always)]
fn finish<T, S, E, const N: usize, const P: usize, const R: usize>(
    simd: S,
    epilogue: &E,
    rows: &mut TensorRows<S::V, N>,
    first: usize,
    sums: &[[S::V; P]; R],
    p: usize,
) where
    T: Number,
    S: Simd<T>,
    E: SumEpilogue<T, S, N>,
{
    for r in 0..R {
        epilogue.finish(simd, rows, first + r, sums[r][p]);
    }
}

/// The inputs and outputs of a block of [`outer`]: at most 16 sums, and no more than there are registers for besides
/// the inputs and one output.
const fn outer_block(inputs: usize, outputs: usize, registers: usize) -> (usize, usize) {
    match registers {
        16.. => {}
        8.. => return (1, min(outputs, 8)),
        // Then every operation is a call, and what counts is the size of the code.
        _ => return (1, 1),
    }
    let (rows, columns) = if registers >= 32 { (4, 4) } else { (3, 4) };
    if inputs >= rows && outputs >= columns {
        (rows, columns)
    } else if inputs < outputs {
        (inputs, min(outputs, rows * columns / inputs))
    } else {
        (min(inputs, rows * columns / outputs), outputs)
    }
}

/// The outer product summed over all samples: `out[i][o] += sum over panels and lanes of x[i] * z_bar[o]`, and with
/// `BIAS` the same with a 1 for `x[i]`: `bias[o] += ` the sum of `z_bar[o]`.
///
/// Where a vector is several registers, the lanes of the first are summed over all panels, then those of the next.
#[inline(always)]
pub fn outer<T, S, const IN: usize, const OUT: usize, const BIAS: bool>(
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
    if const { IN * OUT * size_of::<T::Real>() >= LARGE_BYTES && OUT >= S::LANES } {
        return large_outer::<T, S, IN, OUT, BIAS>(simd, tile, x, z_bar, out, bias);
    }
    let inputs = const { outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).0 };
    let full = IN / inputs;
    for b in 0..full {
        with_size!(
            outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).0,
            outer_rows::<T, S, IN, OUT, BIAS>(simd, tile, x, z_bar, out, bias, b * inputs)
        );
    }
    with_size!(
        IN % outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).0,
        outer_rows::<T, S, IN, OUT, BIAS>(simd, tile, x, z_bar, out, bias, full * inputs)
    );
}

/// Inputs `i0 .. i0 + RI` of [`outer`]; with `i0 = 0` also the bias.
#[inline(always)]
fn outer_rows<T, S, const IN: usize, const OUT: usize, const BIAS: bool, const RI: usize>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    bias: &mut [T],
    i0: usize,
) where
    T: Number,
    S: Simd<T>,
{
    let outputs = const { outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).1 };
    let full = OUT / outputs;
    for b in 0..full {
        with_size!(
            outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).1,
            outer_sums::<T, S, IN, OUT, BIAS, RI>(simd, tile, x, z_bar, out, bias, i0, b * outputs)
        );
    }
    with_size!(
        OUT % outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).1,
        outer_sums::<T, S, IN, OUT, BIAS, RI>(simd, tile, x, z_bar, out, bias, i0, full * outputs)
    );
}

/// The register block of [`outer`]: inputs `i0 .. i0 + RI` and outputs `o0 .. o0 + RO`.
#[inline(always)]
fn outer_sums<
    T,
    S,
    const IN: usize,
    const OUT: usize,
    const BIAS: bool,
    const RI: usize,
    const RO: usize,
>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    bias: &mut [T],
    i0: usize,
    o0: usize,
) where
    T: Number,
    S: Simd<T>,
{
    let part = simd.register();
    let with_bias = BIAS && i0 == 0;
    // Sum `i * RO + o`.
    let mut sums = [simd.zero(); 16];
    let mut bias_sums = [simd.zero(); 16];
    for p in 0..S::REGISTERS_PER_VECTOR {
        let mut block = [[part.zero(); RO]; RI];
        let mut bias_block = [part.zero(); RO];
        // In the same loop if there are registers for it, else in a loop of its own.
        let together = const { <S::Register as Simd<T>>::GRADIENT_REGISTERS >= 32 };
        // Two loops: a condition in one costs registers.
        macro_rules! panels {
            (|$x:ident, $z_bar:ident| $step:block) => {
                for panel in tile.panels() {
                    let $x: &[S::V; RI] = panel[x + i0..].first_chunk().expect("rows of a panel");
                    let $z_bar: &[S::V; RO] =
                        panel[z_bar + o0..].first_chunk().expect("rows of a panel");
                    $step
                }
            };
        }
        if together && with_bias {
            panels!(|x, z_bar| {
                outer_step::<T, S, RI, RO>(part, x, z_bar, p, &mut block);
                bias_step::<T, S, RO>(part, z_bar, p, &mut bias_block);
            });
        } else {
            panels!(|x, z_bar| {
                outer_step::<T, S, RI, RO>(part, x, z_bar, p, &mut block);
            });
        }
        if !together && with_bias {
            panels!(|_x, z_bar| {
                bias_step::<T, S, RO>(part, z_bar, p, &mut bias_block);
            });
        }
        for o in 0..RO {
            for i in 0..RI {
                set_part::<T, S>(&mut sums[i * RO + o], p, block[i][o]);
            }
            set_part::<T, S>(&mut bias_sums[o], p, bias_block[o]);
        }
    }
    let sums = add_lanes(simd, sums, RI * RO);
    for i in 0..RI {
        for o in 0..RO {
            out[i0 + i][o0 + o] += sums[i * RO + o];
        }
    }
    if with_bias {
        let sums = add_lanes(simd, bias_sums, RO);
        for o in 0..RO {
            bias[o0 + o] += sums[o];
        }
    }
}

/// Writes register `p` of a vector.
#[inline(always)]
pub(super) fn set_part<T: Number, S: Simd<T>>(
    v: &mut S::V,
    p: usize,
    part: <S::Register as Simd<T>>::V,
) {
    bytemuck::cast_slice_mut(core::slice::from_mut(v))[p] = part;
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
fn large_outer<T, S, const IN: usize, const OUT: usize, const BIAS: bool>(
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

/// The products of one panel, part `p` of its vectors.
#[inline(always)]
fn outer_step<T, S, const RI: usize, const RO: usize>(
    part: S::Register,
    x: &[S::V; RI],
    z_bar: &[S::V; RO],
    p: usize,
    block: &mut [[<S::Register as Simd<T>>::V; RO]; RI],
) where
    T: Number,
    S: Simd<T>,
{
    let x: &[<S::Register as Simd<T>>::V] = bytemuck::cast_slice(x);
    let z_bar: &[<S::Register as Simd<T>>::V] = bytemuck::cast_slice(z_bar);
    for o in 0..RO {
        let z_bar = z_bar[o * S::REGISTERS_PER_VECTOR + p];
        for i in 0..RI {
            let x = x[i * S::REGISTERS_PER_VECTOR + p];
            block[i][o] = part.mul_add_gradient(x, z_bar, block[i][o]);
        }
    }
}

/// The terms of one panel in the sums of the biases, part `p` of its vectors.
#[inline(always)]
fn bias_step<T: Number, S: Simd<T>, const RO: usize>(
    part: S::Register,
    z_bar: &[S::V; RO],
    p: usize,
    block: &mut [<S::Register as Simd<T>>::V; RO],
) {
    let z_bar: &[<S::Register as Simd<T>>::V] = bytemuck::cast_slice(z_bar);
    for o in 0..RO {
        block[o] = part.add_gradient(block[o], z_bar[o * S::REGISTERS_PER_VECTOR + p]);
    }
}

/// The sums over the lanes of the first `n` vectors.
#[inline(always)]
pub(super) fn add_lanes<T: Number, S: Simd<T>>(simd: S, v: [S::V; 16], n: usize) -> [T; 16] {
    if n > 8 {
        return simd.sum_16(v);
    }
    let mut sums = [T::ZERO; 16];
    if n == 1 {
        sums[0] = simd.sum(v[0]);
        return sums;
    }
    sums[..8].copy_from_slice(&simd.sum_8(*v.first_chunk().expect("16 vectors")));
    sums
}
