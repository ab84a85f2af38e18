//! The words of the chain language, so that an editor can say what each is and go to where it is made.
//!
//! `simple_chain!` names every word it was given once, with the place where it stands.

/// `dense(activation, width)` or `dense(activation, width, bias = false)`: see [`Dense`](crate::layer::Dense).
pub use crate::layer::Dense as dense;

/// `id`: see [`Identity`](crate::activation::Identity).
pub use crate::activation::Identity as id;

pub use crate::activation::{
    Elu as elu, Gelu as gelu, GeluTanh as gelu_tanh, LeakyRelu as leaky_relu, Relu as relu,
    Sigmoid as sigmoid, Silu as silu, Sin as sin, Softplus as softplus, Tanh as tanh,
};
