//! Losses: against their formulas, PyTorch, differences, and at the limits of numbers.

use simplechain::chain::Array;
use simplechain::chain::Chain;
use simplechain::init::rng;
use simplechain::loss::{
    AbsoluteLoss, BinaryCrossEntropy, GaussianLoss, HuberLoss, Label, LogitCrossEntropy, Loss,
    LossFn, SquaredLoss, Weighted, WeightedSquaredLoss,
};
use simplechain::metrics::{ConfusionMatrix, accuracy, argmax};
use simplechain::optim::{Adam, Sgd};
use simplechain::simd::{Real, Tier};
use simplechain::train::Trainer;
use simplechain::{Error, simple_chain};

use support::{Fixture, bits, cast, sequence};

simple_chain! {
    /// With an identity matrix for weights, the outputs are the inputs.
    struct One: 1 => dense(id, 1, bias = false);
    struct Three: 3 => dense(id, 3, bias = false);
    struct Six: 6 => dense(id, 6, bias = false);
    struct Many: 17 => dense(id, 17, bias = false)
}

/// The weights that pass the input on.
fn pass<C: Chain, T: Real>(_: C) -> Vec<T> {
    let n = C::INPUT_LEN;
    let weight = |i| if i % n == i / n { T::ONE } else { T::ZERO };
    (0..n * n).map(weight).collect()
}

/// `sum_o q_o (logsumexp(y) - y_o)` and its gradient.
fn cross_entropy(y: &[f64], q: &[f64]) -> (f64, Vec<f64>) {
    let max = y.iter().copied().fold(f64::MIN, f64::max);
    let sum: f64 = y.iter().map(|y| (y - max).exp()).sum();
    let terms = q.iter().zip(y);
    let value = terms
        .clone()
        .map(|(q, y)| {
            if *q == 0.0 {
                0.0
            } else {
                q * (sum.ln() + max - y)
            }
        })
        .sum();
    let all: f64 = q.iter().sum();
    let grad = terms
        .map(|(q, y)| all * (y - max).exp() / sum - q)
        .collect();
    (value, grad)
}

fn one_hot(label: usize, classes: usize, weights: Option<&[f64]>, smoothing: f64) -> Vec<f64> {
    let part =
        |o: usize| f64::from(u8::from(o == label)) * (1.0 - smoothing) + smoothing / classes as f64;
    (0..classes)
        .map(|o| weights.map_or(1.0, |w| w[o]) * part(o))
        .collect()
}

/// The loss of a batch and its gradient by every output, from the calls on batches and on samples.
fn check_all<C: Chain, T: Real, L: Loss<C, T>>(
    chain: C,
    loss: &L,
    ys: &[f64],
    targets: &[L::Target],
    want: impl Fn(usize, &[f64]) -> (f64, Vec<f64>),
    tolerance: f64,
) {
    let (n, count) = (C::INPUT_LEN, targets.len());
    let params = pass::<C, T>(chain);
    let params = chain.params(&params).unwrap();
    let flat: Vec<T> = cast(ys);
    let xs = chain.inputs(&flat).unwrap();
    let near = |what: &str, got: T, want: f64| {
        let off = (got.to_f64() - want).abs();
        assert!(
            off <= tolerance * (1.0 + want.abs()),
            "{what}: {got} instead of {want}"
        );
    };
    let wants: Vec<_> = ys.chunks(n).enumerate().map(|(s, y)| want(s, y)).collect();
    // By the identity matrix the gradient by weight `o + n * i` is `x[i]` times that by output `o`.
    let want_grad = |i: usize| -> f64 {
        let sum: f64 = (0..count)
            .map(|s| wants[s].1[i % n] * ys[s * n + i / n])
            .sum();
        sum / count as f64
    };
    let mut first = None;
    for tier in Tier::available() {
        tier.with(|| {
            let mut grads = vec![T::ZERO; n * n];
            let value = chain
                .value_and_grad_batch(
                    loss,
                    xs,
                    targets,
                    params,
                    chain.params_mut(&mut grads).unwrap(),
                )
                .unwrap();
            let mean = wants.iter().map(|want| want.0).sum::<f64>() / count as f64;
            near("the mean", value, mean);
            for (i, grad) in grads.iter().enumerate() {
                near("a gradient", *grad, want_grad(i));
            }
            let alone = chain.loss_batch(loss, xs, targets, params).unwrap();
            assert_eq!(
                alone.to_f64().to_bits(),
                value.to_f64().to_bits(),
                "loss_batch"
            );
            if tier.is_fused() {
                let bits = bits(&grads);
                assert_eq!(
                    *first.get_or_insert_with(|| bits.clone()),
                    bits,
                    "tier {tier}"
                );
            }
            for (s, x) in xs.iter().enumerate() {
                let value = chain.value_and_grad(
                    loss,
                    x,
                    &targets[s],
                    params,
                    chain.params_mut(&mut grads).unwrap(),
                );
                near("a sample", value, wants[s].0);
            }
        })
        .unwrap();
    }
}

