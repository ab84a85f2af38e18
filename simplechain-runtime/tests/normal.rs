//! The kernels of the normal equations against plain loops, for counts around the width of vectors, on every tier.

use simplechain_reference as reference;
use simplechain_runtime::kernels::normal::{Cholesky, Gram};
use simplechain_runtime::simd::{Number, Tier};

const COUNTS: [usize; 12] = [1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 50, 101];

fn rows(rows: usize, count: usize) -> Vec<Vec<f64>> {
    let number = |i: usize| ((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0;
    (0..rows)
        .map(|r| (0..count).map(|i| number(count * r + 31 * i)).collect())
        .collect()
}

/// The lower triangle of a matrix by rows of `stride`.
fn lower(matrix: &[f64], stride: usize, count: usize) -> Vec<Vec<f64>> {
    (0..count)
        .map(|i| matrix[stride * i..][..i + 1].to_vec())
        .collect()
}

fn assert_near(got: &[Vec<f64>], want: &[Vec<f64>], tolerance: f64) {
    for (got, want) in got
        .iter()
        .flatten()
        .zip(want.iter().enumerate().flat_map(|(i, row)| &row[..=i]))
    {
        assert!((got - want).abs() <= tolerance, "{got} instead of {want}");
    }
}

#[test]
fn gram_and_cholesky() {
    for count in COUNTS {
        for len in [1, 2, 5, 32, 150] {
            let rows = rows(len, count);
            let want = reference::gram(&rows, count);
            // With enough on the diagonal it is positive definite whatever the rows.
            let mut damped = want.clone();
            (0..count).for_each(|i| damped[i][i] += 0.5);
            let factor_want = reference::cholesky(&damped).unwrap();

            let stride = count.next_multiple_of(f64::PANEL);
            let mut padded = vec![0.0; stride * len];
            for (padded, row) in padded.chunks_mut(stride).zip(&rows) {
                padded[..count].copy_from_slice(row);
            }
            let mut bits: Option<Vec<Vec<f64>>> = None;
            for tier in Tier::available() {
                // Nothing is read; then, nothing above the diagonal.
                let mut matrix = vec![f64::NAN; stride * stride];
                let (first, rest) = padded.split_at(stride * (len / 3));
                for (rows, add) in [(first, false), (rest, true)] {
                    let gram = Gram {
                        rows,
                        stride,
                        matrix: &mut matrix,
                        add,
                    };
                    tier.with(|| f64::dispatch_batch(gram)).unwrap();
                }
                assert_near(&lower(&matrix, stride, count), &want, 1e-12 * len as f64);

                (0..count).for_each(|i| matrix[stride * i + i] += 0.5);
                let cholesky = Cholesky {
                    matrix: &mut matrix,
                    stride,
                    count,
                };
                assert!(tier.with(|| f64::dispatch_batch(cholesky)).unwrap());
                let factor = lower(&matrix, stride, count);
                assert_near(&factor, &factor_want, 1e-11 * len as f64);
                if tier.is_fused() {
                    assert_eq!(*bits.get_or_insert(factor.clone()), factor, "{tier}");
                }
            }
        }
    }
}

#[test]
fn what_is_not_positive_definite_is_told() {
    for tier in Tier::available() {
        for (diagonal, off) in [
            (1.0, 1.0),
            (-1.0, 0.0),
            (0.0, 0.0),
            (f64::NAN, 0.0),
            (1.0, f64::NAN),
        ] {
            let mut matrix = vec![0.0; 64];
            (matrix[0], matrix[8], matrix[9]) = (1.0, off, diagonal);
            let cholesky = Cholesky {
                matrix: &mut matrix,
                stride: 8,
                count: 2,
            };
            assert!(
                !tier.with(|| f64::dispatch_batch(cholesky)).unwrap(),
                "{diagonal} {off}"
            );
        }
    }
}
