//! No call of the equations by diffsol allocates.

use diffsol::{
    ConstantOp, ConstantOpSens, ConstantOpSensAdjoint, NalgebraContext, NalgebraVec, NonLinearOp,
    NonLinearOpAdjoint, NonLinearOpJacobian, NonLinearOpSens, NonLinearOpSensAdjoint, Op, Vector,
};
use neural_ode_diffsol::Equations;
use neural_ode_diffsol::spiral::{Learned, Net};
use simplechain::prelude::*;

#[test]
fn no_call_allocates() {
    let mut equations = Equations::new(Learned);
    equations.set(&[2.0, 0.5], &Net.init(&mut rng(1)));
    let vector = |len: usize, lanes: usize| -> NalgebraVec<f64> {
        Vector::from_element(len, 0.3, NalgebraContext::with_nbatch(lanes))
    };
    let (states, all) = (equations.nstates(), equations.nparams());
    let (u, state, direction) = (vector(states, 1), vector(states, 1), vector(all, 1));
    let (mut rate, mut all_bar) = (vector(states, 1), vector(all, 1));
    // All sensitivities at once.
    let (slopes, mut rates) = (vector(states, all), vector(states, all));

    let none = |what: &str, call: &mut dyn FnMut()| {
        let count = allocation_counter::measure(call).count_total;
        assert_eq!(count, 0, "{what}");
    };
    let t = 0.1;
    none("f", &mut || {
        NonLinearOp::call_inplace(&equations, &u, t, &mut rate)
    });
    none("df/du u_dot", &mut || {
        equations.jac_mul_inplace(&u, t, &state, &mut rate)
    });
    none("df/du u_dot, batch", &mut || {
        equations.jac_mul_inplace(&u, t, &slopes, &mut rates);
    });
    none("bar^T df/du", &mut || {
        equations.jac_transpose_mul_inplace(&u, t, &state, &mut rate);
    });
    none("df/dparams params_dot", &mut || {
        NonLinearOpSens::sens_mul_inplace(&equations, &u, t, &direction, &mut rate);
    });
    none("bar^T df/dparams", &mut || {
        let bar = &state;
        NonLinearOpSensAdjoint::sens_transpose_mul_inplace(&equations, &u, t, bar, &mut all_bar);
    });
    none("u0", &mut || {
        ConstantOp::call_inplace(&equations, t, &mut rate)
    });
    none("u0_dot", &mut || {
        ConstantOpSens::sens_mul_inplace(&equations, t, &direction, &mut rate);
    });
    none("u0_bar", &mut || {
        ConstantOpSensAdjoint::sens_transpose_mul_inplace(&equations, t, &state, &mut all_bar);
    });
    none("start", &mut || {
        equations.start_vjp_add(t, &state, &state, &mut all_bar)
    });
}
