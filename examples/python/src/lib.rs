//! Chains for Python: `simplechain.py` calls them, `simplechain_jax.py` and `simplechain_torch.py` make them functions of JAX and PyTorch.

use simplechain::prelude::*;

simple_chain! {
    /// The right-hand side of a neural ODE.
    pub struct Field: 2 => dense(tanh, 50) => dense(tanh, 50) => dense(id, 2);
    /// A model of three numbers, with activations whose derivatives do not follow from their outputs.
    pub struct Surrogate: 3 => dense(gelu, 9) => dense(sin, 4)
}

simplechain::export_c!(Field, prefix = field);
simplechain::export_fit!(Field, prefix = field);
simplechain::export_xla!(Field, prefix = field);

simplechain::export_c!(Surrogate, prefix = surrogate);
simplechain::export_xla!(Surrogate, prefix = surrogate);
