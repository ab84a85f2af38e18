//! Optimizers, what may stand around them, and learning rates: against PyTorch, and their promises.
//!
//! `tests/fixtures/pytorch_optimizers.py` says which function is minimised, and writes PyTorch's numbers.

use std::ops::ControlFlow;

use simplechain::Error;
use simplechain::loss::{L1, L2, Penalized, PenaltyFn};
use simplechain::optim::{
    Adam, Cosine, Lbfgs, Lion, OneCycle, Optimizer, Plateau, RmsProp, Schedule, Sgd, StepDecay,
    Stop,
};
use simplechain::prelude::*;
use simplechain::simd::{Real, Tier};

use support::{Fixture, near};

const N: usize = 19;
const STEPS: usize = 20;

fn pytorch() -> Fixture {
    Fixture::of(include_str!("../fixtures/pytorch_optimizers.txt"))
}

fn start<T: Real>() -> Vec<T> {
    (0..N).map(|i| T::from_f64((i as f64).cos())).collect()
}

/// The value of the function, and its gradient.
fn function<T: Real>(p: &[T], grads: &mut [T]) -> T {
    let p: Vec<f64> = p.iter().map(|p| p.to_f64()).collect();
    let mut value = 0.0;
    let mut gradient = vec![0.0; N];
    for i in 0..N {
        let (c, d) = (1.0 + i as f64 / 4.0, (i as f64).sin());
        value += c * (p[i] - d) * (p[i] - d) / 2.0;
        gradient[i] += c * (p[i] - d);
        if i + 1 < N {
            value += p[i] * p[i + 1] / 10.0;
            gradient[i] += p[i + 1] / 10.0;
            gradient[i + 1] += p[i] / 10.0;
        }
    }
    for (grad, gradient) in grads.iter_mut().zip(gradient) {
        *grad = T::from_f64(gradient);
    }
    T::from_f64(value)
}

fn steps<T: Real>(optimizer: &mut impl Optimizer<T>, params: &mut [T], count: usize) {
    let mut grads = vec![T::ZERO; N];
    for _ in 0..count {
        function(params, &mut grads);
        optimizer.step(params, &grads).unwrap();
    }
}

#[track_caller]
fn assert_close<T: Real>(what: &str, got: &[T], want: &[f64], tolerance: f64) {
    near(what, got, want, tolerance, 1.0);
}

/// After 1, 2 and 20 steps, on every tier.
fn check<T: Real, O: Optimizer<T>>(name: &str, optimizer: impl Fn() -> O, tolerance: f64) {
    let pytorch = pytorch();
    for tier in Tier::available() {
        let run = || {
            let (mut optimizer, mut params) = (optimizer(), start::<T>());
            optimizer.check().unwrap();
            optimizer.prepare(N).unwrap();
            for (made, until) in [(0, 1), (1, 2), (2, STEPS)] {
                steps(&mut optimizer, &mut params, until - made);
                let want = pytorch.get(&format!("{name}_{until}"));
                assert_close(name, &params, want, tolerance);
            }
        };
        tier.with(run).unwrap();
    }
}

fn all<T: Real>(tolerance: f64) {
    let tol = tolerance;
    check::<T, _>("sgd", || Sgd::new(0.05), tol);
    check::<T, _>("momentum", || Sgd::new(0.02).momentum(0.9), tol);
    check::<T, _>(
        "nesterov",
        || Sgd::new(0.02).momentum(0.9).nesterov(true),
        tol,
    );
    check::<T, _>(
        "adam",
        || Adam::new(0.05).betas(0.8, 0.99).epsilon(1e-4),
        tol,
    );
    check::<T, _>("adamw", || Adam::new(0.05).weight_decay(0.3), tol);
    check::<T, _>(
        "rms_prop",
        || RmsProp::new(0.02).decay(0.9).epsilon(1e-6),
        tol,
    );
    check::<T, _>(
        "rms_prop_momentum",
        || RmsProp::new(0.01).momentum(0.8),
        tol,
    );
    check::<T, _>("lion", || Lion::new(0.03).weight_decay(0.2), tol);
    check::<T, _>("clip_norm", || Sgd::new(0.05).clip_norm(1.5), tol);
    check::<T, _>("clip_value", || Sgd::new(0.05).clip_value(0.4), tol);
}

#[test]
fn steps_are_those_of_pytorch() {
    all::<f64>(1e-13);
    all::<f32>(1e-5);
}

