//! Adaptive steps, and three ways to compute gradients through them.

use std::error::Error;

use clap::ValueEnum;
use diffsol::{
    AdjointOdeSolverMethod, Checkpointing, CheckpointingPath, DenseMatrix, DiffsolError,
    HermiteInterpolator, NalgebraLU, NalgebraMat, NalgebraVec, OdeBuilder, OdeSolverMethod,
    OdeSolverProblem, OdeSolverState, OdeSolverStopReason, Op, SensitivitiesOdeSolverMethod,
    StepVjp, Vector, VectorCommon,
};
use simplechain::chain::Array;
use simplechain::ode::{DifferentiableField, Field};

use crate::equations::{Equations, add};

type V = NalgebraVec<f64>;
type M = NalgebraMat<f64>;
type Lu = NalgebraLU<f64>;
type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

/// The maximum number of steps between consecutive times.
const MAX_STEPS: usize = 50_000;

/// The integration method of diffsol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// Explicit Runge-Kutta, order 5 with an error estimate of order 4 (Tsitouras, 2011)
    Tsit45,
    /// Backward differentiation formulas, orders 1 to 5: implicit, for stiff equations
    Bdf,
    /// Implicit Runge-Kutta, order 2 (Hosea and Shampine, 1996)
    TrBdf2,
    /// Implicit Runge-Kutta, order 3 with an error estimate of order 4 (Jørgensen and others, 2018)
    Esdirk34,
}

/// The differentiation method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Gradient {
    /// The continuous adjoint: another equation, solved backwards with its own error
    Adjoint,
    /// The steps taken, in reverse: exact for these steps, as `ode::Solver` is for its own
    Stepwise,
    /// Forward sensitivities for every parameter: the same values, affordable if there are few parameters
    Sensitivities,
}

/// Solves `du/dt = f(t, u, params)` through given points in time with diffsol's adaptive steps, and differentiates: the
/// counterpart of `ode::Solver`, with the same calls.
pub struct Adaptive<F: Field<f64>> {
    problem: OdeSolverProblem<Equations<F>>,
    times: Vec<f64>,
    method: Method,
}

impl<F: DifferentiableField<f64>> Adaptive<F> {
    /// The error of a step is at most `tolerance (1 + |u|)`.
    ///
    /// # Errors
    /// Unless there are at least two times, in increasing order.
    pub fn new(field: F, method: Method, times: &[f64], tolerance: f64) -> Result<Self> {
        if times.len() < 2 || !times.is_sorted_by(|a, b| a < b) {
            return Err("the times must be two or more and go up".into());
        }
        let mut problem = OdeBuilder::<M>::new()
            .t0(times[0])
            .rtol(tolerance)
            .atol([tolerance])
            .p(vec![0.0; F::State::LEN + F::Params::LEN])
            .build_from_eqn(Equations::new(field))?;
        // The derivative of an implicit step is the solution of linear equations, found by iteration: by default to a fifth of the
        // tolerance, which is more than the final error of the steps themselves.
        problem.ode_options.derivative_solve_tolerance = 1e-3;
        Ok(Self {
            problem,
            times: times.to_vec(),
            method,
        })
    }

    /// The states at the points in time, the first of which is `u0`.
    ///
    /// # Errors
    /// The error of diffsol, or a non-finite value.
    pub fn solve(&mut self, u0: &F::State, params: &F::Params) -> Result<Vec<F::State>> {
        self.problem.eqn.set(u0, params);
        let (p, times) = (&self.problem, &self.times);
        match self.method {
            Method::Tsit45 => walk(&mut p.tsit45()?, times, |_, _| ()),
            Method::Bdf => walk(&mut p.bdf::<Lu>()?, times, |_, _| ()),
            Method::TrBdf2 => walk(&mut p.tr_bdf2::<Lu>()?, times, |_, _| ()),
            Method::Esdirk34 => walk(&mut p.esdirk34::<Lu>()?, times, |_, _| ()),
        }
    }

