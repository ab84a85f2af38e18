//! Trainings that are interrupted and resumed: the same bits as without, from every checkpoint.

use core::ops::ControlFlow;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use simplechain::Error;
use simplechain::prelude::*;
use simplechain::train::{Checkpoints, History};

use crate::directory::Directory;

simple_chain! {
    /// With all that has a state of its own.
    struct Net: 2 => dense(tanh, 6) => batch_norm => dropout(0.2) => frozen(dense(tanh, 4)) => dense(id, 1)
}

type Data<T> = (Vec<[T; 2]>, Vec<[T; 1]>);

fn data<T: Real>(count: usize) -> Data<T> {
    let x = |i: usize| [i % 7, i % 5].map(|n| T::from_f64(n as f64 / 7.0));
    let xs: Vec<_> = (0..count).map(x).collect();
    let y = |x: &[T; 2]| [x[0] * x[1] - x[0]];
    let ys = xs.iter().map(y).collect();
    (xs, ys)
}

const EPOCHS: usize = 5;

/// Parameters, the optimizer's state, losses.
#[derive(Debug, PartialEq)]
struct End<T> {
    params: Vec<T>,
    state: simplechain::train::TrainerState<T>,
    best: Option<usize>,
    last: (usize, f64),
}

fn run<T: Real, O: Optimizer<T> + Send>(
    trainer: &mut Trainer<Net, SquaredLoss, O>,
    validates: bool,
    resumes: bool,
) -> Result<(End<T>, History), Error> {
    let mut params = Net.init::<T>(&mut rng(4));
    if resumes {
        assert!(trainer.resume(&mut params)?.is_some());
    }
    let (xs, ys) = data(23);
    let (test_xs, test_ys) = data(9);
    let history = if validates {
        let validation = Validation::new(&test_xs, &test_ys)
            .patience(2)
            .min_delta(1e-3);
        trainer.fit_validated(&mut params, &xs, &ys, &validation, EPOCHS)?
    } else {
        trainer.fit(&mut params, &xs, &ys, EPOCHS)?
    };
    let last = history.epochs.last();
    let last = last.map_or((usize::MAX, 0.0), |epoch| (epoch.index, epoch.loss));
    let end = End {
        params: params.to_vec(),
        state: trainer.state(),
        best: history.best,
        last,
    };
    Ok((end, history))
}

/// Copies one file to a directory of its own.
fn alone(file: &Path, directory: &Directory) {
    for name in directory.names() {
        fs::remove_file(directory.file(&name)).unwrap();
    }
    let name = file.file_name().unwrap().to_str().unwrap();
    fs::copy(file, directory.file(name)).unwrap();
}

/// Resumes from a checkpoint after every step, with one thread and with two, and compares with a run without checkpoints.
fn every_checkpoint<T: Real, O: Optimizer<T> + Send>(
    name: &str,
    optimizer: impl Fn() -> O,
    batch_size: Option<usize>,
    validates: bool,
) {
    let trainer = |threads| {
        let trainer = Trainer::new(Net, SquaredLoss, optimizer());
        let trainer = trainer.seed(9).threads(threads);
        match batch_size {
            Some(samples) => trainer.batch_size(samples),
            None => trainer,
        }
    };
    let (expected, _) = run(&mut trainer(1), validates, false).unwrap();

    let all = Directory::new(&format!("{name}-all"));
    let checkpoints = || {
        Checkpoints::new(all.path())
            .every(Duration::ZERO)
            .keep(1000)
    };
    let mut kept = trainer(2).checkpoints(checkpoints());
    let (end, history) = run(&mut kept, validates, false).unwrap();
    assert_eq!(end, expected, "{name}: checkpoints change nothing");
    let steps = match batch_size {
        Some(samples) => 23_usize.div_ceil(samples),
        None => 1,
    };
    let names = all.names();
    assert_eq!(names.len(), steps * history.epochs.len(), "{names:?}");

    let one = Directory::new(&format!("{name}-one"));
    for (index, file) in names.iter().enumerate() {
        alone(&all.file(file), &one);
        let checkpoints = Checkpoints::new(one.path()).every_epochs(2);
        let mut resumed = trainer(1 + index % 2).checkpoints(checkpoints);
        let (mut end, _) = run(&mut resumed, validates, true).unwrap();
        if end.last.0 == usize::MAX {
            // Nothing was left to do.
            end.last = expected.last;
        }
        assert_eq!(end, expected, "{name}: {file}");
        let params = Net.load::<T>(one.file(file));
        assert!(params.is_ok() || !one.names().contains(file));
    }
}

#[test]
fn mini_batches() {
    every_checkpoint::<f32, _>("adam", || Adam::new(0.01), Some(5), false);
}

