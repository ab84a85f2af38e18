//! Steps forward, and back.

use core::marker::PhantomData;

use super::{DifferentiableField, Field, Method};
use crate::chain::Array;
use crate::error::{Error, check_range};
use crate::simd::Real;

/// Solves `du/dt = f(t, u, params)` through given points in time by fixed steps, and differentiates what it did.
///
/// It owns the memory for one solution, so no call allocates; threads take a solver each. See the [module](super) for an example.
#[derive(Clone, Debug)]
pub struct Solver<T: Real, F: Field<T>, M> {
    field: F,
    method: PhantomData<M>,
    times: Vec<T>,
    /// From one point in time to the next.
    steps: usize,
    /// The states at the points in time, and their tangents or cotangents.
    us: Vec<F::State>,
    us_dot: Vec<F::State>,
    us_bar: Vec<F::State>,
    /// The rates of a step's stages, in a way back their cotangents.
    rates: Vec<F::State>,
    rates_dot: Vec<F::State>,
    /// Where the field was called, stage by stage.
    stages: Vec<F::State>,
    /// What the field kept there.
    kept: Vec<T>,
}

impl<T: Real, F: Field<T>, M: Method> Solver<T, F, M> {
    /// `steps` equal steps from one of the `times` to the next.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for no steps, or unless the times are finite and all go up or all go down.
    pub fn new(field: F, _method: M, times: &[T], steps: usize) -> Result<Self, Error> {
        const {
            assert!(M::A.len() == M::C.len() && M::B.len() == M::C.len());
        }
        check_range(
            "the number of points in time",
            times.len() as f64,
            !times.is_empty(),
            "at least 1",
        )?;
        check_range("the number of steps", steps as f64, steps > 0, "at least 1")?;
        let up = times.len() < 2 || times[1] > times[0];
        for (i, time) in times.iter().enumerate() {
            let time = time.to_f64();
            let before = i.checked_sub(1).map(|i| times[i].to_f64());
            let follows =
                before.is_none_or(|before| if up { time > before } else { time < before });
            let ok = time.is_finite() && follows;
            let allowed = "finite, and the times must all go up or all go down";
            check_range("a point in time", time, ok, allowed)?;
        }
        let states = |count: usize| vec![F::State::splat(T::ZERO); count];
        let stages = (times.len() - 1) * steps * M::C.len();
        Ok(Self {
            field,
            method: PhantomData,
            times: times.to_vec(),
            steps,
            us: states(times.len()),
            us_dot: states(times.len()),
            us_bar: states(times.len()),
            rates: states(M::C.len()),
            rates_dot: states(M::C.len()),
            stages: states(stages),
            kept: vec![T::ZERO; stages * F::KEPT],
        })
    }

    /// The points in time.
    pub fn times(&self) -> &[T] {
        &self.times
    }

    /// The right-hand side.
    pub fn field(&self) -> &F {
        &self.field
    }

    /// The states at the points in time, of which the first is `u0`; `to_vec()` keeps them beyond the next call.
    ///
    /// A solution that grows beyond all numbers has infinities and NaN in it.
    pub fn solve(&mut self, u0: &F::State, params: &F::Params) -> &[F::State] {
        self.forward::<false>(u0, params);
        &self.us
    }

    fn forward<const SAVE: bool>(&mut self, u0: &F::State, params: &F::Params) {
        let mut u = *u0;
        self.us[0] = u;
        for i in 1..self.times.len() {
            for step in 0..self.steps {
                let (t, h) = self.step(i, step);
                let first = ((i - 1) * self.steps + step) * M::C.len();
                for stage in 0..M::C.len() {
                    let at = combination(&u, h, M::A[stage], &self.rates);
                    let t = t + scaled(h, M::C[stage]);
                    self.rates[stage] = if SAVE {
                        self.stages[first + stage] = at;
                        let kept = &mut self.kept[F::KEPT * (first + stage)..][..F::KEPT];
                        self.field.rate_keeping(t, &at, params, kept)
                    } else {
                        self.field.rate(t, &at, params)
                    };
                }
                u = combination(&u, h, M::B, &self.rates);
            }
            self.us[i] = u;
        }
    }

    /// When a step before the time `i` begins, and how long it is.
    #[inline]
    fn step(&self, i: usize, step: usize) -> (T, T) {
        let (from, to) = (self.times[i - 1], self.times[i]);
        let h = (to - from) / T::from_f64(self.steps as f64);
        (from + scaled(h, step as f64), h)
    }
}

impl<T: Real, F: DifferentiableField<T>, M: Method> Solver<T, F, M> {
    /// A number that follows from the solution, and its gradient by `u0` and `params`, which is written.
    ///
    /// `loss` is given the states at the points in time, and the same number of cotangents, all 0; it sets those to the number's
    /// gradient by the states, and gives the number.
    pub fn value_and_grad(
        &mut self,
        u0: &F::State,
        params: &F::Params,
        loss: impl FnOnce(&[F::State], &mut [F::State]) -> T,
        u0_bar: &mut F::State,
        params_bar: &mut F::Params,
    ) -> T {
        *u0_bar = F::State::splat(T::ZERO);
        params_bar.as_mut_slice().fill(T::ZERO);
        self.value_and_grad_add(u0, params, loss, u0_bar, params_bar)
    }

