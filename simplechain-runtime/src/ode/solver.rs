//! Integration steps, forward and backward.

use alloc::vec;
use alloc::vec::Vec;
use core::marker::PhantomData;
use core::ops::Range;

use super::{DifferentiableField, Field, Method};
use crate::array::Array;
use crate::error::{Error, check_range};
#[cfg(not(feature = "std"))]
use crate::float::Float as _;
use crate::scratch::with_zeros;
use crate::simd::Real;

/// Solves `du/dt = f(t, u, params)` through given points in time with fixed steps, and differentiates these steps.
///
/// It owns the memory for one solution, so no call allocates; each thread needs its own solver. See the [module](super) for an example.
#[derive(Clone, Debug)]
pub struct Solver<T: Real, F: Field<T>, M> {
    field: F,
    method: PhantomData<M>,
    times: Vec<T>,
    /// Steps before each point in time.
    steps: Vec<usize>,
    /// The states at the points in time, and their tangents or cotangents.
    us: Vec<F::State>,
    us_dot: Vec<F::State>,
    us_bar: Vec<F::State>,
    /// The rates of a step's stages; in a backward pass their cotangents.
    rates: Vec<F::State>,
    rates_dot: Vec<F::State>,
    /// The states at which the field was evaluated, stage by stage.
    stages: Vec<F::State>,
    /// The values that the field kept there.
    saved: Vec<T>,
}

impl<T: Real, F: Field<T>, M: Method> Solver<T, F, M> {
    /// Takes `steps` equal steps between consecutive `times`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for no steps or more than `2^32` in all, or unless the times are finite and strictly monotonic.
    pub fn new(field: F, method: M, times: &[T], steps: usize) -> Result<Self, Error> {
        check_range("the number of steps", steps as f64, steps > 0, "at least 1")?;
        Self::with_steps(field, method, times, |_| steps as f64)
    }

    /// Takes as many equal steps between consecutive `times` as keep each at most `max_step` long (within a
    /// millionth): for irregular times.
    ///
    /// ```
    /// use simplechain::ode::{Autonomous, Rk4, Solver};
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 2) }
    /// let times = [0.0, 0.01, 0.5, 2.0];
    /// let mut solver = Solver::with_max_step(Autonomous(Net), Rk4, &times, 0.25)?;
    /// assert_eq!(solver.steps(), 1 + 2 + 6);
    /// let us = solver.solve(&[1.0, 0.0], &Net.init(&mut rng(0)));
    /// assert_eq!(us.len(), 4);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `max_step` is finite and above 0, and as [`new`](Self::new).
    pub fn with_max_step(field: F, method: M, times: &[T], max_step: T) -> Result<Self, Error> {
        let max_step = max_step.to_f64();
        let ok = max_step.is_finite() && max_step > 0.0;
        check_range("the largest step", max_step, ok, "finite and above 0")?;
        // A quotient that rounding puts above an integer counts as that integer.
        let steps = |length: f64| (length / max_step * (1.0 - 1e-6)).ceil().max(1.0);
        Self::with_steps(field, method, times, steps)
    }

    /// Takes `steps(length)` equal steps between consecutive times.
    fn with_steps(
        field: F,
        _method: M,
        times: &[T],
        steps: impl Fn(f64) -> f64,
    ) -> Result<Self, Error> {
        const {
            assert!(M::A.len() == M::C.len() && M::B.len() == M::C.len());
        }
        check_range(
            "the number of points in time",
            times.len() as f64,
            !times.is_empty(),
            "at least 1",
        )?;
        let up = times.len() < 2 || times[1] > times[0];
        let (mut before, mut total) = (Vec::with_capacity(times.len()), 0.0);
        for (i, time) in times.iter().enumerate() {
            let time = time.to_f64();
            let last = i.checked_sub(1).map(|i| times[i].to_f64());
            let follows = last.is_none_or(|last| if up { time > last } else { time < last });
            let ok = time.is_finite() && follows;
            let allowed = "finite, and the times must all go up or all go down";
            check_range("a point in time", time, ok, allowed)?;
            total += last.map_or(0.0, |last| steps((time - last).abs()));
            let few = total <= MAX_STEPS;
            check_range("the number of all steps", total, few, "at most 2^32")?;
            before.push(total as usize);
        }
        let zeros = |count: usize| F::State::vec(T::ZERO, count);
        let stages = total as usize * M::C.len();
        Ok(Self {
            field,
            method: PhantomData,
            times: times.to_vec(),
            steps: before,
            us: zeros(times.len()),
            us_dot: zeros(times.len()),
            us_bar: zeros(times.len()),
            rates: zeros(M::C.len()),
            rates_dot: zeros(M::C.len()),
            stages: zeros(stages),
            saved: vec![T::ZERO; stages * F::SAVED_LEN],
        })
    }

    /// The points in time.
    pub fn times(&self) -> &[T] {
        &self.times
    }

    /// The number of steps of a solution.
    pub fn steps(&self) -> usize {
        self.steps[self.times.len() - 1]
    }

    /// The right-hand side.
    pub fn field(&self) -> &F {
        &self.field
    }

    /// The states at the points in time, the first of which is `u0`; `to_vec()` keeps them beyond the next call.
    ///
    /// A solution that overflows is infinite or NaN from there on: check `us.last()`, because no later state is
    /// finite again.
    pub fn solve(&mut self, u0: &F::State, params: &F::Params) -> &[F::State] {
        self.forward::<false>(u0, params);
        &self.us
    }

    fn forward<const SAVE: bool>(&mut self, u0: &F::State, params: &F::Params) {
        // Small ones are locals, so that they can stay in registers.
        with_zeros(|u: &mut F::State| {
            with_zeros(|at: &mut F::State| {
                copy(u, u0);
                copy(&mut self.us[0], u);
                for i in 1..self.times.len() {
                    let interval = Interval::before(i, &self.times, &self.steps);
                    let h = interval.step;
                    for step in interval.steps() {
                        let t = interval.start(step);
                        let first = step * M::C.len();
                        for stage in 0..M::C.len() {
                            combine(at, u, h, M::A[stage], &self.rates);
                            let t = t + scaled(h, M::C[stage]);
                            let rate = &mut self.rates[stage];
                            if SAVE {
                                copy(&mut self.stages[first + stage], at);
                                let saved = &mut self.saved[F::SAVED_LEN * (first + stage)..]
                                    [..F::SAVED_LEN];
                                self.field.rate_and_save(t, at, params, saved, rate);
                            } else {
                                self.field.rate(t, at, params, rate);
                            }
                        }
                        add_all(u, h, M::B, &self.rates);
                    }
                    copy(&mut self.us[i], u);
                }
            });
        });
    }
}