#[test]
fn full_batches() {
    every_checkpoint::<f64, _>("full", || Adam::new(0.01).weight_decay(0.1), None, false);
}

#[test]
fn validation_and_early_stopping() {
    every_checkpoint::<f32, _>("stopping", || Sgd::new(0.3).momentum(0.9), Some(8), true);
    every_checkpoint::<f64, _>("validated", || RmsProp::new(0.01), None, true);
}

#[test]
fn wrappers() {
    let wrapped = || {
        Adam::new(0.01)
            .clip_norm(0.1)
            .schedule(Cosine::new(20).warm_up(3))
            .average(0.9)
    };
    every_checkpoint::<f32, _>("wrapped", wrapped, Some(6), false);
    let wrapped = || Lion::new(0.01).clip_value(0.1).schedule(Plateau::new(0));
    every_checkpoint::<f64, _>("plateau", wrapped, Some(6), true);
}

/// A step is pending between two epochs, and at the end.
#[test]
fn accumulated_gradients() {
    let accumulated = || Sgd::new(0.1).accumulate(3).average(0.5);
    every_checkpoint::<f32, _>("accumulated", accumulated, Some(5), false);
    let accumulated = || Adam::new(0.1).average(0.5).accumulate(4);
    every_checkpoint::<f64, _>("accumulated-validated", accumulated, Some(5), true);
}

#[test]
fn several_calls_of_fit() {
    let all = Directory::new("calls-all");
    let program = |directory: Option<&Directory>, resumes: bool, kept: usize| {
        let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(0.01)).batch_size(6);
        if let Some(directory) = directory {
            let checkpoints = Checkpoints::new(directory.path()).every(Duration::ZERO);
            trainer = trainer.checkpoints(checkpoints.keep(kept));
        }
        let mut params = Net.init::<f32>(&mut rng(4));
        if resumes {
            trainer.resume(&mut params).unwrap();
        }
        let (xs, ys) = data(23);
        trainer.fit(&mut params, &xs, &ys, 2).unwrap();
        trainer.optimizer_mut().set_rate(0.002);
        trainer.fit(&mut params, &xs[..20], &ys[..20], 2).unwrap();
        (params, trainer.state::<f32>())
    };
    let expected = program(None, false, 1);
    assert_eq!(program(Some(&all), false, 100), expected);
    let names = all.names();
    assert_eq!(names.len(), 16);
    let one = Directory::new("calls-one");
    for file in &names {
        alone(&all.file(file), &one);
        assert_eq!(program(Some(&one), true, 3), expected, "{file}");
        assert_eq!(one.names().len().min(3), one.names().len());
    }
}

fn fit(
    trainer: Trainer<Net, SquaredLoss, Adam<f32>>,
    checkpoints: Checkpoints,
    resumes: bool,
) -> Result<Vec<f32>, Error> {
    let (end, _) = run(&mut trainer.checkpoints(checkpoints), false, resumes)?;
    Ok(end.params)
}

fn trainer() -> Trainer<Net, SquaredLoss, Adam<f32>> {
    Trainer::new(Net, SquaredLoss, Adam::new(0.01)).batch_size(6)
}

#[test]
fn other_settings_are_an_error_that_names_them() {
    let directory = Directory::new("settings");
    let checkpoints = || Checkpoints::new(directory.path()).every_epochs(1);
    fit(trainer(), checkpoints(), false).unwrap();
    let adam = |rate| Trainer::new(Net, SquaredLoss, Adam::new(rate));
    let message = |trainer| fit(trainer, checkpoints(), true).unwrap_err().to_string();
    for (trainer, text) in [
        (
            adam(0.02).batch_size(6),
            "the optimizer is Adam: rate 0.02, betas 0.9 0.999",
        ),
        (adam(0.01), "the batch size is all now, but 6 there"),
        (trainer().seed(1), "the seed is 1 now, but 0 there"),
        (
            trainer().shuffle(false),
            "the shuffling is false now, but true there",
        ),
    ] {
        let message = message(trainer);
        assert!(message.contains(text), "{message}");
    }
    let mut other = Trainer::new(Net, HuberLoss::new(1.0), Adam::<f32>::new(0.01));
    other = other.batch_size(6).checkpoints(checkpoints());
    let error = other.resume(&mut Net.init(&mut rng(0))).unwrap_err();
    let text = "the loss is HuberLoss now, but SquaredLoss there";
    assert!(error.to_string().contains(text), "{error}");

    // Those of the data, by `fit`.
    let mut trainer = trainer().checkpoints(checkpoints());
    let mut params = Net.init::<f32>(&mut rng(0));
    trainer.resume(&mut params).unwrap();
    let before = params.clone();
    let (xs, ys) = data(24);
    let error = trainer.fit(&mut params, &xs, &ys, 9).unwrap_err();
    let text = "the number of samples is 24 now, but 23 there";
    assert!(error.to_string().contains(text), "{error}");
    let validation = Validation::new(&xs, &ys);
    let error = trainer.fit_validated(&mut params, &xs[..23], &ys[..23], &validation, 9);
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("the validation is 24 samples now, but none there"),
        "{error}"
    );
    assert_eq!(params, before);
    let history = trainer.fit(&mut params, &xs[..23], &ys[..23], 9).unwrap();
    assert_eq!(history.epochs[0].index, EPOCHS, "it is still there");
}