#[test]
fn rates_are_those_of_pytorch() {
    let pytorch = pytorch();
    let rates = |schedule: &dyn Fn(u64) -> f64| (0..30).map(schedule).collect::<Vec<_>>();
    let step_decay = StepDecay::new(7, 0.3);
    assert_close(
        "step_decay",
        &rates(&|step| step_decay.factor(step)),
        pytorch.get("step_decay"),
        1e-15,
    );
    let cosine = Cosine::new(29).last(0.01);
    assert_close(
        "cosine",
        &rates(&|step| cosine.factor(step)),
        pytorch.get("cosine"),
        1e-14,
    );
    let one_cycle = OneCycle::new(30);
    assert_close(
        "one_cycle",
        &rates(&|step| one_cycle.factor(step)),
        pytorch.get("one_cycle"),
        1e-14,
    );

    let losses = [
        3.0, 2.5, 2.4, 2.41, 2.42, 2.43, 2.44, 2.3, 2.2999, 2.31, 2.32, 2.33, 2.34, 1.0,
    ];
    let mut plateau = Plateau::new(2).by(0.5);
    let rates: Vec<f64> = (0..30)
        .map(|epoch| {
            let rate = plateau.factor(epoch as u64);
            plateau.observe(*losses.get(epoch).unwrap_or(&1.0));
            rate
        })
        .collect();
    assert_close("plateau", &rates, pytorch.get("plateau"), 0.0);
}

#[test]
fn warm_up_rises_to_the_rate() {
    let schedule = Cosine::new(100).warm_up(4);
    let rates: Vec<f64> = (0..5).map(|step| schedule.factor(step)).collect();
    assert_eq!(rates, [0.25, 0.5, 0.75, 1.0, 1.0]);
    assert!(schedule.factor(50) < 1.0);
    assert_eq!([100, 1000].map(|step| schedule.factor(step)), [0.0; 2]);
}

#[test]
fn a_schedule_scales_every_step() {
    let mut scheduled = Sgd::<f64>::new(0.1).schedule(StepDecay::new(1, 0.5));
    let mut p = [0.0];
    let moves: Vec<f64> = (0..3)
        .map(|_| {
            let before = p[0];
            scheduled.step(&mut p, &[-1.0]).unwrap();
            p[0] - before
        })
        .collect();
    assert_close("moves", &moves, &[0.1, 0.05, 0.025], 1e-16);
    assert_eq!(scheduled.rate(), 0.1);
    // At the end of a cosine the rate is 0, and still a next call is allowed.
    let mut ended = Sgd::<f64>::new(0.1).schedule(Cosine::new(1));
    (0..3).for_each(|_| ended.step(&mut p, &[-1.0]).unwrap());
    ended.check().unwrap();
}

#[test]
fn accumulated_gradients_are_a_larger_batch() {
    let mut accumulated = Adam::<f64>::new(0.1).accumulate(3);
    let mut whole = Adam::<f64>::new(0.1);
    let (mut a, mut b) = ([1.0], [1.0]);
    for grads in [[1.0, 2.0, 6.0], [0.5, -1.0, 2.0]] {
        for grad in grads {
            let before = a;
            accumulated.step(&mut a, &[grad]).unwrap();
            assert_eq!(a == before, grad != grads[2]);
        }
        let mean = grads.iter().sum::<f64>() / 3.0;
        whole.step(&mut b, &[mean]).unwrap();
        assert_close("accumulated", &a, &b, 1e-15);
    }
}

#[test]
fn the_average_is_that_of_the_parameters() {
    let mut averaged = Sgd::<f64>::new(1.0).average(0.9);
    let mut average = [f64::NAN];
    assert!(matches!(
        averaged.write_average(&mut average),
        Err(Error::Length { .. })
    ));
    let (mut p, mut sum, mut weight) = ([0.0], 0.0, 0.0);
    for step in 1..=5 {
        averaged.step(&mut p, &[-f64::from(step)]).unwrap();
        (sum, weight) = (0.9 * sum + 0.1 * p[0], 0.9 * weight + 0.1);
        averaged.write_average(&mut average).unwrap();
        assert_close("average", &average, &[sum / weight], 1e-14);
    }
    assert_eq!(p, [15.0]);
}

