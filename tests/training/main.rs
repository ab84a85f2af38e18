//! Training, and what is trained through: losses, optimizers, differential equations, and derivatives that a user wrote.

mod batches;
mod checks;
mod fitting;
mod image_batches;
mod learning;
mod least_squares;
mod losses;
mod metrics;
mod not_finite;
mod ode;
mod optimizers;
