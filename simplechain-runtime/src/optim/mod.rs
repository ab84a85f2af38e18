//! Optimizers: parameter updates from gradients. State is kept from call to call.
//!
//! | | |
//! |---|---|
//! | [`Sgd`] | gradient descent, with classical or Nesterov momentum |
//! | [`Adam`] | Kingma and Ba; AdamW with decoupled weight decay |
//! | [`RmsProp`] | Tieleman and Hinton |
//! | [`Lion`] | the sign of the momentum |
//! | [`Lbfgs`] | full batches, line search: not an [`Optimizer`], because it needs losses |
//! | [`LevenbergMarquardt`] | sums of squares in `f64`, some hundred parameters: full batches as well |
//!
//! A wrapper around an optimizer is an optimizer itself, made by a method of the trait:
//!
//! ```
//! use simplechain::optim::{Adam, Cosine, Optimizer};
//!
//! let optimizer = Adam::<f32>::new(1e-3)
//!     .clip_norm(1.0)                                // gradients
//!     .schedule(Cosine::new(10_000).warm_up(500))    // the learning rate
//!     .average(0.999);                               // a moving average of the parameters beside them
//! ```
//!
//! In a custom training loop a step is one call, without any setup:
//!
//! ```
//! use simplechain::optim::{Adam, Optimizer};
//!
//! let mut params = [3.0_f64, -2.0];
//! let mut adam = Adam::new(0.1);
//! for _ in 0..500 {
//!     let grads = params.map(|p| 2.0 * p);
//!     adam.step(&mut params, &grads)?;
//! }
//! assert!(params.iter().all(|p| p.abs() < 1e-3));
//! # Ok::<(), simplechain::Error>(())
//! ```
//!
//! The state of all of it can be saved as plain numbers and restored, so that training continues bit for bit as if it
//! had not stopped: [`Optimizer::state`], [`Optimizer::restore`].

mod accumulate;
mod adam;
mod average;
mod clip;
mod elementwise;
mod hold;
mod lbfgs;
mod levenberg_marquardt;
mod lion;
mod rms_prop;
mod schedule;
mod sgd;
mod vector;

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::data::{Contiguous, ContiguousMut};
use crate::error::{Error, check_len, check_range};
use crate::simd::Real;

pub use accumulate::Accumulated;
pub use adam::Adam;
pub use average::Averaged;
pub use clip::{Clip, Clipped};
pub(crate) use hold::hold;
pub use lbfgs::{Lbfgs, Minimum, Stop};
pub use levenberg_marquardt::{LevenbergMarquardt, NormalEquations};
pub use lion::Lion;
pub use rms_prop::RmsProp;
pub use schedule::{Constant, Cosine, OneCycle, Plateau, Schedule, Scheduled, StepDecay};
pub use sgd::Sgd;

/// An update rule for a flat vector of parameters.
///
/// To train, call [`step`](Self::step). To implement it, write the methods without a default, and
/// [`state`](Self::state) and [`take`](Self::take) if there is state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimizer for `Trainer`",
    label = "makes no steps from gradients of batches",
    note = "`Lbfgs` and `LevenbergMarquardt` need losses of the whole data, and train by themselves: \
            `Lbfgs::new().fit(Net, &loss, &mut params, &xs, &ys, iterations)`, \
            `LevenbergMarquardt::new().fit(Net, &mut params, &xs, &ys, iterations)`",
    note = "those for `Trainer` are `Sgd`, `Adam`, `RmsProp`, `Lion`, and what implements `simplechain::optim::Optimizer`"
)]
pub trait Optimizer<T: Real> {
    /// Whether the settings are valid.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the setting's name, value and range.
    fn check(&self) -> Result<(), Error>;

    /// Allocates the state for `len` parameters, unless it exists. [`step`](Self::step) does this itself.
    ///
    /// # Errors
    /// [`Error::Length`] if there is a state for another number of parameters.
    fn prepare(&mut self, len: usize) -> Result<(), Error>;

    /// One step with the mean gradient of this many `samples`: called by [`step`](Self::step) after all checks.
    ///
    /// # Panics
    /// It may, if `params` and `grads` do not have the [prepared](Self::prepare) length.
    fn apply(&mut self, params: &mut [T], grads: &[T], samples: usize);