/// Every optimizer and all that may stand around it.
fn everything<T: Real>() -> impl Optimizer<T> + Clone {
    Adam::new(0.05)
        .weight_decay(0.1)
        .clip_norm(0.7)
        .accumulate(2)
        .schedule(Plateau::new(1))
        .schedule(Cosine::new(50).warm_up(3))
        .average(0.9)
}

#[test]
fn a_restored_state_goes_on_with_the_same_bits() {
    fn resume<T: Real>(make: impl Fn() -> Box<dyn Optimizer<T>>) {
        for until in [0, 1, 7] {
            let mut grads = vec![T::ZERO; N];
            let mut run = |optimizer: &mut dyn Optimizer<T>, params: &mut [T], steps: usize| {
                optimizer.prepare(N).unwrap();
                for step in 0..steps {
                    function(params, &mut grads);
                    optimizer.apply(params, &grads, 1);
                    optimizer.settle(params, &[]);
                    optimizer.observe(if step < 3 { 1.0 } else { 2.0 });
                }
            };
            let (mut first, mut params) = (make(), start::<T>());
            run(&mut *first, &mut params, until);
            let (mut second, mut others) = (make(), params.clone());
            second.restore(first.state()).unwrap();
            assert_eq!(second.state(), first.state());
            run(&mut *first, &mut params, 13);
            run(&mut *second, &mut others, 13);
            assert_eq!(params, others);
        }
    }
    resume::<f32>(|| Box::new(everything()));
    resume::<f64>(|| Box::new(Sgd::new(0.1).momentum(0.5)));
    resume::<f32>(|| Box::new(RmsProp::new(0.1).momentum(0.5)));
    resume::<f64>(|| Box::new(Lion::new(0.1)));
}

#[test]
fn a_wrong_state_is_refused() {
    let adam = Adam::<f32>::new(0.1);
    let error = Sgd::<f32>::new(0.1).restore(adam.state()).unwrap_err();
    assert!(matches!(error, Error::Length { .. }), "{error}");
    let error = Adam::<f32>::new(0.1)
        .restore(Sgd::new(0.1).state())
        .unwrap_err();
    assert!(matches!(error, Error::Length { .. }), "{error}");
    let mut small = Sgd::<f32>::new(0.1);
    small.prepare(3).unwrap();
    let mut large = Sgd::<f32>::new(0.1);
    large.restore(small.state()).unwrap();
    assert!(matches!(
        large.prepare(4),
        Err(Error::Length {
            expected: 3,
            found: 4,
            ..
        })
    ));
}

#[test]
fn settings_are_checked() {
    #[track_caller]
    fn says(optimizer: impl Optimizer<f32>, text: &str) {
        let error = optimizer.check().unwrap_err().to_string();
        assert!(error.starts_with(text), "{error}");
    }
    says(Sgd::new(0.0), "learning rate is 0");
    says(Sgd::new(0.1).momentum(1.0), "momentum is 1");
    says(RmsProp::new(0.1).decay(-0.5), "decay is -0.5");
    says(RmsProp::new(0.1).epsilon(0.0), "epsilon is 0");
    says(Lion::new(f64::NAN), "learning rate is NaN");
    says(Lion::new(0.1).weight_decay(-1.0), "weight decay is -1");
    says(
        Adam::new(0.1).weight_decay(f64::INFINITY),
        "weight decay is inf",
    );
    says(Sgd::new(0.1).clip_norm(0.0), "limit of the gradients is 0");
    says(Sgd::new(0.1).accumulate(0), "gradients for a step is 0");
    says(Sgd::new(0.1).average(1.0), "decay of the average is 1");
    says(
        Sgd::new(0.1).schedule(Cosine::new(0)),
        "steps of the schedule is 0",
    );
    says(
        Sgd::new(0.1).schedule(Cosine::new(5).warm_up(5)),
        "steps of the warm-up is 5",
    );
    says(
        Sgd::new(0.1).schedule(OneCycle::new(1)),
        "steps of the cycle is 1",
    );
    says(
        Sgd::new(0.1).schedule(OneCycle::new(9).rise(1.0)),
        "rising share of the cycle is 1",
    );
    says(
        Sgd::new(0.1).schedule(StepDecay::new(0, 0.5)),
        "steps between two decays is 0",
    );
    says(
        Sgd::new(-1.0).schedule(Cosine::new(3)).clip_value(1.0),
        "learning rate is -1",
    );
}

