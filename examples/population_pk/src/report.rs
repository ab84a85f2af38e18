//! The quality of the fit, compared with the truth.

use simplechain::prelude::*;
use simplechain::{Error, train::fit_many};

use crate::kinetics::{Net, true_clearance};
use crate::population::{Individual, Population};
use crate::study::{POINTS, Subject};

pub(crate) const NAMES: [&str; 3] = ["absorption", "volume", "factor of the clearance"];

/// The relative error of the learned elimination, where the data are.
pub(crate) fn off(study: &[Subject], population: &Population) -> f64 {
    let (mut off, mut size) = (0.0, 0.0);
    for subject in study {
        for log in &subject.truth {
            let (c, weight) = (log.exp(), subject.oral.weight);
            let [clearance] = Net.forward(&[c, weight], population.net());
            let truth = true_clearance(c, weight);
            off += (c * (clearance - truth)).powi(2);
            size += (c * truth).powi(2);
        }
    }
    (off / size).sqrt()
}

/// The correlation of the logarithms of a parameter with the truth.
pub(crate) fn correlation(study: &[Subject], individuals: &[Individual], number: usize) -> f64 {
    let pairs: Vec<[f64; 2]> = study
        .iter()
        .zip(individuals)
        .map(|(subject, individual)| [subject.numbers[number], individual.numbers[number]])
        .collect();
    let count = pairs.len() as f64;
    let mean = |f: &dyn Fn(&[f64; 2]) -> f64| pairs.iter().map(f).sum::<f64>() / count;
    let [x, y] = [mean(&|pair| pair[0]), mean(&|pair| pair[1])];
    let covariance = mean(&|pair| (pair[0] - x) * (pair[1] - y));
    let variances = mean(&|pair| (pair[0] - x).powi(2)) * mean(&|pair| (pair[1] - y).powi(2));
    covariance / variances.sqrt()
}

/// A later sample of a new subject: logarithms of concentrations.
pub(crate) struct Prediction {
    pub(crate) measured: f64,
    pub(crate) truth: f64,
    /// Predicted from the subject's first samples.
    pub(crate) individual: f64,
    /// Predicted from dose and weight alone.
    pub(crate) median: f64,
}

/// Fits the parameters of new subjects to the first half of their samples, and predicts the others.
pub(crate) fn predict(
    subjects: &[Subject],
    population: &Population,
    threads: Option<usize>,
) -> Result<Vec<Prediction>, Error> {
    let mut individuals = individuals(subjects, POINTS / 2, population)?;
    let medians: Vec<_> = individuals.iter_mut().map(Individual::curve).collect();
    let fits = fit_many(&mut individuals, threads, |_, individual| {
        individual.fit(population).map(|_| individual.curve())
    })?;
    let mut predictions = Vec::new();
    for ((subject, fit), median) in subjects.iter().zip(fits).zip(medians) {
        let fit = fit?;
        predictions.extend((POINTS / 2..POINTS).map(|i| Prediction {
            measured: subject.measured[i],
            truth: subject.truth[i],
            individual: fit[i],
            median: median[i],
        }));
    }
    Ok(predictions)
}

/// The root mean square error of a prediction of a measured logarithm.
pub(crate) fn error(predictions: &[Prediction], guess: impl Fn(&Prediction) -> f64) -> f64 {
    let squares = predictions.iter().map(|p| (guess(p) - p.measured).powi(2));
    (squares.sum::<f64>() / predictions.len() as f64).sqrt()
}

/// For every subject, the data and memory to fit it to its first points.
pub(crate) fn individuals(
    subjects: &[Subject],
    points: usize,
    population: &Population,
) -> Result<Vec<Individual>, Error> {
    let individual = |subject| Individual::new(subject, points, population);
    subjects.iter().map(individual).collect()
}
