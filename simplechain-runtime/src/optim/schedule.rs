//! Learning-rate schedules. They count steps of the optimizer, which are batches and not epochs.

use alloc::format;
use alloc::string::String;
use core::f64::consts::PI;
use core::ops::Range;

use super::{Optimizer, State, check_not_negative, check_positive, type_name};
use crate::error::{Error, check_range};
#[cfg(not(feature = "std"))]
use crate::float::Float as _;
use crate::simd::Real;

/// The factor of the optimizer's learning rate, step by step.
pub trait Schedule {
    /// Whether the settings are valid.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] with the setting's name, value and range.
    fn check(&self) -> Result<(), Error>;

    /// The factor of a step, counted from 0 over the lifetime of the optimizer.
    fn factor(&self, step: u64) -> f64;

    /// Reports the loss of an epoch, after it.
    fn observe(&mut self, loss: f64) {
        let _ = loss;
    }

    /// The kind and the settings as text, for the checkpoints of a training, which continues with the same ones. Without an
    /// implementation it is the name of the type.
    fn settings(&self) -> String {
        type_name::<Self>()
    }

    /// The state that [`observe`](Self::observe) changed, to be saved.
    fn state(&self) -> [f64; 3] {
        [0.0; 3]
    }

    /// Restores it.
    fn restore(&mut self, state: [f64; 3]) {
        let _ = state;
    }
}

/// 1
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Constant;

impl Schedule for Constant {
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn factor(&self, _: u64) -> f64 {
        1.0
    }
}

/// `factor^(floor(step / every))`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepDecay {
    every: u64,
    factor: f64,
}

impl StepDecay {
    /// Multiplies the rate by `factor` after each interval of this many steps.
    pub fn new(every: usize, factor: f64) -> Self {
        Self {
            every: every as u64,
            factor,
        }
    }
}

impl Schedule for StepDecay {
    fn check(&self) -> Result<(), Error> {
        check_steps("steps between two decays", self.every)?;
        check_positive("factor of the rate", self.factor)
    }

    fn settings(&self) -> String {
        format!("StepDecay: every {}, factor {:?}", self.every, self.factor)
    }

    fn factor(&self, step: u64) -> f64 {
        self.factor.powf((step / self.every) as f64)
    }
}

/// Half a cosine from 1 to the last factor (Loshchilov and Hutter, 2017), after a linear warm-up:
///
/// ```text
/// step <  warm_up:  (step + 1) / warm_up
/// step >= warm_up:  last + (1 - last) / 2 (1 + cos(pi (step - warm_up) / (steps - warm_up)))
/// step >= steps:    last
/// ```
///
/// A step is a batch, so a training has `epochs * ceil(samples / batch size)` of them:
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 1 => dense(tanh, 8) => dense(id, 1) }
/// let xs: Vec<[f32; 1]> = (0..90).map(|i| [i as f32 / 90.0]).collect();
/// let (epochs, batch) = (20, 32);
/// let steps = epochs * xs.len().div_ceil(batch); // 60
/// let optimizer = Adam::new(1e-2).schedule(Cosine::new(steps).warm_up(steps / 10));
/// let mut params = Net.init(&mut rng(0));
/// Trainer::new(Net, SquaredLoss, optimizer).batch_size(batch).fit(&mut params, &xs, &xs, epochs)?;
/// # Ok::<(), simplechain::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cosine {
    steps: u64,
    warm_up: u64,
    last: f64,
}

impl Cosine {
    /// Over this many steps, to 0, without warm-up. Afterwards the parameters stay as they are: count the steps of all epochs.
    pub fn new(steps: usize) -> Self {
        Self {
            steps: steps as u64,
            warm_up: 0,
            last: 0.0,
        }
    }

    /// Rises linearly over the first steps.
    #[must_use]
    pub fn warm_up(self, steps: usize) -> Self {
        Self {
            warm_up: steps as u64,
            ..self
        }
    }

    /// The final factor.
    #[must_use]
    pub fn last(self, factor: f64) -> Self {
        Self {
            last: factor,
            ..self
        }
    }
}

impl Schedule for Cosine {
    fn check(&self) -> Result<(), Error> {
        check_steps("steps of the schedule", self.steps)?;
        let warm_up = self.warm_up < self.steps;
        check_range(
            "steps of the warm-up",
            self.warm_up as f64,
            warm_up,
            "fewer than those of the schedule",
        )?;
        check_not_negative("last factor of the rate", self.last)
    }

