//! What is wrong is an `Err` that says what and how much, and nothing is changed by the call that returns it.

use core::ops::ControlFlow;

use simplechain::chain::{Chain, Network};
use simplechain::loss::SquaredLoss;
use simplechain::optim::{Adam, Optimizer};
use simplechain::train::{Trainer, fit_many};
use simplechain::{Error, init};
use support::{bits, cast, everywhere, flat, numbers, parameters};

use crate::chains::{MatExp, Odd};

#[track_caller]
fn assert_says<T>(result: Result<T, Error>, text: &str) {
    assert_eq!(result.err().expect("an error").to_string(), text);
}

#[test]
fn slices() {
    assert_says(
        MatExp.params(&[0.0f32; 755]),
        "expected 756 parameters, found 755",
    );
    assert_says(
        MatExp.params(&[0.0f64; 757]),
        "expected 756 parameters, found 757",
    );
    assert_says(
        MatExp.params::<f32>(&[]),
        "expected 756 parameters, found 0",
    );
    assert_says(
        MatExp.params_mut(&mut [0.0f32; 755]),
        "expected 756 parameters, found 755",
    );
    assert_says(
        Odd.inputs(&[0.0f32; 31]),
        "expected a multiple of 3 input numbers, found 31",
    );
    assert_says(
        Odd.outputs(&[0.0f64; 31]),
        "expected a multiple of 2 output numbers, found 31",
    );
    assert_eq!(Odd.inputs::<f32>(&[]), Ok(&[][..]));
    // Wherever the parameters lie in a longer vector.
    let long = numbers(1, 760, 1.0);
    assert_eq!(MatExp.params(&long[3..759]).unwrap()[..], long[3..759]);
}

#[test]
fn batches_of_different_lengths() {
    let params = [0.5f32; Odd::PARAM_COUNT];
    let (xs, ys) = ([[1.0f32; 3]; 4], [[1.0f32; 2]; 4]);
    let (mut out, mut grads) = (ys, [7.0f32; Odd::PARAM_COUNT]);
    assert_says(
        Odd.forward_batch(&xs, &params, &mut out[1..]),
        "expected 4 outputs, found 3",
    );
    for (y_bars, x_bars, text) in [
        (
            &ys[1..],
            &mut { xs }[..],
            "expected 4 output cotangents, found 3",
        ),
        (
            &ys[..],
            &mut { xs }[1..],
            "expected 4 input cotangents, found 3",
        ),
        (
            &ys[..0],
            &mut { xs }[..],
            "expected 4 output cotangents, found 0",
        ),
    ] {
        assert_says(
            Odd.vjp_batch(&xs, &params, y_bars, x_bars, &mut grads),
            text,
        );
        assert_says(Odd.vjp_input_batch(&xs, &params, y_bars, x_bars), text);
        assert!(
            x_bars.iter().all(|x_bar| *x_bar == [1.0; 3]),
            "an error changes nothing"
        );
    }
    assert_says(
        Odd.vjp_params_batch(&xs[1..], &params, &ys, &mut grads),
        "expected 3 output cotangents, found 4",
    );
    assert_says(
        Odd.value_and_grad_batch(&SquaredLoss, &xs[1..], &ys, &params, &mut grads),
        "expected 3 targets, found 4",
    );
    assert_says(
        Odd.loss_batch(&SquaredLoss, &xs, &ys[1..], &params),
        "expected 4 targets, found 3",
    );
    assert!(
        out == ys && grads.iter().all(|grad| *grad == 7.0),
        "an error changes nothing"
    );
}

/// A sum over no sample is 0; a mean is an error.
#[test]
fn empty_batch() {
    let (params, mut grads) = ([0.5f32; Odd::PARAM_COUNT], [7.0f32; Odd::PARAM_COUNT]);
    let text = "there is no sample, but at least one is needed";
    let result = Odd.value_and_grad_batch(&SquaredLoss, &[], &[], &params, &mut grads);
    assert_says(result, text);
    assert_says(Odd.loss_batch(&SquaredLoss, &[], &[], &params), text);
    assert!(
        grads.iter().all(|grad| *grad == 7.0),
        "an error changes nothing"
    );
    assert_eq!(Odd.forward_batch(&[], &params, &mut []), Ok(()));
    assert_eq!(Odd.vjp_input_batch(&[], &params, &[], &mut []), Ok(()));
    assert_eq!(
        Odd.vjp_batch(&[], &params, &[], &mut [], &mut grads),
        Ok(())
    );
    assert!(grads.iter().all(|grad| *grad == 0.0));
    grads.fill(7.0);
    assert_eq!(Odd.vjp_params_batch(&[], &params, &[], &mut grads), Ok(()));
    assert!(grads.iter().all(|grad| *grad == 0.0));
}

type MatExpTrainer = Trainer<MatExp, SquaredLoss, Adam<f32>>;

