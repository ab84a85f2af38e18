use simplechain::prelude::*;

simple_chain! {
    struct Net: 1 => dense(tanh, 4) => dense(id, 1)
}

fn main() {
    let (xs, ys) = ([[0.0_f64], [1.0]], [[0.0], [2.0]]);
    let mut params = Net.init::<f64>(&mut rng(0));
    let mut trainer = Trainer::new(Net, SquaredLoss, LevenbergMarquardt::new());
    trainer.fit(&mut params, &xs, &ys, 100).unwrap();
}