#[test]
fn not_a_number_is_not_hidden() {
    fn stays<O: Optimizer<f32>>(mut optimizer: O) {
        let mut params = [1.0, 1.0];
        optimizer.step(&mut params, &[f32::NAN, 1.0]).unwrap();
        assert!(params[0].is_nan());
    }
    stays(Sgd::new(0.1));
    stays(Adam::new(0.1));
    stays(RmsProp::new(0.1));
    stays(Lion::new(0.1));
    stays(Sgd::new(0.1).clip_value(1.0));
    stays(Sgd::new(0.1).clip_norm(1.0));
}

#[test]
fn lbfgs_finds_the_minimum() {
    let mut params = start::<f64>();
    let minimum = Lbfgs::new()
        .gradient_tolerance(1e-10)
        .minimize(&mut params, 200, function)
        .unwrap();
    assert_eq!(minimum.stop, Stop::Gradient, "{minimum:?}");
    assert_close("minimum", &params, pytorch().get("minimum"), 1e-9);
    assert!(minimum.evaluations < 60, "{minimum:?}");

    let mut params = start::<f32>();
    let minimum = Lbfgs::new().minimize(&mut params, 200, function).unwrap();
    assert!(
        matches!(minimum.stop, Stop::NoDecrease | Stop::Gradient),
        "{minimum:?}"
    );
    assert_close("minimum", &params, pytorch().get("minimum"), 1e-4);
}

#[test]
fn lbfgs_says_why_it_ends() {
    let mut params = start::<f64>();
    let minimum = Lbfgs::new().minimize(&mut params, 3, function).unwrap();
    assert_eq!((minimum.stop, minimum.iterations), (Stop::Iterations, 3));
    let on_iteration = |made, _: f64, _: &[f64]| match made {
        2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let mut params = start::<f64>();
    let minimum = Lbfgs::new()
        .minimize_with(&mut params, 99, function, on_iteration)
        .unwrap();
    assert_eq!((minimum.stop, minimum.iterations), (Stop::Caller, 2));
    let mut params = [1.0];
    // Upside down: there is no minimum, and no step reaches one.
    let flat = Lbfgs::new()
        .minimize(&mut params, 9, |_, grads: &mut [f64]| {
            grads[0] = 1.0;
            0.0
        })
        .unwrap();
    assert_eq!((flat.stop, params), (Stop::NoDecrease, [1.0]));
    assert!(
        Lbfgs::new()
            .memory(0)
            .minimize(&mut params, 9, |_, _| 0.0_f64)
            .is_err()
    );
}

/// A function that is infinite beyond a wall: the line search comes back from there.
#[test]
fn lbfgs_comes_back_from_infinity() {
    let mut params = [3.0_f64];
    let barrier = |p: &[f64], grads: &mut [f64]| {
        if p[0] <= 0.0 {
            grads[0] = f64::NAN;
            return f64::INFINITY;
        }
        grads[0] = 1.0 - 1e-3 / p[0];
        p[0] - 1e-3 * p[0].ln()
    };
    let minimum = Lbfgs::new().minimize(&mut params, 100, barrier).unwrap();
    assert_eq!(minimum.stop, Stop::Gradient, "{minimum:?}");
    assert_close("barrier", &params, &[1e-3], 1e-9);
}

simple_chain! {
    struct Net: 1 => dense(tanh, 8) => dense(id, 1)
}

#[test]
fn lbfgs_fits_a_chain_far_better_than_adam() {
    let xs: Vec<[f64; 1]> = (0..40).map(|i| [f64::from(i) / 20.0 - 1.0]).collect();
    let ys: Vec<[f64; 1]> = xs.iter().map(|x| [(3.0 * x[0]).sin()]).collect();
    let init = Net.init::<f64>(&mut rng(1));
    let mut by_adam = init.clone();
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2));
    trainer.fit(&mut by_adam, &xs, &ys, 400).unwrap();
    let mut params = init;
    let minimum = Lbfgs::new()
        .fit(Net, &SquaredLoss, &mut params, &xs, &ys, 300)
        .unwrap();
    let loss = |params| Net.loss_batch(&SquaredLoss, &xs, &ys, params).unwrap();
    assert_eq!(loss(&params), minimum.value);
    assert!(
        loss(&params) < 1e-2 * loss(&by_adam),
        "{minimum:?}, Adam {}",
        loss(&by_adam)
    );
    let error = Lbfgs::new()
        .fit(Net, &SquaredLoss, &mut params, &xs, &ys[1..], 9)
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Length {
                expected: 40,
                found: 39,
                ..
            }
        ),
        "{error}"
    );
}

