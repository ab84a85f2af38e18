//! Optimizers: a step of the parameters from their gradient. State is kept from call to call.

mod adam;

use crate::error::Error;
use crate::simd::Real;

pub use adam::Adam;

/// A rule for a step on a flat vector of parameters.
pub trait Optimizer<T: Real> {
    /// Whether the settings make sense.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the setting's name, value and range.
    fn check(&self) -> Result<(), Error>;

    /// Makes room for the state of `len` parameters; keeps it if it is there.
    ///
    /// # Errors
    /// [`Error::Length`] if there is a state for another number of parameters.
    fn prepare(&mut self, len: usize) -> Result<(), Error>;

    /// One step. Called after [`prepare`](Self::prepare), with slices of that length.
    fn step(&mut self, params: &mut [T], grads: &[T]);
}
