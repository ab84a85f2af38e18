//! LeNet-5 on MNIST: batches of 128 in a new order every epoch, Adam.

use simplechain::prelude::*;
use simplechain_peers::data;
use simplechain_peers::worker::{Args, Result, Task, Work};

simple_chain! {
    struct LeNet: (28, 28, 1)
        => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
}

type Params = <LeNet as Network>::Params<f32>;

const BATCH: usize = 128;

struct Epochs {
    images: Vec<[u8; 784]>,
    labels: Vec<u8>,
    test_images: Vec<[u8; 784]>,
    test_labels: Vec<u8>,
    init: Box<Params>,
    params: Box<Params>,
    trainer: Trainer<LeNet, LogitCrossEntropy<u8>, Adam<f32>>,
    threads: usize,
}

pub(crate) fn tasks(args: &Args) -> Result<Vec<Task>> {
    let dir = args.data.join("lenet");
    let images =
        |name| -> Result<Vec<[u8; 784]>> { Ok(data::bytes(&dir, name)?.as_chunks().0.to_vec()) };
    let mut init = LeNet.init(&mut rng(0));
    transpose_dense(&data::numbers(&dir, "init.f32")?, &mut init);
    let work = Epochs {
        images: images("images.u8")?,
        labels: data::bytes(&dir, "labels.u8")?,
        test_images: images("test_images.u8")?,
        test_labels: data::bytes(&dir, "test_labels.u8")?,
        params: init.clone(),
        init,
        trainer: trainer(args.threads),
        threads: args.threads,
    };
    Ok(vec![Task::new("epoch", work)])
}

fn trainer(threads: usize) -> Trainer<LeNet, LogitCrossEntropy<u8>, Adam<f32>> {
    Trainer::new(LeNet, LogitCrossEntropy::new(), Adam::new(3e-4)).threads(threads)
}

/// Convolution kernels have the same order; the weights of dense layers are input by input here and output by output in the file.
fn transpose_dense(numbers: &[f32], params: &mut Params) {
    params.copy_from_slice(numbers);
    for layer in LeNet::LAYERS.iter().filter(|layer| layer.name == "dense") {
        let (inputs, outputs) = (layer.input.len(), layer.output.len());
        let (from, to) = (&numbers[layer.weights()], &mut params[layer.weights()]);
        for o in 0..outputs {
            for i in 0..inputs {
                to[o + outputs * i] = from[i + inputs * o];
            }
        }
    }
}

impl Work for Epochs {
    fn run(&mut self, times: usize) {
        let images = Bytes::new(&self.images);
        // Only mini-batches are shuffled; without a batch size, `check` passes one batch after the other.
        let trainer = std::mem::replace(&mut self.trainer, trainer(1));
        self.trainer = trainer.batch_size(BATCH);
        self.trainer
            .fit(&mut self.params, &images, &self.labels, times)
            .expect("good data");
    }

    fn check(&mut self, steps: usize) -> Vec<f32> {
        self.params.clone_from(&self.init);
        self.trainer = trainer(self.threads);
        let batches = self
            .images
            .chunks_exact(BATCH)
            .zip(self.labels.chunks(BATCH));
        for (images, labels) in batches.cycle().take(steps) {
            self.trainer
                .fit(&mut self.params, &Bytes::new(images), labels, 1)
                .expect("good data");
        }
        let test = Bytes::new(&self.test_images);
        let loss = LogitCrossEntropy::new();
        let loss = LeNet.loss_batch(&loss, &test, &self.test_labels, &self.params);
        vec![loss.expect("good data")]
    }
}
