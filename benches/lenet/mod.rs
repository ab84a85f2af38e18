//! LeNet-5 with images of MNIST's size: the time does not depend on their content.

use rand::RngExt;
use simplechain::data::Bytes;
use simplechain::init;
use simplechain::loss::LogitCrossEntropy;
use simplechain::prelude::*;

simple_chain! {
    /// LeCun et al., 1998, with max pools and relu.
    pub(crate) struct LeNet: (28, 28, 1)
        => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
}

pub(crate) const BATCH: usize = 128;

/// Multiply-adds per image: forward through the layers, as many for the gradient of the parameters, and for that of the input in
/// all layers but the first. A gradient before a pool is counted in full, though three of four of its terms are 0.
pub(crate) const MULTIPLY_ADDS: usize = 3 * FORWARD - CONV_1;

pub(crate) const CONV_1: usize = 24 * 24 * 6 * 25;
pub(crate) const CONV_2: usize = 8 * 8 * 16 * 150;
pub(crate) const DENSE: usize = 256 * 120 + 120 * 84 + 84 * 10;
const FORWARD: usize = CONV_1 + CONV_2 + DENSE;

/// Images with a fifth of their pixels nonzero, and labels.
pub(crate) struct Data {
    images: Vec<[u8; 784]>,
    labels: Vec<u8>,
}

impl Data {
    pub(crate) fn new(count: usize) -> Self {
        let mut rng = init::rng(0);
        let mut images = vec![[0; 784]; count];
        for pixel in images.as_flattened_mut() {
            if rng.random_bool(0.2) {
                *pixel = rng.random();
            }
        }
        Self {
            images,
            labels: (0..count).map(|i| (i % 10) as u8).collect(),
        }
    }

    pub(crate) fn images(&self) -> Bytes<'_, 784> {
        Bytes::new(&self.images)
    }

    pub(crate) fn labels(&self) -> &[u8] {
        &self.labels
    }
}

pub(crate) fn trainer(threads: usize) -> Trainer<LeNet, LogitCrossEntropy<u8>, Adam<f32>> {
    Trainer::new(LeNet, LogitCrossEntropy::new(), Adam::new(3e-4))
        .batch_size(BATCH)
        .threads(threads)
}
