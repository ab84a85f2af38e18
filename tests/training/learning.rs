//! What a user expects of training: it learns, it tells how far it is, and it stops when told.

use core::ops::ControlFlow;

use simplechain::chain::Chain;
use simplechain::init;
use simplechain::loss::{AbsoluteLoss, Loss, SquaredLoss};
use simplechain::optim::Adam;
use simplechain::simd::Real;
use simplechain::simple_chain;
use simplechain::train::{Epoch, Trainer};
use simplechain_reference::{self as reference, Twin};
use support::{cast, numbers};

simple_chain! {
    struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct Curve: 1 => dense(tanh, 16) => dense(tanh, 8) => dense(id, 1)
}

/// `sin(3 x)` on `[-1, 1)`, learnt from 300 points.
fn learn<T: Real, L: Loss<Curve, T, Target = [T; 1]> + Send>(
    loss: L,
    batch_size: usize,
    want: f64,
) {
    let xs = numbers(1, 300, 1.0);
    let targets: Vec<f64> = xs.iter().map(|x| (3.0 * x).sin()).collect();
    let (xs, targets) = (cast::<T>(&xs), cast::<T>(&targets));
    let (xs, targets) = (Curve.inputs(&xs).unwrap(), Curve.outputs(&targets).unwrap());
    let mut params = Curve.init(&mut init::rng(1));
    let before = Curve
        .loss_batch(&loss, xs, targets, &params)
        .unwrap()
        .to_f64();
    let mut trainer = Trainer::new(Curve, loss, Adam::<T>::new(1e-2))
        .threads(1)
        .batch_size(batch_size);
    let history = trainer
        .fit(&mut params, xs, targets, 1000 * batch_size / 300)
        .unwrap();
    assert!(before > 0.1, "{before}");
    assert!(history.last_loss() < want, "{}", history.last_loss());
}

#[test]
fn a_curve_is_learnt() {
    learn::<f32, _>(SquaredLoss, 300, 2e-4);
    learn::<f32, _>(SquaredLoss, 64, 2e-3);
    learn::<f64, _>(SquaredLoss, 300, 2e-4);
    learn::<f64, _>(AbsoluteLoss, 300, 3e-2);
}

/// Forty steps in `f64` against the plain loops.
#[test]
fn steps_of_the_twin() {
    let (xs, targets) = (numbers(1, 37 * 4, 1.0), numbers(2, 37 * 4, 1.0));
    let mut params = MatExp.init::<f64>(&mut init::rng(1));
    let (twin, mut adam) = (Twin::of(MatExp), reference::Adam::new(3e-3));
    adam.betas = (0.8, 0.99);
    adam.epsilon = 1e-4;
    let mut twin_params = params.to_vec();
    let mut losses = Vec::new();
    for _ in 0..40 {
        let (mut loss, mut grads) = (0.0, vec![0.0; 756]);
        for (x, target) in xs.chunks(4).zip(targets.chunks(4)) {
            let y_bar = |y: &[f64]| {
                let (value, y_bar) = reference::squared_loss(y, target);
                loss += value / 37.0;
                y_bar.iter().map(|y_bar| y_bar / 37.0).collect()
            };
            twin.vjp(&twin_params, x, y_bar, &mut grads);
        }
        adam.step(&mut twin_params, &grads);
        losses.push(loss);
    }
    let adam = Adam::<f64>::new(3e-3).betas(0.8, 0.99).epsilon(1e-4);
    let mut trainer = Trainer::new(MatExp, SquaredLoss, adam).threads(2);
    let (xs, targets) = (
        MatExp.inputs(&xs).unwrap(),
        MatExp.outputs(&targets).unwrap(),
    );
    let history = trainer.fit(&mut params, xs, targets, 40).unwrap();
    for (epoch, loss) in history.epochs.iter().zip(losses) {
        assert!(
            (epoch.loss - loss).abs() < 1e-11 * loss,
            "{epoch:?}: {loss}"
        );
    }
    for (got, want) in params.iter().zip(&twin_params) {
        assert!((got - want).abs() < 1e-11, "{got} instead of {want}");
    }
}

/// A mini-batch weighs like the samples it has; the epochs are numbered from 0 in every call.
#[test]
fn history_and_callback() {
    let xs = numbers(1, 100, 1.0);
    let xs = Curve.inputs(&xs).unwrap();
    let mut params = Curve.init(&mut init::rng(1));
    let loss = Curve.loss_batch(&SquaredLoss, xs, xs, &params).unwrap();
    for batch_size in [100, 33] {
        // So small a rate that the parameters stay.
        let mut trainer = Trainer::new(Curve, SquaredLoss, Adam::<f64>::new(1e-300))
            .threads(2)
            .batch_size(batch_size);
        assert!(
            trainer
                .fit(&mut params, xs, xs, 0)
                .unwrap()
                .last_loss()
                .is_nan()
        );
        for _ in 0..2 {
            let mut told = Vec::new();
            let on_epoch = |epoch: &Epoch, _: &_| {
                told.push(*epoch);
                if epoch.index == 3 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let history = trainer.fit_with(&mut params, xs, xs, 10, on_epoch).unwrap();
            assert_eq!(history.epochs, told);
            assert_eq!(
                told.iter().map(|epoch| epoch.index).collect::<Vec<_>>(),
                [0, 1, 2, 3]
            );
            for epoch in told {
                assert!(
                    (epoch.loss - loss).abs() < 1e-14 * loss,
                    "{} instead of {loss}",
                    epoch.loss
                );
            }
        }
    }
}