fn trainer(adam: Adam<f32>) -> MatExpTrainer {
    Trainer::new(MatExp, SquaredLoss, adam).threads(1)
}

/// `fit` fails with that text, and neither the parameters nor the optimizer nor the order to come are changed.
#[track_caller]
fn assert_fit_says(mut trainer: MatExpTrainer, xs: &[[f32; 4]], targets: &[[f32; 4]], text: &str) {
    let mut params = MatExp.init(&mut init::rng(1));
    let (params_before, adam_before) = (params.clone(), format!("{:?}", trainer.optimizer()));
    let result = trainer.fit_with(&mut params, xs, targets, 3, |_, _| {
        panic!("no epoch is run")
    });
    assert_says(result, text);
    assert_eq!(params, params_before);
    assert_eq!(format!("{:?}", trainer.optimizer()), adam_before);
}

#[test]
fn training_data() {
    let data = [[1.0f32; 4]; 5];
    let adam = || Adam::new(1e-3);
    assert_fit_says(
        trainer(adam()),
        &data,
        &data[1..],
        "expected 5 targets, found 4",
    );
    assert_fit_says(
        trainer(adam()),
        &data[1..],
        &data,
        "expected 4 targets, found 5",
    );
    let text = "there is no sample, but at least one is needed";
    assert_fit_says(trainer(adam()), &[], &[], text);
    assert_fit_says(trainer(adam()), &[], &data, text);
}

/// As far as the operating system says it.
fn threads_of_this_process() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

