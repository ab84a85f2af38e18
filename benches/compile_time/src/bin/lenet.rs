//! LeNet-5: training, a batch of images, one image.

use simplechain::prelude::*;

simple_chain! {
    struct LeNet: (28, 28, 1)
        => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
}

fn main() {
    let (images, labels) = (vec![[0_u8; 784]; 500], vec![7_u8; 500]);
    let mut params = LeNet.init::<f32>(&mut rng(1));
    let mut trainer =
        Trainer::new(LeNet, LogitCrossEntropy::new(), Adam::new(3e-4)).batch_size(128);
    trainer
        .fit(&mut params, &Bytes::new(&images), &labels, 3)
        .expect("training");
    let mut logits = vec![[0.0; 10]; 500];
    LeNet
        .forward_batch(&Bytes::new(&images), &params, &mut logits)
        .expect("as many outputs as images");
    println!("{:?} {:?}", logits[0], LeNet.forward(&[0.0; 784], &params));
}
