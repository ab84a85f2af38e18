//! What a batch of training is: its order, its last samples, its statistics; and the same in a loop of the user's.

use simplechain::chain::{Chain, Network};
use simplechain::loss::{L2, Penalized, SquaredLoss};
use simplechain::optim::{Adam, Optimizer, Sgd};
use simplechain::simple_chain;
use simplechain::train::Trainer;
use simplechain::{Error, init};

simple_chain! {
    struct Line: 1 => dense(id, 1);
    struct Normed: 1 => batch_norm => dense(id, 1);
    struct Held: 1 => frozen(batch_norm) => dense(id, 1);
    struct HeldDeep: 1 => frozen(residual(batch_norm)) => dense(id, 1);
    struct Half: 1 => frozen(dropout(0.5)) => dense(id, 1, bias = false);
    struct Images: (2, 2, 1) => conv(id, (1, 1), 1) => batch_norm => flatten => dense(id, 1);
    struct All: 2 => dense(tanh, 6) => batch_norm => dropout(0.3) => frozen(dense(tanh, 4)) => dense(id, 1)
}

fn line(samples: usize) -> (Vec<[f64; 1]>, Vec<[f64; 1]>) {
    let xs: Vec<[f64; 1]> = (0..samples).map(|i| [(i * 7 % samples) as f64]).collect();
    let ys = xs.iter().map(|x| [x[0] / 10.0]).collect();
    (xs, ys)
}

/// In the order of the samples: plain gradient descent on batches of 2, 2 and 1, written out.
#[test]
fn in_order() {
    let (xs, ys) = line(5);
    let mut params = [0.5, -0.25];
    let mut want = params;
    for _ in 0..2 {
        for batch in [&[0, 1][..], &[2, 3], &[4]] {
            let mut grads = [0.0; 2];
            for &i in batch {
                let off = want[0] * xs[i][0] + want[1] - ys[i][0];
                grads[0] += off * xs[i][0] / batch.len() as f64;
                grads[1] += off / batch.len() as f64;
            }
            want = [want[0] - 0.01 * grads[0], want[1] - 0.01 * grads[1]];
        }
    }
    let mut trainer = Trainer::new(Line, SquaredLoss, Sgd::new(0.01))
        .batch_size(2)
        .shuffle(false)
        .seed(9);
    trainer.fit(&mut params, &xs, &ys, 2).unwrap();
    for (got, want) in params.into_iter().zip(want) {
        assert!((got - want).abs() < 1e-14, "{got} {want}");
    }
}

/// 33 samples in batches of 32: the one that is left goes with the others, and the variance is that of all, 93.5.
#[test]
fn a_single_sample_has_no_variance() {
    let (xs, ys) = line(33);
    for batch in [33, 32, 8] {
        let mut params = Normed.init::<f64>(&mut init::rng(0));
        let mut trainer = Trainer::new(Normed, SquaredLoss, Adam::new(0.01)).batch_size(batch);
        trainer.fit(&mut params, &xs, &ys, 1000).unwrap();
        let (mean, variance) = (params[2], params[3]);
        assert!((mean - 16.0).abs() < 3.0, "{batch}: {mean}");
        // 33 * 34 / 12, and how far the last ten batches of 8 are off it.
        let tolerance = if batch == 8 { 40.0 } else { 1e-9 };
        assert!((variance - 93.5).abs() < tolerance, "{batch}: {variance}");
    }
    let mut params = Normed.init::<f64>(&mut init::rng(0));
    let before = params.clone();
    let mut trainer = Trainer::new(Normed, SquaredLoss, Adam::new(0.01)).batch_size(1);
    assert_eq!(
        trainer.fit(&mut params, &xs, &ys, 1),
        Err(Error::NoVariance)
    );
    let mut trainer = Trainer::new(Normed, SquaredLoss, Adam::new(0.01));
    assert_eq!(
        trainer.fit(&mut params, &xs[..1], &ys[..1], 1),
        Err(Error::NoVariance)
    );
    let mut grads = before.clone();
    let step = Normed.training(0, 0);
    let one = step.value_and_grad_batch(&SquaredLoss, &xs[..1], &ys[..1], &mut params, &mut grads);
    assert_eq!(one, Err(Error::NoVariance));
    assert_eq!(params, before);
    // The pixels of one image have a variance; what stands still needs none.
    let image = [[0.0, 1.0, 2.0, 3.0]];
    let mut params = Images.init::<f64>(&mut init::rng(0));
    Trainer::new(Images, SquaredLoss, Adam::new(0.01))
        .fit(&mut params, &image, &ys[..1], 1)
        .unwrap();
    let mut params = Held.init::<f64>(&mut init::rng(0));
    Trainer::new(Held, SquaredLoss, Adam::new(0.01))
        .batch_size(1)
        .fit(&mut params, &xs, &ys, 1)
        .unwrap();
}

