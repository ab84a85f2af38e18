//! L-BFGS: quasi-Newton steps on full batches.

#[cfg(feature = "std")]
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::check_not_negative;
use super::vector::{dot, largest};
use crate::array::Array;
use crate::data::Samples;
use crate::error::{Error, Step, check_range};
use crate::finite::find_not_finite;
use crate::loss::{Loss, check_batch};
use crate::network::Network;
use crate::ranks::Ranks;
#[cfg(feature = "std")]
use crate::ranks::{self, Communicator};
use crate::run::calls;
use crate::run::plan::Plan;
use crate::simd::Real;

/// Limited-memory BFGS (Liu and Nocedal, 1989) with a line search for the strong Wolfe conditions (Nocedal and Wright,
/// *Numerical Optimization*, algorithms 3.5, 3.6 and 7.4), or, where rounding hides the decrease, the approximate Wolfe conditions
/// (Hager and Zhang, 2005): for losses without noise, that is, over the whole data.
///
/// It stops when the gradient is small compared with the value and with the initial gradient, see
/// [`gradient_tolerance`](Self::gradient_tolerance): a loss in other units takes the same steps to the same minimum.
///
/// ```
/// use simplechain::optim::{Lbfgs, Stop};
///
/// // Rosenbrock's valley.
/// let mut p = [-1.2_f64, 1.0];
/// let minimum = Lbfgs::new().minimize(&mut p, 100, |p, grads| {
///     let (a, b) = (1.0 - p[0], p[1] - p[0] * p[0]);
///     grads.copy_from_slice(&[-2.0 * a - 400.0 * p[0] * b, 200.0 * b]);
///     a * a + 100.0 * b * b
/// })?;
/// assert_eq!(minimum.stop, Stop::Gradient);
/// assert!((p[0] - 1.0).abs() < 1e-6 && (p[1] - 1.0).abs() < 1e-6);
/// # Ok::<(), simplechain::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lbfgs {
    memory: usize,
    gradient: f64,
    evaluations: usize,
}

/// The result of a minimisation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Minimum {
    /// The value there.
    pub value: f64,
    /// The largest magnitude of the gradient there.
    pub gradient: f64,
    /// Steps made.
    pub iterations: usize,
    /// Evaluations of value and gradient.
    pub evaluations: usize,
    /// Why it stopped.
    pub stop: Stop,
}

/// Why a minimisation stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The gradient is within its tolerance: convergence.
    Gradient,
    /// No step along the direction decreases the value, to rounding. A fit ends so if its value goes to
    /// 0, so that no gradient is small compared with it; so does a function with a wrong gradient.
    NoDecrease,
    /// The maximum number of iterations was reached.
    Iterations,
    /// The caller's callback broke.
    Caller,
}

impl Default for Lbfgs {
    fn default() -> Self {
        Self::new()
    }
}

impl Lbfgs {
    /// With 10 pairs of memory, tolerance 1e-8 and at most 25 evaluations per line search.
    pub fn new() -> Self {
        Self {
            memory: 10,
            gradient: 1e-8,
            evaluations: 25,
        }
    }

    /// The number of past steps to keep, with their changes of the gradient.
    #[must_use]
    pub fn memory(self, pairs: usize) -> Self {
        Self {
            memory: pairs,
            ..self
        }
    }

    /// Stops when the gradient `g` is small relative to the value `f`, whatever its units (Dennis and Schnabel, *Numerical Methods for
    /// Unconstrained Optimization*, section 7.2), and relative to the start (`g_0`, `p_0`):
    ///
    /// ```text
    /// size(g, p) <= tolerance min(|f|, size(g_0, p_0))   with   size(g, p) = max_i |g_i| max(|p_i|, 1)
    /// ```
    #[must_use]
    pub fn gradient_tolerance(self, tolerance: f64) -> Self {
        Self {
            gradient: tolerance,
            ..self
        }
    }

