//! The words of the chain language, so that an editor can say what each is and go to where it is made.
//!
//! `simple_chain!` names every word it was given once, with the place where it stands.

/// `dense(activation, width)` or `dense(activation, width, bias = false)`: see [`Dense`](crate::layer::Dense).
pub use crate::layer::Dense as dense;

/// `conv(activation, (height, width), channels)`, with `stride = ..`, `padding = valid | same | ..` and `bias = false`: see
/// [`Conv`](crate::layer::Conv).
pub use crate::layer::Conv as conv;

/// `maxpool(height, width)`, with `stride = ..`: see [`MaxPool`](crate::layer::MaxPool).
pub use crate::layer::MaxPool as maxpool;

/// `avgpool(height, width)`, with `stride = ..`: see [`AvgPool`](crate::layer::AvgPool).
pub use crate::layer::AvgPool as avgpool;

/// `flatten`: an image as its numbers, channel by channel and row by row.
pub const fn flatten() {}

/// `id`: see [`Identity`](crate::activation::Identity).
pub use crate::activation::Identity as id;

pub use crate::activation::{
    Elu as elu, Gelu as gelu, GeluTanh as gelu_tanh, LeakyRelu as leaky_relu, Relu as relu,
    Sigmoid as sigmoid, Silu as silu, Sin as sin, Softplus as softplus, Tanh as tanh,
};
