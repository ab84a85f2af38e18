//! Kernels of the normal equations `J^T J h = -J^T r`: the lower triangle of `J^T J`, and its Cholesky factor.
//!
//! Rows, of `J` and of the matrix, have a stride of `stride` elements, a multiple of [`PANEL`](crate::simd::Number::PANEL)
//! that is at least the parameter count; the padding must be 0 in `J`. Every element is summed in one order, so the bits are
//! the same in every tier.

use crate::simd::{Kernel, Real, Simd};

/// `matrix += J^T J`, or `matrix = J^T J`. Only the lower triangle is valid; above it, up to a block's end, the contents are unspecified.
pub struct Gram<'a, T> {
    /// Some rows of `J`.
    pub rows: &'a [T],
    /// Row stride, in elements.
    pub stride: usize,
    /// `stride` rows.
    pub matrix: &'a mut [T],
    /// Whether the products are added to what is there.
    pub add: bool,
}

/// Rows of a register tile.
const HEIGHT: usize = 4;

impl<T: Real> Kernel<T> for Gram<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            rows,
            stride,
            matrix,
            add,
        } = self;
        assert!(stride.is_multiple_of(T::PANEL) && S::LANES == T::PANEL);
        assert!(rows.len().is_multiple_of(stride) && matrix.len() == stride * stride);
        let mut at = 0;
        while at < stride {
            // Three vectors of columns if there are enough registers for their sums.
            let vectors = (stride - at) / S::LANES;
            let taken = if vectors >= 3 && S::REGISTERS > 4 * HEIGHT {
                columns::<T, S, 3>(simd, rows, stride, matrix, add, at)
            } else {
                columns::<T, S, 1>(simd, rows, stride, matrix, add, at)
            };
            at += taken * S::LANES;
        }
    }
}

/// The columns of `V` vectors from `at` on, from the diagonal down; returns `V`. The part of `rows` in these
/// columns stays in the first-level cache.
#[inline(always)]
fn columns<T: Real, S: Simd<T>, const V: usize>(
    simd: S,
    rows: &[T],
    stride: usize,
    matrix: &mut [T],
    add: bool,
    at: usize,
) -> usize {
    for i in (at..stride).step_by(HEIGHT) {
        let mut sums = [[simd.zero(); V]; HEIGHT];
        if add {
            for a in 0..HEIGHT {
                for v in 0..V {
                    sums[a][v] = simd.load(&matrix[stride * (i + a) + at + S::LANES * v..]);
                }
            }
        }
        for row in rows.chunks_exact(stride) {
            let (factors, numbers) = (&row[i..i + HEIGHT], &row[at..at + S::LANES * V]);
            let mut x = [simd.zero(); V];
            for v in 0..V {
                x[v] = simd.load(&numbers[S::LANES * v..]);
            }
            for a in 0..HEIGHT {
                let factor = simd.splat(factors[a]);
                for v in 0..V {
                    sums[a][v] = simd.mul_add(factor, x[v], sums[a][v]);
                }
            }
        }
        for a in 0..HEIGHT {
            for v in 0..V {
                simd.store(
                    sums[a][v],
                    &mut matrix[stride * (i + a) + at + S::LANES * v..],
                );
            }
        }
    }
    V
}

/// The factor `L` of `L L^T`, in the place of the lower triangle of a matrix with `count` rows (Golub and Van Loan,
/// *Matrix Computations*, 4.2); false if the matrix is not positive definite.
pub struct Cholesky<'a, T> {
    /// At least `count` rows.
    pub matrix: &'a mut [T],
    /// Row stride, in elements.
    pub stride: usize,
    /// Rows and columns in use.
    pub count: usize,
}

impl<T: Real> Kernel<T> for Cholesky<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> bool {
        let Self {
            matrix,
            stride,
            count,
        } = self;
        for i in 0..count {
            let (above, row) = matrix.split_at_mut(stride * i);
            for j in 0..i {
                let other = &above[stride * j..stride * j + j + 1];
                row[j] = (row[j] - dot(simd, &row[..j], &other[..j])) / other[j];
            }
            let square = row[i] - dot(simd, &row[..i], &row[..i]);
            if !(square > T::ZERO && square.is_finite()) {
                return false;
            }
            row[i] = square.sqrt();
        }
        true
    }
}

/// Sums side by side: they hide the latency of the multiply-adds.
const SUMS: usize = 4;

#[inline(always)]
fn dot<T: Real, S: Simd<T>>(simd: S, a: &[T], b: &[T]) -> T {
    let mut sums = [simd.zero(); SUMS];
    let (mut a, mut b) = (a, b);
    while a.len() >= SUMS * S::LANES {
        for k in 0..SUMS {
            let at = S::LANES * k;
            sums[k] = simd.mul_add(simd.load(&a[at..]), simd.load(&b[at..]), sums[k]);
        }
        (a, b) = (&a[SUMS * S::LANES..], &b[SUMS * S::LANES..]);
    }
    while a.len() >= S::LANES {
        sums[0] = simd.mul_add(simd.load(a), simd.load(b), sums[0]);
        (a, b) = (&a[S::LANES..], &b[S::LANES..]);
    }
    sums[1] = simd.mul_add(simd.load_partial(a), simd.load_partial(b), sums[1]);
    simd.sum(simd.add(simd.add(sums[0], sums[1]), simd.add(sums[2], sums[3])))
}