const SAMPLES: usize = 19;

fn cross_entropies<C: Chain, T: Real>(chain: C, tolerance: f64) {
    let n = C::OUTPUT_LEN;
    let ys = sequence(0, SAMPLES * n, 6.0);
    let labels: Vec<u32> = (0..SAMPLES).map(|s| (s * 5 % n) as u32).collect();
    let weights: Vec<f64> = (0..n).map(|o| (o % 4) as f64 * 0.5).collect();
    for smoothing in [0.0, 0.1] {
        for weights in [None, Some(&weights)] {
            let mut loss = LogitCrossEntropy::new().label_smoothing(smoothing);
            if let Some(weights) = weights {
                loss = loss.class_weights(weights.clone());
            }
            let want = |s: usize, y: &[f64]| {
                cross_entropy(
                    y,
                    &one_hot(labels[s] as usize, n, weights.map(Vec::as_slice), smoothing),
                )
            };
            check_all::<C, T, _>(chain, &loss, &ys, &labels, want, tolerance);
        }
    }
}

#[test]
fn logit_cross_entropy() {
    cross_entropies::<_, f64>(One, 1e-14);
    cross_entropies::<_, f64>(Three, 1e-14);
    cross_entropies::<_, f64>(Many, 1e-14);
    cross_entropies::<_, f32>(Three, 2e-6);
    cross_entropies::<_, f32>(Many, 2e-6);
}

#[test]
fn gradient_by_differences() {
    let y = [0.3, -1.2, 2.0];
    let loss = LogitCrossEntropy::new()
        .class_weights([0.5, 2.0, 1.0])
        .label_smoothing(0.2);
    let params = pass::<_, f64>(Three);
    let params = Three.params(&params).unwrap();
    let mut y_bar = [0.0; 9];
    Three.value_and_grad(&loss, &y, &1_u8, params, &mut y_bar);
    for o in 0..3 {
        let value = |step: f64| {
            let mut y = y;
            y[o] += step;
            Three.loss_batch(&loss, &[y], &[1], params).unwrap()
        };
        let difference = (value(1e-5) - value(-1e-5)) / 2e-5;
        // The gradient by weight o of input 0, which is y[0].
        assert!(
            (y_bar[o] / y[0] - difference).abs() < 1e-9,
            "{o}: {} {difference}",
            y_bar[o] / y[0]
        );
    }
}

