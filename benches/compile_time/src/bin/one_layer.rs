//! Training of one layer: the cost of training code without its layers.

use simplechain::prelude::*;

simple_chain! { struct Net: 4 => dense(id, 20) }

fn main() {
    let xs: Vec<[f32; 4]> = (0..500).map(|i| [i as f32 / 500.0; 4]).collect();
    let ys: Vec<[f32; 20]> = (0..500).map(|i| [i as f32 / 500.0; 20]).collect();
    let mut params = Net.init::<f32>(&mut rng(1));
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-3)).batch_size(100);
    let history = trainer.fit(&mut params, &xs, &ys, 3).expect("training");
    println!("{}", history.last_loss());
}