    /// Minimises a function of `params` that returns its value and writes its gradient.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a setting makes no sense; [`Error::Diverged`] if value or gradient at the start are infinite or
    /// NaN. (A step to where they are is not made.) Then `params` are as they were.
    pub fn minimize<T: Real>(
        &self,
        params: &mut [T],
        iterations: usize,
        function: impl FnMut(&[T], &mut [T]) -> T,
    ) -> Result<Minimum, Error> {
        self.minimize_with(params, iterations, function, |_, _, _| {
            ControlFlow::Continue(())
        })
    }

    /// Minimises, and calls `on_iteration` after every step with the step count, value and parameters; it may break.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a setting makes no sense; [`Error::Diverged`] if value or gradient at the start are infinite or
    /// NaN. (A step to where they are is not made.) Then `params` are as they were.
    pub fn minimize_with<T: Real>(
        &self,
        params: &mut [T],
        iterations: usize,
        function: impl FnMut(&[T], &mut [T]) -> T,
        on_iteration: impl FnMut(usize, f64, &[T]) -> ControlFlow<()>,
    ) -> Result<Minimum, Error> {
        let pairs = self.memory;
        check_range("pairs of memory", pairs as f64, pairs > 0, "at least 1")?;
        check_not_negative("tolerance of the gradient", self.gradient)?;
        Run::new(self, params, function).minimize(params, iterations, on_iteration)
    }

    /// Fits a chain to the whole data by minimising the mean loss. Layers work as in inference: `dropout` is inactive, and
    /// `batch_norm` uses its running statistics. These and frozen parameters do not change.
    ///
    /// # Errors
    /// For invalid data or settings; [`Error::Diverged`] if the initial loss or gradient is infinite or NaN, with the
    /// data element that causes it, if one does. Then nothing is changed.
    pub fn fit<C: Network, T: Real, L: Loss<C, T>, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        chain: C,
        loss: &L,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        iterations: usize,
    ) -> Result<Minimum, Error> {
        let on_iteration = |_: usize, _: f64, _: &C::Params<T>| ControlFlow::Continue(());
        self.fit_with(chain, loss, params, xs, targets, iterations, on_iteration)
    }

    /// Fits a chain, and calls `on_iteration` after every step with the step count, the loss and the parameters; it may
    /// break.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_with<C: Network, T: Real, L: Loss<C, T>, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        chain: C,
        loss: &L,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        iterations: usize,
        mut on_iteration: impl FnMut(usize, f64, &C::Params<T>) -> ControlFlow<()>,
    ) -> Result<Minimum, Error> {
        check_batch(loss, chain, xs, targets)?;
        let on_iteration = |made, value, params: &[T]| {
            on_iteration(made, value, C::Params::from_slice(params).expect("as many"))
        };
        self.fit_checked(
            None,
            chain,
            loss,
            params,
            xs,
            targets,
            iterations,
            on_iteration,
        )
    }

    /// [`fit`](Self::fit) together with the other processes of a communicator: each computes its part of the loss and the gradient, and all make the
    /// same steps. Parameters have the same bits as in one process. The data of each is as in a full batch of
    /// [`Trainer::over`](crate::train::Trainer::over).
    ///
    /// # Errors
    /// As [`fit`](Self::fit); [`Error::Rank`], [`Error::RanksDiffer`].
    #[cfg(feature = "std")]
    pub fn fit_over<C: Network, T: Real, L: Loss<C, T>, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        communicator: &dyn Communicator,
        chain: C,
        loss: &L,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        iterations: usize,
    ) -> Result<Minimum, Error> {
        let ranks = Ranks::new(communicator);
        ranks.agree(check_batch(loss, chain, xs, targets))?;
        ranks.compare([
            ("the number of samples", xs.count() as u64),
            ("the number of iterations", iterations as u64),
            ("the settings", ranks::hash(format!("{self:?}").as_bytes())),
            ("the parameters", ranks::hash(params.as_slice())),
        ])?;
        let on_iteration = |_: usize, _: f64, _: &[T]| ControlFlow::Continue(());
        self.fit_checked(
            Some(&ranks),
            chain,
            loss,
            params,
            xs,
            targets,
            iterations,
            on_iteration,
        )
    }

    fn fit_checked<C: Network, T: Real, L: Loss<C, T>, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        ranks: Option<&Ranks<'_>>,
        chain: C,
        loss: &L,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        iterations: usize,
        on_iteration: impl FnMut(usize, f64, &[T]) -> ControlFlow<()>,
    ) -> Result<Minimum, Error> {
        let function = |params: &[T], grads: &mut [T]| {
            let params = C::Params::from_slice(params).expect("as many");
            let grads = C::Params::from_mut_slice(grads).expect("as many");
            let value = calls::value_and_grad_batch(ranks, chain, loss, xs, targets, params, grads);
            value.expect("data that was checked")
        };
        let minimum = self.minimize_with(params.as_mut_slice(), iterations, function, on_iteration);
        let cause = || {
            let samples = Plan::new::<C, T>(xs.count()).own_samples::<T>(ranks);
            let found = find_not_finite(chain, loss, xs, targets, samples);
            ranks.map_or(found, |ranks| ranks.first(found))
        };
        minimum.map_err(|error| error.caused_by(cause))
    }
}