#[test]
fn another_chain_is_an_error() {
    simple_chain! { struct Other: 2 => dense(tanh, 6) => dense(id, 1) }
    let directory = Directory::new("chain");
    let checkpoints = || Checkpoints::new(directory.path());
    fit(trainer(), checkpoints(), false).unwrap();
    let mut other = Trainer::new(Other, SquaredLoss, Adam::<f32>::new(0.01));
    other = other.checkpoints(checkpoints());
    let error = other.resume(&mut Other.init(&mut rng(0))).unwrap_err();
    assert!(error.to_string().contains("layer 1"), "{error}");
}

#[test]
fn a_directory_of_another_training_is_not_overwritten() {
    let directory = Directory::new("occupied");
    let checkpoints = || Checkpoints::new(directory.path());
    let mut trainer_without = trainer();
    let error = trainer_without.resume(&mut Net.init(&mut rng(0)));
    assert_eq!(error, Err(Error::NoCheckpoints));
    let mut first = trainer().checkpoints(checkpoints());
    let nothing = first.resume(&mut Net.init::<f32>(&mut rng(0)));
    assert_eq!(nothing, Ok(None));
    fit(trainer(), checkpoints(), false).unwrap();
    let error = fit(trainer(), checkpoints(), false).unwrap_err();
    assert!(matches!(error, Error::Occupied { .. }), "{error}");
}

#[test]
fn the_last_ones_are_kept() {
    let directory = Directory::new("kept");
    let checkpoints = Checkpoints::new(directory.path()).every_epochs(2).keep(2);
    fit(trainer(), checkpoints, false).unwrap();
    // Epochs of 4 steps: after the epochs 2, 4 and, because it is the last, 5.
    let names = ["checkpoint-000000000016", "checkpoint-000000000020"];
    assert_eq!(
        directory.names(),
        names.map(|name| format!("{name}.safetensors"))
    );
    for (checkpoints, text) in [
        (
            Checkpoints::new(directory.path()).keep(0),
            "checkpoints to keep is 0",
        ),
        (
            Checkpoints::new(directory.path()).every_epochs(0),
            "epochs between checkpoints is 0",
        ),
    ] {
        let error = fit(trainer(), checkpoints, false).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    }
}

#[test]
fn files_that_are_not_whole_are_passed_over() {
    let directory = Directory::new("whole");
    let checkpoints = || Checkpoints::new(directory.path()).every_epochs(1).keep(3);
    let expected = fit(trainer(), checkpoints(), false).unwrap();
    let names = directory.names();
    assert_eq!(names.len(), 3);
    let bytes = fs::read(directory.file(&names[2])).unwrap();
    fs::write(directory.file(&names[2]), &bytes[..bytes.len() / 2]).unwrap();
    fs::write(directory.file(".simplechain-1-0.tmp"), &bytes[..9]).unwrap();
    fs::write(directory.file("notes.txt"), "not ours").unwrap();
    assert_eq!(fit(trainer(), checkpoints(), true).unwrap(), expected);
    let after = directory.names();
    assert!(
        !after.iter().any(|name| name.ends_with(".tmp")),
        "{after:?}"
    );
    assert!(after.contains(&"notes.txt".to_owned()));

    for name in directory.names() {
        fs::write(directory.file(&name), "").unwrap();
    }
    let error = fit(trainer(), checkpoints(), true).unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
    // A network is no checkpoint.
    let name = directory.file(&names[2]);
    Net.save(&name, &Net.init::<f32>(&mut rng(0))).unwrap();
    let error = fit(trainer(), checkpoints(), true).unwrap_err().to_string();
    assert!(error.contains("it is no checkpoint"), "{error}");
}