/// A trainer with a schedule, interrupted and resumed from saved numbers.
#[test]
fn training_resumes_with_the_same_bits() {
    let xs: Vec<[f32; 1]> = (0..40).map(|i| [i as f32 / 20.0 - 1.0]).collect();
    let ys: Vec<[f32; 1]> = xs.iter().map(|x| [(3.0 * x[0]).sin()]).collect();
    let trainer = || {
        Trainer::new(Net, SquaredLoss, everything::<f32>())
            .batch_size(7)
            .seed(3)
    };
    let mut whole = Net.init::<f32>(&mut rng(1));
    let mut params = whole.clone();
    trainer().fit(&mut whole, &xs, &ys, 9).unwrap();

    let mut first = trainer();
    first.fit(&mut params, &xs, &ys, 4).unwrap();
    let saved = first.state();
    let mut second = trainer();
    second.restore(saved).unwrap();
    second.fit(&mut params, &xs, &ys, 5).unwrap();
    assert_eq!(params, whole);
}

/// Too little state must not pass for zeros, and nothing changes where a step is refused.
#[test]
fn a_step_of_other_lengths_is_refused() {
    let mut adam = Adam::new(0.1);
    let mut params = Box::new([1.0_f64; 3]);
    let error = adam.step(&mut params, &[1.0; 2]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected 3 gradients, one for every parameter, found 2"
    );
    assert_eq!((*params, adam.moments()), ([1.0; 3], (&[][..], &[][..])));
    adam.step(&mut params, &[1.0; 3]).unwrap();
    let error = adam.step(&mut [1.0; 4], &[1.0; 4]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected 3 parameters, as many as the optimizer has a state for, found 4"
    );
    let error = Sgd::new(-0.1)
        .step(&mut *params, &vec![1.0; 3])
        .unwrap_err();
    assert!(
        error.to_string().starts_with("learning rate is -0.1"),
        "{error}"
    );
    let error = adam
        .step_batch(&mut params[..], &[1.0; 3][..], 0)
        .unwrap_err();
    assert_eq!(error, Error::EmptyBatch);
}

/// After a gradient that is no number and one that is, what has no memory is as if there had been only the second.
#[test]
fn without_memory_nothing_stays() {
    fn forgets<O: Optimizer<f64>>(make: impl Fn() -> O) {
        let mut optimizer = make();
        for bad in [f64::NAN, f64::INFINITY] {
            optimizer.step(&mut [1.0; 9], &[bad; 9]).unwrap();
            let (mut params, mut fresh) = ([1.0; 9], [1.0; 9]);
            optimizer.step(&mut params, &[0.5; 9]).unwrap();
            make().step(&mut fresh, &[0.5; 9]).unwrap();
            assert!(params[0].is_finite());
            assert_eq!(params, fresh);
        }
    }
    forgets(|| Sgd::new(0.1));
    forgets(|| Sgd::new(0.1).nesterov(true));
    forgets(|| RmsProp::new(0.1).decay(0.0));
    forgets(|| Lion::new(0.1).betas(0.0, 0.0));
    forgets(|| Sgd::new(0.1).clip_norm(1.0));
    forgets(|| Sgd::new(0.1).accumulate(1));

    let mut averaged = Sgd::new(0.1).average(0.0);
    let (mut params, mut average) = ([f64::NAN], [0.0]);
    averaged.step(&mut params, &[1.0]).unwrap();
    params = [1.0];
    averaged.step(&mut params, &[1.0]).unwrap();
    averaged.write_average(&mut average).unwrap();
    assert_eq!(average, params);
    // Adam's powers are those of its second step.
    let mut adam = Adam::new(0.1).betas(0.0, 0.0);
    adam.step(&mut [1.0], &[f64::NAN]).unwrap();
    adam.step(&mut params, &[1.0]).unwrap();
    assert!(params[0].is_finite());
}

