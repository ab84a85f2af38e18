//! Dropout: in training alone, at its rate, and the same for any number of threads and on every tier.

use core::ops::ControlFlow;

use simplechain::chain::Chain;
use simplechain::loss::SquaredLoss;
use simplechain::optim::Sgd;
use simplechain::simd::{Real, Tier};
use simplechain::simple_chain;
use simplechain::train::Trainer;

simple_chain! {
    struct Half: 1 => dropout(0.25) => dense(id, 1, bias = false);
    struct Drop: 1 => dropout(0.5);
    /// Dropouts at the same place of siblings, and one chain in several places.
    struct Sites: 1 => residual(dropout(0.5)) => residual(dropout(0.5)) => chain(Drop) => chain(Drop)
        => concat(dropout(0.5), dropout(0.5), chain(Drop)) => dense(id, 1, bias = false);
    struct Net: 3 => dense(tanh, 17) => dropout(0.5) => dense(tanh, 9) => dropout(0.1) => dense(id, 2)
}

#[test]
fn it_keeps_its_rate_and_the_mean() {
    const SAMPLES: usize = 20_000;
    // The outputs are 0 or 1 / 0.75: the loss is half the mean of their squares, 1 / 0.75.
    let (xs, ys) = (vec![[1.0]; SAMPLES], vec![[0.0]; SAMPLES]);
    let mut params = [1.0];
    let mut trainer = Trainer::new(Half, SquaredLoss, Sgd::new(1e-12));
    let history = trainer.fit(&mut params, &xs, &ys, 5).unwrap();
    let losses: Vec<f64> = history.epochs.iter().map(|epoch| epoch.loss).collect();
    for loss in &losses {
        let kept = loss * 2.0 * 0.75 * 0.75;
        // Six standard deviations.
        assert!(
            (kept - 0.75).abs() < 6.0 * (0.25 * 0.75 / SAMPLES as f64).sqrt(),
            "{kept}"
        );
    }
    assert!(
        losses.windows(2).all(|pair| pair[0] != pair[1]),
        "every step drops others"
    );
    assert_eq!(Half.forward(&[2.0], &[3.0]), [6.0], "not in inference");
}

/// What is dropped in one place says nothing about another.
///
/// A mask `m` is 0 or 2, so `E m = 1` and `E m^2 = 2`; of independent masks `E (1 + m)^2 = (1 + 9) / 2 = 5` and
/// `E (m + m' + m'')^2 = 3 * 2 + 6 * 1 = 12`. The output is the product of two of the second kind, two masks and one of the third:
/// `E y^2 = 5^2 2^2 12 = 1200`, and the loss is half of it. Shared by the two residuals it were 984, by the two chains 1200,
/// by two of the branches 700.
#[test]
fn every_place_has_its_own() {
    const SAMPLES: usize = 20_000;
    const EPOCHS: usize = 5;
    let (xs, ys) = (vec![[1.0]; SAMPLES], vec![[0.0]; SAMPLES]);
    let mut params = [1.0; 3];
    let mut trainer = Trainer::new(Sites, SquaredLoss, Sgd::new(1e-12));
    let history = trainer.fit(&mut params, &xs, &ys, EPOCHS).unwrap();
    let losses = history.epochs.iter().map(|epoch| epoch.loss);
    let mean = losses.sum::<f64>() / EPOCHS as f64;
    // Six standard deviations: `E y^4 = 41^2 8^2 264`.
    let variance = (1681.0_f64 * 64.0 * 264.0 - 1200.0 * 1200.0) / 4.0;
    let tolerance = 6.0 * (variance / (SAMPLES * EPOCHS) as f64).sqrt();
    assert!((mean - 600.0).abs() < tolerance, "{mean}");
}

fn trained<T: Real>(threads: usize, epochs: [usize; 2]) -> Vec<T> {
    let number = |i: usize| T::from_f64(((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0);
    let xs: Vec<[T; 3]> = (0..701)
        .map(|i| [0, 1, 2].map(|k| number(3 * i + k)))
        .collect();
    let ys: Vec<[T; 2]> = xs.iter().map(|x| [x[0] * x[1], x[2]]).collect();
    let before = xs.clone();
    let mut params = Net.init::<T>(&mut simplechain::init::rng(1));
    let new = || {
        Trainer::new(Net, SquaredLoss, Sgd::new(0.05).momentum(0.9))
            .batch_size(300)
            .threads(threads)
            .seed(7)
    };
    let mut trainer = new();
    trainer.fit(&mut params, &xs, &ys, epochs[0]).unwrap();
    let state = trainer.state();
    let mut resumed = new();
    resumed.restore(state).unwrap();
    resumed
        .fit_with(&mut params, &xs, &ys, epochs[1], |_, _| {
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(xs, before, "the data are the user's");
    params.to_vec()
}

#[test]
fn threads_tiers_and_resuming_do_not_change_it() {
    let want = trained::<f32>(1, [4, 0]);
    for tier in Tier::available().into_iter().filter(|tier| tier.is_fused()) {
        for threads in [1, 2] {
            let got = tier.with(|| trained::<f32>(threads, [3, 1])).unwrap();
            assert_eq!(got, want, "tier {tier}, {threads} threads");
        }
    }
}