/// As in Keras, what is frozen takes its running statistics: what is trained is what is used.
#[test]
fn frozen_statistics() {
    fn check<C: Chain<Input<f64> = [f64; 1], Output<f64> = [f64; 1]>>(chain: C) {
        let (xs, ys) = line(33);
        let mut params = chain.init::<f64>(&mut init::rng(0));
        let flat: &mut [f64] = simplechain::chain::Array::as_mut_slice(&mut *params);
        flat[2..4].copy_from_slice(&[5.0, 4.0]);
        let statistics = flat[..4].to_vec();
        let optimizer = Adam::new(0.05).weight_decay(0.01);
        let mut trainer = Trainer::new(chain, SquaredLoss, optimizer);
        trainer.fit(&mut params, &xs, &ys, 3).unwrap();
        let used = chain.loss_batch(&SquaredLoss, &xs, &ys, &params).unwrap();
        let trained = trainer.fit(&mut params, &xs, &ys, 1).unwrap().last_loss();
        assert_eq!(trained, used);
        let flat = simplechain::chain::Array::as_slice(&*params);
        assert_eq!(flat[..4], statistics);
    }
    check(Held);
    check(HeldDeep);
}

/// Dropout has no parameters that could stand still.
#[test]
fn frozen_dropout_drops() {
    let mut params = [1.0];
    let mut trainer = Trainer::new(Half, SquaredLoss, Sgd::new(1e-12));
    let history = trainer
        .fit(&mut params, &[[1.0]; 4000], &[[0.0]; 4000], 1)
        .unwrap();
    // Half of the outputs are 2, the others 0: half the mean of their squares is 1.
    assert!((history.last_loss() - 1.0).abs() < 0.1);
}

/// A loop of the user's, to the bit what the trainer does: dropout, statistics, frozen layers, weight decay.
#[test]
fn a_loop_of_your_own() {
    let xs: Vec<[f64; 2]> = (0..70)
        .map(|i| [f64::from(i) / 70.0, f64::from(i * i % 13) / 13.0])
        .collect();
    let ys: Vec<[f64; 1]> = xs.iter().map(|x| [x[0] * x[1]]).collect();
    let start = All.init::<f64>(&mut init::rng(3));
    let new = || Adam::<f64>::new(0.02).weight_decay(0.1);

    let mut want = start.clone();
    let mut trainer = Trainer::new(All, SquaredLoss, new()).seed(5).threads(2);
    let history = trainer.fit(&mut want, &xs, &ys, 10).unwrap();

    let (mut params, mut grads, mut adam) = (start.clone(), start.clone(), new());
    let mut last = 0.0;
    for step in 0..10 {
        let training = All.training(5, step);
        last = training
            .value_and_grad_batch(&SquaredLoss, &xs, &ys, &mut params, &mut grads)
            .unwrap();
        All.step(&mut adam, &mut params, &grads).unwrap();
    }
    assert_eq!(params, want);
    assert!((last - history.last_loss()).abs() < 1e-15);
    let (statistics, frozen) = (All::LAYERS[1].state(), 0..0);
    assert_ne!(params[statistics.clone()], start[statistics.clone()]);
    assert_eq!(frozen, 0..0);

    // The same by outputs and cotangents: the same numbers drop, and the statistics move once.
    let (mut params, mut adam) = (start.clone(), new());
    let mut outputs = vec![[0.0]; 70];
    for step in 0..10 {
        let training = All.training(5, step);
        training.forward_batch(&xs, &params, &mut outputs).unwrap();
        let bars: Vec<_> = outputs
            .iter()
            .zip(&ys)
            .map(|(y, t)| [(y[0] - t[0]) / 70.0])
            .collect();
        training
            .vjp_params_batch(&xs, &mut params, &bars, &mut grads)
            .unwrap();
        All.step(&mut adam, &mut params, &grads).unwrap();
    }
    for (got, want) in params.iter().zip(&want[..]) {
        assert!((got - want).abs() < 1e-12, "{got} {want}");
    }
    let mut moved = params.clone();
    let mut x_bars = xs.clone();
    let bars = vec![[1.0]; 70];
    All.training(5, 0)
        .vjp_batch(&xs, &mut moved, &bars, &mut x_bars, &mut grads)
        .unwrap();
    assert_ne!(moved[statistics.clone()], params[statistics.clone()]);
    assert_eq!(grads[statistics], [0.0; 12]);

    // Other steps and seeds drop others; what is no training drops nothing.
    let loss = |seed, step| {
        let mut params = start.clone();
        let mut grads = start.clone();
        All.training(seed, step)
            .value_and_grad_batch(&SquaredLoss, &xs, &ys, &mut params, &mut grads)
            .unwrap()
    };
    assert_eq!(loss(1, 1), loss(1, 1));
    assert_ne!(loss(1, 1), loss(1, 2));
    assert_ne!(loss(1, 1), loss(2, 1));
}