    /// A scalar function of the solution, and its gradient with respect to `u0` and `params`, which is overwritten.
    ///
    /// `loss` is given the states at the points in time and as many zero cotangents; it sets these to
    /// its gradient with respect to the states, and returns its value.
    ///
    /// # Errors
    /// The error of diffsol, or a non-finite value.
    pub fn value_and_grad(
        &mut self,
        gradient: Gradient,
        u0: &F::State,
        params: &F::Params,
        loss: impl FnOnce(&[F::State], &mut [F::State]) -> f64,
        u0_bar: &mut F::State,
        params_bar: &mut F::Params,
    ) -> Result<f64> {
        self.problem.eqn.set(u0, params);
        let (p, times) = (&self.problem, &self.times);
        let (value, all_bar) = match gradient {
            Gradient::Adjoint => match self.method {
                Method::Tsit45 => adjoint(p.tsit45()?, times, loss, |path, solver| {
                    p.tsit45_solver_adjoint(path, solver, Some(1))
                }),
                Method::Bdf => adjoint(p.bdf::<Lu>()?, times, loss, |path, solver| {
                    p.bdf_solver_adjoint::<Lu, _>(path, solver, Some(1))
                }),
                Method::TrBdf2 => adjoint(p.tr_bdf2::<Lu>()?, times, loss, |path, solver| {
                    p.tr_bdf2_solver_adjoint::<Lu, _>(path, solver, Some(1))
                }),
                Method::Esdirk34 => adjoint(p.esdirk34::<Lu>()?, times, loss, |path, solver| {
                    p.esdirk34_solver_adjoint::<Lu, _>(path, solver, Some(1))
                }),
            },
            Gradient::Stepwise => match self.method {
                Method::Tsit45 => stepwise(p.tsit45()?, times, loss),
                Method::Bdf => stepwise(p.bdf::<Lu>()?, times, loss),
                Method::TrBdf2 => stepwise(p.tr_bdf2::<Lu>()?, times, loss),
                Method::Esdirk34 => stepwise(p.esdirk34::<Lu>()?, times, loss),
            },
            Gradient::Sensitivities => match self.method {
                Method::Tsit45 => sensitivities(p.tsit45_sens()?, times, loss),
                Method::Bdf => sensitivities(p.bdf_sens::<Lu>()?, times, loss),
                Method::TrBdf2 => sensitivities(p.tr_bdf2_sens::<Lu>()?, times, loss),
                Method::Esdirk34 => sensitivities(p.esdirk34_sens::<Lu>()?, times, loss),
            },
        }?;
        let all_bar = all_bar.inner().as_slice();
        if !is_finite(all_bar) || !value.is_finite() {
            return Err("the loss or its gradient is not finite".into());
        }
        let (start, rest) = all_bar.split_at(F::State::LEN);
        u0_bar.as_mut_slice().copy_from_slice(start);
        params_bar.as_mut_slice().copy_from_slice(rest);
        Ok(value)
    }
}

fn is_finite(numbers: &[f64]) -> bool {
    numbers.iter().all(|x| x.is_finite())
}

/// The loss, and its gradient with respect to the states.
fn evaluate<U: Array<f64>>(us: &[U], loss: impl FnOnce(&[U], &mut [U]) -> f64) -> (f64, Vec<U>) {
    let mut us_bar = vec![U::splat(0.0); us.len()];
    (loss(us, &mut us_bar), us_bar)
}

/// Takes steps that end exactly at each of the `times`, so that no state is interpolated. `after` is called with the solver after
/// every step, and whether that step reached one of the times.
fn walk<'a, F, S>(
    solver: &mut S,
    times: &[f64],
    mut after: impl FnMut(&S, bool),
) -> Result<Vec<F::State>>
where
    F: DifferentiableField<f64> + 'a,
    S: OdeSolverMethod<'a, Equations<F>>,
{
    let mut us = vec![state(solver)?];
    for time in &times[1..] {
        solver.set_stop_time(*time)?;
        let mut steps = 0;
        loop {
            let there = solver.step()? == OdeSolverStopReason::TstopReached;
            let u = state(solver)?;
            after(solver, there);
            if there {
                us.push(u);
                break;
            }
            steps += 1;
            if steps == MAX_STEPS {
                return Err(format!("{MAX_STEPS} steps did not lead to the time {time}").into());
            }
        }
    }
    Ok(us)
}

/// The state, if it and the step are finite and usable. Diffsol does not check: it takes a NaN error for a small one, and
/// with a step of 0 it would go on forever.
fn state<'a, F, S>(solver: &S) -> Result<F::State>
where
    F: DifferentiableField<f64> + 'a,
    S: OdeSolverMethod<'a, Equations<F>>,
{
    let state = solver.state();
    let u = state.y.inner().as_slice();
    if !is_finite(u) || !is_finite(state.dy.inner().as_slice()) || !state.h.is_normal() {
        return Err(format!("the solution left all bounds at the time {}", state.t).into());
    }
    Ok(*F::State::from_slice(u).expect("a state"))
}

