//! A neural ODE through the solvers of [`diffsol`]: adaptive steps, explicit and implicit, with its continuous adjoint, the
//! vector-Jacobian products of its steps, and forward sensitivities.
//!
//! [`Equations`] turns any `DifferentiableField` of `simplechain` into equations of diffsol, [`Adaptive`] is the counterpart of
//! `simplechain::ode::Solver`, and [`spiral`] is an example of a field.

mod adaptive;
mod equations;
pub mod spiral;

pub use adaptive::{Adaptive, Gradient, Method};
pub use equations::Equations;
