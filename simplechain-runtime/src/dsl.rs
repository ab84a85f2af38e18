//! The keywords of the chain language, so that an editor can show their documentation and go to their definition.
//!
//! `simple_chain!` refers to each keyword it was given once, with the span of that keyword.
#![allow(non_camel_case_types)]

/// `dense(activation, width)` or `dense(activation, width, bias = false)`: see [`Dense`](crate::layer::Dense).
pub use crate::layer::Dense as dense;

/// `conv(activation, (height, width), channels)`, with `stride = ..`, `padding = valid | same | ..` and `bias = false`: see
/// [`Conv`](crate::layer::Conv).
pub use crate::layer::Conv as conv;

/// `maxpool(height, width)`, with `stride = ..`: see [`MaxPool`](crate::layer::MaxPool).
pub use crate::layer::MaxPool as maxpool;

/// `avgpool(height, width)`, with `stride = ..`: see [`AvgPool`](crate::layer::AvgPool).
pub use crate::layer::AvgPool as avgpool;

/// `flatten`: an image as a flat vector, channel by channel and row by row.
pub const fn flatten() {}

/// `global_maxpool`: the maximum of every channel. See [`MaxPool`](crate::layer::MaxPool).
pub use crate::layer::MaxPool as global_maxpool;

/// `global_avgpool`: the mean of every channel. See [`AvgPool`](crate::layer::AvgPool).
pub use crate::layer::AvgPool as global_avgpool;

/// `activation(tanh)`: see [`Activate`](crate::layer::Activate).
pub use crate::layer::Activate as activation;

/// `dropout(rate)`: see [`Dropout`](crate::layer::Dropout).
pub use crate::layer::Dropout as dropout;

/// `layer_norm`: see [`LayerNorm`](crate::layer::LayerNorm).
pub use crate::layer::LayerNorm as layer_norm;

/// `rms_norm`: see [`RmsNorm`](crate::layer::RmsNorm).
pub use crate::layer::RmsNorm as rms_norm;

/// `batch_norm`: see [`BatchNorm`](crate::layer::BatchNorm).
pub use crate::layer::BatchNorm as batch_norm;

/// `normalize(mean, std)`: see [`Affine`](crate::layer::Affine).
pub use crate::layer::Affine as normalize;

/// `standardize`, with the mean and deviation of the training inputs: see [`Standardize`](crate::layer::Standardize).
pub use crate::layer::Standardize as standardize;

/// `unstandardize`, back to the units of the targets: see [`Unstandardize`](crate::layer::Unstandardize).
pub use crate::layer::Unstandardize as unstandardize;

/// `scale(factor)` or `scale(factor, offset)`: see [`Affine`](crate::layer::Affine).
pub use crate::layer::Affine as scale;

/// `fourier(count)`, with `period = ..`: see [`Fourier`](crate::layer::Fourier).
pub use crate::layer::Fourier as fourier;

/// `chebyshev(degree)`: see [`Chebyshev`](crate::layer::Chebyshev).
pub use crate::layer::Chebyshev as chebyshev;

/// `residual(layer => ..)`: `y = x + f(x)`, where `f` is the sequence of the inner layers (He et al., 2016).
pub struct residual;

/// `frozen(layer => ..)`: see [`Frozen`](crate::pass::Frozen).
pub use crate::pass::Frozen as frozen;

/// `chain(path::Type)`: a chain that is declared elsewhere, as a layer.
pub struct chain;

/// `concat(layer => .., layer => ..)`: `y = (a(x), b(x))`, the concatenated outputs of the branches.
pub struct concat;

/// `layer(path::Type)`: see [`CustomLayer`](crate::layer::CustomLayer).
pub use crate::layer::CustomLayer as layer;

macro_rules! activation_words {
    ($(
        $(#[$doc:meta])+
        $word:ident $(($argument:ident = $example:literal))?: $Type:ident $formula:tt
    )*) => {
        $(pub use crate::activation::$Type as $word;)*
    };
}
crate::activations!(activation_words);
