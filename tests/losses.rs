//! Losses: against their formulas, PyTorch, differences, and at the limits of numbers.

#[path = "common/fixture.rs"]
mod fixture;

use simplechain::chain::Array;
use simplechain::chain::Chain;
use simplechain::loss::{
    BinaryCrossEntropy, GaussianLoss, HuberLoss, LogitCrossEntropy, Loss, LossFn,
    WeightedSquaredLoss,
};
use simplechain::metrics::{ConfusionMatrix, accuracy, argmax};
use simplechain::simd::{Real, Tier};
use simplechain::train::Trainer;
use simplechain::{Error, simple_chain};

use fixture::Fixture;

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

/// Numbers in `[-scale, scale)` that do not repeat soon.
fn numbers(count: usize, scale: f64) -> Vec<f64> {
    let number = |i: usize| ((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0;
    (0..count).map(|i| number(i) * scale).collect()
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
    let flat: Vec<T> = ys.iter().map(|y| T::from_f64(*y)).collect();
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
            let bits: Vec<u64> = grads.iter().map(|grad| grad.to_f64().to_bits()).collect();
            assert_eq!(
                *first.get_or_insert_with(|| bits.clone()),
                bits,
                "tier {tier}"
            );
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
    let ys = numbers(SAMPLES * n, 6.0);
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
    let targets: Vec<f64> = numbers(SAMPLES * 17, 1.0)
        .iter()
        .map(|x| (x.abs() * 4.0).round() / 4.0)
        .collect();
    let ys = numbers(SAMPLES * 17, 6.0);
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
    let fixture = Fixture::of(include_str!("fixtures/pytorch_losses.txt"));
    let (values, grads) = (
        fixture.get(&format!("{name}.value")),
        fixture.get(&format!("{name}.grad")),
    );
    let n = C::OUTPUT_LEN;
    let want = |s: usize, _: &[f64]| (values[s], grads[s * n..][..n].to_vec());
    check_all::<C, T, _>(
        chain,
        loss,
        &numbers(SAMPLES * n, 6.0),
        targets,
        want,
        tolerance,
    );
}

fn targets<T: Real, const N: usize>() -> Vec<[T; N]> {
    let flat: Vec<T> = numbers(SAMPLES * N, 3.0)
        .into_iter()
        .map(T::from_f64)
        .collect();
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
