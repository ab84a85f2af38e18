use simplechain::ode::{Solver, Tsit5};
use simplechain::prelude::*;

use super::fit;
use super::spiral::{END, Net, POINTS, Truth, times};

#[test]
fn the_spiral_is_learned() {
    let mut solver = Solver::new(Truth, Tsit5, &times(END, POINTS), 20).unwrap();
    let data = solver.solve(&[2.0, 0.0], &[]).to_vec();
    let mut params = Net.init::<f32>(&mut rng(0));
    let losses = fit(&mut params, &data, 1000).unwrap();
    assert!(losses[0] > 0.1, "{}", losses[0]);
    assert!(losses[999] < 1e-2, "{}", losses[999]);
}