    fn settings(&self) -> String {
        let Self {
            steps,
            warm_up,
            last,
        } = self;
        format!("Cosine: steps {steps}, warm-up {warm_up}, last {last:?}")
    }

    fn factor(&self, step: u64) -> f64 {
        if step < self.warm_up {
            return (step + 1) as f64 / self.warm_up as f64;
        }
        let done = (step - self.warm_up) as f64 / (self.steps - self.warm_up) as f64;
        cosine(1.0, self.last, done)
    }
}

/// One cycle (Smith and Topin, 2019), with PyTorch's defaults: up from 1/25 to 1 by half a cosine in the first 30 % of the
/// steps, then down to 1/250 000.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneCycle {
    steps: u64,
    rise: f64,
    first: f64,
    last: f64,
}

impl OneCycle {
    /// Over this many steps, those of all epochs.
    pub fn new(steps: usize) -> Self {
        Self {
            steps: steps as u64,
            rise: 0.3,
            first: 1.0 / 25.0,
            last: 1.0 / 25.0 / 1e4,
        }
    }

    /// The fraction of the steps in which the rate rises, in `(0, 1)`.
    #[must_use]
    pub fn rise(self, share: f64) -> Self {
        Self {
            rise: share,
            ..self
        }
    }

    /// The factors of the first and the last step.
    #[must_use]
    pub fn ends(self, first: f64, last: f64) -> Self {
        Self {
            first,
            last,
            ..self
        }
    }
}

impl Schedule for OneCycle {
    fn check(&self) -> Result<(), Error> {
        let enough = self.steps >= 2;
        check_range(
            "steps of the cycle",
            self.steps as f64,
            enough,
            "at least 2",
        )?;
        let share = self.rise > 0.0 && self.rise < 1.0;
        check_range(
            "rising share of the cycle",
            self.rise,
            share,
            "between 0 and 1",
        )?;
        check_not_negative("first factor of the rate", self.first)?;
        check_not_negative("last factor of the rate", self.last)
    }

    fn settings(&self) -> String {
        let Self {
            steps,
            rise,
            first,
            last,
        } = self;
        format!("OneCycle: steps {steps}, rise {rise:?}, first {first:?}, last {last:?}")
    }

    fn factor(&self, step: u64) -> f64 {
        // As in PyTorch: the peak is at step `rise * steps - 1`, the end at `steps - 1`.
        let peak = self.rise * self.steps as f64 - 1.0;
        let (step, end) = (step as f64, (self.steps - 1) as f64);
        if step < peak {
            cosine(self.first, 1.0, step / peak)
        } else {
            cosine(1.0, self.last, (step - peak) / (end - peak))
        }
    }
}

/// From `a` to `b` along half a cosine; `b` from `done = 1` on.
fn cosine(a: f64, b: f64, done: f64) -> f64 {
    b + 0.5 * (a - b) * (1.0 + (PI * done.min(1.0)).cos())
}

/// Multiplies the rate by a factor when the loss has not improved on the lowest, by more than `threshold` of its
/// magnitude, for more than `patience` epochs in a row; as PyTorch's `ReduceLROnPlateau`, but also for losses below 0:
///
/// ```text
/// better:  loss < lowest - threshold |lowest|
/// ```
///
/// An infinite or NaN loss is never better.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    patience: u64,
    factor: f64,
    threshold: f64,
    lowest: f64,
    bad: u64,
    now: f64,
}

impl Plateau {
    /// With factor 0.1 and threshold 1e-4.
    pub fn new(patience: usize) -> Self {
        Self {
            patience: patience as u64,
            factor: 0.1,
            threshold: 1e-4,
            lowest: f64::INFINITY,
            bad: 0,
            now: 1.0,
        }
    }

    /// The factor of each reduction.
    #[must_use]
    pub fn by(self, factor: f64) -> Self {
        Self { factor, ..self }
    }

    /// The relative improvement over the lowest loss that is required.
    #[must_use]
    pub fn threshold(self, threshold: f64) -> Self {
        Self { threshold, ..self }
    }
}

impl Schedule for Plateau {
    fn check(&self) -> Result<(), Error> {
        check_positive("factor of the rate", self.factor)?;
        check_not_negative("threshold of the plateau", self.threshold)
    }