/// Gradients of a step of training against differences of its loss: statistics of the batch, and fixed masks.
#[test]
fn gradients_of_a_step_of_training() {
    let xs: Vec<[f64; 2]> = (0..9)
        .map(|i| [f64::from(i) / 9.0, f64::from(i * i % 5)])
        .collect();
    let ys: Vec<[f64; 1]> = xs.iter().map(|x| [x[0] - x[1]]).collect();
    let params = All.init::<f64>(&mut init::rng(3));
    let value = |params: &[f64; All::PARAM_COUNT]| {
        let (mut params, mut grads) = (Box::new(*params), Box::new(*params));
        let step = All.training(2, 3);
        (
            step.value_and_grad_batch(&SquaredLoss, &xs, &ys, &mut params, &mut grads)
                .unwrap(),
            grads,
        )
    };
    let (_, grads) = value(&params);
    let (statistics, frozen) = (All::LAYERS[1].state(), 42..70);
    for i in 0..All::PARAM_COUNT {
        let moved = |by: f64| {
            let mut params = params.clone();
            params[i] += by;
            value(&params).0
        };
        let want = if statistics.contains(&i) || frozen.contains(&i) {
            0.0
        } else {
            (moved(1e-5) - moved(-1e-5)) / 2e-5
        };
        assert!(
            (grads[i] - want).abs() < 1e-7 * (1.0 + want.abs()),
            "{i}: {} {want}",
            grads[i]
        );
    }
}

/// A penalty of any kind leaves the statistics alone: they follow the data.
#[test]
fn statistics_and_a_penalty() {
    let (xs, ys) = line(33);
    let trained = |strength: f64| {
        let mut params = Normed.init::<f64>(&mut init::rng(0));
        let loss = Penalized(SquaredLoss, L2::new(strength));
        let mut trainer = Trainer::new(Normed, loss, Sgd::new(0.01));
        trainer.fit(&mut params, &xs, &ys, 1).unwrap();
        [params[2], params[3]]
    };
    // A tenth of the way from 0 and 1 to the mean and the variance of 0, 1, .. 32.
    for strength in [0.0, 0.1] {
        let [mean, variance] = trained(strength);
        assert!((mean - 1.6).abs() < 1e-12, "{mean}");
        assert!((variance - (0.9 + 9.35)).abs() < 1e-12, "{variance}");
    }
}

/// What an optimizer without a state has to do with a chain of another size.
#[test]
fn an_optimizer_of_another_chain() {
    let mut adam = Adam::<f64>::new(0.1);
    adam.prepare(17).unwrap();
    let (mut params, grads) = ([0.0; 2], [1.0; 2]);
    let error = Line.step(&mut adam, &mut params, &grads).unwrap_err();
    assert!(matches!(error, Error::Length { .. }), "{error}");
    assert_eq!(params, [0.0; 2]);
}
