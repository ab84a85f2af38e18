//! The likelihood of the population, including the fit of every individual.

use std::array::from_fn;
use std::cell::RefCell;
use std::ops::ControlFlow;

use nalgebra::{Matrix3, Vector3};
use simplechain::Error;
use simplechain::ode::{Solver, Tsit5};
use simplechain::optim::{Minimum, NormalEquations};
use simplechain::prelude::*;

use crate::kinetics::{Learned, Net, NetParams, PARAM_COUNT, Params, split, split_mut};
use crate::study::Subject;

/// Solver steps between samples; more change no concentration by a thousandth.
pub(crate) const STEPS: usize = 2;
/// Prior standard deviation of a network parameter: smooth functions are more probable.
const PRIOR: f64 = 0.3;
/// The step of central differences of exact gradients, in standard deviations of an individual's estimates.
const DIFFERENCE: f64 = 1e-3;

/// The shared parameters: those of the network; the logarithms of the medians of absorption and volume (that of the factor
/// is 1, otherwise the scale of the network would be undetermined), of the standard deviations of the three individual parameters'
/// logarithms, and of that of the noise.
#[derive(Clone, Debug)]
pub(crate) struct Population(pub(crate) Shared);

pub(crate) type Shared = [f64; SHARED_COUNT];
pub(crate) const SHARED_COUNT: usize = Net::PARAM_COUNT + OTHERS;
const OTHERS: usize = 6;

impl Population {
    /// Initial guesses: 1/h, 30 L, and large deviations, which let the data dominate at first.
    pub(crate) fn guess(seed: u64) -> Self {
        let mut shared = [0.0; SHARED_COUNT];
        let (net, others) = shared.split_at_mut(Net::PARAM_COUNT);
        net.copy_from_slice(&Net.init::<f64>(&mut rng(seed))[..]);
        others.copy_from_slice(&[1.0, 30.0, 0.5, 0.5, 0.5, 0.2].map(f64::ln));
        Self(shared)
    }

    pub(crate) fn net(&self) -> &NetParams {
        self.0.first_chunk().expect("as many")
    }

    fn others(&self) -> &[f64; OTHERS] {
        self.0.last_chunk().expect("as many")
    }

    /// The logarithms of the median subject's parameters.
    pub(crate) fn center(&self) -> [f64; 3] {
        [self.others()[0], self.others()[1], 0.0]
    }

    /// Standard deviations of the logarithms of the individual parameters.
    pub(crate) fn spread(&self) -> [f64; 3] {
        from_fn(|k| self.others()[2 + k].exp())
    }

    /// Standard deviation of the logarithm of a measured concentration.
    pub(crate) fn noise(&self) -> f64 {
        self.others()[5].exp()
    }

    /// The mean over the individuals of `-log` of the likelihood, by the approximation in [`Individual::value_and_grad`] and up to
    /// a constant, plus the normal prior on the network's parameters. The gradient is overwritten.
    pub(crate) fn objective(
        &self,
        individuals: &mut [Individual],
        threads: Option<usize>,
        grads: &mut Shared,
    ) -> Result<f64, Error> {
        let mean = 1.0 / individuals.len() as f64;
        let values = fit_many(individuals, threads, |_, individual| {
            individual.fit(self)?;
            Ok(individual.value_and_grad(self))
        })?;
        let (mut sum, prior) = (0.0, mean * PRIOR.powi(-2));
        grads.fill(0.0);
        for (grad, param) in grads.iter_mut().zip(self.net()) {
            sum += 0.5 * prior * param * param;
            *grad = prior * param;
        }
        for (value, individual) in values.into_iter().zip(individuals) {
            sum += mean * value?;
            add(grads, mean, &individual.grads);
        }
        Ok(sum)
    }

    /// L-BFGS on the objective. The fit of an individual begins where it ended at the last step. If it began at the last trial, it might
    /// reach another minimum after a long one, and the objective would depend on its earlier calls.
    pub(crate) fn fit(
        &mut self,
        individuals: &mut [Individual],
        threads: Option<usize>,
        steps: usize,
        mut on_step: impl FnMut(usize, f64, &Population),
    ) -> Result<Minimum, Error> {
        let trial = self.clone();
        // Invalid settings are reported here; the closure below cannot.
        trial.objective(individuals, threads, &mut [0.0; SHARED_COUNT])?;
        let trial = RefCell::new(trial);
        let individuals = RefCell::new(individuals);
        let objective = |shared: &[f64], grads: &mut [f64]| {
            let mut trial = trial.borrow_mut();
            trial.0.copy_from_slice(shared);
            let grads = grads.first_chunk_mut().expect("as many");
            trial
                .objective(&mut individuals.borrow_mut(), threads, grads)
                .expect("settings that were checked")
        };
        let minimum =
            Lbfgs::new().minimize_with(&mut self.0, steps, objective, |step, value, _| {
                for individual in individuals.borrow_mut().iter_mut() {
                    individual.start = individual.numbers;
                }
                on_step(step, value, &trial.borrow());
                ControlFlow::Continue(())
            })?;
        // The last trial need not be the minimum.
        self.objective(individuals.into_inner(), threads, &mut [0.0; SHARED_COUNT])?;
        Ok(minimum)
    }
}