    /// [`value_and_grad`](Self::value_and_grad) that adds to `u0_bar` and `params_bar`: for a sum over trajectories.
    pub fn value_and_grad_add(
        &mut self,
        u0: &F::State,
        params: &F::Params,
        loss: impl FnOnce(&[F::State], &mut [F::State]) -> T,
        u0_bar: &mut F::State,
        params_bar: &mut F::Params,
    ) -> T {
        self.forward::<true>(u0, params);
        self.us_bar.fill(F::State::splat(T::ZERO));
        let value = loss(&self.us, &mut self.us_bar);
        let u_bar = self.back(params, params_bar);
        add(u0_bar, T::ONE, &u_bar);
        value
    }

    /// The steps in reverse: with `u1 = u0 + h sum_i b_i k_i`, `k_i = f(U_i)`, `U_i = u0 + h sum_j a_ij k_j` it is
    /// `k_bar_i = h (b_i u1_bar + sum_j a_ji U_bar_j)`, `U_bar_i = k_bar_i^T df/du`, `u0_bar = u1_bar + sum_i U_bar_i`.
    fn back(&mut self, params: &F::Params, params_bar: &mut F::Params) -> F::State {
        let count = M::C.len();
        let mut u_bar = F::State::splat(T::ZERO);
        for i in (1..self.times.len()).rev() {
            add(&mut u_bar, T::ONE, &self.us_bar[i]);
            for step in (0..self.steps).rev() {
                let (t, h) = self.step(i, step);
                let first = ((i - 1) * self.steps + step) * count;
                for (rate_bar, b) in self.rates.iter_mut().zip(M::B) {
                    *rate_bar = F::State::splat(T::ZERO);
                    add(rate_bar, scaled(h, *b), &u_bar);
                }
                for stage in (0..count).rev() {
                    let mut stage_bar = F::State::splat(T::ZERO);
                    self.field.vjp_add_kept(
                        t + scaled(h, M::C[stage]),
                        &self.stages[first + stage],
                        params,
                        &self.kept[F::KEPT * (first + stage)..][..F::KEPT],
                        &self.rates[stage],
                        &mut stage_bar,
                        params_bar,
                    );
                    for (rate_bar, a) in self.rates.iter_mut().zip(M::A[stage]) {
                        add(rate_bar, scaled(h, *a), &stage_bar);
                    }
                    add(&mut u_bar, T::ONE, &stage_bar);
                }
            }
        }
        add(&mut u_bar, T::ONE, &self.us_bar[0]);
        u_bar
    }

    /// Forward sensitivities: the states, and how they change when `u0` and `params` move along `u0_dot` and
    /// `params_dot`. What there is to take instead of the way back if there are few parameters.
    pub fn jvp(
        &mut self,
        u0: &F::State,
        params: &F::Params,
        u0_dot: &F::State,
        params_dot: &F::Params,
    ) -> (&[F::State], &[F::State]) {
        let (mut u, mut u_dot) = (*u0, *u0_dot);
        (self.us[0], self.us_dot[0]) = (u, u_dot);
        for i in 1..self.times.len() {
            for step in 0..self.steps {
                let (t, h) = self.step(i, step);
                for stage in 0..M::C.len() {
                    let at = combination(&u, h, M::A[stage], &self.rates);
                    let at_dot = combination(&u_dot, h, M::A[stage], &self.rates_dot);
                    let t = t + scaled(h, M::C[stage]);
                    (self.rates[stage], self.rates_dot[stage]) =
                        self.field.jvp(t, &at, params, &at_dot, params_dot);
                }
                u = combination(&u, h, M::B, &self.rates);
                u_dot = combination(&u_dot, h, M::B, &self.rates_dot);
            }
            (self.us[i], self.us_dot[i]) = (u, u_dot);
        }
        (&self.us, &self.us_dot)
    }
}

#[inline]
fn scaled<T: Real>(h: T, factor: f64) -> T {
    h * T::from_f64(factor)
}

/// `u + h sum_j weights_j rates_j`
#[inline]
fn combination<T: Real, S: Array<T>>(u: &S, h: T, weights: &[f64], rates: &[S]) -> S {
    let mut sum = *u;
    for (weight, rate) in weights.iter().zip(rates) {
        add(&mut sum, scaled(h, *weight), rate);
    }
    sum
}

/// `sum += factor x`
#[inline]
fn add<T: Real, S: Array<T>>(sum: &mut S, factor: T, x: &S) {
    for (sum, x) in sum.as_mut_slice().iter_mut().zip(x.as_slice()) {
        *sum += factor * *x;
    }
}
