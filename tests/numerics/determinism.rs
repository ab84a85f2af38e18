//! The same seed gives the same bits: for any number of threads, on every tier, and from whichever call.

use rand::Rng;
use simplechain::chain::{Array, Chain, Network};
use simplechain::loss::{AbsoluteLoss, Loss, SquaredLoss};
use simplechain::optim::{Adam, Optimizer};
use simplechain::simd::{Real, Tier};
use simplechain::train::Trainer;
use simplechain::{Error, init, simple_chain};
use support::{bits, cast, everywhere, numbers, parameters};

use crate::chains::{Curve, MatExp, Odd};

const SAMPLES: usize = 613;
const EPOCHS: usize = 10;

/// The parameters after training with batches of so many samples (`None`: all), as bits.
fn train<C: Chain, T: Real>(
    chain: C,
    threads: usize,
    batch_size: Option<usize>,
    seed: u64,
) -> Vec<u64>
where
    SquaredLoss: Loss<C, T, Target = C::Output<T>>,
{
    let xs = cast::<T>(&numbers(1, SAMPLES * C::INPUT_LEN, 1.0));
    let targets = cast::<T>(&numbers(2, SAMPLES * C::OUTPUT_LEN, 1.0));
    let (xs, targets) = (chain.inputs(&xs).unwrap(), chain.outputs(&targets).unwrap());
    let mut params = chain.init(&mut init::rng(3));
    let mut trainer = Trainer::new(chain, SquaredLoss, Adam::<T>::new(1e-2))
        .threads(threads)
        .seed(seed);
    let mut epochs = 8 * EPOCHS;
    if let Some(samples) = batch_size {
        trainer = trainer.batch_size(samples);
        epochs = EPOCHS;
    }
    let history = trainer.fit(&mut params, xs, targets, epochs).unwrap();
    let mut result = bits(params.as_slice());
    result.extend(history.epochs.iter().map(|epoch| epoch.loss.to_bits()));
    result
}

/// 80 steps on all samples, or about as many on batches that do not divide them.
fn same_bits<C: Chain, T: Real>(chain: C)
where
    SquaredLoss: Loss<C, T, Target = C::Output<T>>,
{
    for batch_size in [None, Some(100), Some(307)] {
        let alone = |tier: Tier| tier.with(|| train(chain, 1, batch_size, 4)).unwrap();
        let fused = alone(Tier::Scalar);
        for tier in Tier::available() {
            let first = match tier.is_fused() {
                true => &fused,
                false => &alone(tier),
            };
            for threads in [1, 2, 3, 7] {
                let again = tier.with(|| train(chain, threads, batch_size, 4)).unwrap();
                assert!(
                    *first == again,
                    "{chain:?} {} with batches of {batch_size:?}: other bits on {threads} threads, tier {tier}",
                    T::NAME
                );
            }
        }
    }
}

#[test]
fn threads_and_tiers_f32() {
    same_bits::<_, f32>(MatExp);
}

#[test]
fn threads_and_tiers_f64() {
    same_bits::<_, f64>(Odd);
}

/// So many numbers in the gradients of all chunks that threads share their sum, in parts that do not divide it.
#[test]
fn shared_sums() {
    simple_chain! { struct Many: 20 => dense(relu, 150) => dense(relu, 40) => dense(id, 2) }
    let xs = cast::<f32>(&numbers(1, 4000 * 20, 1.0));
    let ys = cast::<f32>(&numbers(2, 4000 * 2, 1.0));
    let train = |threads| {
        let mut params = Many.init::<f32>(&mut init::rng(3));
        let mut trainer = Trainer::new(Many, SquaredLoss, Adam::new(1e-2)).threads(threads);
        let (xs, ys) = (Many.inputs(&xs).unwrap(), Many.outputs(&ys).unwrap());
        trainer.fit(&mut params, xs, ys, 2).unwrap();
        bits(params.as_slice())
    };
    let first = train(1);
    for threads in [2, 3, 7] {
        assert!(train(threads) == first, "other bits on {threads} threads");
    }
}

#[test]
fn seed() {
    let train = |seed| train::<_, f32>(MatExp, 1, Some(100), seed);
    assert!(train(7) == train(7));
    assert!(train(7) != train(8));
}

