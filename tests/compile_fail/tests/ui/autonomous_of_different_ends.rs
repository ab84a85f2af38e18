use simplechain::ode::{Autonomous, Rk4, Solver};
use simplechain::prelude::*;

simple_chain! {
    struct Net: 2 => dense(tanh, 8) => dense(id, 1)
}

fn main() {
    let params = Net.init::<f64>(&mut rng(1));
    let mut solver = Solver::new(Autonomous(Net), Rk4, &[0.0, 0.1], 1).unwrap();
    let _ = solver.solve(&[1.0, 0.0], &params);
}