/// Logits of any size: the loss is what it is, and the gradient a probability.
#[test]
fn extreme_logits() {
    for huge in [1e4_f32, 1e30, f32::MAX / 4.0] {
        let (params, mut grads) = (pass::<_, f32>(Three), vec![0.0; 9]);
        let params = Three.params(&params).unwrap();
        let loss = LogitCrossEntropy::new();
        let mut run = |y: [f32; 3], label: u8| {
            let value = Three.value_and_grad(
                &loss,
                &y,
                &label,
                params,
                Three.params_mut(&mut grads).unwrap(),
            );
            assert!(
                grads.iter().all(|grad| grad.is_finite()),
                "{y:?}: {grads:?}"
            );
            value
        };
        assert_eq!(run([huge, 0.0, -huge], 0), 0.0);
        assert_eq!(run([huge, 0.0, -huge], 1), huge);
        assert_eq!(run([-huge, -huge, -huge], 2), 3.0_f32.ln());
        let params = pass::<_, f32>(One);
        let binary = |y: f32, t: f32| {
            let mut grad = [f32::NAN];
            let params = One.params(&params).unwrap();
            let value = One.value_and_grad(&BinaryCrossEntropy, &[y], &[t], params, &mut grad);
            assert!(grad[0].is_finite());
            value
        };
        assert_eq!(binary(huge, 1.0), 0.0);
        assert_eq!(binary(-huge, 0.0), 0.0);
        assert_eq!(binary(huge, 0.0), huge);
        assert_eq!(binary(-huge, 0.5), huge / 2.0);
    }
    // A class that is out of the question, and a sample that is no number.
    let params = pass::<_, f32>(Three);
    let params = Three.params(&params).unwrap();
    let loss = |y| {
        Three
            .loss_batch(&LogitCrossEntropy::new(), &[y], &[0_u8], params)
            .unwrap()
    };
    assert_eq!(loss([1.0, -f32::MAX, 1.0]), 2.0_f32.ln());
    assert!(loss([1.0, f32::NAN, 1.0]).is_nan());
}

#[test]
fn binary_cross_entropy() {
    let want = |targets: Vec<f64>| {
        move |s: usize, y: &[f64]| {
            let t = &targets[s * y.len()..][..y.len()];
            let sigmoid = |y: f64| 1.0 / (1.0 + (-y).exp());
            let terms = y.iter().zip(t);
            let value = terms
                .clone()
                .map(|(y, t)| -(t * sigmoid(*y).ln() + (1.0 - t) * sigmoid(-y).ln()))
                .sum();
            (value, terms.map(|(y, t)| sigmoid(*y) - t).collect())
        }
    };
    let targets: Vec<f64> = sequence(0, SAMPLES * 17, 1.0)
        .iter()
        .map(|x| (x.abs() * 4.0).round() / 4.0)
        .collect();
    let ys = sequence(0, SAMPLES * 17, 6.0);
    check_all::<_, f64, _>(
        Many,
        &BinaryCrossEntropy,
        &ys,
        Many.outputs(&targets).unwrap(),
        want(targets.clone()),
        1e-13,
    );
    let narrow: Vec<f32> = targets.iter().map(|t| *t as f32).collect();
    check_all::<_, f32, _>(
        Many,
        &BinaryCrossEntropy,
        &ys,
        Many.outputs(&narrow).unwrap(),
        want(targets),
        2e-6,
    );
}

/// A loss of samples with so many targets each, against the numbers of `tests/fixtures/pytorch_losses.py`.
fn pytorch<C: Chain, T: Real, L: Loss<C, T>>(
    chain: C,
    loss: &L,
    name: &str,
    targets: &[L::Target],
    tolerance: f64,
) {
    let fixture = Fixture::of(include_str!("../fixtures/pytorch_losses.txt"));
    let (values, grads) = (
        fixture.get(&format!("{name}.value")),
        fixture.get(&format!("{name}.grad")),
    );
    let n = C::OUTPUT_LEN;
    let want = |s: usize, _: &[f64]| (values[s], grads[s * n..][..n].to_vec());
    check_all::<C, T, _>(
        chain,
        loss,
        &sequence(0, SAMPLES * n, 6.0),
        targets,
        want,
        tolerance,
    );
}

