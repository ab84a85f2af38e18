//! The networks of `fixtures/make.py`.

use simplechain::prelude::*;

simple_chain! {
    /// Six layers.
    pub struct Half: 5 => dense(tanh, 5) => dense(tanh, 5) => dense(tanh, 5) => dense(tanh, 5) => dense(tanh, 5) => dense(tanh, 5);

    /// Layers of the same shape: order is all that tells them apart.
    pub struct Deep: 5 => chain(Half) => frozen(chain(Half)) => dense(id, 2);

    /// The same, all of it trained.
    pub struct Trained: 5 => chain(Half) => chain(Half) => dense(id, 2);

    /// A small LeNet, of images that are not square and have two channels.
    pub struct LeNet: (14, 12, 2) => conv(relu, (3, 3), 4) => maxpool(2, 2) => conv(relu, (3, 2), 6) => maxpool(2, 2)
        => flatten => dense(relu, 12) => dense(relu, 10) => dense(id, 5);

    /// Groups, all normalizations, a residual of an image and one of its flattened elements.
    pub struct Sequence: (16, 4) => conv(relu, 3, 6, padding = 1, groups = 2) => batch_norm
        => residual(conv(tanh, 3, 6, padding = 1, groups = 6) => layer_norm) => maxpool(2) => flatten => layer_norm
        => residual(dense(silu, 8) => dense(id, 48, bias = false)) => rms_norm => dense(id, 3);

    /// Flattened images side by side.
    pub struct Branches: (6, 5, 3)
        => concat(conv(relu, (3, 3), 2) => flatten, maxpool(2, 2) => flatten => dense(tanh, 4)) => dense(id, 3)
}
