//! Optimizers: a step of the parameters from their gradient. State is kept from call to call.
//!
//! | | |
//! |---|---|
//! | [`Sgd`] | gradient descent, with momentum and Nesterov's |
//! | [`Adam`] | Kingma and Ba, with decoupled weight decay AdamW |
//! | [`RmsProp`] | Tieleman and Hinton |
//! | [`Lion`] | the sign of the momentum |
//! | [`Lbfgs`] | full batches, line search: not an [`Optimizer`], it needs losses |
//!
//! What stands around an optimizer is one itself, made by a method of the trait:
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
//! In a training loop of one's own a step is one call, and everything else is ready by itself:
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
//! The state of all of it can be taken out as plain numbers and put back, so that a training goes on to the bit as if it
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
pub use levenberg_marquardt::{Equations, LevenbergMarquardt};
pub use lion::Lion;
pub use rms_prop::RmsProp;
pub use schedule::{Constant, Cosine, OneCycle, Plateau, Schedule, Scheduled, StepDecay};
pub use sgd::Sgd;

/// A rule for a step on a flat vector of parameters.
///
/// Who trains calls [`step`](Self::step). Who implements it writes the methods without a body, and
/// [`state`](Self::state) and [`take`](Self::take) if there is a state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no optimizer for `Trainer`",
    label = "makes no steps from gradients of batches",
    note = "`Lbfgs` and `LevenbergMarquardt` need losses of the whole data, and train by themselves: \
            `Lbfgs::new().fit(Net, &loss, &mut params, &xs, &ys, iterations)`, \
            `LevenbergMarquardt::new().fit(Net, &mut params, &xs, &ys, iterations)`",
    note = "those for `Trainer` are `Sgd`, `Adam`, `RmsProp`, `Lion`, and what implements `simplechain::optim::Optimizer`"
)]
pub trait Optimizer<T: Real> {
    /// Whether the settings make sense.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the setting's name, value and range.
    fn check(&self) -> Result<(), Error>;

    /// Makes room for the state of `len` parameters; keeps it if it is there. [`step`](Self::step) does it by itself.
    ///
    /// # Errors
    /// [`Error::Length`] if there is a state for another number of parameters.
    fn prepare(&mut self, len: usize) -> Result<(), Error>;

    /// One step, by the mean gradient of so many `samples`: what [`step`](Self::step) does when it has checked everything.
    ///
    /// # Panics
    /// It may, if `params` and `grads` have not the length that was [prepared](Self::prepare) for.
    fn apply(&mut self, params: &mut [T], grads: &[T], samples: usize);

    /// One step of parameters, in a slice, an array, a box of it or whatever else is [`Contiguous`], by the gradient there.
    /// The first one makes room for the state.
    ///
    /// The optimizer knows nothing of the chain: weight decay and averages also take what is frozen, and the running
    /// statistics of `batch_norm`, which [`Chain::step`](crate::chain::Chain::step) and a [`Trainer`](crate::train::Trainer) keep
    /// from them.
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
    /// [`Error::Length`] unless there are as many gradients as parameters, and as many as before; [`Error::OutOfRange`] for
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

    /// [`step`](Self::step) by the mean gradient of a batch: where batches differ in size, what puts several of them
    /// together ([`accumulate`](Self::accumulate)) must know.
    ///
    /// # Errors
    /// As there; [`Error::EmptyBatch`] for 0 samples.
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

    /// Told after a step, which parameters the training goes on with. Those in `held` are frozen, or follow the data: they
    /// are as the trainer left them, not the optimizer.
    fn settle(&mut self, params: &[T], held: &[Range<usize>]) {
        let _ = (params, held);
    }

    /// Makes the step that is due at the end of a training, if gradients are waiting for more of them
    /// ([`accumulate`](Self::accumulate)). Whether there was one.
    fn finish(&mut self, params: &mut [T]) -> bool {
        let _ = params;
        false
    }

    /// Forgets gradients that are waiting for more of them. A training begins with this, because one that ended with an error
    /// is not [finished](Self::finish).
    fn discard(&mut self) {}

    /// The learning rate.
    fn rate(&self) -> f64;

    /// Changes the learning rate; the state stays.
    fn set_rate(&mut self, rate: f64);

    /// The loss of an epoch, told after it.
    fn observe(&mut self, loss: f64) {
        let _ = loss;
    }

    /// The state as plain numbers: with the same settings, parameters and data, an optimizer that it is
    /// [restored](Self::restore) to goes on with the same bits. An optimizer without state need not write this.
    fn state(&self) -> State<T> {
        State::default()
    }

    /// Takes a state back.
    ///
    /// # Errors
    /// [`Error::Length`] if it is not that of such an optimizer; then the optimizer must not be used.
    fn restore(&mut self, mut state: State<T>) -> Result<(), Error> {
        self.take(&mut state)?;
        check_len("numbers in the state", 0, state.numbers.len())?;
        check_len("vectors in the state", 0, state.vectors.len())
    }

    /// Takes from the ends of the lists in `state` what [`state`](Self::state) put there.
    ///
    /// # Errors
    /// [`Error::Length`] if there is less.
    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let _ = state;
        Ok(())
    }

    /// With every number of the gradient within `-limit..=limit`.
    fn clip_value(self, limit: f64) -> Clipped<Self, T>
    where
        Self: Sized,
    {
        Clipped::new(self, Clip::Value(limit))
    }

    /// With gradients that are scaled to the Euclidean norm `limit` if theirs is larger. One with a number that is infinite or
    /// NaN has no such norm, and passes as it is.
    fn clip_norm(self, limit: f64) -> Clipped<Self, T>
    where
        Self: Sized,
    {
        Clipped::new(self, Clip::Norm(limit))
    }

    /// With a learning rate that changes from step to step.
    fn schedule<S: Schedule>(self, schedule: S) -> Scheduled<Self, S>
    where
        Self: Sized,
    {
        let rate = self.rate();
        Scheduled::new(self, schedule, rate)
    }

    /// With a step after so many gradients, by the mean over the samples of all their batches: as if batches were so many
    /// times as large.
    ///
    /// Gradients are counted from epoch to epoch. If some are left at the end of a training, `fit` makes a step by these: they
    /// are not carried over into the next one.
    fn accumulate(self, gradients: usize) -> Accumulated<Self, T>
    where
        Self: Sized,
    {
        Accumulated::new(self, gradients)
    }

    /// With an exponential moving average of the parameters beside them. In a [`Trainer`](crate::train::Trainer) the running
    /// statistics of `batch_norm`, which are averages already, and what is frozen are taken as they are.
    fn average(self, decay: f64) -> Averaged<Self, T>
    where
        Self: Sized,
    {
        Averaged::new(self, decay)
    }
}

/// What an optimizer remembers, as plain numbers to be saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State<T> {
    /// Counters and powers.
    pub numbers: Vec<f64>,
    /// As many numbers each as there are parameters, or none before the first step.
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

/// Makes room for `len` numbers of state, or finds that there are as many.
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
