//! Any differentiable field as equations of diffsol.

use std::cell::RefCell;

use diffsol::{
    ConstantOp, ConstantOpSens, ConstantOpSensAdjoint, NalgebraContext, NalgebraMat, NalgebraVec,
    NonLinearOp, NonLinearOpAdjoint, NonLinearOpJacobian, NonLinearOpSens, NonLinearOpSensAdjoint,
    OdeEquations, OdeEquationsRef, Op, UnitCallable, Vector, VectorCommon,
};
use simplechain::chain::Array;
use simplechain::ode::{DifferentiableField, Field};

type V = NalgebraVec<f64>;
type M = NalgebraMat<f64>;

/// `du/dt = f(t, u, params)` from `u0` on, in diffsol's form: values and products with derivatives, of the
/// right-hand side and of the initial state.
///
/// diffsol differentiates only with respect to parameters. So its parameters are `u0`, followed by those of the field.
///
/// No product allocates if the field does not. Transposed products are negated, as diffsol's adjoint equations
/// require.
pub struct Equations<F: Field<f64>> {
    field: F,
    u0: F::State,
    params: Box<F::Params>,
    /// The zero direction of the parameters.
    still: Box<F::Params>,
    /// A sink for the unused part of `vjp_add`; never read. (Both parts of a network 2-50-2 take 124 ns, the
    /// requested one alone 110 ns: not worth another trait.)
    unused: RefCell<Box<F::Params>>,
    context: NalgebraContext,
}

impl<F: Field<f64>> Equations<F> {
    const STATES: usize = F::State::LEN;
    const PARAMS: usize = F::State::LEN + F::Params::LEN;

    /// All elements are 0 until they are [set](Self::set).
    pub fn new(field: F) -> Self {
        Self {
            field,
            u0: F::State::splat(0.0),
            params: F::Params::boxed(0.0),
            still: F::Params::boxed(0.0),
            unused: RefCell::new(F::Params::boxed(0.0)),
            context: NalgebraContext::default(),
        }
    }

    /// Sets the initial state and the field's parameters.
    pub fn set(&mut self, u0: &F::State, params: &F::Params) {
        self.u0 = *u0;
        self.params
            .as_mut_slice()
            .copy_from_slice(params.as_slice());
    }
}

impl<F: DifferentiableField<f64>> Equations<F> {
    /// A solution starts with `u0` and with its rate at time `t0`: from the cotangents of both, adds those of `u0` and
    /// the parameters.
    pub fn start_vjp_add(&self, t0: f64, u_bar: &V, rate_bar: &V, all_bar: &mut V) {
        all_bar.for_each_batch_host([u_bar, rate_bar], |all_bar, [u_bar, rate_bar], _| {
            let (u0_bar, params_bar) = all_bar.split_at_mut(Self::STATES);
            add(u0_bar, u_bar);
            let (bar, u0_bar, params_bar) =
                (array(rate_bar), array_mut(u0_bar), array_mut(params_bar));
            self.field
                .vjp_add(t0, &self.u0, &self.params, bar, u0_bar, params_bar);
        });
    }
}

fn array<A: Array<f64>>(slice: &[f64]) -> &A {
    A::from_slice(slice).expect("as many numbers as were declared")
}

fn array_mut<A: Array<f64>>(slice: &mut [f64]) -> &mut A {
    A::from_mut_slice(slice).expect("as many numbers as were declared")
}

/// `sum += x`
pub(crate) fn add(sum: &mut [f64], x: &[f64]) {
    sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
}

fn negate(slice: &mut [f64]) {
    slice.iter_mut().for_each(|x| *x = -*x);
}

impl<F: Field<f64>> Op for Equations<F> {
    type T = f64;
    type V = V;
    type M = M;
    type C = NalgebraContext;

    fn context(&self) -> &NalgebraContext {
        &self.context
    }
    fn nstates(&self) -> usize {
        Self::STATES
    }
    fn nout(&self) -> usize {
        Self::STATES
    }
    fn nparams(&self) -> usize {
        Self::PARAMS
    }
}

/// `f`
impl<F: Field<f64>> NonLinearOp for Equations<F> {
    fn call_inplace(&self, u: &V, t: f64, rate: &mut V) {
        rate.for_each_batch_host([u], |rate, [u], _| {
            self.field.rate(t, array(u), &self.params, array_mut(rate));
        });
    }
}