/// More than fits in memory.
const MAX_STEPS: f64 = 4_294_967_296.0;

impl<T: Real, F: DifferentiableField<T>, M: Method> Solver<T, F, M> {
    /// A scalar function of the solution, and its gradient with respect to `u0` and `params`, which is overwritten.
    ///
    /// `loss` is given the states at the points in time and as many zero cotangents; it sets these to its
    /// gradient with respect to the states, and returns its value.
    ///
    /// A solution that overflows gives what the formulas give: its loss is infinite or NaN, and so is the
    /// gradient, even if the loss uses only earlier states (0 times infinity is NaN). So a custom loop must check the
    /// value before it takes a step: `if !value.is_finite()`, reduce the step of the solver or of the optimizer.
    /// [`Lbfgs`](crate::optim::Lbfgs) does check.
    pub fn value_and_grad(
        &mut self,
        u0: &F::State,
        params: &F::Params,
        loss: impl FnOnce(&[F::State], &mut [F::State]) -> T,
        u0_bar: &mut F::State,
        params_bar: &mut F::Params,
    ) -> T {
        u0_bar.as_mut_slice().fill(T::ZERO);
        params_bar.as_mut_slice().fill(T::ZERO);
        self.value_and_grad_add(u0, params, loss, u0_bar, params_bar)
    }

    /// [`value_and_grad`](Self::value_and_grad) that accumulates into `u0_bar` and `params_bar`: for a sum over trajectories.
    pub fn value_and_grad_add(
        &mut self,
        u0: &F::State,
        params: &F::Params,
        loss: impl FnOnce(&[F::State], &mut [F::State]) -> T,
        u0_bar: &mut F::State,
        params_bar: &mut F::Params,
    ) -> T {
        self.forward::<true>(u0, params);
        for bar in &mut self.us_bar {
            bar.as_mut_slice().fill(T::ZERO);
        }
        let value = loss(&self.us, &mut self.us_bar);
        self.back(params, u0_bar, params_bar);
        value
    }

