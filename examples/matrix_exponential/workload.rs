//! The network, its data and its trainer, shared with the benchmarks.

use rand::{Rng, RngExt};
use simplechain::chain::LayerInfo;
use simplechain::loss::SquaredLoss;
use simplechain::optim::Adam;
use simplechain::prelude::*;
use simplechain::train::Trainer;

simple_chain! {
    /// 2x2 matrix -> its matrix exponential.
    pub(crate) struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4) => 4
}

/// A trainer with the settings of the workload: squared loss, full batch, Adam.
pub(crate) fn trainer(threads: usize) -> Trainer<MatExp, SquaredLoss, Adam<f32>> {
    Trainer::new(MatExp, SquaredLoss, Adam::new(1e-3)).threads(threads)
}

/// Billions of floating-point operations per epoch: per sample two for each weight in each of `y = w x`,
/// `w_bar = y_bar x` and, except for the first layer, `x_bar = w y_bar`.
pub(crate) fn epoch_gflop(samples: usize) -> f64 {
    let weights =
        |layers: &[LayerInfo]| -> usize { layers.iter().map(|layer| layer.weight_count).sum() };
    let (all, after_the_first) = (weights(MatExp::LAYERS), weights(&MatExp::LAYERS[1..]));
    1e-9 * (samples * (4 * all + 2 * after_the_first)) as f64
}

/// Matrices and their exponentials, element by element.
pub(crate) struct Data {
    pub(crate) x: Vec<[f32; 4]>,
    pub(crate) y: Vec<[f32; 4]>,
}

impl Data {
    /// Matrices with independent standard normal entries.
    pub(crate) fn new(samples: usize, rng: &mut impl Rng) -> Self {
        let mut matrix = || {
            let ([a, b], [c, d]) = (normals(rng), normals(rng));
            [a, b, c, d].map(|element| element as f32)
        };
        let x: Vec<_> = (0..samples).map(|_| matrix()).collect();
        let y = x.iter().map(|x| expm(x.map(f64::from)));
        let y = y.map(|y| y.map(|element| element as f32)).collect();
        Self { x, y }
    }
}

/// Two independent standard normal values (Box and Muller, 1958).
fn normals(rng: &mut impl Rng) -> [f64; 2] {
    // 1 - [0, 1) has a finite logarithm.
    let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
    let (sin, cos) = (core::f64::consts::TAU * rng.random::<f64>()).sin_cos();
    [radius * cos, radius * sin]
}

/// The exponential of the matrix `[[a, b], [c, d]]`, given as `[a, b, c, d]`, by scaling and squaring.
pub(crate) fn expm(a: [f64; 4]) -> [f64; 4] {
    const ONE: [f64; 4] = [1.0, 0.0, 0.0, 1.0];
    // For norms below 1/2, the truncation error of the Taylor polynomial of this degree is below 1e-18.
    const DEGREE: u32 = 15;
    let norm = (a[0].abs() + a[1].abs()).max(a[2].abs() + a[3].abs());
    let halvings = (norm.log2().ceil() + 1.0).max(0.0) as i32;
    let a = a.map(|element| element * 0.5f64.powi(halvings));

    // Horner: 1 + a (1 + a/2 (1 + a/3 (..)))
    let mut exp = ONE;
    for k in (1..=DEGREE).rev() {
        exp = product(a.map(|element| element / f64::from(k)), exp);
        exp = core::array::from_fn(|i| exp[i] + ONE[i]);
    }
    for _ in 0..halvings {
        exp = product(exp, exp);
    }
    exp
}

/// The product of two matrices.
fn product([a, b, c, d]: [f64; 4], [e, f, g, h]: [f64; 4]) -> [f64; 4] {
    [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h]
}
