//! A training never ends well with numbers that are not finite, unless it is allowed to: it says where they came from, and leaves
//! the parameters of the last good step.

use simplechain::chain::Chain;
use simplechain::loss::{L2, LossFn, Penalized, SquaredLoss, Weighted};
use simplechain::optim::{Adam, Sgd};
use simplechain::simple_chain;
use simplechain::train::{Trainer, Validation, fit_many};
use simplechain::{Error, NotFinite, Step, init};

simple_chain! {
    struct Line: 1 => dense(id, 1);
    struct Net: 3 => dense(tanh, 5) => dense(id, 2)
}

type Data = (Vec<[f32; 3]>, Vec<[f32; 2]>);

fn data(samples: usize) -> Data {
    let x = |i: usize| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0;
    let xs: Vec<_> = (0..samples).map(|i| [x(i), x(i + 1), x(i + 2)]).collect();
    let ys = xs.iter().map(|x| [x[0] * x[1], x[2]]).collect();
    (xs, ys)
}

/// The data with one number that is not finite, which has the name that a message gives it.
fn spoiled(what: &str, sample: usize, column: usize, value: f32) -> (Data, NotFinite) {
    let (mut xs, mut ys) = data(60);
    let what = match what {
        "input" => {
            xs[sample][column] = value;
            "input"
        }
        _ => {
            ys[sample][column] = value;
            "target"
        }
    };
    let value = f64::from(value);
    let number = NotFinite {
        what,
        sample,
        column,
        value,
    };
    ((xs, ys), number)
}

#[test]
fn a_number_of_the_data_is_named() {
    for (what, column) in [("input", 2), ("target", 1)] {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let ((xs, ys), number) = spoiled(what, 41, column, value);
            for (batch_size, threads) in [(60, 1), (60, 2), (16, 1), (7, 2)] {
                let mut params = Net.init::<f32>(&mut init::rng(1));
                let before = params.clone();
                let new = || {
                    Trainer::new(Net, SquaredLoss, Adam::new(1e-2))
                        .batch_size(batch_size)
                        .threads(threads)
                };
                let error = new().shuffle(false).fit(&mut params, &xs, &ys, 3);
                let Err(Error::Diverged {
                    at,
                    cause: Some(cause),
                    ..
                }) = error
                else {
                    panic!("{error:?}");
                };
                assert_eq!(
                    at,
                    Step::Batch {
                        epoch: 0,
                        batch: 41 / batch_size
                    }
                );
                assert_eq!(cause.to_string(), number.to_string(), "NaN is not itself");
                // The steps before were good ones: the parameters are those of the last whose loss was computed.
                let steps = 41 / batch_size;
                let mut want = before.clone();
                if steps > 1 {
                    let good = batch_size * (steps - 1);
                    let mut trainer = new().shuffle(false);
                    trainer.fit(&mut want, &xs[..good], &ys[..good], 1).unwrap();
                }
                assert_eq!(params, want);
                // Shuffled, it is found as well.
                let error = new().fit(&mut params, &xs, &ys, 3).unwrap_err().to_string();
                assert!(error.contains(&number.to_string()), "{error}");
            }
        }
    }
}

#[test]
fn too_large_a_rate() {
    let (xs, ys) = ([[1.0_f64], [2.0]], [[1.0_f64], [2.0]]);
    let mut params = Line.init::<f64>(&mut init::rng(0));
    let mut trainer = Trainer::new(Line, SquaredLoss, Sgd::new(10.0));
    let error = trainer.fit(&mut params, &xs, &ys, 1000).unwrap_err();
    assert!(
        matches!(error, Error::Diverged { cause: None, .. }),
        "{error}"
    );
    assert!(
        error.to_string().contains("lower the learning rate"),
        "{error}"
    );
    let loss = Line.loss_batch(&SquaredLoss, &xs, &ys, &params).unwrap();
    assert!(
        loss.is_finite() && params.iter().all(|p| p.is_finite()),
        "{loss}"
    );
    // What it begins with must be finite, too.
    params[1] = f64::NAN;
    let error = trainer.fit(&mut params, &xs, &ys, 1).unwrap_err();
    assert!(
        error.to_string().starts_with("parameter 1 is NaN"),
        "{error}"
    );
}