fn targets<T: Real, const N: usize>() -> Vec<[T; N]> {
    let flat: Vec<T> = cast(&sequence(0, SAMPLES * N, 3.0));
    flat.as_chunks().0.to_vec()
}

fn regression<T: Real>(tolerance: f64)
where
    [T; 17]: Array<T>,
{
    let many = targets::<T, 17>();
    pytorch::<_, T, _>(Many, &HuberLoss::new(1.5), "huber", &many, tolerance);
    let weights: Vec<f64> = (0..17).map(|o| f64::from(o % 4) * 0.5).collect();
    pytorch::<_, T, _>(
        Many,
        &WeightedSquaredLoss::new(weights),
        "weighted",
        &many,
        tolerance,
    );
    pytorch::<_, T, _>(
        Six,
        &GaussianLoss::<3>,
        "gaussian",
        &targets(),
        4.0 * tolerance,
    );
    let log_cosh = LossFn(|y: &[T; 17], t: &[T; 17], y_bar: &mut [T; 17]| {
        let mut sum = 0.0;
        for o in 0..17 {
            let residual = y[o].to_f64() - t[o].to_f64();
            y_bar[o] = T::from_f64(residual.tanh());
            sum += residual.cosh().ln();
        }
        T::from_f64(sum)
    });
    pytorch::<_, T, _>(Many, &log_cosh, "log_cosh", &many, tolerance);
}

#[test]
fn regression_losses_are_those_of_pytorch() {
    regression::<f64>(1e-13);
    regression::<f32>(4e-6);
}

#[test]
fn settings_of_losses_are_checked() {
    #[track_caller]
    fn says<L: Loss<Three, f64>>(loss: L, targets: &[L::Target], text: &str) {
        let params = pass::<_, f64>(Three);
        let params = Three.params(&params).unwrap();
        let result = Three.loss_batch(&loss, &[[0.0; 3]; 2], targets, params);
        assert_eq!(result.unwrap_err().to_string(), text);
    }
    let targets = [[0.0; 3]; 2];
    says(
        HuberLoss::new(0.0),
        &targets,
        "delta is 0, but must be positive and finite",
    );
    says(
        WeightedSquaredLoss::new([1.0; 2]),
        &targets,
        "expected 3 weights of outputs, found 2",
    );
    says(
        WeightedSquaredLoss::new([1.0, f64::NAN, 1.0]),
        &targets,
        "a weight of an output is NaN, but must be at least 0 and finite",
    );
    says(
        GaussianLoss::<2>,
        &[[0.0; 2]; 2],
        "expected 4 outputs, two for every target, found 3",
    );
}

/// A wrong label, weight or target is an error that says which, and nothing is changed.
#[test]
fn refused() {
    let params = pass::<_, f64>(Three);
    let params = Three.params(&params).unwrap();
    let xs = [[0.0; 3]; 20];
    for wrong in [0, 7, 19] {
        let mut labels = [2_usize; 20];
        labels[wrong] = 3;
        let error = Error::Label {
            sample: wrong,
            label: 3,
            classes: 3,
        };
        let mut grads = [7.0; 9];
        let loss = LogitCrossEntropy::new();
        let result = Three.value_and_grad_batch(&loss, &xs, &labels, params, &mut grads);
        assert_eq!(result, Err(error.clone()));
        assert_eq!(grads, [7.0; 9]);
        let mut trained = *params;
        let mut trainer =
            Trainer::new(Three, loss, simplechain::optim::Adam::new(0.1)).batch_size(4);
        assert_eq!(
            trainer.fit(&mut trained, &xs, &labels, 1).unwrap_err(),
            error
        );
        assert_eq!(trained, *params);
        assert_eq!(accuracy(&xs, &labels), Err(error));
    }
    let error = Error::Label {
        sample: 7,
        label: 12,
        classes: 10,
    };
    assert_eq!(
        error.to_string(),
        "the label of sample 7 is 12, but there are 10 classes, counted from 0"
    );
    let with = |loss: LogitCrossEntropy<u8>| {
        Three
            .loss_batch(&loss, &xs, &[0; 20], params)
            .unwrap_err()
            .to_string()
    };
    let new = LogitCrossEntropy::new;
    assert_eq!(
        with(new().class_weights([1.0])),
        "expected 3 class weights, found 1"
    );
    assert_eq!(
        with(new().class_weights([1.0, -1.0, 0.0])),
        "a class weight is -1, but must be at least 0 and finite"
    );
    assert_eq!(
        with(new().label_smoothing(1.0)),
        "label_smoothing is 1, but must be at least 0 and below 1"
    );
    let mut targets = [[0.5; 3]; 20];
    targets[4][2] = 1.5;
    let error = Three
        .loss_batch(&BinaryCrossEntropy, &xs, &targets, params)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a target of sample 4 is 1.5, but must be between 0 and 1"
    );
    targets[4][2] = f64::NAN;
    assert!(
        Three
            .loss_batch(&BinaryCrossEntropy, &xs, &targets, params)
            .is_err()
    );
}

