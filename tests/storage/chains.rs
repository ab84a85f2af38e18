//! The chains of these tests.

use simplechain::prelude::*;
use support::Squares;

simple_chain! {
    /// One dense layer after the other.
    pub(crate) struct Plain: 3 => dense(tanh, 5) => dense(id, 2);

    pub(crate) struct Encoder: 4 => dense(tanh, 3) => dense(tanh, 4, bias = false);

    /// Layers in layers.
    pub(crate) struct Nested: 4 => dropout(0.1)
        => residual(dense(silu, 6) => concat(dense(tanh, 1) => dense(id, 2), dense(id, 2)))
        => frozen(layer_norm => chain(Encoder)) => layer(Squares<4>) => rms_norm => dense(id, 2);

    /// Layers of images.
    pub(crate) struct Images: (6, 5, 2) => batch_norm => conv(relu, (3, 2), 4) => maxpool(2, 2)
        => conv(tanh, (1, 2), 6, groups = 2, bias = false) => layer_norm => rms_norm
        => concat(flatten => dense(id, 2), conv(id, (2, 1), 3) => global_avgpool => batch_norm => flatten);

    /// Layers of a sequence.
    pub(crate) struct Sequence: (9, 2) => conv(tanh, 3, 4) => flatten => dense(id, 2)
}
