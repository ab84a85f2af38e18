//! The results, as lines, as a table and as JSON.

use std::fmt;

use serde_json::{Value, json};
use simplechain::simd::Tier;
use simplechain::simd::peak::fma_peak_gflops;

use crate::spread::Spread;
use crate::workload::epoch_gflop;

/// The mean losses over the samples.
#[derive(Clone, Copy)]
pub(crate) struct Losses {
    pub(crate) train: f32,
    pub(crate) test: f32,
}

/// A run, round by round.
pub(crate) struct Report {
    pub(crate) before: Losses,
    tier: Tier,
    samples: usize,
    seed: u64,
    threads: usize,
    /// The available CPUs.
    cores: usize,
    rounds: Vec<Round>,
    fma_peak_gflops: f64,
}

/// A round of the training.
pub(crate) struct Round {
    pub(crate) losses: Losses,
    pub(crate) seconds: f64,
    pub(crate) us_per_epoch: Vec<f64>,
}

impl Report {
    pub(crate) fn new(
        samples: usize,
        seed: u64,
        threads: usize,
        cpus: usize,
        before: Losses,
    ) -> Self {
        Self {
            before,
            tier: Tier::current(),
            samples,
            seed,
            threads,
            cores: threads.min(cpus),
            rounds: Vec::new(),
            fma_peak_gflops: peak(),
        }
    }

    /// Adds a round that has just ended. The clock of a machine drifts: its peak is measured again every time, and the
    /// highest counts.
    pub(crate) fn push(&mut self, round: Round) {
        self.rounds.push(round);
        self.fma_peak_gflops = self.fma_peak_gflops.max(peak());
    }

    pub(crate) fn settings(&self) -> String {
        let Self {
            samples,
            seed,
            threads,
            tier,
            ..
        } = self;
        format!(
            "{samples} samples to train with, {samples} to test with, seed {seed}\n\
             squared loss, Adam 1e-3, full batch; threads: {threads}, SIMD tier: {tier}"
        )
    }

    fn share_of_peak(&self, us_per_epoch: f64) -> f64 {
        epoch_gflop(self.samples)
            / (us_per_epoch * 1e-6)
            / (self.fma_peak_gflops * self.cores as f64)
    }

    fn us_per_epoch(&self) -> Spread {
        let epochs = self.rounds.iter().flat_map(|round| &round.us_per_epoch);
        Spread::of(epochs.copied().collect())
    }

    pub(crate) fn json(&self) -> Value {
        let us_per_epoch = self.us_per_epoch();
        let rounds = self.rounds.iter().map(|round| {
            let us_per_epoch = Spread::of(round.us_per_epoch.clone());
            json!({
                "epochs": round.us_per_epoch.len(),
                "seconds": round.seconds,
                "us_per_epoch_median": us_per_epoch.median,
                "us_per_epoch_p10": us_per_epoch.p10,
                "train_loss": round.losses.train,
                "test_loss": round.losses.test,
            })
        });
        let last = self.rounds.last().map_or(self.before, |round| round.losses);
        json!({
            "workload": "matrix_exponential",
            "simd": self.tier.to_string(),
            "threads": self.threads,
            "seed": self.seed,
            "samples": self.samples,
            "epochs": self.rounds.iter().map(|round| round.us_per_epoch.len()).sum::<usize>(),
            "seconds": self.rounds.iter().map(|round| round.seconds).sum::<f64>(),
            "us_per_epoch_median": us_per_epoch.median,
            "us_per_epoch_p10": us_per_epoch.p10,
            "train_loss_before": self.before.train,
            "test_loss_before": self.before.test,
            "train_loss": last.train,
            "test_loss": last.test,
            "fma_peak_gflops": self.fma_peak_gflops,
            "share_of_peak": self.share_of_peak(us_per_epoch.median),
            "rounds": rounds.collect::<Vec<_>>(),
        })
    }
}

/// The peak of one core in the best tier, whichever tier the training uses.
fn peak() -> f64 {
    Tier::best()
        .with(fma_peak_gflops)
        .expect("the best tier is available")
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Loss: train = {:.6}  test = {:.6}",
            self.train, self.test
        )
    }
}

/// The table.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>14} {:>12} {:>12} {:>9} {:>10} {:>10} {:>10}",
            "after epoch", "train loss", "test loss", "seconds", "us/epoch", "p10", "FMA peak"
        )?;
        let losses = |f: &mut fmt::Formatter<'_>, epoch: usize, losses: Losses| {
            write!(
                f,
                "{epoch:>14} {:>12.6} {:>12.6}",
                losses.train, losses.test
            )
        };
        let speed = |f: &mut fmt::Formatter<'_>, seconds: f64, us_per_epoch: Spread| {
            let Spread { median, p10 } = us_per_epoch;
            let share = 100.0 * self.share_of_peak(median);
            writeln!(
                f,
                " {seconds:>9.3} {median:>10.1} {p10:>10.1} {share:>8.1} %"
            )
        };
        losses(f, 0, self.before)?;
        writeln!(f)?;
        let (mut epoch, mut seconds) = (0, 0.0);
        for round in &self.rounds {
            epoch += round.us_per_epoch.len();
            seconds += round.seconds;
            losses(f, epoch, round.losses)?;
            speed(f, round.seconds, Spread::of(round.us_per_epoch.clone()))?;
        }
        write!(f, "{:>14} {:>12} {:>12}", "all", "", "")?;
        speed(f, seconds, self.us_per_epoch())?;
        let peak = self.fma_peak_gflops * self.cores as f64;
        let gflop = epoch_gflop(self.samples);
        write!(
            f,
            "\nus/epoch: the median, and the 10th percentile. FMA peak: {peak:.1} GFLOP/s on {} of this machine's cores,\n\
             at which the {:.2} MFLOP of an epoch would take {:.1} us.",
            self.cores,
            1e3 * gflop,
            1e6 * gflop / peak,
        )
    }
}