/// A subject, and the memory to fit its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Individual {
    solver: Solver<f64, Learned, Tsit5>,
    /// The first points in time: logarithms of concentrations.
    measured: Vec<f64>,
    /// Logarithms of the individual parameters: where a fit begins, and where the last one ended.
    start: [f64; 3],
    pub(crate) numbers: [f64; 3],
    pub(crate) params: Params,
    params_bar: Params,
    /// The gradient of the likelihood with respect to the shared parameters.
    grads: Shared,
    /// The residuals of the logarithms of the concentrations, and their derivatives with respect to the parameters' logarithms.
    residuals: Vec<f64>,
    slopes: Vec<[f64; 3]>,
}

impl Individual {
    /// Initially a median subject, to be fitted to the first `points`.
    pub(crate) fn new(
        subject: &Subject,
        points: usize,
        population: &Population,
    ) -> Result<Self, Error> {
        let center = population.center();
        let mut individual = Self {
            solver: Solver::new(Learned(subject.oral), Tsit5, &subject.times, STEPS)?,
            measured: subject.measured[..points].to_vec(),
            start: center,
            numbers: center,
            params: [0.0; PARAM_COUNT],
            params_bar: [0.0; PARAM_COUNT],
            grads: [0.0; SHARED_COUNT],
            residuals: vec![0.0; points],
            slopes: vec![[0.0; 3]; points],
        };
        *split_mut(&mut individual.params).0 = *population.net();
        individual.set(&center);
        Ok(individual)
    }

    fn set(&mut self, numbers: &[f64; 3]) {
        self.numbers = *numbers;
        *split_mut(&mut self.params).1 = numbers.map(f64::exp);
    }

    /// The distance of the parameters from the median, in standard deviations.
    fn away(&self, population: &Population) -> [f64; 3] {
        let (center, spread) = (population.center(), population.spread());
        from_fn(|k| (self.numbers[k] - center[k]) / spread[k])
    }

    /// The logarithms of the concentrations at all points in time.
    pub(crate) fn curve(&mut self) -> Vec<f64> {
        let us = &self.solver.solve(&[0.0], &self.params)[1..];
        us.iter().map(|[c]| c.ln()).collect()
    }

    /// The most probable parameters for data and population: they minimise half the sum of squared errors of measurements and parameters,
    /// in standard deviations.
    pub(crate) fn fit(&mut self, population: &Population) -> Result<(), Error> {
        *split_mut(&mut self.params).0 = *population.net();
        let mut numbers = self.start;
        LevenbergMarquardt::new()
            .damping(1e-6)
            .gradient_tolerance(1e-7)
            .minimize(&mut numbers, 50, |numbers, equations| {
                self.set(numbers.first_chunk().expect("as many"));
                self.add_to(equations, population);
            })?;
        self.set(&numbers);
        Ok(())
    }

    fn add_to(&mut self, equations: &mut NormalEquations, population: &Population) {
        if equations.needs_rows() {
            self.find_slopes();
        } else {
            let us = self.solver.solve(&[0.0], &self.params);
            find_residuals(us, &self.measured, &mut self.residuals);
        }
        let (noise, spread) = (population.noise(), population.spread());
        for (residual, slopes) in self.residuals.iter().zip(&self.slopes) {
            equations.add(residual / noise, &slopes.map(|slope| slope / noise));
        }
        for (k, away) in self.away(population).into_iter().enumerate() {
            let mut row = [0.0; 3];
            row[k] = 1.0 / spread[k];
            equations.add(away, &row);
        }
    }

    /// Residuals, and by forward sensitivities their derivatives.
    fn find_slopes(&mut self) {
        for k in 0..3 {
            // The derivative of a parameter with respect to its logarithm is the parameter.
            let mut direction = [0.0; PARAM_COUNT];
            split_mut(&mut direction).1[k] = self.numbers[k].exp();
            let (us, us_dot) = self.solver.jvp(&[0.0], &self.params, &[0.0], &direction);
            for ((slopes, [c]), [c_dot]) in self.slopes.iter_mut().zip(&us[1..]).zip(&us_dot[1..]) {
                slopes[k] = c_dot / c;
            }
            find_residuals(us, &self.measured, &mut self.residuals);
        }
    }