/// A point on the line `x0 + step * direction`.
#[derive(Clone, Copy, Debug)]
struct Place {
    step: f64,
    value: f64,
    /// The derivative of the value with respect to the step.
    slope: f64,
}

/// A past step, and the change of the gradient.
struct Pair<T> {
    s: Vec<T>,
    y: Vec<T>,
    /// `1 / (s . y)`
    rho: f64,
}

struct Run<'a, T, F> {
    settings: &'a Lbfgs,
    function: F,
    evaluations: usize,
    /// Values and gradients of the function are divided by this, so that nothing here depends on their units: a power of
    /// two near the initial gradient.
    unit: f64,
    /// Oldest first.
    pairs: Vec<Pair<T>>,
    /// `(s . y) / (y . y)` of the latest pair: the scale of a step along the gradient.
    scale: Option<f64>,
    direction: Vec<T>,
    grads: Vec<T>,
    /// The point of the latest function call, and the gradient there.
    trial: Vec<T>,
    trial_grads: Vec<T>,
}

/// Sufficient decrease and curvature: the usual constants for quasi-Newton methods.
const DECREASE: f64 = 1e-4;
const CURVATURE: f64 = 0.9;
/// How many steps may decrease only the gradient when the value no longer decreases.
const MAX_LEVEL: usize = 5;

impl<'a, T: Real, F: FnMut(&[T], &mut [T]) -> T> Run<'a, T, F> {
    fn new(settings: &'a Lbfgs, params: &[T], function: F) -> Self {
        let zeros = || vec![T::ZERO; params.len()];
        Self {
            settings,
            function,
            evaluations: 0,
            unit: 1.0,
            scale: None,
            pairs: Vec::with_capacity(settings.memory),
            direction: zeros(),
            grads: zeros(),
            trial: zeros(),
            trial_grads: zeros(),
        }
    }

    fn minimize(
        mut self,
        params: &mut [T],
        iterations: usize,
        mut on_iteration: impl FnMut(usize, f64, &[T]) -> ControlFlow<()>,
    ) -> Result<Minimum, Error> {
        let value = (self.function)(params, &mut self.trial_grads).to_f64();
        check_finite(value, &self.trial_grads, 0)?;
        self.unit = power_of_two(largest(&self.trial_grads));
        self.evaluations = 1;
        let mut value = self.in_units(value);
        self.grads.copy_from_slice(&self.trial_grads);
        let first = size(&self.grads, params);
        let mut made = 0;
        // Consecutive steps whose decrease is hidden by rounding.
        let mut level = 0;
        let stop = loop {
            if size(&self.grads, params) <= self.settings.gradient * first.min(value.abs()) {
                break Stop::Gradient;
            }
            if level == MAX_LEVEL {
                break Stop::NoDecrease;
            }
            if made == iterations {
                break Stop::Iterations;
            }
            self.find_direction();
            let mut found = self.line_search(params, value);
            if found.is_none() && !self.pairs.is_empty() {
                // The history may mislead: try once more along the gradient.
                self.pairs.clear();
                self.find_direction();
                found = self.line_search(params, value);
            }
            let Some(place) = found else {
                break Stop::NoDecrease;
            };
            level = if place.value < value { 0 } else { level + 1 };
            value = place.value;
            self.remember(params);
            params.copy_from_slice(&self.trial);
            self.grads.copy_from_slice(&self.trial_grads);
            made += 1;
            if on_iteration(made, self.unit * value, params).is_break() {
                break Stop::Caller;
            }
        };
        Ok(Minimum {
            value: self.unit * value,
            gradient: self.unit * largest(&self.grads),
            iterations: made,
            evaluations: self.evaluations,
            stop,
        })
    }