/// The last step of an epoch is not followed by a loss that would show what it did.
#[test]
fn the_last_step_overflows() {
    let (xs, ys) = ([[1e30_f32]], [[0.0_f32]]);
    let mut params = Line.init::<f32>(&mut init::rng(0));
    params.copy_from_slice(&[1e-20, 0.0]);
    let before = params.clone();
    // The loss is 1e10, the gradient by the weight 1e30: infinite in f32 is the product with the rate.
    let loss = LossFn(|y: &[f32; 1], _: &[f32; 1], y_bar: &mut [f32; 1]| {
        *y_bar = [1.0];
        y[0]
    });
    let mut trainer = Trainer::new(Line, loss, Sgd::new(1e30));
    let error = trainer.fit(&mut params, &xs, &ys, 1).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Diverged {
                what: "parameters",
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(params, before);
}

#[test]
fn validation() {
    let (xs, ys) = data(40);
    let ((bad_xs, bad_ys), number) = spoiled("target", 3, 0, f32::NAN);
    let validation = Validation::new(&bad_xs, &bad_ys);
    let mut params = Net.init::<f32>(&mut init::rng(1));
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2));
    let error = trainer.fit_validated(&mut params, &xs, &ys, &validation, 5);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("in the validation after epoch 0"), "{error}");
    assert!(error.contains(&number.to_string()), "{error}");
}

#[test]
fn allowed() {
    let ((xs, ys), _) = spoiled("input", 3, 0, f32::NAN);
    let mut params = Net.init::<f32>(&mut init::rng(1));
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).allow_not_finite(true);
    let history = trainer.fit(&mut params, &xs, &ys, 5).unwrap();
    assert!(history.last_loss().is_nan() && history.epochs.len() == 5);
}

/// A sample that does not count is not looked at.
#[test]
fn without_weight() {
    let ((xs, ys), _) = spoiled("target", 3, 0, f32::NAN);
    let weighted: Vec<_> = (0..60)
        .map(|i| (ys[i], if i == 3 { 0.0 } else { 1.0 }))
        .collect();
    let mut params = Net.init::<f32>(&mut init::rng(1));
    let mut trainer = Trainer::new(Net, Weighted(SquaredLoss), Adam::new(1e-2));
    let history = trainer.fit(&mut params, &xs, &weighted, 5).unwrap();
    assert!(history.last_loss().is_finite());
}

#[test]
fn a_penalty() {
    let (xs, ys) = data(40);
    let mut params = Net.init::<f32>(&mut init::rng(1));
    let loss = Penalized(SquaredLoss, L2::new(1e38));
    let error = Trainer::new(Net, loss, Adam::new(1e-2)).fit(&mut params, &xs, &ys, 5);
    assert!(
        matches!(error, Err(Error::Diverged { cause: None, .. })),
        "{error:?}"
    );
}

#[test]
fn which_fit_of_many() {
    let (good, (bad, number)) = (data(60), spoiled("input", 7, 1, f32::NAN));
    let mut params: Vec<_> = (0..4).map(|s| Net.init::<f32>(&mut init::rng(s))).collect();
    let losses = fit_many(&mut params, Some(2), |s, params| {
        let (xs, ys) = if s == 2 { &bad } else { &good };
        let history = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).fit(params, xs, ys, 5)?;
        Ok(history.last_loss())
    });
    let losses = losses.unwrap();
    let which: Vec<_> = losses.iter().map(Result::is_ok).collect();
    assert_eq!(which, [true, true, false, true]);
    let text = losses[2].clone().unwrap_err().to_string();
    assert_eq!(
        text,
        format!(
            "fit 2: the loss is not finite in epoch 0, batch 0: {number}; remove the sample, or give it a number"
        )
    );
}