/// `g limit / |g|` (Pascanu et al., 2013), of gradients whose squares are no numbers: 3, 4 and 5 in any unit.
#[test]
fn norms_of_any_size_are_clipped() {
    fn clipped<T: Real>(grads: [T; 2], limit: f64) -> [f64; 2] {
        let mut params = [T::ZERO; 2];
        let mut optimizer = Sgd::new(1.0).clip_norm(limit);
        optimizer.step(&mut params, &grads).unwrap();
        params.map(T::to_f64)
    }
    for unit in [1e-300, 1e-200, 1e-170, 1.0, 1e150, 1e200, 3e307] {
        for limit in [0.5, 1e-3, 1e100] {
            // In units of the limit.
            let limit = if unit < 1.0 { unit * limit } else { limit };
            let got = clipped([3.0 * unit, 4.0 * unit], limit);
            let scale = (limit / unit / 5.0).min(1.0);
            assert_close(
                "f64",
                &got.map(|p| p / unit),
                &[-3.0 * scale, -4.0 * scale],
                4e-15 * scale,
            );
        }
    }
    assert_close(
        "sum above all numbers",
        &clipped([f64::MAX; 2], 1.0),
        &[-0.5_f64.sqrt(); 2],
        1e-15,
    );
    assert_close(
        "f32",
        &clipped([3e38_f32, -3e38], 1.0),
        &[-0.5_f64.sqrt(), 0.5_f64.sqrt()],
        1e-7,
    );
    assert_eq!(clipped([0.0, -0.0], 1.0), [0.0; 2]);
    // Below the least normal number.
    let tiny = clipped([3e-320, 4e-320], 1e-322);
    assert!(
        tiny[0] != 0.0 && tiny[1] != 0.0 && tiny[1] >= -1.2e-322,
        "{tiny:?}"
    );
    // What is infinite is not hidden, nor does it make others NaN or 0.
    assert_eq!(
        clipped([f64::INFINITY, 2.0], 1.0),
        [f64::NEG_INFINITY, -2.0]
    );
    assert!(clipped([f64::NAN, 2.0], 1.0)[0].is_nan());
}

/// PyTorch's rule, `loss < lowest (1 - threshold)`, made symmetric: the margin is a share of the magnitude.
#[test]
fn a_plateau_is_one_at_any_level() {
    // The epochs in which the rate falls.
    let falls = |losses: &[f64]| -> Vec<usize> {
        let mut plateau = Plateau::new(2);
        let mut rate = 1.0;
        let mut falls = Vec::new();
        for (epoch, loss) in losses.iter().enumerate() {
            plateau.observe(*loss);
            if plateau.factor(0) < rate {
                rate = plateau.factor(0);
                falls.push(epoch);
            }
        }
        falls
    };
    for level in [1.0, -1.0, 1e-12, -1e-12, 1e12, -1e12, 0.0] {
        // Worse and worse: the first is the lowest, and after it the third of every three falls.
        let up: Vec<f64> = (0..10)
            .map(|i| level + 1e-5 * level.abs() * f64::from(i))
            .collect();
        assert_eq!(falls(&up), [3, 6, 9], "up from {level}");
        // Better, but by less than a share of 1e-4.
        let level_down: Vec<f64> = (0..10)
            .map(|i| level - 9e-6 * level.abs() * f64::from(i))
            .collect();
        assert_eq!(falls(&level_down), [3, 6, 9], "slowly down from {level}");
    }
    // Through 0 and on, by more than that.
    let down: Vec<f64> = (0..20).map(|i| 1.0 - 0.1 * f64::from(i)).collect();
    assert_eq!(falls(&down), [0; 0]);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(falls(&[bad; 4]), [2], "{bad}");
        assert_eq!(
            falls(&[bad, 1.0, bad, 0.5, bad, -1.0, bad]),
            [0; 0],
            "{bad}"
        );
        assert_eq!(falls(&[1.0, bad, bad, bad, 0.5]), [3], "{bad}");
    }
}

simple_chain! {
    struct Line: 1 => dense(id, 1);
    /// Parameters that no step moves: 0..2 are frozen, 6..8 follow the data.
    struct Held: 1 => frozen(dense(id, 1)) => dense(id, 1) => batch_norm
}

/// `y = x^2` of 0, 1, 2, ..
fn squares(count: u32) -> (Vec<[f64; 1]>, Vec<[f64; 1]>) {
    (0..count).map(f64::from).map(|x| ([x], [x * x])).unzip()
}

