//! Shuffled mini-batches of images: each image's gradient is its own, in any order, for any number of threads.

use std::sync::Mutex;

use simplechain::chain::{Chain, Network};
use simplechain::data::Bytes;
use simplechain::loss::{LogitCrossEntropy, SquaredLoss};
use simplechain::optim::Optimizer;
use simplechain::simd::Real;
use simplechain::train::Trainer;
use simplechain::{Error, init, simple_chain};
use support::{SameOnTiers, bits, everywhere, numbers, parameters};

simple_chain! {
    /// The first layer sees the data, with a pool that leaves out a row and a column.
    struct Small: (7, 7, 1) => conv(tanh, (3, 3), 4, padding = 1) => maxpool(2, 2) => flatten => dense(id, 3)
}

const SAMPLES: usize = 83;

/// Keeps the parameters and writes down the gradients.
#[derive(Debug, Default)]
struct Record(Mutex<Vec<Vec<f64>>>);

impl<T: Real> Optimizer<T> for Record {
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
    fn prepare(&mut self, _: usize) -> Result<(), Error> {
        Ok(())
    }
    fn apply(&mut self, _: &mut [T], grads: &[T], _: usize) {
        let grads = grads.iter().map(|grad| grad.to_f64()).collect();
        self.0.get_mut().unwrap().push(grads);
    }
    fn rate(&self) -> f64 {
        1.0
    }
    fn set_rate(&mut self, _: f64) {}
}

fn images() -> Vec<[u8; 49]> {
    let numbers = numbers(5, SAMPLES * 49, 128.0);
    let bytes: Vec<u8> = numbers.iter().map(|x| (x + 128.0) as u8).collect();
    bytes.as_chunks().0.to_vec()
}

fn as_numbers(images: &[[u8; 49]]) -> Vec<[f64; 49]> {
    let scale = 1.0 / 255.0;
    images
        .iter()
        .map(|image| image.map(|byte| f64::from(byte) * scale))
        .collect()
}

/// The gradients of an epoch's batches, weighted by their sizes, are the full gradient: so no batch, and not the last
/// one of 3 images either, which is less than a panel and may be less than the threads, has an image's pixels under
/// another image's cotangents, or anything of the batch before.
#[test]
fn an_epoch_of_batches_is_the_full_batch() {
    const BATCH: usize = 20;
    let images = images();
    let params = parameters(Small, 7);
    let targets = numbers(6, SAMPLES * 3, 1.0);
    let targets = Small.outputs(&targets).unwrap();
    let mut full = Box::new([0.0; Small::PARAM_COUNT]);
    Small
        .value_and_grad_batch(
            &SquaredLoss,
            &as_numbers(&images),
            targets,
            Small.params(&params).unwrap(),
            &mut full,
        )
        .unwrap();
    everywhere(|tier, _| {
        for threads in [1, 2, 5] {
            let mut params = Box::new(*Small.params(&params).unwrap());
            let mut trainer = Trainer::new(Small, SquaredLoss, Record::default())
                .batch_size(BATCH)
                .threads(threads)
                .seed(3);
            trainer
                .fit(&mut params, &Bytes::new(&images), targets, 1)
                .unwrap();
            let batches = trainer.into_optimizer().0.into_inner().unwrap();
            assert_eq!(batches.len(), SAMPLES.div_ceil(BATCH));
            for (i, want) in full.iter().enumerate() {
                let sum: f64 = batches
                    .iter()
                    .enumerate()
                    .map(|(b, grads)| grads[i] * BATCH.min(SAMPLES - b * BATCH) as f64)
                    .sum();
                let got = sum / SAMPLES as f64;
                assert!(
                    (got - want).abs() < 1e-13,
                    "tier {tier}, parameter {i}: {got} instead of {want}"
                );
            }
        }
    });
}

/// Batches of one image are the calls with one image, in another order: as sets of gradients they agree.
#[test]
fn batches_of_one() {
    let images = images();
    let labels: Vec<u8> = (0..SAMPLES).map(|i| (i * 7 % 3) as u8).collect();
    let params = parameters(Small, 8);
    let params = Small.params(&params).unwrap();
    let loss = LogitCrossEntropy::new();
    let mut want: Vec<Vec<f64>> = as_numbers(&images)
        .iter()
        .zip(&labels)
        .map(|(image, label)| {
            let mut grads = vec![0.0; Small::PARAM_COUNT];
            Small.value_and_grad(
                &loss,
                image,
                label,
                params,
                Small.params_mut(&mut grads).unwrap(),
            );
            grads
        })
        .collect();
    let mut trainer = Trainer::new(Small, LogitCrossEntropy::new(), Record::default())
        .batch_size(1)
        .threads(2);
    trainer
        .fit(&mut params.clone(), &Bytes::new(&images), &labels, 1)
        .unwrap();
    let mut got = trainer.into_optimizer().0.into_inner().unwrap();
    for grads in [&mut want, &mut got] {
        grads.sort_by(|a, b| a[0].total_cmp(&b[0]));
    }
    for (got, want) in got.iter().zip(&want) {
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-12, "{got} instead of {want}");
        }
    }
}

/// The parameters after two epochs are the same to the bit on every tier, for any number of threads, and whether
/// images are bytes or numbers.
#[test]
fn same_bits() {
    let images = images();
    let as_numbers: Vec<[f32; 49]> = images
        .iter()
        .map(|image| image.map(|byte| f32::from(byte) * (1.0 / 255.0f64) as f32))
        .collect();
    let labels: Vec<usize> = (0..SAMPLES).map(|i| i % 3).collect();
    let mut first = SameOnTiers::new();
    everywhere(|tier, _| {
        for threads in [1, 2, 3] {
            let mut fits = [(); 2].map(|()| Small.init::<f32>(&mut init::rng(1)));
            let trainer = || {
                Trainer::new(
                    Small,
                    LogitCrossEntropy::new(),
                    simplechain::optim::Adam::new(1e-2),
                )
                .batch_size(32)
                .threads(threads)
                .seed(9)
            };
            trainer()
                .fit(&mut fits[0], &Bytes::new(&images), &labels, 2)
                .unwrap();
            trainer()
                .fit(&mut fits[1], &as_numbers, &labels, 2)
                .unwrap();
            for fit in fits {
                let same = first.is_same(bits(&fit[..]));
                assert!(same, "tier {tier}, {threads} threads");
            }
        }
    });
}
