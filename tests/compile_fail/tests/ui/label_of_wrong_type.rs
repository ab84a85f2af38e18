use simplechain::prelude::*;

simple_chain! { struct Net: 2 => dense(tanh, 8) => dense(id, 3) }

fn main() {
    let mut params = Net.init(&mut rng(0));
    let (xs, labels) = ([[0.1_f32, 0.2]; 4], [0.0_f32, 1.0, 2.0, 0.0]);
    let _ = Trainer::new(Net, LogitCrossEntropy::new(), Adam::new(1e-2)).fit(&mut params, &xs, &labels, 1);
}
