//! Checkpoints: a training resumes from any bytes or says why not, and what it writes then resumes.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use simplechain::prelude::*;
use simplechain::train::Checkpoints;

use crate::chains::Stateful;
use crate::files::{check_message, directory, within_memory};

/// Samples, and those of a batch.
const SAMPLES: usize = 11;
const BATCH: usize = 4;
const EPOCHS: usize = 3;

/// As of saved networks; and the gradient, the optimizer's state and the tiles of a training.
const FIXED: usize = 2 << 20;
const TIMES: usize = 100;

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    training(data, single);
    training(data, double);
}

/// In `f32`, with an optimizer in others.
pub fn single() -> Trainer<Stateful, SquaredLoss, impl Optimizer<f32> + Send> {
    let optimizer = Adam::new(0.01).clip_norm(0.1).accumulate(2).average(0.9);
    Trainer::new(Stateful, SquaredLoss, optimizer)
        .batch_size(BATCH)
        .threads(1)
}

/// In `f64`, with a schedule.
pub fn double() -> Trainer<Stateful, SquaredLoss, impl Optimizer<f64> + Send> {
    let optimizer = Sgd::new(0.1).momentum(0.9).schedule(Plateau::new(0));
    Trainer::new(Stateful, SquaredLoss, optimizer)
        .batch_size(BATCH)
        .threads(1)
}

/// Inputs and targets.
pub fn data<T: Real>() -> (Vec<[T; 2]>, Vec<[T; 1]>) {
    let x = |i: usize| [i % 7, i % 5].map(|n| T::from_f64(n as f64 / 7.0));
    let xs: Vec<_> = (0..SAMPLES).map(x).collect();
    let ys = xs.iter().map(|x| [x[0] * x[1] - x[0]]).collect();
    (xs, ys)
}

fn training<T: Real, O: Optimizer<T> + Send>(
    bytes: &[u8],
    trainer: fn() -> Trainer<Stateful, SquaredLoss, O>,
) {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    let path = DIRECTORY.get_or_init(|| directory("checkpoints"));
    let _ = fs::remove_dir_all(path);
    fs::create_dir_all(path).expect("a directory");
    fs::write(path.join("checkpoint-000000000001.safetensors"), bytes).expect("a file");

    let checkpoints = || {
        Checkpoints::new(path)
            .every_epochs(1)
            .every(Duration::from_secs(3600))
            .keep(2)
    };
    let mut first = trainer().checkpoints(checkpoints());
    let mut params = Stateful.init::<T>(&mut rng(0));
    let resumed = within_memory(FIXED, TIMES, bytes, || first.resume(&mut params));
    match resumed {
        Err(error) => return check_message(&error),
        Ok(resumed) => assert!(resumed.is_some(), "there is a file"),
    }
    let (xs, ys) = data::<T>();
    let (xs_val, ys_val) = data::<T>();
    let validation = Validation::new(&xs_val, &ys_val).patience(2);
    // Whichever it was written with.
    for _ in 0..2 {
        let fitted = within_memory(FIXED, TIMES, bytes, || {
            let fitted = first.fit(&mut params, &xs, &ys, EPOCHS);
            fitted.or_else(|_| first.fit_validated(&mut params, &xs, &ys, &validation, EPOCHS))
        });
        match fitted {
            Err(error) => return check_message(&error),
            Ok(_) => continue,
        }
    }
    let mut second = trainer().checkpoints(checkpoints());
    let mut again = Stateful.init::<T>(&mut rng(0));
    if let Err(error) = second.resume(&mut again) {
        panic!("what a training wrote does not resume: {error}");
    }
}