    /// Converts the function's value and gradient to units of `unit`.
    fn in_units(&mut self, value: f64) -> f64 {
        let inverse = 1.0 / self.unit;
        for g in &mut self.trial_grads {
            *g = T::from_f64(g.to_f64() * inverse);
        }
        value * inverse
    }

    /// `direction = -H grads`, the two-loop recursion.
    fn find_direction(&mut self) {
        for (d, g) in self.direction.iter_mut().zip(&self.grads) {
            *d = g.mul_add(T::from_f64(-1.0), T::ZERO);
        }
        let mut alphas = vec![0.0; self.pairs.len()];
        for (pair, alpha) in self.pairs.iter().zip(&mut alphas).rev() {
            *alpha = pair.rho * dot(&pair.s, &self.direction);
            add(&mut self.direction, -*alpha, &pair.y);
        }
        if let Some(last) = self.pairs.last() {
            let scale = T::from_f64(1.0 / (last.rho * dot(&last.y, &last.y)));
            for d in &mut self.direction {
                *d = d.mul_add(scale, T::ZERO);
            }
        }
        for (pair, alpha) in self.pairs.iter().zip(alphas) {
            let beta = pair.rho * dot(&pair.y, &self.direction);
            add(&mut self.direction, alpha - beta, &pair.s);
        }
    }

    fn remember(&mut self, params: &[T]) {
        let mut pair = if self.pairs.len() == self.settings.memory {
            self.pairs.remove(0)
        } else {
            let (s, y) = (self.grads.clone(), self.grads.clone());
            Pair { s, y, rho: 0.0 }
        };
        subtract(&mut pair.s, &self.trial, params);
        subtract(&mut pair.y, &self.trial_grads, &self.grads);
        let product = dot(&pair.s, &pair.y);
        let squares = [&pair.s, &pair.y].map(|x| dot(x, x));
        // Positive by the curvature condition, up to rounding.
        if product > 1e-10 * squares[0].sqrt() * squares[1].sqrt() {
            pair.rho = 1.0 / product;
            self.scale = Some(product / squares[1]);
            self.pairs.push(pair);
        }
    }

    /// Evaluates the function at a step along the direction.
    fn at(&mut self, params: &[T], step: f64) -> Place {
        self.trial.copy_from_slice(params);
        add(&mut self.trial, step, &self.direction);
        let value = (self.function)(&self.trial, &mut self.trial_grads).to_f64();
        let value = self.in_units(value);
        self.evaluations += 1;
        let slope = dot(&self.trial_grads, &self.direction);
        // NaN and infinities are not accepted.
        let value = if value.is_finite() && slope.is_finite() {
            value
        } else {
            f64::INFINITY
        };
        Place { step, value, slope }
    }

    /// A point that satisfies the Wolfe conditions, stored in `trial`.
    fn line_search(&mut self, params: &[T], value: f64) -> Option<Place> {
        let start = Place {
            step: 0.0,
            value,
            slope: dot(&self.grads, &self.direction),
        };
        if start.slope.is_nan() || start.slope >= 0.0 {
            return None;
        }
        // Without history the direction is the gradient, whose length has no meaning.
        let mut step = match (self.pairs.is_empty(), self.scale) {
            (false, _) => 1.0,
            (true, Some(scale)) => scale,
            (true, None) => 1.0 / dot(&self.grads, &self.grads).sqrt(),
        };
        let mut last = start;
        for _ in 0..self.settings.evaluations {
            let place = self.at(params, step);
            if accepts::<T>(&start, &place) {
                return Some(place);
            }
            if !decreases(&start, &place) || last.step > 0.0 && place.value >= last.value {
                return self.zoom(params, start, last, place);
            }
            if place.slope >= 0.0 {
                return self.zoom(params, start, place, last);
            }
            (last, step) = (place, 4.0 * step);
        }
        // Steeper than required, but lower than before.
        (last.step > 0.0).then_some(last)
    }