    /// One step of parameters, in a slice, an array, a box or anything else that is [`Contiguous`], with the given gradient.
    /// The first step allocates the state.
    ///
    /// The optimizer knows nothing about the chain: weight decay and averages also affect frozen parameters and the running
    /// statistics of `batch_norm`. [`Chain::step`](crate::chain::Chain::step) and a [`Trainer`](crate::train::Trainer) protect
    /// these.
    ///
    /// ```
    /// use simplechain::optim::{Optimizer, Sgd};
    ///
    /// let (mut params, grads) = (Box::new([1.0_f32, 2.0]), Box::new([0.5, -0.5]));
    /// Sgd::new(0.1).step(&mut params, &grads)?;
    /// assert_eq!(*params, [0.95, 2.05]);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Length`] unless gradient and parameters have the same length, the same as before; [`Error::OutOfRange`] for
    /// a setting; [`Error::NotContiguous`]. Then nothing is changed.
    fn step(
        &mut self,
        params: &mut (impl ContiguousMut<T> + ?Sized),
        grads: &(impl Contiguous<T> + ?Sized),
    ) -> Result<(), Error>
    where
        Self: Sized,
    {
        self.step_batch(params, grads, 1)
    }

    /// [`step`](Self::step) with the mean gradient of a batch: if batches differ in size, a wrapper that combines several
    /// ([`accumulate`](Self::accumulate)) needs the size.
    ///
    /// # Errors
    /// As [`step`](Self::step); [`Error::EmptyBatch`] for 0 samples.
    fn step_batch(
        &mut self,
        params: &mut (impl ContiguousMut<T> + ?Sized),
        grads: &(impl Contiguous<T> + ?Sized),
        samples: usize,
    ) -> Result<(), Error>
    where
        Self: Sized,
    {
        let (params, grads) = (params.numbers_mut()?, grads.numbers()?);
        check_len(
            "gradients, one for every parameter",
            params.len(),
            grads.len(),
        )?;
        if samples == 0 {
            return Err(Error::EmptyBatch);
        }
        self.check()?;
        self.prepare(params.len())?;
        self.apply(params, grads, samples);
        self.settle(params, &[]);
        Ok(())
    }

    /// Called after a step with the parameters that training continues with. Those in `held` are frozen, or follow the data: the
    /// trainer sets them, not the optimizer.
    fn settle(&mut self, params: &[T], held: &[Range<usize>]) {
        let _ = (params, held);
    }

    /// Makes the step that is due at the end of training, if accumulated gradients are pending
    /// ([`accumulate`](Self::accumulate)). Returns whether there was one.
    fn finish(&mut self, params: &mut [T]) -> bool {
        let _ = params;
        false
    }

    /// Discards pending gradients. Training begins with this, because one that ended with an error
    /// is not [finished](Self::finish).
    fn discard(&mut self) {}

    /// The kind and the settings as text, for the checkpoints of a training, which continues with the same ones. Without an
    /// implementation it is the name of the type.
    fn settings(&self) -> String {
        type_name::<Self>()
    }

    /// The learning rate.
    fn rate(&self) -> f64;

    /// Changes the learning rate; the state stays.
    fn set_rate(&mut self, rate: f64);

    /// Reports the loss of an epoch, after it.
    fn observe(&mut self, loss: f64) {
        let _ = loss;
    }

    /// The state as plain numbers: with the same settings, parameters and data, an optimizer [restored](Self::restore)
    /// from it continues bit for bit. An optimizer without state need not implement this.
    fn state(&self) -> State<T> {
        State::default()
    }

    /// Restores a state.
    ///
    /// # Errors
    /// [`Error::Length`] if it belongs to another kind of optimizer; then this optimizer must not be used.
    fn restore(&mut self, mut state: State<T>) -> Result<(), Error> {
        self.take(&mut state)?;
        check_len("numbers in the state", 0, state.numbers.len())?;
        check_len("vectors in the state", 0, state.vectors.len())
    }

