//! Weights times the values of a tile.

use super::large::{is_large, large_product};
use super::panels::{Operands, finish, max_sums, operands, panels_at_a_time};
use super::{Matrix, SumEpilogue};
use crate::kernels::blocks::{blocks, for_blocks, with_size};
use crate::kernels::tile::Tile;
use crate::simd::{Number, Simd};

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
