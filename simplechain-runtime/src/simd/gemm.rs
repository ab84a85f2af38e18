//! Matrix kernels of the batch path: a sample a lane, a panel of samples a wide vector.
//!
//! A tile is a slice of panels; a panel holds one vector for every number that a sample has on its way through
//! the chain. [`product`] keeps a column of `R` sums in registers while it runs down the inner dimension: every
//! step loads one vector and issues `R` multiply-adds whose other factor is a broadcast weight. [`outer`] keeps
//! 16 sums over all panels of the tile and adds their lanes at the end, sixteen sums in one transposed tree.

use super::{Real, Simd};

/// A matrix as the kernel reads it: `R` rows of sums, inner index `k`.
pub trait Matrix<T> {
    /// The factor of input `k` in sum `r`.
    fn at(&self, r: usize, k: usize) -> T;
    /// Where sum `r` starts.
    fn start(&self, r: usize) -> T;
}

/// What is done with a finished sum.
pub trait Epilogue<T: Real, S: Simd<T>, const ROWS: usize> {
    /// Stores what follows from sum `r` in the panel.
    fn finish(&self, simd: S, panel: &mut [S::V; ROWS], r: usize, sum: S::V);
}

/// The largest number of sums a block may hold, one register for the input and one for a broadcast left over.
const fn most_sums(registers: usize) -> usize {
    if registers >= 32 { 16 } else { registers - 2 }
}

/// The size of the blocks that cover `n` sums as evenly as possible with at most `most` in each.
const fn block(n: usize, most: usize) -> usize {
    n.div_ceil(n.div_ceil(most))
}

/// Calls `$f::<.., N>` for the constant `$n` of at most 16; the other arms never reach the code generator.
macro_rules! with_size {
    ($n:expr, $f:ident::<$($arg:ty),*>($($value:expr),*)) => {
        match const { $n } {
            0 => {}
            1 => $f::<$($arg,)* 1>($($value),*),
            2 => $f::<$($arg,)* 2>($($value),*),
            3 => $f::<$($arg,)* 3>($($value),*),
            4 => $f::<$($arg,)* 4>($($value),*),
            5 => $f::<$($arg,)* 5>($($value),*),
            6 => $f::<$($arg,)* 6>($($value),*),
            7 => $f::<$($arg,)* 7>($($value),*),
            8 => $f::<$($arg,)* 8>($($value),*),
            9 => $f::<$($arg,)* 9>($($value),*),
            10 => $f::<$($arg,)* 10>($($value),*),
            11 => $f::<$($arg,)* 11>($($value),*),
            12 => $f::<$($arg,)* 12>($($value),*),
            13 => $f::<$($arg,)* 13>($($value),*),
            14 => $f::<$($arg,)* 14>($($value),*),
            15 => $f::<$($arg,)* 15>($($value),*),
            16 => $f::<$($arg,)* 16>($($value),*),
            _ => unreachable!(),
        }
    };
}

/// `N` sums over `K` inputs for every panel: `sum[r] = start(r) + sum_k at(r, k) * panel[x + k]`, in the order of
/// `k`, each handed to the epilogue.
#[inline(always)]
pub fn product<T, S, M, E, const N: usize, const K: usize, const ROWS: usize>(
    simd: S,
    matrix: &M,
    epilogue: &E,
    tile: &mut [[S::V; ROWS]],
    x: usize,
) where
    T: Real,
    S: Simd<T>,
    M: Matrix<T>,
    E: Epilogue<T, S, ROWS>,
{
    for panel in tile {
        let full = const { N / block(N, most_sums(S::REGISTERS)) };
        for b in 0..full {
            let first = b * const { block(N, most_sums(S::REGISTERS)) };
            with_size!(
                block(N, most_sums(S::REGISTERS)),
                sums::<T, S, M, E, K, ROWS>(simd, matrix, epilogue, panel, x, first)
            );
        }
        let first = full * const { block(N, most_sums(S::REGISTERS)) };
        with_size!(
            N % block(N, most_sums(S::REGISTERS)),
            sums::<T, S, M, E, K, ROWS>(simd, matrix, epilogue, panel, x, first)
        );
    }
}

/// The register block of [`product`]: sums `first .. first + R`.
#[inline(always)]
fn sums<T, S, M, E, const K: usize, const ROWS: usize, const R: usize>(
    simd: S,
    matrix: &M,
    epilogue: &E,
    panel: &mut [S::V; ROWS],
    x: usize,
    first: usize,
) where
    T: Real,
    S: Simd<T>,
    M: Matrix<T>,
    E: Epilogue<T, S, ROWS>,
{
    let mut sums: [S::V; R] = core::array::from_fn(|r| simd.splat(matrix.start(first + r)));
    for k in 0..K {
        let x = panel[x + k];
        for r in 0..R {
            sums[r] = simd.mul_add(simd.splat(matrix.at(first + r, k)), x, sums[r]);
        }
    }
    for r in 0..R {
        epilogue.finish(simd, panel, first + r, sums[r]);
    }
}