#[test]
fn metrics() {
    assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
    assert_eq!(argmax(&[f32::NAN, -1.0]), 1);
    assert_eq!(argmax(&[f32::NAN; 2]), 0);
    let ys = [
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [0.0, 2.0, 1.0],
        [0.0, 0.0, 1.0],
    ];
    let labels = [0_u8, 1, 2, 2];
    assert_eq!(accuracy(&ys, &labels), Ok(0.75));
    let matrix = ConfusionMatrix::of(&ys, &labels).unwrap();
    assert_eq!(
        (matrix.classes(), matrix.count(2, 1), matrix.count(1, 2)),
        (3, 1, 0)
    );
    assert_eq!((matrix.recall(2), matrix.precision(1)), (0.5, 0.5));
    assert_eq!(
        matrix.to_string(),
        "   actual      0      1      2   recall\n        0      1      0      0  100.0 %\n        1      0      1      0  100.0 %\n        2      0      1      1   50.0 %\nprecision  100 %   50 %  100 %"
    );
    assert_eq!(
        accuracy(&ys, &labels[..3]),
        Err(Error::Length {
            what: "labels",
            expected: 4,
            found: 3
        })
    );
    assert_eq!(
        accuracy::<f32, [f32; 3], u8>(&[], &[]),
        Err(Error::EmptyBatch)
    );
}

simple_chain! {
    /// With weights of 0 the outputs are the biases, and the gradient by these is that by the outputs.
    struct Shift: 1 => dense(id, 2);
    struct Deep: 2 => dense(relu, 4) => dense(id, 2);
    struct Normed: 2 => dense(tanh, 3) => batch_norm => dense(id, 2)
}

/// Loss and gradient of the outputs `y`.
fn at<T: Real, L: Loss<Shift, T>>(loss: &L, y: [T; 2], target: L::Target) -> (T, [T; 2]) {
    let params = [T::ZERO, T::ZERO, y[0], y[1]];
    let mut grads = params;
    let value = Shift.value_and_grad(loss, &[T::ZERO], &target, &params, &mut grads);
    (value, [grads[2], grads[3]])
}

