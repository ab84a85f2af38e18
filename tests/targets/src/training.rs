//! Trainings, and what a target without a clock, threads and files refuses.

use std::ops::ControlFlow;
use std::time::Duration;

use simplechain::Error;
use simplechain::prelude::*;
use simplechain::train::{Checkpoints, History};

use super::{Hash, arrays};

simple_chain! {
    struct Net: 2 => dense(tanh, 20) => batch_norm => dropout(0.1) => dense(silu, 8) => dense(id, 1)
}

/// Whether this target has a clock.
const HAS_CLOCK: bool = cfg!(not(target_family = "wasm"));

/// Inputs, and targets that can be learned.
fn data() -> (Vec<[f32; 2]>, Vec<[f32; 1]>) {
    let xs: Vec<[f32; 2]> = arrays(5, 500);
    let ys = xs.iter().map(|x| [x[0] * x[1] + x[1]]).collect();
    (xs, ys)
}

/// Uniform parameters: square roots have the same bits everywhere, the logarithms of normal numbers may not.
fn params(seed: u64) -> Box<<Net as Network>::Params<f32>> {
    Net.init_with(Init::GlorotUniform, &mut rng(seed))
}

fn add_history(hash: &mut Hash, history: &History) {
    for epoch in &history.epochs {
        hash.add(&[epoch.loss]);
        hash.add(epoch.validation.as_slice());
        assert_eq!(epoch.duration.is_zero(), !HAS_CLOCK);
    }
    let (first, last) = (history.epochs[0].loss, history.last_loss());
    assert!(last < 0.5 * first, "the loss falls: {first}, {last}");
}

fn train(hash: &mut Hash) -> Result<(), Error> {
    let (xs, ys) = data();
    let (train, test) = (0..400, 400..500);

    // Mini-batches, twice, on two threads where there are threads.
    let mut trained = params(1);
    let validation = Validation::new(&xs[test.clone()], &ys[test]).patience(8);
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2))
        .batch_size(32)
        .seed(7)
        .threads(2);
    let (xs, ys) = (&xs[train.clone()], &ys[train]);
    let history = trainer.fit_validated(&mut trained, xs, ys, &validation, 10)?;
    assert!(history.best.is_some());
    add_history(hash, &history);
    let mut epochs = 0;
    trainer.fit_with(&mut trained, xs, ys, usize::MAX, |epoch, _| {
        epochs += 1;
        match epoch.index {
            2 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    })?;
    assert_eq!(epochs, 3);
    hash.add(trained.as_slice());

    // Full batches, on as many threads as there are.
    let mut seeds: Vec<_> = (0..3).map(params).collect();
    let histories = fit_many(&mut seeds, None, |_, params| {
        Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).fit(params, xs, ys, 100)
    })?;
    for (history, params) in histories.into_iter().zip(&seeds) {
        add_history(hash, &history?);
        hash.add(params.as_slice());
    }
    Ok(())
}

/// A hash of losses and parameters of trainings.
#[unsafe(no_mangle)]
pub extern "C" fn training() -> u64 {
    let mut hash = Hash::EMPTY;
    train(&mut hash).expect("good data");
    hash.0
}

/// What needs a clock or files is an error where there are none. Panics if it is not.
#[unsafe(no_mangle)]
pub extern "C" fn refusals() {
    let (xs, ys) = data();
    let mut params = params(1);
    let mut error = |checkpoints| {
        let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).checkpoints(checkpoints);
        trainer
            .fit(&mut params, &xs, &ys, 1)
            .expect_err("nothing to write it with")
    };
    let directory = || Checkpoints::new("checkpoints");
    assert_eq!(error(directory()), Error::NoClock);
    assert_eq!(error(directory().every(Duration::ZERO)), Error::NoClock);
    assert!(matches!(
        error(directory().every_epochs(1)),
        Error::Io { .. }
    ));
    assert!(matches!(
        Net.save("net.safetensors", &params),
        Err(Error::Io { .. })
    ));
    assert!(matches!(
        Net.load::<f32>("net.safetensors"),
        Err(Error::Io { .. })
    ));
    // Bytes go in and out as everywhere.
    let bytes = Net.to_safetensors(&params, &[]).expect("no entries");
    let read = Net.from_safetensors::<f32>(&bytes).expect("a whole file");
    assert_eq!(read.as_slice(), params.as_slice());
}