    /// Pops from the ends of the lists in `state` what [`state`](Self::state) pushed.
    ///
    /// # Errors
    /// [`Error::Length`] if there is too little.
    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let _ = state;
        Ok(())
    }

    /// Clamps every element of the gradient to `-limit..=limit`.
    fn clip_value(self, limit: f64) -> Clipped<Self, T>
    where
        Self: Sized,
    {
        Clipped::new(self, Clip::Value(limit))
    }

    /// Scales gradients to the Euclidean norm `limit` if theirs is larger. A gradient with an infinite or
    /// NaN element has no norm, and passes unchanged.
    fn clip_norm(self, limit: f64) -> Clipped<Self, T>
    where
        Self: Sized,
    {
        Clipped::new(self, Clip::Norm(limit))
    }

    /// Sets a learning rate that changes from step to step.
    fn schedule<S: Schedule>(self, schedule: S) -> Scheduled<Self, S>
    where
        Self: Sized,
    {
        let rate = self.rate();
        Scheduled::new(self, schedule, rate)
    }

    /// Makes a step after this many gradients, with the mean over the samples of all their batches: as if batches were that many
    /// times as large.
    ///
    /// Gradients are counted across epochs. If some are pending at the end of training, `fit` makes a step with them: they
    /// are not carried over into the next one.
    fn accumulate(self, gradients: usize) -> Accumulated<Self, T>
    where
        Self: Sized,
    {
        Accumulated::new(self, gradients)
    }

    /// Also keeps an exponential moving average of the parameters. In a [`Trainer`](crate::train::Trainer) the running
    /// statistics of `batch_norm`, which are averages already, and frozen parameters are copied instead.
    fn average(self, decay: f64) -> Averaged<Self, T>
    where
        Self: Sized,
    {
        Averaged::new(self, decay)
    }
}

/// The state of an optimizer, as plain numbers to be saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State<T> {
    /// Counters and powers.
    pub numbers: Vec<f64>,
    /// Vectors with one element per parameter, or empty before the first step.
    pub vectors: Vec<Vec<T>>,
}

impl<T> State<T> {
    fn push<const N: usize, const M: usize>(
        mut self,
        numbers: [f64; N],
        vectors: [&Vec<T>; M],
    ) -> Self
    where
        T: Clone,
    {
        self.numbers.extend(numbers);
        self.vectors.extend(vectors.map(Clone::clone));
        self
    }

    fn pop<const N: usize, const M: usize>(&mut self) -> Result<([f64; N], [Vec<T>; M]), Error> {
        let split = |what, len: usize, at: usize| {
            let enough = len.checked_sub(at);
            enough.ok_or(Error::Length {
                what,
                expected: at,
                found: len,
            })
        };
        let numbers = split("numbers in the state", self.numbers.len(), N)?;
        let vectors = split("vectors in the state", self.vectors.len(), M)?;
        let numbers = self.numbers.split_off(numbers).try_into();
        let vectors = self.vectors.split_off(vectors).try_into();
        let vectors = vectors.unwrap_or_else(|_| unreachable!("so many were split off"));
        Ok((numbers.expect("so many were split off"), vectors))
    }
}

/// The name of a type without the modules that it is in: of `a::b::Adam<f32>` it is `Adam<f32>`.
pub(crate) fn type_name<A: ?Sized>() -> String {
    let (mut name, mut part) = (String::new(), String::new());
    for c in core::any::type_name::<A>().chars() {
        match c {
            ':' => part.clear(),
            c if c.is_alphanumeric() || "_{}#".contains(c) => part.push(c),
            c => {
                name += &part;
                part.clear();
                name.push(c);
            }
        }
    }
    name + &part
}

/// Allocates `len` elements of state, or checks that there are as many.
fn reserve<T: Real>(state: &mut Vec<T>, len: usize) -> Result<(), Error> {
    if state.is_empty() {
        state.resize(len, T::ZERO);
    }
    check_len(
        "parameters, as many as the optimizer has a state for",
        state.len(),
        len,
    )
}

fn check_positive(what: &'static str, value: f64) -> Result<(), Error> {
    let ok = value > 0.0 && value.is_finite();
    check_range(what, value, ok, "positive and finite")
}

fn check_not_negative(what: &'static str, value: f64) -> Result<(), Error> {
    let ok = value >= 0.0 && value.is_finite();
    check_range(what, value, ok, "finite and not negative")
}

/// A decay rate.
fn check_decay(what: &'static str, value: f64) -> Result<(), Error> {
    check_range(
        what,
        value,
        (0.0..1.0).contains(&value),
        "at least 0 and below 1",
    )
}