/// A directory under a file, as one that nobody may write to: root may write to all others.
#[test]
fn a_directory_that_cannot_be_made() {
    let directory = Directory::new("unwritable");
    fs::write(directory.file("file"), "").unwrap();
    let checkpoints = || Checkpoints::new(directory.file("file").join("run")).every_epochs(1);
    let error = fit(trainer(), checkpoints(), false).unwrap_err();
    assert!(matches!(error, Error::Io { action: "make", .. }), "{error}");

    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    let goes_on = checkpoints().on_error(move |error| {
        assert!(matches!(error, Error::Io { .. }), "{error}");
        counted.fetch_add(1, Ordering::Relaxed);
        ControlFlow::Continue(())
    });
    let (expected, _) = run(&mut trainer(), false, false).unwrap();
    assert_eq!(fit(trainer(), goes_on, false).unwrap(), expected.params);
    assert_eq!(
        count.load(Ordering::Relaxed),
        1 + EPOCHS,
        "at first, and each time"
    );
}

/// A directory that is lost on the way.
#[test]
fn errors_end_the_training_or_do_not() {
    let directory = Directory::new("lost");
    let lose = || {
        fs::remove_dir_all(directory.path()).unwrap();
        fs::write(directory.path(), "").unwrap();
    };
    for goes_on in [false, true] {
        let _ = fs::remove_file(directory.path());
        let checkpoints = Checkpoints::new(directory.path()).every_epochs(1);
        let checkpoints = checkpoints.on_error(move |_| match goes_on {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        });
        let (xs, ys) = data(23);
        let mut params = Net.init::<f32>(&mut rng(4));
        let mut after = Vec::new();
        let mut trainer = trainer().checkpoints(checkpoints);
        let ended = trainer.fit_with(&mut params, &xs, &ys, EPOCHS, |epoch, params| {
            after.push(params.to_vec());
            if epoch.index == 1 {
                lose();
            }
            ControlFlow::Continue(())
        });
        assert_eq!(ended.is_ok(), goes_on);
        assert_eq!(after.len(), if goes_on { EPOCHS } else { 2 });
        assert_eq!(params.to_vec(), *after.last().unwrap());
    }
    fs::remove_file(directory.path()).unwrap();
}

/// A file with another value of an entry.
fn with_entry(file: &[u8], name: &str, value: &str) -> Vec<u8> {
    let (len, rest) = file.split_first_chunk().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*len) as usize);
    let header = str::from_utf8(header).unwrap();
    let (before, after) = header.split_once(&format!("training.{name}\":\"")).unwrap();
    let (_, after) = after.split_once('"').unwrap();
    let header = format!("{before}training.{name}\":\"{value}\"{after}");
    let len = (header.len() as u64).to_le_bytes();
    [&len, header.as_bytes(), data].concat()
}

/// Nothing is repeated as often as a file says, and no counter overflows.
#[test]
fn counters_that_lie() {
    let directory = Directory::new("counters");
    let checkpoints = || Checkpoints::new(directory.path()).every_epochs(1).keep(1);
    let trainer = || {
        let optimizer = Adam::<f32>::new(0.01).schedule(Plateau::new(0));
        let trainer = Trainer::new(Net, SquaredLoss, optimizer);
        trainer.batch_size(6).checkpoints(checkpoints())
    };
    run(&mut trainer(), true, false).unwrap();
    let file = directory.file(&directory.names()[0]);
    let bytes = fs::read(&file).unwrap();
    for name in ["drawn", "steps", "epoch", "batch", "fit", "best_epoch"] {
        for value in [u64::MAX, u64::MAX - 1, 1 << 40] {
            for name in directory.names() {
                fs::remove_file(directory.file(&name)).unwrap();
            }
            fs::write(&file, with_entry(&bytes, name, &value.to_string())).unwrap();
            let mut trainer = trainer();
            let mut params = Net.init::<f32>(&mut rng(4));
            trainer.resume(&mut params).unwrap();
            let (xs, ys) = data(23);
            let (test_xs, test_ys) = data(9);
            let validation = Validation::new(&test_xs, &test_ys);
            let validation = validation.patience(2).min_delta(1e-3);
            let fitted = trainer.fit_validated(&mut params, &xs, &ys, &validation, EPOCHS + 1);
            fitted.unwrap();
        }
    }
}

/// No gradients wait for a step that would have been made.
#[test]
fn accumulated_gradients_that_lie() {
    let mut optimizer = Sgd::<f32>::new(0.1).accumulate(3);
    let mut state = optimizer.state();
    for (count, samples, fits) in [
        (2.0, 8.0, true),
        (3.0, 8.0, false),
        (1e300, 8.0, false),
        (1.0, 1e300, false),
        (-1.0, 8.0, false),
        (f64::NAN, 0.0, false),
    ] {
        let end = state.numbers.len() - 2;
        state.numbers[end..].copy_from_slice(&[count, samples]);
        assert_eq!(
            optimizer.restore(state.clone()).is_ok(),
            fits,
            "{count} {samples}"
        );
    }
}
