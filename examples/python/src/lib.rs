//! Two chains for Python: `simplechain.py` calls them, `simplechain_jax.py` and `simplechain_torch.py` make them functions of JAX and
//! PyTorch.

use simplechain::prelude::*;

simple_chain! {
    /// The right-hand side of a neural ODE.
    pub struct Field: 2 => dense(tanh, 50) => dense(tanh, 50) => dense(id, 2);
    /// A small network with other activations and a skip connection.
    pub struct Surrogate: 3 => dense(gelu, 8) => residual(dense(sin, 8)) => dense(softplus, 4)
}

simplechain::export_c!(Field, prefix = field, xla = true);
simplechain::export_c!(Surrogate, prefix = surrogate, xla = true);
