use simplechain::prelude::*;

use super::equation::{Net, Problem, solution};
use super::{error, fit, truth};

/// The published values for `nu = 0.01 / pi` (Basdevant et al., 1986): the largest slope is -152.00516 at t = 1.6037 / pi.
#[test]
fn the_solution_is_the_known_one() {
    const STEP: f64 = 1e-5;
    let slope = solution(
        STEP,
        1.6037 / std::f64::consts::PI,
        0.01 / std::f64::consts::PI,
    ) / STEP;
    assert!((slope + 152.00516).abs() < 1e-3, "{slope}");
}

#[test]
fn a_smooth_equation_is_solved() {
    let mut params = Net.init::<f64>(&mut rng(0));
    fit(&Problem::new(400, 0.1), &mut params, 120, |_, _, _| ()).unwrap();
    let error = error(&params, &truth(0.1));
    assert!(error < 1e-3, "{error}");
}
