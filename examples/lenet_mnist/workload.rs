//! The network and its training.

use simplechain::loss::LogitCrossEntropy;
use simplechain::metrics::ConfusionMatrix;
use simplechain::prelude::*;

use crate::data::Digits;

simple_chain! {
    /// LeNet-5 (LeCun et al., 1998) in its modern form, with max pools and relu.
    pub(crate) struct LeNet: (28, 28, 1)
        => conv(relu, (5, 5), 6) => maxpool(2, 2)
        => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
}

pub(crate) type Params = [f32; LeNet::PARAM_COUNT];

/// Floating-point operations of a training step per image: a multiply and an add for every weight at every position where it
/// is used, three times: forward, for its own gradient, and for the input's, which the first layer does not need. Nothing is
/// subtracted for the gradients that a pool makes 0.
pub(crate) const FLOP: usize = {
    let first = 24 * 24 * 6 * (5 * 5);
    let second = 8 * 8 * 16 * (5 * 5 * 6);
    let dense = 256 * 120 + 120 * 84 + 84 * 10;
    2 * (3 * (first + second + dense) - first)
};

pub(crate) fn trainer(
    rate: f64,
    batch: usize,
    threads: usize,
    seed: u64,
) -> Trainer<LeNet, LogitCrossEntropy<u8>, Adam<f32>> {
    Trainer::new(LeNet, LogitCrossEntropy::new(), Adam::new(rate))
        .batch_size(batch)
        .threads(threads)
        .seed(seed)
}

/// The confusion matrix of the network's predictions.
pub(crate) fn predictions(
    params: &Params,
    digits: &Digits,
) -> Result<(Vec<[f32; 10]>, ConfusionMatrix), simplechain::Error> {
    let mut logits = vec![[0.0; 10]; digits.len()];
    LeNet.forward_batch(&digits.inputs(), params, &mut logits)?;
    let matrix = ConfusionMatrix::of(&logits, &digits.labels)?;
    Ok((logits, matrix))
}
