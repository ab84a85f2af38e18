//! Trains the network of the microcontroller, 4 s on one thread, and writes its file:
//!
//! ```text
//! cargo run --release -p simplechain-cortex-m-host --bin train -- net.safetensors
//! ```

use std::error::Error;

use simplechain::optim::Cosine;
use simplechain::prelude::*;
use simplechain_cortex_m::{MatExp, matrix};

const SAMPLES: u32 = 4000;
const EPOCHS: usize = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("give the path of the file")?;
    // The first matrices are those that the programs evaluate.
    let [test, train] = [0..1000, 1000..1000 + SAMPLES].map(|seeds| {
        let xs: Vec<[f32; 4]> = seeds.map(matrix).collect();
        let ys: Vec<[f32; 4]> = xs.iter().map(exponential).collect();
        (xs, ys)
    });
    let mut params = MatExp.init::<f32>(&mut rng(0));
    let adam = Adam::new(1e-2).schedule(Cosine::new(EPOCHS));
    let mut trainer = Trainer::new(MatExp, SquaredLoss, adam).threads(1);
    trainer.fit(&mut params, &train.0, &train.1, EPOCHS)?;
    for (what, (xs, ys)) in [("training", &train), ("test", &test)] {
        println!(
            "{what} loss {:.2e}",
            MatExp.loss_batch(&SquaredLoss, xs, ys, &params)?
        );
    }
    MatExp.save(&path, &params)?;
    Ok(())
}

/// The exponential of the matrix `[[a, b], [c, d]]`, by its series.
fn exponential(x: &[f32; 4]) -> [f32; 4] {
    let a = x.map(f64::from);
    let (mut sum, mut term) = ([1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 1.0]);
    for k in 1..24 {
        let t: [f64; 4] = term;
        term = [
            t[0] * a[0] + t[1] * a[2],
            t[0] * a[1] + t[1] * a[3],
            t[2] * a[0] + t[3] * a[2],
            t[2] * a[1] + t[3] * a[3],
        ]
        .map(|element| element / f64::from(k));
        for (sum, term) in sum.iter_mut().zip(term) {
            *sum += term;
        }
    }
    sum.map(|element| element as f32)
}