/// The sums a block of [`outer`] takes of each dimension: 4 x 4 where both allow it, 16 in all.
const fn outer_blocks(inputs: usize, outputs: usize) -> (usize, usize) {
    if inputs >= 4 && outputs >= 4 {
        (4, 4)
    } else if inputs < outputs {
        (inputs, min(outputs, 16 / inputs))
    } else {
        (min(inputs, 16 / outputs), outputs)
    }
}

const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

/// The outer product summed over all samples: `out[i][o] += sum over panels and lanes of x[i] * z_bar[o]`.
#[inline(always)]
pub fn outer<T, S, const IN: usize, const OUT: usize, const ROWS: usize>(
    simd: S,
    tile: &[[S::V; ROWS]],
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
) where
    T: Real,
    S: Simd<T>,
{
    let full = const { IN / outer_blocks(IN, OUT).0 };
    for b in 0..full {
        with_size!(
            outer_blocks(IN, OUT).0,
            outer_rows::<T, S, IN, OUT, ROWS>(
                simd,
                tile,
                x,
                z_bar,
                out,
                b * const { outer_blocks(IN, OUT).0 }
            )
        );
    }
    with_size!(
        IN % outer_blocks(IN, OUT).0,
        outer_rows::<T, S, IN, OUT, ROWS>(
            simd,
            tile,
            x,
            z_bar,
            out,
            full * const { outer_blocks(IN, OUT).0 }
        )
    );
}

/// Inputs `i0 .. i0 + RI` of [`outer`].
#[inline(always)]
fn outer_rows<T, S, const IN: usize, const OUT: usize, const ROWS: usize, const RI: usize>(
    simd: S,
    tile: &[[S::V; ROWS]],
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    i0: usize,
) where
    T: Real,
    S: Simd<T>,
{
    let full = const { OUT / outer_blocks(IN, OUT).1 };
    for b in 0..full {
        let o0 = b * const { outer_blocks(IN, OUT).1 };
        with_size!(
            outer_blocks(IN, OUT).1,
            outer_block::<T, S, IN, OUT, ROWS, RI>(simd, tile, x, z_bar, out, i0, o0)
        );
    }
    let o0 = full * const { outer_blocks(IN, OUT).1 };
    with_size!(
        OUT % outer_blocks(IN, OUT).1,
        outer_block::<T, S, IN, OUT, ROWS, RI>(simd, tile, x, z_bar, out, i0, o0)
    );
}

/// The register block of [`outer`]: inputs `i0 .. i0 + RI` and outputs `o0 .. o0 + RO`, at most 16 sums.
#[inline(always)]
fn outer_block<
    T,
    S,
    const IN: usize,
    const OUT: usize,
    const ROWS: usize,
    const RI: usize,
    const RO: usize,
>(
    simd: S,
    tile: &[[S::V; ROWS]],
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    i0: usize,
    o0: usize,
) where
    T: Real,
    S: Simd<T>,
{
    let mut sums = [[simd.zero(); RO]; RI];
    for panel in tile {
        for i in 0..RI {
            for o in 0..RO {
                sums[i][o] = simd.mul_add(panel[x + i0 + i], panel[z_bar + o0 + o], sums[i][o]);
            }
        }
    }
    let sums = simd.sum_16(core::array::from_fn(|j| {
        if j < RI * RO {
            sums[j / RO][j % RO]
        } else {
            simd.zero()
        }
    }));
    for i in 0..RI {
        for o in 0..RO {
            out[i0 + i][o0 + o] += sums[i * RO + o];
        }
    }
}

/// The sum of each of `N` rows over all samples: `out[n] += sum over panels and lanes of row + n`.
#[inline(always)]
pub fn row_sums<T, S, const N: usize, const ROWS: usize>(
    simd: S,
    tile: &[[S::V; ROWS]],
    row: usize,
    out: &mut [T],
) where
    T: Real,
    S: Simd<T>,
{
    for first in (0..N).step_by(16) {
        let n = (N - first).min(16);
        let mut sums = [simd.zero(); 16];
        for panel in tile {
            for j in 0..n {
                sums[j] = simd.add(sums[j], panel[row + first + j]);
            }
        }
        for (out, sum) in out[first..first + n].iter_mut().zip(simd.sum_16(sums)) {
            *out += sum;
        }
    }
}
