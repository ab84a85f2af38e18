//! What the kernels of products have in common: a block of sums over one or two panels.

use super::{SumEpilogue, TensorRows};
use crate::simd::{Number, Simd};

/// What a product reads and writes of a panel.
pub(super) type Operands<'a, V, const K: usize, const N: usize> =
    (&'a [V; K], &'a mut TensorRows<V, N>);

/// `K` rows from `from` on, and the `2 N` rows of the tensor at `to`, which do not overlap.
#[inline(always)]
pub(super) fn operands<V, const K: usize, const N: usize>(
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
pub(super) const fn max_sums(n: usize, registers: usize) -> usize {
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
pub(super) const fn panels_at_a_time(registers: usize) -> usize {
    if registers >= 32 { 2 } else { 1 }
}

/// Hands the sums of panel `p` to the epilogue.
///
/// Unrolled: in a loop the sums would be stored to memory, and a store takes the time of 1.6 multiply-adds (Zen 4).
#[inline(always)]
pub(super) fn finish<T, S, E, const N: usize, const P: usize, const R: usize>(
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