#[test]
fn trainer_settings() {
    let data = &[[1.0f32; 4]; 5];
    let adam = || Adam::new(1e-3);
    assert_fit_says(
        trainer(adam()).threads(0),
        data,
        data,
        "the number of threads is 0, but must be at least 1",
    );
    assert_fit_says(
        trainer(adam()).batch_size(0),
        data,
        data,
        "the batch size is 0, but must be at least 1",
    );
    // A batch of more than all samples is all samples.
    let fit = |samples| {
        let mut params = MatExp.init(&mut init::rng(1));
        trainer(adam())
            .batch_size(samples)
            .fit(&mut params, data, data, 3)
            .unwrap();
        params
    };
    assert_eq!(fit(usize::MAX), fit(5));
    // Only as many threads are started as can have work.
    let mut params = MatExp.init(&mut init::rng(1));
    let mut threads = 0;
    trainer(adam())
        .threads(100_000)
        .fit_with(&mut params, data, data, 3, |_, _| {
            threads = threads.max(threads_of_this_process());
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(threads < 1000, "{threads}");
    assert_eq!(params, fit(5));
    for threads in fit_many(&mut [(); 3], Some(100_000), |_, ()| {
        Ok(threads_of_this_process())
    })
    .unwrap()
    {
        assert!(threads.unwrap() < 1000);
    }
    // So many epochs that only the callback can end them.
    let mut params = MatExp.init(&mut init::rng(1));
    let history = trainer(adam()).fit_with(&mut params, data, data, usize::MAX, |epoch, _| {
        if epoch.index == 4 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!(history.unwrap().epochs.len(), 5);
}

#[test]
fn optimizer_settings() {
    let data = &[[1.0f32; 4]; 5];
    for (rate, shown) in [
        (0.0, "0"),
        (-0.5, "-0.5"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
    ] {
        let text = format!("learning rate is {shown}, but must be positive and finite");
        assert_fit_says(trainer(Adam::new(rate)), data, data, &text);
        let mut late = Adam::new(1e-3);
        late.set_rate(rate);
        assert_fit_says(trainer(late), data, data, &text);
        let text = format!("epsilon is {shown}, but must be positive and finite");
        assert_fit_says(trainer(Adam::new(1e-3).epsilon(rate)), data, data, &text);
    }
    for (beta, shown) in [(1.0, "1"), (-0.1, "-0.1"), (f64::NAN, "NaN"), (1.5, "1.5")] {
        let text = format!("beta1 is {shown}, but must be at least 0 and below 1");
        assert_fit_says(
            trainer(Adam::new(1e-3).betas(beta, 0.999)),
            data,
            data,
            &text,
        );
        let text = format!("beta2 is {shown}, but must be at least 0 and below 1");
        assert_fit_says(trainer(Adam::new(1e-3).betas(0.9, beta)), data, data, &text);
    }
    let mut params = MatExp.init(&mut init::rng(1));
    trainer(Adam::new(1e-3).betas(0.0, 0.0))
        .fit(&mut params, data, data, 2)
        .unwrap();
    assert!(params.iter().all(|p| p.is_finite()));
}

/// An error leaves a trainer that goes on as if nothing had been.
#[test]
fn training_goes_on_after_an_error() {
    let xs = cast::<f32>(&numbers(1, 400, 1.0));
    let xs = MatExp.inputs(&xs).unwrap();
    let train = |with_errors: bool| {
        let mut params = MatExp.init(&mut init::rng(1));
        let mut trainer = trainer(Adam::new(1e-3)).batch_size(30).seed(5);
        for _ in 0..3 {
            trainer.fit(&mut params, xs, xs, 2).unwrap();
            if with_errors {
                assert!(trainer.fit(&mut params, xs, &xs[1..], 2).is_err());
                trainer.optimizer_mut().set_rate(-1.0);
                assert!(trainer.fit(&mut params, xs, xs, 2).is_err());
                trainer.optimizer_mut().set_rate(1e-3);
            }
        }
        bits(params.as_slice())
    };
    assert!(train(true) == train(false));
}

#[test]
fn optimizer_of_another_chain() {
    let mut params = Odd.init(&mut init::rng(1));
    let (xs, ys) = ([[1.0f32; 3]; 5], [[1.0f32; 2]; 5]);
    let mut small = Trainer::new(Odd, SquaredLoss, Adam::new(1e-3)).threads(1);
    small.fit(&mut params, &xs, &ys, 1).unwrap();
    let adam = small.into_optimizer();
    let text = format!(
        "expected {} parameters, as many as the optimizer has a state for, found 756",
        Odd::PARAM_COUNT
    );
    assert_fit_says(trainer(adam), &[[1.0; 4]; 5], &[[1.0; 4]; 5], &text);
}

#[test]
fn data_that_is_not_finite_is_refused_if_asked() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let good = [[1.0f32; 4]; 40];
        let mut data = good;
        data[17][3] = bad;
        data[23][0] = bad;
        let check = || trainer(Adam::new(1e-3)).require_finite(true);
        let text = &format!(
            "input 3 of sample 17 is {bad}, but the data must be finite: remove the sample, or give it a number"
        );
        assert_fit_says(check(), &data, &good, text);
        assert_fit_says(check(), &data, &data, text);
        let text = &format!(
            "target 3 of sample 17 is {bad}, but the data must be finite: remove the sample, or give it a number"
        );
        assert_fit_says(check(), &good, &data, text);
        check()
            .fit(&mut MatExp.init(&mut init::rng(1)), &good, &good, 1)
            .unwrap();
    }
}

/// If that is allowed, training computes with them: it ends, and the parameters are NaN.
#[test]
fn training_on_nan_ends() {
    let good = [[1.0f32; 4]; 40];
    let mut data = good;
    data[17][3] = f32::NAN;
    everywhere(|_, threads| {
        for batch_size in [40, 7] {
            let mut params = MatExp.init(&mut init::rng(1));
            let mut trainer = trainer(Adam::new(1e-3))
                .threads(threads)
                .batch_size(batch_size)
                .allow_not_finite(true);
            let history = trainer.fit(&mut params, &data, &good, 4).unwrap();
            assert_eq!(history.epochs.len(), 4);
            assert!(history.last_loss().is_nan());
            assert!(params.iter().all(|p| p.is_nan()));
        }
    });
}

/// Infinities and NaN of a sample stay in that sample.
#[test]
fn other_samples_are_not_affected() {
    const SAMPLES: usize = 1500;
    let params = cast::<f32>(&parameters(Odd, 1));
    let params = Odd.params(&params).unwrap();
    let good = cast::<f32>(&numbers(1, SAMPLES * Odd::INPUT_LEN, 1.0));
    let y_bars = cast::<f32>(&numbers(2, SAMPLES * Odd::OUTPUT_LEN, 1.0));
    let y_bars = Odd.outputs(&y_bars).unwrap();
    let results = |xs: &[f32]| {
        let xs = Odd.inputs(xs).unwrap();
        let mut ys = y_bars.to_vec();
        Odd.forward_batch(xs, params, &mut ys).unwrap();
        let mut x_bars = xs.to_vec();
        Odd.vjp_input_batch(xs, params, y_bars, &mut x_bars)
            .unwrap();
        let mut fused = xs.to_vec();
        let params_bar = &mut [0.0; Odd::PARAM_COUNT];
        Odd.vjp_batch(xs, params, y_bars, &mut fused, params_bar)
            .unwrap();
        [flat(&ys), flat(&x_bars), flat(&fused)].map(|all| bits(&all))
    };
    everywhere(|tier, threads| {
        let want = results(&good);
        for (sample, value) in [
            (0, f32::NAN),
            (20, f32::INFINITY),
            (777, -1e38),
            (SAMPLES - 1, f32::NAN),
        ] {
            let mut bad = good.clone();
            bad[sample * Odd::INPUT_LEN] = value;
            for (got, want) in results(&bad).iter().zip(&want) {
                let len = want.len() / SAMPLES;
                for (s, (got, want)) in got.chunks(len).zip(want.chunks(len)).enumerate() {
                    assert!(
                        s == sample || got == want,
                        "tier {tier}, {threads} threads: {value} in sample {sample} changes sample {s}"
                    );
                }
            }
        }
    });
}
