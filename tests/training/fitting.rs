//! What surrounds training: validation, many fits at once, weights, penalties, and the architecture as a text.

use std::sync::atomic::{AtomicUsize, Ordering};

use simplechain::chain::{Chain, Network};
use simplechain::init;
use simplechain::loss::{
    FrontLast, L1, L2, Loss, Penalized, PenaltyFn, SquaredLoss, Weighted, WeightedSquaredLoss,
};
use simplechain::optim::{Adam, Sgd};
use simplechain::simd::Tier;
use simplechain::train::{History, Trainer, Validation, fit_many};
use simplechain::{Error, simple_chain};
use support::sequence;

simple_chain! {
    struct Net: 2 => dense(tanh, 5) => residual(dense(tanh, 5)) => dense(id, 2);
    struct Line: 1 => dense(tanh, 30) => dense(id, 1);
    struct Images: (6, 6, 1) => conv(relu, (3, 3), 2, stride = (1, 2), padding = 1) => flatten => frozen(dense(id, 3))
}

/// Inputs and targets.
fn data(samples: usize) -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let pairs = |skip| {
        let numbers = sequence(skip, 2 * samples, 1.0);
        numbers.as_chunks().0.to_vec()
    };
    (pairs(1), pairs(5))
}

fn parameters() -> [f64; Net::PARAM_COUNT] {
    sequence(9, Net::PARAM_COUNT, 0.7).try_into().unwrap()
}

/// The gradient of a batch, and of its samples one by one, against differences of `loss_batch`.
fn gradient_is_that_of_the_value<L: Loss<Net, f64>>(loss: &L, targets: &[L::Target]) -> f64 {
    let (xs, _) = data(targets.len());
    let (params, mut grads) = (parameters(), parameters());
    let value = |params: &_| Net.loss_batch(loss, &xs, targets, params).unwrap();
    let got = Net.value_and_grad_batch(loss, &xs, targets, &params, &mut grads);
    assert_eq!(got.unwrap(), value(&params));
    for i in 0..Net::PARAM_COUNT {
        let moved = |step: f64| {
            let mut params = params;
            params[i] += step;
            value(&params)
        };
        let want = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!(
            (grads[i] - want).abs() < 1e-8,
            "{i}: {} instead of {want}",
            grads[i]
        );
    }
    value(&params)
}

#[test]
fn weights_count_samples() {
    let (xs, ys) = data(37);
    let weights = sequence(3, 37, 1.0).into_iter().map(f64::abs);
    let targets: Vec<_> = ys.iter().copied().zip(weights).collect();
    let loss = Weighted(SquaredLoss);
    let value = gradient_is_that_of_the_value(&loss, &targets);
    let params = parameters();
    let mut sum = 0.0;
    for (x, (y, weight)) in xs.iter().zip(&targets) {
        let mut grads = params;
        let one = Net.value_and_grad(&SquaredLoss, x, y, &params, &mut grads);
        let mut weighted = params;
        let same = Net.value_and_grad(&loss, x, &(*y, *weight), &params, &mut weighted);
        assert!((same - one * weight).abs() < 1e-14);
        for (weighted, grad) in weighted.iter().zip(grads) {
            assert!((weighted - grad * weight).abs() < 1e-14);
        }
        sum += one * weight;
    }
    assert!((value - sum / 37.0).abs() < 1e-14, "{value}");
    // A sample without weight might as well not be there; every batch gets its own weights.
    let train = |targets: &[([f64; 2], f64)], batch| {
        let mut params = params;
        let mut trainer = Trainer::new(Net, Weighted(SquaredLoss), Sgd::new(0.1)).batch_size(batch);
        trainer.fit(&mut params, &xs, targets, 3).unwrap();
        params
    };
    let mut wild = targets.clone();
    for (target, weight) in wild.iter_mut().skip(20) {
        (*target, *weight) = ([1e9; 2], 0.0);
    }
    for batch in [37, 8] {
        let calm: Vec<_> = wild.iter().map(|(_, weight)| ([0.5; 2], *weight)).collect();
        let calm: Vec<_> = wild
            .iter()
            .zip(calm)
            .map(|(w, c)| if w.1 > 0.0 { *w } else { c })
            .collect();
        assert_eq!(train(&wild, batch), train(&calm, batch));
    }
    let wrong = [([0.0; 2], -1.0)];
    let error = Net
        .loss_batch(&loss, &xs[..1], &wrong, &params)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the weight of a sample is -1, but must be finite, and not below 0"
    );
}

