//! Chains that together contain every layer and activation that can be exported, and those of the fixtures.

pub mod networks;

use simplechain::prelude::*;

/// Mean and standard deviation of three inputs.
pub const MEANS: [f64; 3] = [0.1, -0.3, 1.5];
/// They bring samples between -2 and 2 into the interval of `chebyshev`, from -1 to 1: beyond it, its polynomials grow with
/// their degree, and so do errors.
const DEVIATIONS: [f64; 3] = [2.5, 3.0, 4.0];
/// Of two channels.
const FACTORS: [f64; 2] = [0.7, -1.3];

simple_chain! {
    /// Every activation.
    pub struct Activations: 5 => concat(
        dense(id, 3), dense(tanh, 3), dense(relu, 3), dense(sigmoid, 3), dense(softplus, 3), dense(gelu, 3), dense(gelu_tanh, 3),
        dense(silu, 3), dense(elu, 3), dense(leaky_relu(0.1), 3), dense(leaky_relu(0.25), 3), dense(hard_tanh, 3), dense(mish, 3),
        dense(softsign, 3), dense(sin, 3, bias = false));

    /// Constants and features.
    pub struct Features: 3 => normalize(MEANS, DEVIATIONS)
        => concat(fourier(3, period = 5.0), chebyshev(4), chebyshev(1), scale(0.5, DEVIATIONS), normalize(0.5, 2.0)) => dense(tanh, 6)
        => scale(3.0);

    /// Declared elsewhere.
    pub struct Encoder: 4 => dense(tanh, 3) => dropout(0.5) => dense(silu, 4, bias = false);

    /// Layers in layers, and normalizations.
    pub struct Nested: 4 => dropout(0.1) => layer_norm => chain(Encoder) => batch_norm
        => residual(dense(gelu, 6) => rms_norm => concat(dense(tanh, 1) => dense(id, 2), residual(activation(sin)) => dense(id, 2)))
        => frozen(layer_norm => chain(Encoder)) => dense(id, 3);

    /// LeNet-5.
    pub struct LeNet: (28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(2, 2) => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10);

    /// Windows of all kinds.
    pub struct Windows: (11, 9, 2) => scale(FACTORS, 0.1) => batch_norm
        => conv(tanh, (3, 2), 4, stride = (2, 1), padding = (1, 0)) => maxpool(2, 3, stride = 1)
        => conv(gelu, (2, 2), 6, padding = same, groups = 2, bias = false)
        => conv(id, (3, 3), 6, stride = 2, padding = same, groups = 6) => activation(elu) => avgpool(2, 2, stride = 1)
        => residual(conv(mish, (1, 1), 6) => layer_norm) => rms_norm;

    /// Whole channels.
    pub struct Channels: (7, 5, 3) => normalize(MEANS, 0.5) => conv(relu, (2, 2), 5)
        => concat(global_maxpool => flatten, global_avgpool => flatten, maxpool(3, 2) => conv(tanh, (2, 2), 2) => flatten => dense(id, 2)) => dense(id, 4);

    /// A sequence.
    pub struct Sequence: (17, 3) => conv(silu, 4, 6, stride = 2, padding = 1) => batch_norm => maxpool(2)
        => residual(conv(tanh, 3, 6, padding = 1, groups = 3)) => conv(id, 2, 4) => flatten => layer_norm => dense(id, 2);

    /// Statistics that are learned, of elements.
    pub struct Tables: 4 => standardize => dense(tanh, 5) => standardize => dense(id, 2) => unstandardize;
    /// Of channels.
    pub struct Pictures: (5, 4, 3) => standardize => conv(tanh, (2, 2), 4) => flatten => dense(id, 2);

    /// Everything that onnxruntime computes in `f64`.
    pub struct Double: 6 => layer_norm => dense(tanh, 8) => batch_norm => residual(dense(silu, 8) => rms_norm) => dense(sigmoid, 7)
        => chebyshev(3) => dense(relu, 5) => scale(2.0, 1.0) => activation(hard_tanh) => dense(id, 3)
}

/// Parameters as after a training: of batch norms, means that are not 0 and positive variances.
pub fn parameters<C: Chain, T: Real>(net: C, seed: u64) -> Box<C::Params<T>> {
    let mut params = net.init::<f64>(&mut rng(seed));
    let numbers = |index: usize| ((index * 7919 + 13) % 1009) as f64 / 1009.0;
    for tensor in net.tensors() {
        for index in tensor.range.clone() {
            let param = &mut params.as_mut_slice()[index];
            match tensor.role() {
                "running_var" | "std" => *param = 0.5 + numbers(index),
                _ if tensor.shape.len() == 1 => *param += numbers(index) - 0.5,
                _ => {}
            }
        }
    }
    net.cast::<f64, T>(&params)
}

/// Samples in the interval from -2 to 2, which no pattern repeats.
pub fn samples<C: Chain, T: Real>(_: C, count: usize) -> Vec<C::Input<T>> {
    let mut xs = C::Input::vec(T::ZERO, count);
    let mut state = 1_u32;
    for x in &mut xs {
        for x in x.as_mut_slice() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *x = T::from_f64(f64::from(state >> 8) / f64::from(1 << 22) - 2.0);
        }
    }
    xs
}

/// Something done with every chain.
pub trait ForEach {
    /// Does it with a chain of this name and number type.
    fn chain<C: Chain, T: Real>(&mut self, net: C);
}

/// Does something with every chain and number type.
pub fn for_each(each: &mut impl ForEach) {
    macro_rules! chains {
        ($($chain:ident),*) => {
            $(
                each.chain::<_, f32>($chain);
                each.chain::<_, f64>($chain);
            )*
        };
    }
    chains!(
        Activations,
        Features,
        Nested,
        LeNet,
        Windows,
        Channels,
        Sequence,
        Tables,
        Pictures,
        Double
    );
}
