//! A neural ODE through the solvers of [`diffsol`]: adaptive steps, explicit and implicit, with its continuous adjoint, the
//! vector-Jacobian products of its steps, and forward sensitivities.
//!
//! [`Equations`] is any `DifferentiableField` of `simplechain` as equations of diffsol, [`Adaptive`] the counterpart of
//! `simplechain::ode::Solver`. [`spiral`] is an example of a field.

mod adaptive;
mod equations;
pub mod spiral;

pub use adaptive::{Adaptive, Gradient, Method};
pub use equations::Equations;