#[test]
fn penalties_are_their_formulas() {
    let (_, ys) = data(11);
    let params = parameters();
    let plain = gradient_is_that_of_the_value(&SquaredLoss, &ys);
    let sum = |of: &dyn Fn(f64) -> f64, ranges: &[(usize, usize)]| -> f64 {
        let all = ranges.iter().flat_map(|(from, to)| &params[*from..*to]);
        all.map(|p| of(*p)).sum()
    };
    // Net: weights 0..10, biases 10..15; weights 15..40, biases 40..45; weights 45..55, biases 55..57.
    let near = |value: f64, penalty: f64| {
        assert!(
            (value - plain - penalty).abs() < 1e-13,
            "{} instead of {penalty}",
            value - plain
        );
    };
    let value = |penalty| gradient_is_that_of_the_value(&Penalized(SquaredLoss, penalty), &ys);
    near(value(L2::new(0.3)), 0.15 * sum(&|p| p * p, &[(0, 57)]));
    near(
        value(L2::new(0.3).weights_only()),
        0.15 * sum(&|p| p * p, &[(0, 10), (15, 40), (45, 55)]),
    );
    near(
        value(L2::new(0.3).layers(1..2)),
        0.15 * sum(&|p| p * p, &[(15, 45)]),
    );
    let loss = Penalized(SquaredLoss, L1::new(0.2).weights_only().layers(0..1));
    let l1 = gradient_is_that_of_the_value(&loss, &ys);
    near(l1, 0.2 * sum(&f64::abs, &[(0, 10)]));
    let loss = Penalized(SquaredLoss, FrontLast(L2::new(0.3), L1::new(0.2)));
    let both = 0.15 * sum(&|p| p * p, &[(0, 45)]) + 0.2 * sum(&f64::abs, &[(45, 57)]);
    near(gradient_is_that_of_the_value(&loss, &ys), both);
    let cubes = PenaltyFn(|params: &[f64], grads: Option<&mut [f64]>| {
        if let Some(grads) = grads {
            grads
                .iter_mut()
                .zip(params)
                .for_each(|(g, p)| *g += 3.0 * p * p);
        }
        params.iter().map(|p| p * p * p).sum()
    });
    let loss = Penalized(Penalized(SquaredLoss, cubes), (L1::new(0.1), L2::new(0.2)));
    let want = sum(&|p| p * p * p + 0.1 * p.abs() + 0.1 * p * p, &[(0, 57)]);
    near(gradient_is_that_of_the_value(&loss, &ys), want);
    let error = Net.loss_batch(
        &Penalized(SquaredLoss, L2::new(-1.0)),
        &[[0.0; 2]],
        &ys[..1],
        &params,
    );
    assert!(matches!(
        error,
        Err(Error::OutOfRange { what: "lambda", .. })
    ));
}

/// Once for a batch, whatever its size: with half the samples, half the sum of their losses, but the same penalty.
#[test]
fn a_penalty_does_not_depend_on_the_batch() {
    let (xs, _) = data(64);
    let params = parameters();
    let zero = WeightedSquaredLoss::new(vec![0.0; 2]);
    let loss = Penalized(zero, L2::new(0.1));
    let want = 0.05 * params.iter().map(|p| p * p).sum::<f64>();
    for batch in [64, 16, 5] {
        let mut moved = params;
        let mut trainer = Trainer::new(Net, loss.clone(), Sgd::new(1e-9)).batch_size(batch);
        let history = trainer.fit(&mut moved, &xs, &xs, 1).unwrap();
        assert!((history.last_loss() - want).abs() < 1e-6, "{batch}");
        // One step for every batch, each against the whole penalty.
        let steps = 64_f64 / batch as f64;
        let shrunk = params[0] * (1.0 - 1e-10 * steps.ceil());
        assert!((moved[0] - shrunk).abs() < 1e-15, "{batch}");
    }
}

fn noisy_line(count: usize, skip: usize) -> (Vec<[f32; 1]>, Vec<[f32; 1]>) {
    let x = sequence(skip, count, 1.0);
    let noise = sequence(skip + 501, count, 0.5);
    let ys = x.iter().zip(noise).map(|(x, noise)| [(x + noise) as f32]);
    let ys = ys.collect();
    (x.iter().map(|x| [*x as f32]).collect(), ys)
}

