//! A chain with an optimizer of `basin`: trust-region Newton, with exact Hessian-vector products
//! from the chain; no matrix is formed.
//!
//! ```text
//! cargo run --release -p with_basin
//! ```

#[path = "../../common/curve.rs"]
mod curve;
#[macro_use]
#[path = "../../common/output.rs"]
mod output;

use basin::{CostFunction, Executor, FirstOrderState, Gradient, HessianProduct, TrustRegion};
use simplechain::{Error, prelude::*};

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
    type Error = Error;

    fn cost(&self, params: &Vec<f64>) -> Result<f64, Error> {
        Net.loss_batch(&self.loss, &self.xs, &self.ys, Net.params(params)?)
    }
}

impl Gradient for Fit {
    type Gradient = Vec<f64>;

    fn gradient(&self, params: &Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(self.cost_and_gradient(params)?.1)
    }

    fn cost_and_gradient(&self, params: &Vec<f64>) -> Result<(f64, Vec<f64>), Error> {
        let mut grads = vec![0.0; Net::PARAM_COUNT];
        let (params, to) = (Net.params(params)?, Net.params_mut(&mut grads)?);
        let cost = Net.value_and_grad_batch(&self.loss, &self.xs, &self.ys, params, to)?;
        Ok((cost, grads))
    }
}

impl HessianProduct for Fit {
    /// For a sample with residual `r`: `J^T J v`, and the curvature of the chain `r d^2y/dp^2 v`.
    fn hessian_product(&self, params: &Vec<f64>, v: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut product: Vec<f64> = v.iter().map(|v| PENALTY * v).collect();
        let (params, direction) = (Net.params(params)?, Net.params(v)?);
        let (mut part, weight) = (*params, 1.0 / self.xs.len() as f64);
        for (x, y) in self.xs.iter().zip(&self.ys) {
            let (at, slope) = Net.jvp_params(x, params, direction);
            let to = Net.params_mut(&mut product)?;
            Net.vjp_params_add(x, params, &[weight * slope[0]], to);
            let residual = [weight * (at[0] - y[0])];
            Net.hvp_params(x, params, &residual, direction, &mut part);
            for (sum, part) in product.iter_mut().zip(&part) {
                *sum += part;
            }
        }
        Ok(product)
    }
}

/// The loss before and after, and the number of steps.
fn fit(params: Vec<f64>) -> Result<(f64, f64, u64), Error> {
    let fit = Fit::new();
    let before = fit.cost(&params)?;
    let newton = TrustRegion::matrix_free().with_absolute_gradient_tolerance(1e-8);
    let end = Executor::new(fit, newton, FirstOrderState::new(params))
        .max_iter(1000)
        .run()?;
    Ok((before, end.cost(), end.iter()))
}

fn main() -> Result<(), Error> {
    let params = Net.init::<f64>(&mut rng(0));
    let (before, after, steps) = fit(params.to_vec())?;
    println!("basin, trust region: {before:.3e} -> {after:.6e} in {steps} steps");
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

    #[test]
    fn the_product_is_the_slope_of_the_gradient() {
        let fit = Fit::new();
        let params = Net.init::<f64>(&mut rng(0)).to_vec();
        let v = Net.init::<f64>(&mut rng(1)).to_vec();
        let at = |step: f64| {
            let moved = params.iter().zip(&v).map(|(p, v)| p + step * v);
            fit.gradient(&moved.collect()).unwrap()
        };
        let (above, below) = (at(1e-5), at(-1e-5));
        for (i, product) in fit.hessian_product(&params, &v).unwrap().iter().enumerate() {
            let slope = (above[i] - below[i]) / 2e-5;
            assert!((product - slope).abs() < 1e-8, "{product} {slope}");
        }
    }
}
