//! A subject of a simulated study: absorbs and clears a drug, each at a rate of its own.

use rand::{Rng, RngExt};
use simplechain::prelude::*;

use crate::Curve;

/// Samples per subject, over a day.
const SAMPLES: usize = 32;
/// Of a measured concentration, in units of the dose by the volume.
const NOISE: f64 = 0.03;

pub(crate) struct Subject {
    /// Rates of absorption and elimination, per day.
    rates: [f64; 2],
    /// Times, and the concentrations measured then.
    pub(crate) samples: (Vec<[f64; 1]>, Vec<[f64; 1]>),
}

impl Subject {
    pub(crate) fn new(rng: &mut impl Rng) -> Self {
        let rates = [rng.random_range(10.0..40.0), rng.random_range(1.0..6.0)];
        let sample = |index| {
            let time = (index as f64 + rng.random_range(0.0..1.0)) / SAMPLES as f64;
            let noise: f64 = (0..12).map(|_| rng.random_range(-0.5..0.5)).sum(); // nearly normal
            ([time], [concentration(rates, time) + NOISE * noise])
        };
        Self {
            rates,
            samples: (0..SAMPLES).map(sample).unzip(),
        }
    }

    /// The root mean square of the distance between a curve and the truth, by the true peak.
    pub(crate) fn error(&self, params: &[f64; Curve::PARAM_COUNT]) -> f64 {
        let (mut sum, mut peak) = (0.0, 0.0_f64);
        for time in day() {
            let truth = concentration(self.rates, time);
            sum += (Curve.forward(&[time], params)[0] - truth).powi(2);
            peak = peak.max(truth);
        }
        (sum / day().count() as f64).sqrt() / peak
    }
}

/// When a curve is highest, and how high.
pub(crate) fn peak(params: &[f64; Curve::PARAM_COUNT]) -> (f64, f64) {
    let curve = day().map(|time| (time, Curve.forward(&[time], params)[0]));
    let highest = curve.max_by(|a, b| a.1.total_cmp(&b.1));
    highest.expect("a day has some times")
}

fn day() -> impl Iterator<Item = f64> {
    (0..=240).map(|i| f64::from(i) / 240.0)
}

/// Of a dose that is absorbed at the rate `a` and cleared at the rate `k`, at time 0 at none: Bateman's function.
fn concentration([a, k]: [f64; 2], time: f64) -> f64 {
    a / (a - k) * ((-k * time).exp() - (-a * time).exp())
}