    /// There is an acceptable point between `low`, the lowest so far, and `high`.
    fn zoom(
        &mut self,
        params: &[T],
        start: Place,
        mut low: Place,
        mut high: Place,
    ) -> Option<Place> {
        for _ in 0..self.settings.evaluations {
            let place = self.at(params, between(&low, &high));
            if accepts::<T>(&start, &place) {
                return Some(place);
            }
            if !decreases(&start, &place) || place.value >= low.value {
                high = place;
            } else {
                if place.slope * (high.step - low.step) >= 0.0 {
                    high = low;
                }
                low = place;
            }
        }
        // Not flat enough, but lower than before.
        if low.step > 0.0 && low.value < start.value {
            return Some(self.at(params, low.step));
        }
        None
    }
}

/// The strong Wolfe conditions, or the approximate ones.
fn accepts<T>(start: &Place, place: &Place) -> bool {
    let strong = decreases(start, place) && place.slope.abs() <= -CURVATURE * start.slope;
    // A bound for the rounding error of a mean over many samples.
    let rounding = if size_of::<T>() == 4 { 5e-7 } else { 1e-14 } * start.value.abs();
    let approximate = place.value <= start.value + rounding
        && place.slope <= (2.0 * DECREASE - 1.0) * start.slope
        && place.slope >= CURVATURE * start.slope;
    strong || approximate && place.value.is_finite()
}

fn decreases(start: &Place, place: &Place) -> bool {
    place.value <= start.value + DECREASE * place.step * start.slope
}

/// The minimum of the cubic through two points (Nocedal and Wright, equation 3.59), if it is well between them.
fn between(low: &Place, high: &Place) -> f64 {
    let width = high.step - low.step;
    let middle = low.step + 0.5 * width;
    if !high.value.is_finite() {
        return low.step + 0.1 * width;
    }
    let d1 = low.slope + high.slope - 3.0 * (low.value - high.value) / (low.step - high.step);
    let square = d1 * d1 - low.slope * high.slope;
    if square < 0.0 {
        return middle;
    }
    let d2 = square.sqrt().copysign(width);
    let step = high.step - width * (high.slope + d2 - d1) / (high.slope - low.slope + 2.0 * d2);
    let share = (step - low.step) / width;
    if share > 0.1 && share < 0.9 {
        step
    } else {
        middle
    }
}

/// `x += a y`
fn add<T: Real>(x: &mut [T], a: f64, y: &[T]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x = T::from_f64(x.to_f64() + a * y.to_f64());
    }
}

/// `x = a - b`
fn subtract<T: Real>(x: &mut [T], a: &[T], b: &[T]) {
    for ((x, a), b) in x.iter_mut().zip(a).zip(b) {
        *x = T::from_f64(a.to_f64() - b.to_f64());
    }
}

/// `max_i |g_i| max(|p_i|, 1)`
fn size<T: Real>(grads: &[T], params: &[T]) -> f64 {
    let sizes = grads
        .iter()
        .zip(params)
        .map(|(g, p)| g.to_f64().abs() * p.to_f64().abs().max(1.0));
    sizes.fold(0.0, f64::max)
}

/// The largest power of two that is not above a positive value.
fn power_of_two(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff << 52;
    f64::from_bits(x.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
}

/// Whether value and gradient are finite, so that a method can continue.
pub(super) fn check_finite<T: Real>(
    value: f64,
    grads: &[T],
    iteration: usize,
) -> Result<(), Error> {
    let what = if !value.is_finite() {
        "loss"
    } else if !largest(grads).is_finite() {
        "gradient"
    } else {
        return Ok(());
    };
    Err(Error::Diverged {
        what,
        at: Step::Iteration(iteration),
        cause: None,
    })
}