/// The order of the samples goes on from one call to the next, and so does the optimizer.
#[test]
fn fit_in_parts() {
    let xs = cast::<f32>(&numbers(1, SAMPLES * 4, 1.0));
    let xs = MatExp.inputs(&xs).unwrap();
    for batch_size in [SAMPLES, 100] {
        let train = |parts: &[usize]| {
            let mut params = MatExp.init(&mut init::rng(3));
            let mut trainer =
                Trainer::new(MatExp, SquaredLoss, Adam::<f32>::new(1e-2)).batch_size(batch_size);
            for epochs in parts {
                trainer.fit(&mut params, xs, xs, *epochs).unwrap();
                trainer = trainer.threads(2);
            }
            bits(&*params)
        };
        assert!(train(&[12]) == train(&[5, 0, 1, 6]));
    }
}

/// An optimizer that keeps the gradients and leaves the parameters.
struct Recorder<T>(Vec<Vec<T>>);

impl<T: Real> Optimizer<T> for Recorder<T> {
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
    fn prepare(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }
    fn apply(&mut self, _: &mut [T], grads: &[T], _: usize) {
        self.0.push(grads.to_vec());
    }
    fn rate(&self) -> f64 {
        1.0
    }
    fn set_rate(&mut self, _: f64) {}
}

/// Every mini-batch of an epoch has the loss and the gradient of the batch gathered by hand, in the order that is
/// promised for the seed.
#[test]
fn mini_batches() {
    let params = cast::<f32>(&parameters(Odd, 5));
    let mut params = Box::new(*Odd.params(&params).unwrap());
    let (xs, targets) = (
        cast::<f32>(&numbers(1, SAMPLES * 3, 1.0)),
        cast::<f32>(&numbers(2, SAMPLES * 2, 1.0)),
    );
    let (xs, targets) = (Odd.inputs(&xs).unwrap(), Odd.outputs(&targets).unwrap());
    for batch_size in [1, 16, 100, 612] {
        for threads in [1, 3] {
            let mut trainer = Trainer::new(Odd, SquaredLoss, Recorder(Vec::new()))
                .batch_size(batch_size)
                .threads(threads)
                .seed(9);
            let history = trainer.fit(&mut params, xs, targets, 2).unwrap();

            let (mut rng, mut steps) = (init::rng(9), trainer.optimizer().0.iter());
            for epoch in &history.epochs {
                let mut order: Vec<usize> = (0..SAMPLES).collect();
                for i in (1..SAMPLES).rev() {
                    let j = (u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64;
                    order.swap(i, j as usize);
                }
                let mut loss = 0.0;
                for batch in order.chunks(batch_size) {
                    let xs: Vec<_> = batch.iter().map(|s| xs[*s]).collect();
                    let targets: Vec<_> = batch.iter().map(|s| targets[*s]).collect();
                    let mut grads = [0.0; Odd::PARAM_COUNT];
                    let value =
                        Odd.value_and_grad_batch(&SquaredLoss, &xs, &targets, &params, &mut grads);
                    loss += f64::from(value.unwrap()) * batch.len() as f64 / SAMPLES as f64;
                    let step = steps.next().expect("a step a batch");
                    assert!(
                        bits(step) == bits(&grads),
                        "batch of {} of {batch_size}",
                        batch.len()
                    );
                }
                assert!((epoch.loss - loss).abs() < 1e-6 * loss);
            }
            assert!(steps.next().is_none());
        }
    }
}

/// `loss_batch` is the loss of `value_and_grad_batch`, and a full batch's epoch tells the same.
#[test]
fn losses_agree() {
    fn agree<L: Loss<Curve, f64, Target = [f64; 1]> + Send>(loss: L) {
        let (params, xs) = (parameters(Curve, 5), numbers(1, SAMPLES, 1.0));
        let mut params = *Curve.params(&params).unwrap();
        let xs = Curve.inputs(&xs).unwrap();
        let mut grads = [0.0; Curve::PARAM_COUNT];
        let with_gradient = Curve
            .value_and_grad_batch(&loss, xs, xs, &params, &mut grads)
            .unwrap();
        let alone = Curve.loss_batch(&loss, xs, xs, &params).unwrap();
        assert_eq!(alone.to_bits(), with_gradient.to_bits());
        let mut trainer = Trainer::new(Curve, loss, Recorder(Vec::new())).threads(1);
        let history = trainer.fit(&mut params, xs, xs, 2).unwrap();
        for epoch in history.epochs {
            assert!((epoch.loss - alone).abs() < 1e-15 * alone);
        }
        assert!(bits(&trainer.optimizer().0[0]) == bits(&grads));
    }
    everywhere(|_, _| {
        agree(SquaredLoss);
        agree(AbsoluteLoss);
    });
}
