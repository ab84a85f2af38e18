//! The crate `gemm`: products of matrices of run-time size.

use simplechain_peers::micro::{SIZES, first, numbers};
use simplechain_peers::worker::{Result, Task, serve};

fn main() -> Result<()> {
    serve(&[("gemm", "0.19")], |_| {
        Ok(SIZES.into_iter().flat_map(size).collect())
    })
}

fn size(n: usize) -> [Task; 4] {
    let task = |what: &str, how: &str, call: fn(&mut Operands)| {
        let operands = Operands {
            n,
            a: numbers(1, n * n),
            b: numbers(2, n * n),
            c: vec![0.0; n * n],
        };
        Task::calls(format!("{what}/{n}/{how}"), operands, call, |operands| {
            first(&operands.c)
        })
    };
    [
        task("matmul", "into", |Operands { n, a, b, c }| {
            product(*n, *n, a, b, c)
        }),
        task("matmul", "new", |Operands { n, a, b, c }| {
            *c = vec![0.0; *n * *n];
            product(*n, *n, a, b, c);
        }),
        task("matvec", "into", |Operands { n, a, b, c }| {
            product(1, *n, a, b, c)
        }),
        task("matvec", "new", |Operands { n, a, b, c }| {
            *c = vec![0.0; *n];
            product(1, *n, a, b, c);
        }),
    ]
}

/// `c = a b`, row by row.
struct Operands {
    n: usize,
    a: Vec<f32>,
    b: Vec<f32>,
    c: Vec<f32>,
}

/// The first `rows` rows of the product.
fn product(rows: usize, n: usize, a: &[f32], b: &[f32], c: &mut [f32]) {
    assert!(a.len() >= rows * n && b.len() >= n * n && c.len() >= rows * n);
    let stride = n as isize;
    // SAFETY: with these strides, all reads and writes lie within the lengths that were just checked.
    unsafe {
        gemm::gemm(
            rows,
            n,
            n,
            c.as_mut_ptr(),
            1,
            stride,
            false,
            a.as_ptr(),
            1,
            stride,
            b.as_ptr(),
            1,
            stride,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
