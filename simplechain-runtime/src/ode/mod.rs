//! Ordinary differential equations with a chain in them: fixed steps, and their exact gradient.
//!
//! An equation `du/dt = f(t, u, params)` is a [`Field`]: [`Autonomous`] if the chain is the whole right-hand side ([`Ensemble`] for several
//! trajectories at once), otherwise a custom type with a chain inside. A [`Solver`] goes through given points in time with an explicit
//! Runge-Kutta [`Method`]. The backward pass is the *discrete* adjoint: the same steps in reverse, with the `vjp` of the field at every
//! stage, so the gradient is that of the computed solution, to rounding. (A continuous adjoint solves another equation backwards: its
//! gradient has the error of that solution, and it takes longer; Onken and Ruthotto, *Discretize-Optimize vs.
//! Optimize-Discretize for Time-Series Regression and Continuous Normalizing Flows*, 2020.)
//!
//! You choose the step, because a network inside a solver is smooth and cheap. For stiff equations, events, or adaptive steps
//! use a solver library: the example `neural_ode_diffsol` plugs any [`DifferentiableField`]
//! into `diffsol`.
//!
//! ```
//! use simplechain::ode::{DifferentiableField, Field, Solver, Tsit5};
//!
//! /// A pendulum, `params = [g / length]`.
//! #[derive(Clone, Copy)]
//! struct Pendulum;
//!
//! impl Field<f64> for Pendulum {
//!     type State = [f64; 2];
//!     type Params = [f64; 1];
//!
//!     fn rate(&self, _t: f64, u: &[f64; 2], params: &[f64; 1], rate: &mut [f64; 2]) {
//!         *rate = [u[1], -params[0] * u[0].sin()];
//!     }
//! }
//!
//! impl DifferentiableField<f64> for Pendulum {
//!     fn vjp_add(
//!         &self,
//!         _t: f64,
//!         u: &[f64; 2],
//!         params: &[f64; 1],
//!         bar: &[f64; 2],
//!         u_bar: &mut [f64; 2],
//!         params_bar: &mut [f64; 1],
//!     ) {
//!         u_bar[0] -= bar[1] * params[0] * u[0].cos();
//!         u_bar[1] += bar[0];
//!         params_bar[0] -= bar[1] * u[0].sin();
//!     }
//! }
//!
//! // What must `g / length` be, so that the pendulum passes its lowest point at the time 1?
//! let mut solver = Solver::new(Pendulum, Tsit5, &[0.0, 1.0], 20)?;
//! let (mut params, mut u0_bar, mut params_bar) = ([1.0], [0.0; 2], [0.0]);
//! for _ in 0..10 {
//!     let angle = solver.value_and_grad(
//!         &[1.0, 0.0],
//!         &params,
//!         |us, us_bar| {
//!             us_bar[1] = [1.0, 0.0];
//!             us[1][0]
//!         },
//!         &mut u0_bar,
//!         &mut params_bar,
//!     );
//!     params[0] -= angle / params_bar[0];
//! }
//! let us = solver.solve(&[1.0, 0.0], &params);
//! assert!(us[1][0].abs() < 1e-12 && (params[0] - 2.805).abs() < 1e-3);
//! # Ok::<(), simplechain::Error>(())
//! ```

mod check;
mod field;
mod loss;
mod method;
mod solver;

pub use check::check_vjp;
pub use field::{Autonomous, DifferentiableField, Ensemble, Field, RateOf};
pub use loss::mean_square;
pub use method::{Method, Rk4, Tsit5};
pub use solver::Solver;
