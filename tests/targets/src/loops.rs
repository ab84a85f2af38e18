//! Loops over the network of the benchmarks, 4-32-16-4, to be timed.

use core::hint::black_box;

use simplechain::prelude::*;

use super::{MatExp, arrays, params};

/// Epochs of 10 000 samples, full batch, Adam, one thread: the last loss.
#[unsafe(no_mangle)]
pub extern "C" fn epochs(count: u32) -> f32 {
    let (xs, ys): (Vec<[f32; 4]>, Vec<[f32; 4]>) = (arrays(1, 10_000), arrays(2, 10_000));
    let mut params = params(MatExp);
    let mut trainer = Trainer::new(MatExp, SquaredLoss, Adam::new(1e-3)).threads(1);
    let history = trainer.fit(&mut params, &xs, &ys, count as usize);
    history.expect("good data").last_loss() as f32
}

/// Independent calls of `forward`.
#[unsafe(no_mangle)]
pub extern "C" fn forward(count: u32) {
    let (params, xs) = (params(MatExp), arrays::<f32, [f32; 4]>(1, 256));
    for x in xs.iter().cycle().take(count as usize) {
        black_box(MatExp.forward(black_box(x), &params));
    }
}

/// Independent calls of `vjp`, for input and parameters.
#[unsafe(no_mangle)]
pub extern "C" fn vjp(count: u32) {
    let (params, xs) = (params(MatExp), arrays::<f32, [f32; 4]>(1, 256));
    let (mut x_bar, mut params_bar) = ([0.0; 4], params.clone());
    for x in xs.iter().cycle().take(count as usize) {
        let y = MatExp.vjp(
            black_box(x),
            &params,
            &[1.0; 4],
            &mut x_bar,
            &mut params_bar,
        );
        black_box((y, &x_bar, &params_bar));
    }
}