/// Batches of 2, 2 and 1 are a batch of 5; so is a window that the end of the training closes.
#[test]
fn accumulated_batches_count_by_their_samples() {
    let (xs, ys) = squares(5);
    let start = Line.init::<f64>(&mut rng(0));
    let train = |batch_size, gradients, epochs| {
        let mut params = start.clone();
        let optimizer = Sgd::new(0.1).accumulate(gradients);
        let mut trainer = Trainer::new(Line, SquaredLoss, optimizer).batch_size(batch_size);
        trainer.fit(&mut params, &xs, &ys, epochs).unwrap();
        (params, trainer)
    };
    let (whole, _) = train(5, 1, 1);
    for (batch_size, gradients) in [(2, 3), (2, 4), (2, 100), (3, 2), (4, 2), (1, 5), (1, 9)] {
        let (parts, trainer) = train(batch_size, gradients, 1);
        assert_close("accumulated", &*parts, &*whole, 1e-14);
        // Nothing is left for the next training.
        let mut again = start.clone();
        let mut trainer = trainer;
        trainer.fit(&mut again, &xs, &ys, 1).unwrap();
        assert_close("again", &*again, &*whole, 1e-14);
    }
    // By hand: batches of 1 and 3 in a loop of one's own.
    let mut params = [0.0];
    let mut sgd = Sgd::new(1.0).accumulate(2);
    sgd.step_batch(&mut params, &[4.0], 1).unwrap();
    sgd.step_batch(&mut params, &[8.0], 3).unwrap();
    assert_eq!(params, [-7.0]);
    // What waits can be stepped, or thrown away.
    sgd.step_batch(&mut params, &[1.0], 3).unwrap();
    assert!(sgd.finish(&mut params) && !sgd.finish(&mut params));
    assert_eq!(params, [-8.0]);
    sgd.step(&mut params, &[f64::NAN]).unwrap();
    sgd.discard();
    sgd.step(&mut params, &[1.0]).unwrap();
    sgd.step(&mut params, &[1.0]).unwrap();
    assert_eq!(params, [-9.0]);
}

/// Frozen parameters and running statistics are in an average as they are, whatever the optimizer does to them.
#[test]
fn an_average_has_what_is_held_as_it_is() {
    let (xs, ys) = squares(12);
    let start = Held.init::<f64>(&mut rng(0));
    let optimizer = Adam::new(0.05).weight_decay(0.5).accumulate(3).average(0.9);
    let mut params = start.clone();
    let mut trainer = Trainer::new(Held, SquaredLoss, optimizer).batch_size(6);
    trainer.fit(&mut params, &xs, &ys, 10).unwrap();
    assert_eq!(params[..2], start[..2]);
    assert_ne!(params[6..], start[6..]);
    let mut average = start.clone();
    trainer.optimizer().write_average(&mut average[..]).unwrap();
    assert_eq!(average[..2], start[..2]);
    assert_eq!(average[6..], params[6..]);
    assert!((2..6).all(|i| average[i] != params[i]));
}

/// A penalty, also one of one's own, says nothing of what is held: neither by its gradient, nor by that of all of them in
/// `clip_norm`. And the methods for whole data move nothing of it.
#[test]
fn what_is_held_gets_no_gradient() {
    let (xs, ys) = squares(6);
    let params = Held.init::<f64>(&mut rng(0));
    let mut grads = params.clone();
    let far = PenaltyFn(|params: &[f64], grads: Option<&mut [f64]>| {
        if let Some(grads) = grads {
            grads.iter_mut().for_each(|grad| *grad += 1e9);
        }
        1e9 * params.iter().sum::<f64>()
    });
    let penalty = Penalized(SquaredLoss, (far, (L1::new(1e9), L2::new(1e9))));
    Held.value_and_grad_batch(&penalty, &xs, &ys, &params, &mut grads)
        .unwrap();
    assert_eq!([&grads[..2], &grads[6..]], [&[0.0; 2]; 2]);
    assert!(grads[2..6].iter().all(|grad| *grad > 1e8));

    let mut moved = params.clone();
    Lbfgs::new()
        .fit(Held, &penalty, &mut moved, &xs, &ys, 5)
        .unwrap();
    assert!(moved[2..6] != params[2..6]);
    assert_eq!([&moved[..2], &moved[6..]], [&params[..2], &params[6..]]);
    let mut moved = params.clone();
    LevenbergMarquardt::new()
        .fit(Held, &mut moved, &xs, &ys, 5)
        .unwrap();
    assert!(moved[2..6] != params[2..6]);
    assert_eq!([&moved[..2], &moved[6..]], [&params[..2], &params[6..]]);
}