/// The variance has the bound that the docs give: `b(s)` for its logarithm, by the formula in `f64`.
#[test]
fn a_variance_is_bounded() {
    let m = 1.0 + 1e-6_f64.ln();
    let bounded = |s: f64| if s < m { m - 1.0 + (s - m).exp() } else { s };
    let formula = |y: f64, s: f64| 0.5 * (bounded(s) + y * y * (-bounded(s)).exp());
    for s in [
        -1e4,
        -100.0,
        -30.0,
        -15.0,
        m - 0.1,
        m,
        m + 0.1,
        -9.0,
        0.0,
        5.0,
    ] {
        for y in [0.0, 1e-4, -1e-3, 0.3] {
            let (value, [y_bar, s_bar]) = at(&GaussianLoss::<1>, [y, s], [0.0_f64]);
            let (want, size) = (formula(y, s), 1.0 + y * y * (-bounded(s)).exp());
            assert!(
                (value - want).abs() <= 1e-13 * (want.abs() + size),
                "{y}, {s}: {value} {want}"
            );
            // The gradient is the slope of the value, below the bound too, and at its corner from both sides.
            let slope = (formula(y, s + 1e-5) - formula(y, s - 1e-5)) / 2e-5;
            assert!(
                (s_bar - slope).abs() <= 1e-4 * size,
                "{y}, {s}: {s_bar} {slope}"
            );
            let slope = y * (-bounded(s)).exp();
            assert!((y_bar - slope).abs() <= 1e-12 * slope.abs());
            let (narrow, bars) = at(&GaussianLoss::<1>, [y as f32, s as f32], [0.0]);
            assert!(
                (f64::from(narrow) - want).abs() <= 1e-4 * size,
                "{y}, {s}: {narrow} {want}"
            );
            assert!(bars.iter().all(|bar| bar.is_finite()));
        }
    }
    // A residual that the bound is too small for has a slope: the variance comes back.
    assert!(at(&GaussianLoss::<1>, [0.1, m - 10.0], [0.0]).1[1] < -0.1);
    assert!(at(&GaussianLoss::<1>, [0.0, f64::NAN], [0.0]).0.is_nan());

    // A sensor that is stuck, and moves again.
    let mut params = [0.0_f32; 4];
    let mut trainer = Trainer::new(Shift, GaussianLoss::<1>, Adam::new(0.1));
    let (xs, stuck) = ([[0.0]; 16], [[0.0]; 16]);
    let history = trainer.fit(&mut params, &xs, &stuck, 2000).unwrap();
    let mut losses = history.epochs.iter().map(|epoch| epoch.loss);
    assert!(losses.all(f64::is_finite));
    assert!((history.last_loss() - 0.5 * 1e-6_f64.ln()).abs() < 1e-3);
    let moving: Vec<[f32; 1]> = (0..16_u8).map(|i| [f32::from(i % 2 * 2) - 1.0]).collect();
    trainer.fit(&mut params, &xs, &moving, 3000).unwrap();
    assert!(params[3] > -4.0, "on its way from -13.8 to 0: {params:?}");
}

/// A batch with samples of weight 0 is the same to the bit, whatever these hold.
fn check_weight_0<L: Loss<Deep, f32> + Copy + Send>(loss: L, good: L::Target, bad: L::Target)
where
    L::Target: Copy,
{
    // More than a panel; of weight 0 are the first, the last and one between.
    const COUNT: usize = 21;
    let holes = [0, 9, COUNT - 1];
    let numbers = sequence(0, 2 * COUNT, 1.0);
    let xs: Vec<[f32; 2]> = numbers
        .chunks(2)
        .map(|x| [x[0] as f32, x[1] as f32])
        .collect();
    let mut targets = [(good, 1.5); COUNT];
    holes.iter().for_each(|s| targets[*s].1 = 0.0);
    let weighted = Weighted(loss);
    let params = Deep.init::<f32>(&mut rng(3));
    let mut want = params.clone();
    let value = Deep
        .value_and_grad_batch(&weighted, &xs, &targets, &params, &mut want)
        .unwrap();
    assert!(value.is_finite() && want.iter().all(|grad| grad.is_finite()));

    holes.iter().for_each(|s| targets[*s].0 = bad);
    for bad_x in [f32::NAN, f32::INFINITY, 3e38] {
        let (mut xs, mut grads) = (xs.clone(), params.clone());
        holes.iter().for_each(|s| xs[*s] = [bad_x; 2]);
        let got = Deep.value_and_grad_batch(&weighted, &xs, &targets, &params, &mut grads);
        assert_eq!((got, &grads), (Ok(value), &want));
        assert_eq!(
            Deep.loss_batch(&weighted, &xs, &targets, &params),
            Ok(value)
        );
        let one = Deep.value_and_grad(&weighted, &xs[9], &targets[9], &params, &mut grads);
        assert_eq!((one, *grads), (0.0, [0.0; 22]));
        for batch_size in [4, COUNT] {
            let mut trained = params.clone();
            let mut trainer = Trainer::new(Deep, weighted, Sgd::new(1e-3))
                .batch_size(batch_size)
                .require_finite(true);
            let history = trainer.fit(&mut trained, &xs, &targets, 3).unwrap();
            assert!(history.last_loss().is_finite());
            assert!(trained.iter().all(|p| p.is_finite()));
        }
    }
}

