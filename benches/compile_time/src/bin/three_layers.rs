//! Training, one output, and one gradient of 3 layers of 20.

use simplechain::prelude::*;

simple_chain! { struct Net: 4 => dense(tanh, 20) => dense(tanh, 20) => dense(id, 20) }

fn main() {
    let xs: Vec<[f32; 4]> = (0..500).map(|i| [i as f32 / 500.0; 4]).collect();
    let ys: Vec<[f32; 20]> = (0..500).map(|i| [i as f32 / 500.0; 20]).collect();
    let mut params = Net.init::<f32>(&mut rng(1));
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-3)).batch_size(100);
    let history = trainer.fit(&mut params, &xs, &ys, 3).expect("training");
    println!("{}", history.last_loss());
    let y = Net.forward(&[0.1; 4], &params);
    let (mut x_bar, mut params_bar) = ([0.0; 4], params.clone());
    Net.vjp(&[0.1; 4], &params, &y, &mut x_bar, &mut params_bar);
    println!("{y:?} {x_bar:?}");
}