/// A loss in another unit, a power of two so that no rounding differs, is the same problem: the same steps to the same end.
#[test]
fn lbfgs_does_not_see_the_unit_of_the_loss() {
    let run = |exponent: i32| {
        let mut params = start::<f64>();
        let unit = 2_f64.powi(exponent);
        let minimum = Lbfgs::new().minimize(&mut params, 200, |p, grads| {
            let value = function(p, grads);
            grads.iter_mut().for_each(|grad| *grad *= unit);
            value * unit
        });
        let minimum = minimum.unwrap();
        (
            params,
            minimum.value / unit,
            minimum.gradient / unit,
            minimum.evaluations,
            minimum.stop,
        )
    };
    let want = run(0);
    assert_eq!(want.4, Stop::Gradient);
    assert_close("minimum", &want.0, pytorch().get("minimum"), 1e-7);
    for exponent in [-900, -300, -60, -10, 10, 60, 300, 900] {
        assert_eq!(run(exponent), want, "2^{exponent}");
    }
}

/// Targets in another unit: the error is as small a share of them, but for the steps that it takes to come down from a start
/// with outputs near 1, and `Stop::Gradient` is not said of less.
#[test]
fn lbfgs_learns_targets_of_any_unit() {
    let xs: Vec<[f64; 1]> = (0..40).map(|i| [f64::from(i) * 0.025]).collect();
    for (unit, share) in [
        (1e2, 1e-3),
        (1.0, 1e-3),
        (1e-3, 1e-3),
        (1e-5, 1e-1),
        (1e-6, 1e-1),
    ] {
        let ys: Vec<[f64; 1]> = xs.iter().map(|x| [unit * (3.0 * x[0]).sin()]).collect();
        let size = ys.iter().map(|y| 0.5 * y[0] * y[0]).sum::<f64>() / 40.0;
        let mut params = Net.init::<f64>(&mut rng(1));
        let minimum = Lbfgs::new()
            .fit(Net, &SquaredLoss, &mut params, &xs, &ys, 1000)
            .unwrap();
        let error = (minimum.value / size).sqrt();
        assert!(error < share, "{unit:e}: {error:e} {minimum:?}");
        assert!(
            minimum.stop != Stop::Gradient || error < 1e-3,
            "{unit:e}: {minimum:?}"
        );
    }
    // A large constant in the value does not make a gradient small.
    let mut p = [3.0_f64];
    let minimum = Lbfgs::new().minimize(&mut p, 50, |p, grads| {
        grads[0] = p[0] - 1.0;
        1e6 + 0.5 * (p[0] - 1.0) * (p[0] - 1.0)
    });
    assert!((p[0] - 1.0).abs() < 1e-6, "{minimum:?}");
}

/// A start that is no number is an error that says where it comes from, and nothing is changed.
#[test]
fn lbfgs_refuses_a_start_that_is_not_finite() {
    let mut params = [1.0];
    let nan = Lbfgs::new().minimize(&mut params, 9, |_, _| f64::NAN);
    assert_eq!(
        nan.unwrap_err().to_string(),
        "the loss is not finite in iteration 0: start from other parameters, or scale the data"
    );
    let infinite = Lbfgs::new().minimize(&mut params, 9, |_, grads: &mut [f64]| {
        grads[0] = f64::INFINITY;
        1.0
    });
    assert!(
        infinite
            .unwrap_err()
            .to_string()
            .starts_with("the gradient is not finite")
    );
    assert_eq!(params, [1.0]);

    let (xs, ys) = squares(9);
    let start = Line.init::<f64>(&mut rng(0));
    let fit = |xs: &[[f64; 1]], ys: &[[f64; 1]]| {
        let mut params = start.clone();
        let result = Lbfgs::new().fit(Line, &SquaredLoss, &mut params, xs, ys, 9);
        assert_eq!(params, start);
        result.unwrap_err().to_string()
    };
    let (mut bad_xs, mut bad_ys) = (xs.clone(), ys.clone());
    (bad_xs[4][0], bad_ys[7][0]) = (f64::NAN, f64::INFINITY);
    assert_eq!(
        fit(&bad_xs, &ys),
        "the loss is not finite in iteration 0: input 0 of sample 4 is NaN; remove the sample, or give it a number"
    );
    assert_eq!(
        fit(&xs, &bad_ys),
        "the loss is not finite in iteration 0: target 0 of sample 7 is inf; remove the sample, or give it a number"
    );
}