#[test]
fn nothing_comes_of_weight_0() {
    check_weight_0(SquaredLoss, [0.5; 2], [f32::NAN; 2]);
    check_weight_0(AbsoluteLoss, [0.5; 2], [f32::INFINITY; 2]);
    check_weight_0(BinaryCrossEntropy, [0.5; 2], [f32::NAN; 2]);
    check_weight_0(GaussianLoss::<1>, [0.5], [f32::NAN]);

    // All of weight 0; outputs and classes of weight 0.
    let params = Deep.init::<f32>(&mut rng(3));
    let mut grads = params.clone();
    let none = [([f32::NAN; 2], 0.0); 3];
    let nan = [[f32::NAN; 2]; 3];
    let value = Deep.value_and_grad_batch(&Weighted(SquaredLoss), &nan, &none, &params, &mut grads);
    assert_eq!((value, *grads), (Ok(0.0), [0.0; 22]));
    let outputs = WeightedSquaredLoss::new([0.0, 2.0]);
    assert_eq!(at(&outputs, [f64::NAN, 3.0], [1.0, 1.0]), (4.0, [0.0, 4.0]));
    assert_eq!(at(&outputs, [1.0, 3.0], [f64::NAN, 1.0]), (4.0, [0.0, 4.0]));
    let classes = LogitCrossEntropy::new().class_weights([0.0, 1.0]);
    assert_eq!(
        at(&classes, [f64::NAN, f64::INFINITY], 0_u8),
        (0.0, [0.0; 2])
    );

    // The statistics of a batch are those of finite numbers.
    let mut params = Normed.init::<f32>(&mut rng(3));
    let (mut xs, mut targets) = ([[0.25, -0.5]; 21], [([0.5; 2], 1.0); 21]);
    (xs[5], targets[5]) = ([f32::NAN; 2], ([f32::NAN; 2], 0.0));
    let mut trainer = Trainer::new(Normed, Weighted(SquaredLoss), Sgd::new(0.1));
    trainer.fit(&mut params, &xs, &targets, 3).unwrap();
    assert!(params.iter().all(|p| p.is_finite()));
}