    /// `-log` of the likelihood up to a constant, after a [`fit`](Self::fit): the integral over the individual parameters is approximated
    /// by that of a normal density around the fit, with the Gauss-Newton covariance. The gradient with respect to the shared parameters is
    /// in `grads`.
    ///
    /// The value is `f(n, s) + 1/2 log det H(n, s)`, where `n` minimises `f`. As `f_n = 0`, the gradient of the first term is as if
    /// `n` did not depend on the shared parameters `s` (the envelope theorem). The second term does depend on it: `dn/ds = -f_nn^-1 f_ns`.
    /// Second derivatives are central differences of first ones along the columns of a root of the covariance,
    /// `H^-1 = R R^T`, whose lengths are the uncertainties of the parameters.
    fn value_and_grad(&mut self, population: &Population) -> f64 {
        self.find_slopes();
        let mode = self.numbers;
        let slopes: Vec<_> = self.slopes.iter().copied().map(Vector3::from).collect();
        let (count, squares) = (
            slopes.len() as f64,
            self.residuals.iter().map(|r| r * r).sum::<f64>(),
        );
        let (weight, noise) = (population.noise().powi(-2), population.noise());
        let (spread, away) = (
            Vector3::from(population.spread()),
            Vector3::from(self.away(population)),
        );
        let prior = spread.map(|spread| spread.powi(-2));
        let precision: Matrix3<f64> = Matrix3::from_diagonal(&prior)
            + slopes
                .iter()
                .map(|slopes| weight * slopes * slopes.transpose())
                .sum::<Matrix3<f64>>();
        // If the line search goes too far, the fit may have no solution.
        let Some(factor) = precision.cholesky() else {
            return f64::NAN;
        };
        let value = 0.5 * (weight * squares + away.norm_squared() + factor.ln_determinant())
            + count * noise.ln()
            + spread.map(f64::ln).sum();

        let root = factor
            .l()
            .transpose()
            .try_inverse()
            .expect("a factor of a positive matrix");
        let slopes: Vec<_> = slopes.iter().map(|slopes| root.tr_mul(slopes)).collect();
        let mut of_fit = *self.adjoint(&mode, |_, residual| weight * residual);
        let (mut of_determinant, mut mixed) = ([0.0; PARAM_COUNT], [[0.0; PARAM_COUNT]; 3]);
        for (m, column) in root.column_iter().enumerate() {
            for step in [DIFFERENCE, -DIFFERENCE] {
                let place = from_fn(|k| mode[k] + step * column[k]);
                let at = self.adjoint(&place, |j, _| weight * slopes[j][m]);
                add(&mut of_determinant, 0.5 / step, at);
                let at = self.adjoint(&place, |_, residual| weight * residual);
                add(&mut mixed[m], 0.5 / step, at);
            }
        }
        self.set(&mode);
        let hessian_root = Matrix3::from_diagonal(&prior) * root
            + Matrix3::from_columns(&mixed.map(|mixed| Vector3::from(*split(&mixed).1)));
        let Some(inverse) = hessian_root.try_inverse() else {
            return f64::NAN;
        };
        // f_nn^-1 times the gradient of the determinant with respect to the parameters, in terms of the columns of the root, and by itself.
        let moves = inverse * Vector3::from(*split(&of_determinant).1);
        let moved = root * moves;

        add(&mut of_fit, 1.0, &of_determinant);
        for (mixed, moves) in mixed.iter().zip(&moves) {
            add(&mut of_fit, -moves, mixed);
        }
        let pull = away.component_div(&spread);
        let of_center = prior.component_mul(&moved) - pull;
        let uncertain = prior.component_mul(&(root * root.transpose()).diagonal());
        let of_spread = 2.0 * moved.component_mul(&pull) - uncertain - away.map(|away| away * away);
        let explained: f64 = slopes.iter().map(|slopes| slopes.norm_squared()).sum();
        let of_noise = count - weight * (squares + explained) - 2.0 * moved.dot(&pull);
        let (net, others) = self.grads.split_at_mut(Net::PARAM_COUNT);
        net.copy_from_slice(split(&of_fit).0);
        others[..2].copy_from_slice(&of_center.as_slice()[..2]);
        others[2..5].copy_from_slice(of_spread.add_scalar(1.0).as_slice());
        others[5] = of_noise;
        value
    }

    /// The gradient of `sum_j weight_j log c_j`, for fixed weights, with respect to the parameters of the network and the logarithms of
    /// the individual parameters. A weight is given the index of the point and the residual there.
    fn adjoint(&mut self, numbers: &[f64; 3], weight: impl Fn(usize, f64) -> f64) -> &Params {
        self.set(numbers);
        let loss = |us: &[[f64; 1]], us_bar: &mut [[f64; 1]]| {
            for (j, measured) in self.measured.iter().enumerate() {
                let [c] = us[1 + j];
                us_bar[1 + j] = [weight(j, c.ln() - measured) / c];
            }
            0.0 // the value is known
        };
        let (u0, u0_bar) = (&[0.0], &mut [0.0]);
        self.solver
            .value_and_grad(u0, &self.params, loss, u0_bar, &mut self.params_bar);
        let numbers = split(&self.params).1;
        for (bar, number) in split_mut(&mut self.params_bar).1.iter_mut().zip(numbers) {
            *bar *= number;
        }
        &self.params_bar
    }
}

/// `sum += factor x`
fn add(sum: &mut [f64], factor: f64, x: &[f64]) {
    for (sum, x) in sum.iter_mut().zip(x) {
        *sum += factor * x;
    }
}

fn find_residuals(us: &[[f64; 1]], measured: &[f64], residuals: &mut [f64]) {
    for ((residual, measured), [c]) in residuals.iter_mut().zip(measured).zip(&us[1..]) {
        *residual = c.ln() - measured;
    }
}