    fn settings(&self) -> String {
        let Self {
            patience,
            factor,
            threshold,
            ..
        } = self;
        format!("Plateau: patience {patience}, factor {factor:?}, threshold {threshold:?}")
    }

    fn factor(&self, _: u64) -> f64 {
        self.now
    }

    fn observe(&mut self, loss: f64) {
        // Initially the lowest is infinite, so a relative threshold has no meaning.
        let margin = if self.lowest.is_finite() {
            self.threshold * self.lowest.abs()
        } else {
            0.0
        };
        if loss.is_finite() && loss < self.lowest - margin {
            (self.lowest, self.bad) = (loss, 0);
        } else {
            self.bad = self.bad.saturating_add(1);
            if self.bad > self.patience {
                (self.now, self.bad) = (self.now * self.factor, 0);
            }
        }
    }

    fn state(&self) -> [f64; 3] {
        [self.lowest, self.bad as f64, self.now]
    }

    fn restore(&mut self, [lowest, bad, now]: [f64; 3]) {
        (self.lowest, self.bad, self.now) = (lowest, bad as u64, now);
    }
}

fn check_steps(what: &'static str, steps: u64) -> Result<(), Error> {
    check_range(what, steps as f64, steps > 0, "at least 1")
}

/// An optimizer with a learning-rate schedule: [`Optimizer::schedule`].
#[derive(Clone, Debug, PartialEq)]
pub struct Scheduled<O, S> {
    optimizer: O,
    schedule: S,
    /// The base rate of the factors.
    rate: f64,
    steps: u64,
}

impl<O, S: Schedule> Scheduled<O, S> {
    pub(super) fn new(optimizer: O, schedule: S, rate: f64) -> Self {
        Self {
            optimizer,
            schedule,
            rate,
            steps: 0,
        }
    }

    /// The wrapped optimizer.
    pub fn inner(&self) -> &O {
        &self.optimizer
    }

    /// The learning rate of the next step.
    pub fn next_rate(&self) -> f64 {
        self.rate * self.schedule.factor(self.steps)
    }

    /// Calls the optimizer with the learning rate of the next step.
    fn at_next_rate<T: Real, R>(&mut self, call: impl FnOnce(&mut O) -> R) -> R
    where
        O: Optimizer<T>,
    {
        self.optimizer.set_rate(self.next_rate());
        let result = call(&mut self.optimizer);
        self.optimizer.set_rate(self.rate);
        result
    }
}

impl<T: Real, O: Optimizer<T>, S: Schedule> Optimizer<T> for Scheduled<O, S> {
    fn check(&self) -> Result<(), Error> {
        self.schedule.check()?;
        self.optimizer.check()
    }

    fn prepare(&mut self, len: usize) -> Result<(), Error> {
        self.optimizer.prepare(len)
    }

    fn apply(&mut self, params: &mut [T], grads: &[T], samples: usize) {
        self.at_next_rate(|optimizer| optimizer.apply(params, grads, samples));
        self.steps = self.steps.saturating_add(1);
    }

    fn settle(&mut self, params: &[T], held: &[Range<usize>]) {
        self.optimizer.settle(params, held);
    }

    fn finish(&mut self, params: &mut [T]) -> bool {
        self.at_next_rate(|optimizer| optimizer.finish(params))
    }

    fn discard(&mut self) {
        self.optimizer.discard();
    }

    fn settings(&self) -> String {
        let inner = self.optimizer.settings();
        format!("{inner}; schedule {}", self.schedule.settings())
    }

    /// The base rate of the factors.
    fn rate(&self) -> f64 {
        self.rate
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
        self.optimizer.set_rate(rate);
    }

    fn observe(&mut self, loss: f64) {
        self.schedule.observe(loss);
        self.optimizer.observe(loss);
    }

    fn state(&self) -> State<T> {
        let [a, b, c] = self.schedule.state();
        let numbers = [a, b, c, self.rate, self.steps as f64];
        self.optimizer.state().push(numbers, [])
    }

    fn take(&mut self, state: &mut State<T>) -> Result<(), Error> {
        let ([a, b, c, rate, steps], []) = state.pop()?;
        self.schedule.restore([a, b, c]);
        self.steps = steps as u64;
        self.set_rate(rate);
        self.optimizer.take(state)
    }
}
