//! A simulated study: subjects, doses, samples.

use std::array::from_fn;
use std::iter::once;

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use simplechain::Error;
use simplechain::ode::{Solver, Tsit5};

use crate::kinetics::{Numbers, Oral, Truth};

/// Samples per subject.
pub(crate) const POINTS: usize = 8;
/// The planned sampling times, in h.
const TIMES: [f64; POINTS] = [0.5, 1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0];
/// In mg. With equal doses, saturation would be hard to tell from the time course.
pub(crate) const DOSES: [f64; 3] = [100.0, 200.0, 400.0];
/// The median subject.
pub(crate) const MEDIANS: Numbers = [1.2, 40.0, 1.0];
/// Standard deviations of the logarithms of the individual parameters, and of a measured concentration.
pub(crate) const SPREAD: [f64; 3] = [0.4, 0.2, 0.3];
pub(crate) const NOISE: f64 = 0.1;

pub(crate) struct Subject {
    pub(crate) oral: Oral,
    /// In h: of the dose, then of the samples.
    pub(crate) times: Vec<f64>,
    /// Logarithms of the concentrations in mg/L: true and measured.
    pub(crate) truth: Vec<f64>,
    pub(crate) measured: Vec<f64>,
    /// Logarithms of the individual parameters.
    pub(crate) numbers: [f64; 3],
}

impl Subject {
    fn new(dose: f64, rng: &mut impl Rng) -> Result<Self, Error> {
        let mut normal = || -> f64 { StandardNormal.sample(rng) };
        let weight = (75.0 + 14.0 * normal()).clamp(45.0, 110.0);
        let numbers: [f64; 3] = from_fn(|k| MEDIANS[k].ln() + SPREAD[k] * normal());
        let noise: [f64; POINTS] = from_fn(|_| NOISE * normal());
        // Nobody arrives on the minute.
        let late = TIMES.map(|time| time * rng.random_range(0.95..1.05));
        let times: Vec<f64> = once(0.0).chain(late).collect();
        let oral = Oral { dose, weight };
        let mut solver = Solver::new(Truth(oral), Tsit5, &times, 20)?;
        let us = &solver.solve(&[0.0], &numbers.map(f64::exp))[1..];
        let truth: Vec<f64> = us.iter().map(|[c]| c.ln()).collect();
        let measured = truth.iter().zip(noise).map(|(log, noise)| log + noise);
        Ok(Self {
            oral,
            times,
            measured: measured.collect(),
            truth,
            numbers,
        })
    }
}

/// This many subjects, with alternating doses.
pub(crate) fn subjects(count: usize, rng: &mut impl Rng) -> Result<Vec<Subject>, Error> {
    let doses = DOSES.iter().cycle().take(count);
    doses.map(|dose| Subject::new(*dose, rng)).collect()
}