/// `df/du u_dot`
impl<F: DifferentiableField<f64>> NonLinearOpJacobian for Equations<F> {
    fn jac_mul_inplace(&self, u: &V, t: f64, u_dot: &V, rate_dot: &mut V) {
        let mut rate = F::State::splat(0.0);
        rate_dot.for_each_batch_host([u, u_dot], |rate_dot, [u, u_dot], _| {
            let (u, u_dot, rate_dot) = (array(u), array(u_dot), array_mut(rate_dot));
            let (params, still) = (&self.params, &self.still);
            self.field
                .jvp(t, u, params, u_dot, still, &mut rate, rate_dot);
        });
    }
}

/// `-(df/du)^T bar`
impl<F: DifferentiableField<f64>> NonLinearOpAdjoint for Equations<F> {
    fn jac_transpose_mul_inplace(&self, u: &V, t: f64, bar: &V, u_bar: &mut V) {
        let params_bar = &mut self.unused.borrow_mut();
        u_bar.for_each_batch_host([u, bar], |u_bar, [u, bar], _| {
            u_bar.fill(0.0);
            let (u, bar) = (array(u), array(bar));
            let field = &self.field;
            field.vjp_add(t, u, &self.params, bar, array_mut(u_bar), params_bar);
            negate(u_bar);
        });
    }
}

/// `df/dparams params_dot`
impl<F: DifferentiableField<f64>> NonLinearOpSens for Equations<F> {
    fn sens_mul_inplace(&self, u: &V, t: f64, dot: &V, rate_dot: &mut V) {
        let (u_dot, mut rate) = (F::State::splat(0.0), F::State::splat(0.0));
        rate_dot.for_each_batch_host([u, dot], |rate_dot, [u, dot], _| {
            let params_dot = array(&dot[Self::STATES..]);
            let (u, params, rate_dot) = (array(u), &self.params, array_mut(rate_dot));
            self.field
                .jvp(t, u, params, &u_dot, params_dot, &mut rate, rate_dot);
        });
    }
}

/// `-(df/dparams)^T bar`
impl<F: DifferentiableField<f64>> NonLinearOpSensAdjoint for Equations<F> {
    fn sens_transpose_mul_inplace(&self, u: &V, t: f64, bar: &V, all_bar: &mut V) {
        let mut u_bar = F::State::splat(0.0);
        all_bar.for_each_batch_host([u, bar], |all_bar, [u, bar], _| {
            all_bar.fill(0.0);
            let params_bar = &mut all_bar[Self::STATES..];
            let (u, bar) = (array(u), array(bar));
            let field = &self.field;
            field.vjp_add(t, u, &self.params, bar, &mut u_bar, array_mut(params_bar));
            negate(params_bar);
        });
    }
}

/// `u0`
impl<F: Field<f64>> ConstantOp for Equations<F> {
    fn call_inplace(&self, _t: f64, u: &mut V) {
        u.for_each_batch_host([], |u, [], _| u.copy_from_slice(self.u0.as_slice()));
    }
}

/// `u0_dot`
impl<F: Field<f64>> ConstantOpSens for Equations<F> {
    fn sens_mul_inplace(&self, _t: f64, dot: &V, u_dot: &mut V) {
        u_dot.for_each_batch_host([dot], |u_dot, [dot], _| {
            u_dot.copy_from_slice(&dot[..Self::STATES]);
        });
    }
}

/// `-u_bar`, and zero for the field's parameters.
impl<F: Field<f64>> ConstantOpSensAdjoint for Equations<F> {
    fn sens_transpose_mul_inplace(&self, _t: f64, u_bar: &V, all_bar: &mut V) {
        all_bar.for_each_batch_host([u_bar], |all_bar, [u_bar], _| {
            all_bar.fill(0.0);
            all_bar[..Self::STATES].copy_from_slice(u_bar);
            negate(&mut all_bar[..Self::STATES]);
        });
    }
}

impl<'a, F: Field<f64>> OdeEquationsRef<'a> for Equations<F> {
    type Rhs = &'a Self;
    type Init = &'a Self;
    type Mass = UnitCallable<M>;
    type Root = UnitCallable<M>;
    type Out = UnitCallable<M>;
    type Reset = UnitCallable<M>;
}

impl<F: Field<f64>> OdeEquations for Equations<F> {
    fn rhs(&self) -> &Self {
        self
    }
    fn init(&self) -> &Self {
        self
    }
    fn mass(&self) -> Option<UnitCallable<M>> {
        None
    }
    fn set_params(&mut self, all: &V) {
        let (u0, params) = all.inner().as_slice().split_at(Self::STATES);
        self.set(array(u0), array(params));
    }
    fn get_params(&self, all: &mut V) {
        all.for_each_batch_host([], |all, [], _| {
            let (u0, params) = all.split_at_mut(Self::STATES);
            u0.copy_from_slice(self.u0.as_slice());
            params.copy_from_slice(self.params.as_slice());
        });
    }
}
