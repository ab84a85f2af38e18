//! A chain with an optimizer of `argmin`: L-BFGS with the Moré-Thuente line search, on plain vectors.
//!
//! ```text
//! cargo run --release -p with_argmin
//! ```

#[path = "../../common/curve.rs"]
mod curve;
#[macro_use]
#[path = "../../common/output.rs"]
mod output;

use argmin::core::{CostFunction, Error, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use simplechain::prelude::*;

use curve::{Net, PENALTY};

/// The mean over the data of half the squared distance, plus the penalty.
struct Fit {
    loss: Penalized<SquaredLoss, L2>,
    xs: Vec<[f64; 1]>,
    ys: Vec<[f64; 1]>,
}

impl Fit {
    fn new() -> Self {
        let (xs, ys) = curve::data();
        let loss = Penalized(SquaredLoss, L2::new(PENALTY));
        Self { loss, xs, ys }
    }
}

impl CostFunction for Fit {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, params: &Vec<f64>) -> Result<f64, Error> {
        let params = Net.params(params)?; // a view, nothing is copied
        Ok(Net.loss_batch(&self.loss, &self.xs, &self.ys, params)?)
    }
}

impl Gradient for Fit {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, params: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut grads = vec![0.0; Net::PARAM_COUNT];
        let (params, to) = (Net.params(params)?, Net.params_mut(&mut grads)?);
        Net.value_and_grad_batch(&self.loss, &self.xs, &self.ys, params, to)?;
        Ok(grads)
    }
}

/// The loss before and after, and the number of steps.
fn fit(params: Vec<f64>) -> Result<(f64, f64, u64), Error> {
    let fit = Fit::new();
    let before = fit.cost(&params)?;
    let lbfgs = LBFGS::new(MoreThuenteLineSearch::new(), 10);
    let end = Executor::new(fit, lbfgs)
        .configure(|state| state.param(params).max_iters(1000))
        .run()?;
    Ok((before, end.state.get_best_cost(), end.state.get_iter()))
}

fn main() -> Result<(), Error> {
    let params = Net.init::<f64>(&mut rng(0));
    let (before, after, steps) = fit(params.to_vec())?;
    println!("argmin, L-BFGS: {before:.3e} -> {after:.6e} in {steps} steps");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_where_ours_does() {
        let mut params = Net.init::<f64>(&mut rng(0));
        let (before, after, _) = fit(params.to_vec()).unwrap();
        let Fit { loss, xs, ys } = Fit::new();
        let ours = Lbfgs::new().fit(Net, &loss, &mut params, &xs, &ys, 1000);
        let ours = ours.unwrap().value;
        assert!(before > 0.2 && after < 0.02, "{before} {after}");
        assert!((after - ours).abs() < 1e-6 * ours, "{after} {ours}");
    }
}