    /// The steps in reverse: with `u1 = u0 + h sum_i b_i k_i`, `k_i = f(U_i)`, `U_i = u0 + h sum_j a_ij k_j` it is
    /// `k_bar_i = h (b_i u1_bar + sum_j a_ji U_bar_j)`, `U_bar_i = k_bar_i^T df/du`, `u0_bar = u1_bar + sum_i U_bar_i`.
    fn back(&mut self, params: &F::Params, u0_bar: &mut F::State, params_bar: &mut F::Params) {
        let count = M::C.len();
        with_zeros(|u_bar: &mut F::State| {
            with_zeros(|stage_bar: &mut F::State| {
                for i in (1..self.times.len()).rev() {
                    add(u_bar, T::ONE, &self.us_bar[i]);
                    let interval = Interval::before(i, &self.times, &self.steps);
                    let h = interval.step;
                    for step in interval.steps().rev() {
                        let t = interval.start(step);
                        let first = step * count;
                        for (rate_bar, b) in self.rates.iter_mut().zip(M::B) {
                            rate_bar.as_mut_slice().fill(T::ZERO);
                            add(rate_bar, scaled(h, *b), u_bar);
                        }
                        for stage in (0..count).rev() {
                            stage_bar.as_mut_slice().fill(T::ZERO);
                            self.field.vjp_add_saved(
                                t + scaled(h, M::C[stage]),
                                &self.stages[first + stage],
                                params,
                                &self.saved[F::SAVED_LEN * (first + stage)..][..F::SAVED_LEN],
                                &self.rates[stage],
                                stage_bar,
                                params_bar,
                            );
                            for (rate_bar, a) in self.rates.iter_mut().zip(M::A[stage]) {
                                add(rate_bar, scaled(h, *a), stage_bar);
                            }
                            add(u_bar, T::ONE, stage_bar);
                        }
                    }
                }
                add(u_bar, T::ONE, &self.us_bar[0]);
                add(u0_bar, T::ONE, u_bar);
            });
        });
    }

    /// Forward sensitivities: the states, and their derivatives in the direction `u0_dot`,
    /// `params_dot`. Prefer this to the adjoint when there are few parameters.
    pub fn jvp(
        &mut self,
        u0: &F::State,
        params: &F::Params,
        u0_dot: &F::State,
        params_dot: &F::Params,
    ) -> (&[F::State], &[F::State]) {
        copy(&mut self.us[0], u0);
        copy(&mut self.us_dot[0], u0_dot);
        with_zeros(|at: &mut F::State| {
            with_zeros(|at_dot: &mut F::State| {
                for i in 1..self.times.len() {
                    self.us.copy_within(i - 1..i, i);
                    self.us_dot.copy_within(i - 1..i, i);
                    let interval = Interval::before(i, &self.times, &self.steps);
                    let h = interval.step;
                    for step in interval.steps() {
                        let t = interval.start(step);
                        for stage in 0..M::C.len() {
                            combine(at, &self.us[i], h, M::A[stage], &self.rates);
                            combine(at_dot, &self.us_dot[i], h, M::A[stage], &self.rates_dot);
                            let t = t + scaled(h, M::C[stage]);
                            let rate = &mut self.rates[stage];
                            let rate_dot = &mut self.rates_dot[stage];
                            self.field
                                .jvp(t, at, params, at_dot, params_dot, rate, rate_dot);
                        }
                        add_all(&mut self.us[i], h, M::B, &self.rates);
                        add_all(&mut self.us_dot[i], h, M::B, &self.rates_dot);
                    }
                }
            });
        });
        (&self.us, &self.us_dot)
    }
}

/// The interval between two points in time.
struct Interval<T> {
    from: T,
    /// The length of a step.
    step: T,
    /// The indices of its steps among all steps.
    first: usize,
    end: usize,
}

impl<T: Real> Interval<T> {
    /// The interval before time `i`; `steps` has the number of steps before each time.
    #[inline]
    fn before(i: usize, times: &[T], steps: &[usize]) -> Self {
        let (first, end) = (steps[i - 1], steps[i]);
        Self {
            from: times[i - 1],
            step: (times[i] - times[i - 1]) / T::from_f64((end - first) as f64),
            first,
            end,
        }
    }

    fn steps(&self) -> Range<usize> {
        self.first..self.end
    }

    /// When a step begins.
    #[inline]
    fn start(&self, step: usize) -> T {
        self.from + scaled(self.step, (step - self.first) as f64)
    }
}

#[inline]
fn scaled<T: Real>(h: T, factor: f64) -> T {
    h * T::from_f64(factor)
}

/// `to = from`, for any size, without a copy on the stack.
#[inline]
fn copy<T: Real, S: Array<T>>(to: &mut S, from: &S) {
    to.as_mut_slice().copy_from_slice(from.as_slice());
}

/// `to = u + h sum_j weights_j rates_j`
#[inline]
fn combine<T: Real, S: Array<T>>(to: &mut S, u: &S, h: T, weights: &[f64], rates: &[S]) {
    copy(to, u);
    add_all(to, h, weights, rates);
}

/// `u += h sum_j weights_j rates_j`
#[inline]
fn add_all<T: Real, S: Array<T>>(u: &mut S, h: T, weights: &[f64], rates: &[S]) {
    for (weight, rate) in weights.iter().zip(rates) {
        add(u, scaled(h, *weight), rate);
    }
}

/// `sum += factor x`
#[inline]
fn add<T: Real, S: Array<T>>(sum: &mut S, factor: T, x: &S) {
    for (sum, x) in sum.as_mut_slice().iter_mut().zip(x.as_slice()) {
        *sum += factor * *x;
    }
}