#[test]
fn the_best_parameters_are_kept() {
    // More parameters than samples: what is learned last is the noise.
    let (xs, ys) = noisy_line(25, 0);
    let (validation_xs, validation_ys) = noisy_line(200, 100);
    let validation = Validation::new(&validation_xs, &validation_ys).patience(40);
    let mut params = Line.init::<f32>(&mut init::rng(3));
    let mut trainer = Trainer::new(Line, SquaredLoss, Adam::new(0.03));
    let history = trainer
        .fit_validated(&mut params, &xs, &ys, &validation, 100_000)
        .unwrap();
    let losses: Vec<f64> = history
        .epochs
        .iter()
        .map(|e| e.validation.unwrap())
        .collect();
    let best = history.best.unwrap();
    assert_eq!(
        losses.len(),
        best + 1 + 40,
        "stopped 40 epochs behind the best"
    );
    assert!(losses.iter().all(|loss| losses[best] <= *loss));
    let kept = Line.loss_batch(&SquaredLoss, &validation_xs, &validation_ys, &params);
    assert!((f64::from(kept.unwrap()) - losses[best]).abs() < 1e-7);
    assert!(history.epochs.last().unwrap().loss < history.epochs[best].loss);
    assert_eq!(history.best_epoch(), Some(&history.epochs[best]));
    let resumed = History {
        epochs: history.epochs[best + 1..].to_vec(),
        best: history.best,
    };
    assert_eq!(resumed.best_epoch(), None);

    // Without patience it goes on to the end; without validation there is nothing to keep.
    let validation = Validation::new(&validation_xs[..], &validation_ys);
    let history = trainer
        .fit_validated(&mut params, &xs, &ys, &validation, 30)
        .unwrap();
    assert_eq!(history.epochs.len(), 30);
    let history = trainer.fit(&mut params, &xs, &ys, 1).unwrap();
    assert_eq!((history.best, history.epochs[0].validation), (None, None));
    let few = Validation::new(&validation_xs, &validation_ys[..3]);
    let error = trainer.fit_validated(&mut params, &xs, &ys, &few, 1);
    let text = "the validation samples: expected 200 targets, found 3";
    assert_eq!(error.unwrap_err().to_string(), text);
    let never = Validation::new(&validation_xs, &validation_ys).patience(0);
    let error = trainer.fit_validated(&mut params, &xs, &ys, &never, 1);
    let text = "the patience is 0, but must be at least 1";
    assert_eq!(error.unwrap_err().to_string(), text);
}

#[test]
fn many_fits_are_the_same_one_by_one() {
    let subjects: Vec<_> = (0..23).map(|s| noisy_line(20, 31 * s)).collect();
    let fit = |s: usize, params: &mut [f32; Line::PARAM_COUNT]| {
        let (xs, ys) = &subjects[s];
        let mut trainer = Trainer::new(Line, SquaredLoss, Adam::new(0.01)).batch_size(7);
        trainer
            .fit(params, xs, ys, 20)
            .map(|history| history.last_loss())
    };
    let new = || -> Vec<_> {
        let seeds = 0..subjects.len() as u64;
        seeds
            .map(|seed| *Line.init::<f32>(&mut init::rng(seed)))
            .collect()
    };
    let mut want = new();
    let want_losses: Vec<_> = want
        .iter_mut()
        .enumerate()
        .map(|(s, p)| fit(s, p).unwrap())
        .collect();
    let tier = Tier::current();
    for threads in [None, Some(1), Some(2), Some(3)] {
        let calls = AtomicUsize::new(0);
        let mut params = new();
        let losses = fit_many(&mut params, threads, |s, params| {
            calls.fetch_add(1, Ordering::Relaxed);
            assert_eq!(Tier::current(), tier);
            fit(s, params)
        });
        let losses: Result<Vec<f64>, _> = losses.unwrap().into_iter().collect();
        assert_eq!(losses.unwrap(), want_losses);
        assert_eq!(params, want);
        assert_eq!(calls.into_inner(), subjects.len());
    }
    let none = fit_many(&mut [0; 0], None, |_, _: &mut i32| Ok(()));
    assert_eq!(none.unwrap(), []);
    assert!(fit_many(&mut [0], Some(0), |_, _: &mut i32| Ok(())).is_err());
}

#[test]
fn an_architecture_is_known_again() {
    let json = Net.architecture();
    let value: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(value["params"], Net::PARAM_COUNT);
    assert_eq!(value["layers"][0]["name"], "dense");
    assert_eq!(value["layers"][0]["activation"], "tanh");
    assert_eq!(
        value["layers"][1]["chains"][0][0]["weights"],
        serde_json::json!([15, 40])
    );
    assert_eq!(value["layers"][2]["bias"], serde_json::json!([55, 57]));
    Net.check_architecture(&json).unwrap();
    // Also when another program has written it anew.
    Net.check_architecture(&value.to_string()).unwrap();
    Net.check_architecture(&serde_json::to_string_pretty(&value).unwrap())
        .unwrap();
    let error = Line.check_architecture(&json).unwrap_err();
    let (line, net) = (Line::FINGERPRINT, Net::FINGERPRINT);
    assert!(matches!(
        error,
        Error::Architecture { expected, found, .. } if (expected, found) == (line, net)
    ));
    for text in [
        "",
        "{}",
        "{\"fingerprint\": 3}",
        "{\"fingerprint\": \"12\"}",
    ] {
        assert_eq!(
            Net.check_architecture(text),
            Err(Error::NoArchitecture),
            "{text}"
        );
    }
    let images: serde_json::Value = serde_json::from_str(&Images.architecture()).expect("JSON");
    assert_eq!(images["layers"][0]["stride"], serde_json::json!([1, 2]));
    assert_eq!(images["layers"][0]["output"], serde_json::json!([6, 3, 2]));
    assert_eq!(images["layers"][2]["trained"], false);
}
