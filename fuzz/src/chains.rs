//! The chains of the targets.

use simplechain::prelude::*;

simple_chain! {
    /// Two layers: most files of mutations reach its parameters.
    pub struct Plain: 3 => dense(tanh, 5) => dense(id, 2);

    /// With all that has a state of its own.
    pub struct Stateful: 2 => dense(tanh, 6) => batch_norm => dropout(0.2) => frozen(dense(tanh, 4)) => dense(id, 1);

    /// Dense layers with corners.
    pub struct Corners: 3 => dense(relu, 7) => dense(hard_tanh, 5) => dense(leaky_relu(0.1), 6) => dense(elu, 3, bias = false);

    /// Dense layers without.
    pub struct Smooth: 5 => dense(tanh, 17) => dense(sigmoid, 4) => dense(softplus, 3) => dense(gelu, 4) => dense(gelu_tanh, 3)
        => dense(silu, 5) => dense(mish, 2) => dense(softsign, 3) => dense(sin, 2) => dense(id, 1);

    /// Windows of all kinds.
    pub struct Windows: (6, 5, 2) => conv(tanh, (3, 2), 4, stride = (2, 1), padding = (1, 0)) => maxpool(2, 3, stride = 1)
        => conv(silu, (2, 2), 6, padding = same, bias = false) => avgpool(2, 1) => flatten => dense(id, 3);

    /// A sequence.
    pub struct Sequence: (9, 2) => conv(relu, 3, 4, padding = 1) => maxpool(2) => conv(id, 2, 3) => global_maxpool => flatten
        => dense(tanh, 2);

    /// Images with layers that the plain loops do not know, all of them smooth.
    pub struct Images: (4, 3, 2) => batch_norm => conv(gelu, (2, 2), 4, padding = same, groups = 2) => layer_norm => rms_norm
        => global_avgpool => flatten => dense(id, 2);

    /// Of another chain.
    pub struct Encoder: 4 => dense(tanh, 3) => dense(silu, 4, bias = false);

    /// Layers that the plain loops do not know, all of them smooth.
    pub struct Others: 4 => normalize(0.25, 1.5) => layer_norm => chain(Encoder) => batch_norm
        => residual(dense(gelu, 6) => rms_norm => concat(dense(tanh, 1), dense(id, 3)))
        => frozen(dense(sin, 3)) => concat(fourier(1, period = 2.5), activation(tanh) => chebyshev(2)) => scale(0.5, 1.0)
        => standardize => dense(softplus, 2) => unstandardize
}
