//! The results, as a table and as JSON.

use std::fmt;

use serde_json::{Value, json};
use simplechain::simd::Tier;
use simplechain::simd::peak::fma_peak_gflops;

use crate::spread::Spread;
use crate::workload::FLOP;

/// The settings of the run.
pub(crate) struct Settings {
    pub(crate) source: String,
    /// The number of images.
    pub(crate) train: usize,
    pub(crate) test: usize,
    pub(crate) batch: usize,
    pub(crate) rate: f64,
    pub(crate) seed: u64,
    pub(crate) threads: usize,
    /// The available CPUs.
    pub(crate) cores: usize,
}

/// An epoch.
pub(crate) struct Line {
    /// From 1.
    pub(crate) epoch: usize,
    /// Training time.
    pub(crate) seconds: f64,
    /// Time of the test after it.
    pub(crate) test_seconds: f64,
    pub(crate) train_loss: f64,
    pub(crate) test_accuracy: f64,
}

/// A run, epoch by epoch.
pub(crate) struct Report {
    settings: Settings,
    tier: Tier,
    pub(crate) lines: Vec<Line>,
    /// From the start of the program to the last test.
    seconds: f64,
    fma_peak_gflops: f64,
}

impl Report {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            tier: Tier::current(),
            lines: Vec::new(),
            seconds: 0.0,
            fma_peak_gflops: 0.0,
        }
    }

    pub(crate) fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// Ends the run. The peak is measured now, so that it takes no time from the training.
    pub(crate) fn finish(&mut self, seconds: f64) {
        self.seconds = seconds;
        self.fma_peak_gflops = (0..5).map(|_| peak()).fold(0.0, f64::max);
    }

    pub(crate) fn settings(&self) -> String {
        let Settings {
            source,
            train,
            test,
            batch,
            rate,
            seed,
            threads,
            ..
        } = &self.settings;
        format!(
            "{train} images to train with, {test} to test with ({source}), seed {seed}\n\
             cross-entropy, Adam {rate}, batches of {batch}; threads: {threads}, SIMD tier: {}",
            self.tier
        )
    }

    pub(crate) fn test_accuracy(&self) -> f64 {
        self.lines
            .last()
            .map_or(f64::NAN, |line| line.test_accuracy)
    }

    fn seconds_per_epoch(&self) -> Spread {
        Spread::of(self.lines.iter().map(|line| line.seconds).collect())
    }

    fn us_per_image(&self, seconds: f64) -> f64 {
        1e6 * seconds / self.settings.train as f64
    }

    /// Relative to the cores that are used.
    fn peak(&self) -> f64 {
        self.fma_peak_gflops * self.settings.cores as f64
    }

    fn share_of_peak(&self, seconds: f64) -> f64 {
        1e-9 * (FLOP * self.settings.train) as f64 / seconds / self.peak()
    }

    pub(crate) fn json(&self) -> Value {
        let Spread { median, p10 } = self.seconds_per_epoch();
        let settings = &self.settings;
        let lines = self.lines.iter().map(|line| {
            json!({
                "epoch": line.epoch,
                "seconds": line.seconds,
                "test_seconds": line.test_seconds,
                "train_loss": line.train_loss,
                "test_accuracy": line.test_accuracy,
            })
        });
        json!({
            "workload": "lenet_mnist",
            "simd": self.tier.to_string(),
            "threads": settings.threads,
            "seed": settings.seed,
            "data": settings.source,
            "samples": settings.train,
            "test_samples": settings.test,
            "batch": settings.batch,
            "rate": settings.rate,
            "epochs": self.lines.len(),
            "seconds": self.seconds,
            "seconds_per_epoch_median": median,
            "seconds_per_epoch_p10": p10,
            "us_per_sample_median": self.us_per_image(median),
            "train_loss": self.lines.last().map(|line| line.train_loss),
            "test_accuracy": self.test_accuracy(),
            "fma_peak_gflops": self.fma_peak_gflops,
            "share_of_peak": self.share_of_peak(median),
            "lines": lines.collect::<Vec<_>>(),
        })
    }
}

/// The peak of one core in the best tier, whichever tier the training uses.
fn peak() -> f64 {
    Tier::best()
        .with(fma_peak_gflops)
        .expect("the best tier is available")
}

/// The table.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>12} {:>12} {:>14} {:>9} {:>10} {:>10}",
            "after epoch", "train loss", "test accuracy", "seconds", "us/image", "FMA peak"
        )?;
        let speed = |f: &mut fmt::Formatter<'_>, seconds: f64| {
            let (us, share) = (self.us_per_image(seconds), self.share_of_peak(seconds));
            writeln!(f, " {seconds:>9.3} {us:>10.2} {:>8.1} %", 100.0 * share)
        };
        for line in &self.lines {
            let accuracy = 100.0 * line.test_accuracy;
            write!(
                f,
                "{:>12} {:>12.4} {accuracy:>12.2} %",
                line.epoch, line.train_loss
            )?;
            speed(f, line.seconds)?;
        }
        write!(f, "{:>12} {:>12} {:>14}", "median", "", "")?;
        speed(f, self.seconds_per_epoch().median)?;
        let tests: f64 = self.lines.iter().map(|line| line.test_seconds).sum();
        let us = 1e-3 * FLOP as f64 / self.peak();
        write!(
            f,
            "\n{:.2} s in all, {tests:.2} s of it for tests. FMA peak: {:.1} GFLOP/s on {} of this machine's cores, at which\n\
             the {:.3} MFLOP of an image's step would take {us:.2} us (those that a pool makes 0 included).",
            self.seconds,
            self.peak(),
            self.settings.cores,
            1e-6 * FLOP as f64,
        )
    }
}