/// The adjoint equation from the last time to the first, with the solution interpolated by cubic polynomials.
fn adjoint<'a, F, S, B>(
    mut solver: S,
    times: &[f64],
    loss: impl FnOnce(&[F::State], &mut [F::State]) -> f64,
    backwards: impl FnOnce(
        CheckpointingPath<Equations<F>, S::State>,
        Option<S>,
    ) -> Result<B, DiffsolError>,
) -> Result<(f64, V)>
where
    F: DifferentiableField<f64> + 'a,
    S: OdeSolverMethod<'a, Equations<F>>,
    B: AdjointOdeSolverMethod<'a, Equations<F>, S>,
{
    let start = solver.state_clone();
    let (mut ts, mut ys, mut dys) = (Vec::new(), Vec::new(), Vec::new());
    // The times to rounding, where diffsol stopped: the backward pass starts from the last of them.
    let mut stops = Vec::new();
    let mut record = |solver: &S, there: bool| {
        let state = solver.state();
        ts.push(state.t);
        ys.push(state.y.clone());
        dys.push(state.dy.clone());
        if there {
            stops.push(state.t);
        }
    };
    record(&solver, true);
    let us = walk(&mut solver, times, record)?;
    let (value, us_bar) = evaluate(&us, loss);

    let numbers = us_bar.iter().flat_map(F::State::as_slice).copied();
    let context = *solver.problem().context();
    let us_bar = M::from_vec(F::State::LEN, us_bar.len(), numbers.collect(), context);
    // All steps are kept, so no interval is integrated twice.
    let steps = HermiteInterpolator::new(ys, dys, ts);
    let ends = vec![start, solver.state_clone()];
    let path = vec![Checkpointing::new(Some(&mut solver), 0, ends, Some(steps))];
    let backwards = backwards(path, Some(solver))?;
    let (state, _) = backwards.solve_adjoint_backwards_pass(&stops, &[&us_bar])?;
    Ok((value, state.into_common().sg))
}

/// The vector-Jacobian product of every step, from the last to the first.
fn stepwise<'a, F, S>(
    mut solver: S,
    times: &[f64],
    loss: impl FnOnce(&[F::State], &mut [F::State]) -> f64,
) -> Result<(f64, V)>
where
    F: DifferentiableField<f64> + 'a,
    S: StepVjp<'a, Equations<F>>,
{
    let mut ends = Vec::new();
    let us = walk(&mut solver, times, |solver, there| {
        ends.push((solver.state_clone(), there));
    })?;
    let (value, us_bar) = evaluate(&us, loss);

    let problem = solver.problem();
    let mut all_bar = V::zeros(problem.eqn.nparams(), *problem.context());
    let mut bar = solver.state_clone().zeros_like();
    let mut us_bar = us_bar.iter().rev();
    let mut join = |bar: &mut V| {
        let u_bar = us_bar.next().expect("one for each of the times");
        bar.for_each_batch_host([], |bar, [], _| add(bar, u_bar.as_slice()));
    };
    for (end, there) in ends.iter().rev() {
        if *there {
            join(bar.as_mut().y);
        }
        solver.step_vjp(end, &mut bar, &mut all_bar)?;
    }
    join(bar.as_mut().y);
    let start = bar.as_ref();
    let eqn = &problem.eqn;
    eqn.start_vjp_add(problem.t0, start.y, start.dy, &mut all_bar);
    Ok((value, all_bar))
}

/// The derivatives of the states with respect to each parameter, along with the states.
fn sensitivities<'a, F, S>(
    mut solver: S,
    times: &[f64],
    loss: impl FnOnce(&[F::State], &mut [F::State]) -> f64,
) -> Result<(f64, V)>
where
    F: DifferentiableField<f64> + 'a,
    S: SensitivitiesOdeSolverMethod<'a, Equations<F>>,
{
    let mut slopes = vec![solver.state().s.clone()];
    let us = walk(&mut solver, times, |solver, there| {
        if there {
            slopes.push(solver.state().s.clone());
        }
    })?;
    let (value, us_bar) = evaluate(&us, loss);

    let problem = solver.problem();
    let mut all_bar = V::zeros(problem.eqn.nparams(), *problem.context());
    for (u_bar, slopes) in us_bar.iter().zip(&slopes) {
        // A lane, that is, a state, for every parameter.
        let (slopes, _) = F::State::chunks(slopes.inner().as_slice());
        all_bar.for_each_batch_host([], |all_bar, [], _| {
            for (bar, slope) in all_bar.iter_mut().zip(slopes) {
                let products = u_bar.as_slice().iter().zip(slope.as_slice());
                *bar += products.map(|(a, b)| a * b).sum::<f64>();
            }
        });
    }
    Ok((value, all_bar))
}