/// Every integer is a label, and every distribution a target: PyTorch's `cross_entropy` of class indices and of probabilities.
#[test]
fn targets_of_classifiers() {
    fn label<Y: Label>(labels: [Y; 2]) -> [f64; 2]
    where
        LogitCrossEntropy<Y>: Loss<Shift, f64, Target = Y>,
    {
        labels.map(|label| at(&LogitCrossEntropy::new(), [0.3, -0.4], label).0)
    }
    let want = label([0_u8, 1]);
    assert_eq!(label([0_i8, 1]), want);
    assert_eq!(label([0_u16, 1]), want);
    assert_eq!(label([0_i16, 1]), want);
    assert_eq!(label([0_i32, 1]), want);
    assert_eq!(label([0_i64, 1]), want);
    assert_eq!(label([0_u64, 1]), want);
    assert_eq!(label([0_isize, 1]), want);
    assert_eq!(label([false, true]), want);
    assert_eq!(
        accuracy(&[[0.3, -0.4], [0.3, -0.4]], &[false, true]),
        Ok(0.5)
    );

    fn weighted<Y>() -> LogitCrossEntropy<Y> {
        let loss = LogitCrossEntropy::new().label_smoothing(0.1);
        loss.class_weights([0.5, 2.0])
    }
    let y = [0.3, -0.4];
    assert_eq!(at(&weighted(), y, [1.0_f32, 0.0]), at(&weighted(), y, 0_u8));
    assert_eq!(at(&weighted(), y, [0.0_f32, 1.0]), at(&weighted(), y, true));
    // Soft: `q = w ((1 - e) t + e/K)`.
    let q = [0.5 * (0.9 * 0.7 + 0.05), 2.0 * (0.9 * 0.3 + 0.05)];
    let (value, grads) = at(&weighted(), [0.3, -0.4], [0.7_f64, 0.3]);
    let (want, want_grads) = cross_entropy(&[0.3, -0.4], &q);
    assert!((value - want).abs() < 1e-15);
    assert!((0..2).all(|o| (grads[o] - want_grads[o]).abs() < 1e-15));
    // Of a fit, whose softmax is then the distribution.
    let mut params = [0.0_f32; 4];
    let mut trainer = Trainer::new(Shift, LogitCrossEntropy::new(), Sgd::new(1.0));
    trainer
        .fit(&mut params, &[[0.0]; 2], &[[0.9, 0.1]; 2], 300)
        .unwrap();
    assert!((params[2] - params[3] - 9.0_f32.ln()).abs() < 1e-3);

    #[track_caller]
    fn says<L: Loss<Shift, f32>>(loss: L, targets: &[L::Target], text: &str) {
        let result = Shift.loss_batch(&loss, &vec![[0.0]; targets.len()], targets, &[0.0; 4]);
        assert_eq!(result.unwrap_err().to_string(), text);
    }
    let negative = "the label of sample 2 is -1, but there are 2 classes, counted from 0";
    says(LogitCrossEntropy::new(), &[0_i32, 1, -1], negative);
    says(LogitCrossEntropy::new(), &[0_i64, 1, -1], negative);
    // The sample's number is that in the batch, within another loss too; what counts nothing may be anything.
    let labels = [(0_i64, 1.0), (-1, 0.0), (-1, 2.0)];
    says(Weighted(LogitCrossEntropy::new()), &labels, negative);
    says(
        Weighted(BinaryCrossEntropy),
        &[([0.5; 2], 1.0), ([f32::NAN; 2], 0.0), ([0.5, 2.0], 1.0)],
        "a target of sample 2 is 2, but must be between 0 and 1",
    );
    // Settings are checked where nothing counts.
    says(
        Weighted(LogitCrossEntropy::new().class_weights([1.0])),
        &[(9_u8, 0.0)],
        "expected 2 class weights, found 1",
    );
    says(
        LogitCrossEntropy::new(),
        &[0, u64::MAX],
        "the label of sample 1 is 18446744073709551615, but there are 2 classes, counted from 0",
    );
    for (target, text) in [
        ([1.5, -0.5], "-0.5, but must be a probability, at least 0"),
        (
            [0.5, f32::NAN],
            "NaN, but must be a probability, at least 0",
        ),
        ([1.0, 1.0], "2, but must be 1 as the sum over its classes"),
        ([0.0, 0.0], "0, but must be 1 as the sum over its classes"),
    ] {
        let text = format!("a target of sample 1 is {text}");
        says(LogitCrossEntropy::new(), &[[0.5, 0.5], target], &text);
    }
    says(
        LogitCrossEntropy::new(),
        &[[1.0_f32, 0.0, 0.0]],
        "expected 2 numbers of a target, one for every class, found 3",
    );
}
