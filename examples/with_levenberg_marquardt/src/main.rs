//! A chain with the crate `levenberg-marquardt`, a port of MINPACK on `nalgebra`: residuals and the rows of their Jacobian.
//!
//! ```text
//! cargo run --release -p with_levenberg_marquardt
//! ```

#[path = "../../common/curve.rs"]
mod curve;
#[macro_use]
#[path = "../../common/output.rs"]
mod output;

use std::error::Error;

use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt as Minpack};
use nalgebra::{DMatrix, DVector, Dyn, Owned};
use simplechain::prelude::*;

use curve::{Net, PENALTY};

/// The mean over the data of half the squared distance, plus the penalty, as residuals: one per sample, then one per
/// parameter.
struct Fit {
    params: DVector<f64>,
    xs: Vec<[f64; 1]>,
    ys: Vec<[f64; 1]>,
}

impl Fit {
    fn new(params: &<Net as Network>::Params<f64>) -> Self {
        let (xs, ys) = curve::data();
        let params = DVector::from_column_slice(params);
        Self { params, xs, ys }
    }

    fn weight(&self) -> f64 {
        1.0 / (self.xs.len() as f64).sqrt()
    }
}

impl LeastSquaresProblem<f64, Dyn, Dyn> for Fit {
    type ParameterStorage = Owned<f64, Dyn>;
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, Dyn>;

    fn set_params(&mut self, params: &DVector<f64>) {
        self.params.copy_from(params);
    }

    fn params(&self) -> DVector<f64> {
        self.params.clone()
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        let params = Net.params(self.params.as_slice()).ok()?; // a view, nothing is copied
        let samples = self.xs.iter().zip(&self.ys);
        let samples = samples.map(|(x, y)| self.weight() * (Net.forward(x, params)[0] - y[0]));
        let penalties = params.iter().map(|param| PENALTY.sqrt() * param);
        let count = self.xs.len() + Net::PARAM_COUNT;
        Some(DVector::from_iterator(count, samples.chain(penalties)))
    }

    /// `nalgebra` stores matrices by columns, so the gradients go to the columns of the transposed one.
    fn jacobian(&self) -> Option<DMatrix<f64>> {
        let params = Net.params(self.params.as_slice()).ok()?;
        let mut rows = DMatrix::zeros(Net::PARAM_COUNT, self.xs.len() + Net::PARAM_COUNT);
        for (x, mut row) in self.xs.iter().zip(rows.column_iter_mut()) {
            let row = Net.params_mut(row.as_mut_slice()).ok()?;
            Net.vjp_params(x, params, &[self.weight()], row);
        }
        rows.columns_mut(self.xs.len(), Net::PARAM_COUNT)
            .fill_diagonal(PENALTY.sqrt());
        Some(rows.transpose())
    }
}

/// Half the sum of squares before and after, and the number of residual evaluations.
fn fit(fit: Fit) -> Result<(f64, f64, usize), Box<dyn Error>> {
    let before = fit.residuals().ok_or("not the chain's parameters")?;
    let (_, report) = Minpack::new().minimize(fit);
    if !report.termination.was_successful() {
        return Err(format!("{:?}", report.termination).into());
    }
    let before = 0.5 * before.norm_squared();
    Ok((
        before,
        report.objective_function,
        report.number_of_evaluations,
    ))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (before, after, evaluations) = fit(Fit::new(&Net.init(&mut rng(0))))?;
    println!("levenberg-marquardt: {before:.3e} -> {after:.6e} in {evaluations} evaluations");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_where_ours_does() {
        let mut params = Net.init::<f64>(&mut rng(0));
        let (before, after, _) = fit(Fit::new(&params)).unwrap();
        let ours =
            LevenbergMarquardt::new().minimize(&mut params[..], 1000, |params, equations| {
                let fit = Fit::new(Net.params(params).unwrap());
                let (residuals, rows) = (fit.residuals().unwrap(), fit.jacobian().unwrap());
                for (residual, row) in residuals.iter().zip(rows.row_iter()) {
                    equations.add(*residual, row.transpose().as_slice());
                }
            });
        let ours = ours.unwrap().value;
        assert!(before > 0.2 && after < 0.02, "{before} {after}");
        assert!((after - ours).abs() < 1e-6 * ours, "{after} {ours}");
    }
}
