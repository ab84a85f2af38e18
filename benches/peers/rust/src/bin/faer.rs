//! faer: products of matrices of run-time size.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use simplechain_peers::micro::{SIZES, numbers};
use simplechain_peers::worker::{Result, Task, serve};

fn main() -> Result<()> {
    faer::set_global_parallelism(Par::Seq);
    serve(&[("faer", "0.24")], |_| {
        Ok(SIZES.into_iter().flat_map(size).collect())
    })
}

fn size(n: usize) -> [Task; 4] {
    let task = |what: &str, how: &str, rows: usize, call: fn(&mut Operands)| {
        let matrix = |seed, rows| {
            let numbers = numbers(seed, rows * n);
            Mat::from_fn(rows, n, |row, column| numbers[column + n * row])
        };
        let operands = Operands {
            a: matrix(1, rows),
            b: matrix(2, n),
            c: Mat::zeros(rows, n),
        };
        let output = |Operands { c, .. }: &Operands| (0..4).map(|o| c[(0, o)]).collect();
        Task::calls(format!("{what}/{n}/{how}"), operands, call, output)
    };
    [
        task("matmul", "into", n, Operands::product),
        task("matmul", "new", n, Operands::new_product),
        task("matvec", "into", 1, Operands::product),
        task("matvec", "new", 1, Operands::new_product),
    ]
}

/// `c = a b`
struct Operands {
    a: Mat<f32>,
    b: Mat<f32>,
    c: Mat<f32>,
}

impl Operands {
    fn product(&mut self) {
        matmul(&mut self.c, Accum::Replace, &self.a, &self.b, 1.0, Par::Seq);
    }

    fn new_product(&mut self) {
        self.c = &self.a * &self.b;
    }
}
