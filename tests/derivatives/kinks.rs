//! Forward and reverse mode are the same linear map, `<y_bar, J v> = <J^T y_bar, v>`, through every layer, also where a
//! function has a corner, at equal numbers in a pool, at NaN and by parameters that are not trained.

use simplechain::chain::{Array, Chain, Network};
use simplechain::derivatives::Derivatives;
use simplechain::init::rng;
use simplechain::ode::{Autonomous, Rk4, Solver};
use simplechain::simple_chain;

use support::{boxed, cast, dot, in_all_tiers, sequence};

simple_chain! {
    struct Inner: 4 => dense(tanh, 2);
    /// With an input of 0 and biases of 0, all that has a corner stands at it.
    struct Corners: 3 => concat(dense(relu, 2), dense(leaky_relu(0.1), 2)) => concat(dense(elu, 2), activation(relu))
        => dense(id, 2);
    /// The other flat layers.
    struct Flat: 2 => normalize(0.1, 2.0) => fourier(1, period = 3.0) => layer_norm => batch_norm => dropout(0.2)
        => residual(dense(relu, 4)) => concat(frozen(dense(tanh, 2) => batch_norm), chain(Inner)) => chebyshev(2)
        => scale(0.5, 1.0) => activation(sin) => dense(id, 2);
    /// A pool that is computed with the convolution, one that overlaps, one of all.
    struct Image: (7, 7, 1) => conv(leaky_relu(0.1), (2, 2), 2) => maxpool(2, 2) => maxpool(2, 2, stride = 1)
        => global_maxpool => flatten => dense(id, 2);
    struct Sequence: (8, 2) => conv(relu, 3, 2) => maxpool(2) => conv(elu, 2, 4, groups = 2) => avgpool(2) => flatten
        => dense(id, 2);
    struct Pool: (2, 2, 1) => maxpool(2, 2) => flatten;
    struct Passed: (2, 4, 1) => conv(id, (1, 1), 1) => maxpool(2, 2) => flatten;
    struct Wide: 2 => dense(relu, 3);
    struct Narrow: 2 => dense(relu, 2);
    struct Rates: 2 => dense(relu, 4) => dense(id, 2)
}

fn same(what: &str, a: f64, b: f64) {
    let off = (a - b).abs();
    assert!(
        a == b || off <= 1e-12 * a.abs().max(1.0) || a.is_nan() && b.is_nan(),
        "{what}: {a} and {b}"
    );
}

fn all_same(what: &str, a: &[f64], b: &[f64]) {
    for (a, b) in a.iter().zip(b) {
        same(what, *a, *b);
    }
}

/// Samples of zeros, of ones, of equal numbers here and there, of others, and with NaN in one place and in two.
fn samples<C: Chain>(_: C) -> Vec<C::Input<f64>> {
    let n = C::INPUT_LEN;
    let steps: Vec<f64> = sequence(0, n, 2.0).iter().map(|x| x.round()).collect();
    let others = sequence(5, n, 1.0);
    let [mut one_nan, mut two_nan] = [others.clone(), others.clone()];
    one_nan[n - 1] = f64::NAN;
    two_nan[n / 3] = f64::NAN;
    two_nan[n / 2] = f64::NAN;
    let all = [vec![0.0; n], vec![1.0; n], steps, others, one_nan, two_nan];
    all.map(|x| *C::Input::from_slice(&x).expect("as many"))
        .to_vec()
}

/// A chain with samples, tangents and cotangents.
struct Case<C: Chain> {
    chain: C,
    xs: Vec<C::Input<f64>>,
    params: Box<C::Params<f64>>,
    x_dots: Vec<C::Input<f64>>,
    params_dot: Box<C::Params<f64>>,
    y_bars: Vec<C::Output<f64>>,
}

/// What both modes give: outputs, their tangents, and the cotangents of the inputs.
type Both<C> = (
    Vec<<C as Network>::Output<f64>>,
    Vec<<C as Network>::Output<f64>>,
    Vec<<C as Network>::Input<f64>>,
);

impl<C: Chain> Case<C> {
    fn new(chain: C) -> Self {
        let xs = samples(chain);
        let many = |skip, len| sequence(skip, xs.len() * len, 1.0);
        Self {
            chain,
            params: chain.init(&mut rng(3)), // biases are 0
            x_dots: chain.inputs(&many(3, C::INPUT_LEN)).unwrap().to_vec(),
            params_dot: boxed(&sequence(5, C::PARAM_COUNT, 0.3)),
            y_bars: chain.outputs(&many(7, C::OUTPUT_LEN)).unwrap().to_vec(),
            xs,
        }
    }

    /// Sample by sample, for which the identity holds.
    fn single(&self) -> Both<C> {
        let Self {
            chain,
            params,
            params_dot,
            ..
        } = self;
        let mut both: Both<C> = Default::default();
        for (s, x) in self.xs.iter().enumerate() {
            let (x_dot, y_bar) = (&self.x_dots[s], &self.y_bars[s]);
            let (mut x_bar, mut params_bar) = (*x, params.clone());
            let want = chain.vjp(x, params, y_bar, &mut x_bar, &mut params_bar);
            let (y, y_dot) = chain.jvp(x, params, x_dot, params_dot);
            let what = format!("{chain:?}, sample {s}");
            all_same(&what, y.as_slice(), want.as_slice());
            let by_input = dot(x_bar.as_slice(), x_dot.as_slice());
            let by_params = dot(params_bar.as_slice(), params_dot.as_slice());
            let forward = dot(y_bar.as_slice(), y_dot.as_slice());
            same(&what, forward, by_input + by_params);
            both.0.push(y);
            both.1.push(y_dot);
            both.2.push(x_bar);
        }
        both
    }

    /// As a batch.
    fn batch(&self) -> Both<C> {
        let Self {
            chain,
            xs,
            params,
            x_dots,
            params_dot,
            y_bars,
        } = self;
        let (mut ys, mut y_dots, mut x_bars) = (y_bars.clone(), y_bars.clone(), xs.clone());
        let mut params_bar = params.clone();
        chain
            .jvp_batch(&xs[..], params, x_dots, params_dot, &mut ys, &mut y_dots)
            .unwrap();
        chain
            .vjp_batch(&xs[..], params, y_bars, &mut x_bars, &mut params_bar)
            .unwrap();
        (ys, y_dots, x_bars)
    }

    fn batch_is_as_single(&self) {
        in_all_tiers(|| {
            let (single, batch) = (self.single(), self.batch());
            for s in 0..self.xs.len() {
                let what = format!("{:?}, sample {s} of a batch", self.chain);
                all_same(&what, batch.0[s].as_slice(), single.0[s].as_slice());
                all_same(&what, batch.1[s].as_slice(), single.1[s].as_slice());
                all_same(&what, batch.2[s].as_slice(), single.2[s].as_slice());
            }
        });
    }
}

#[test]
fn forward_and_reverse_mode_agree() {
    Case::new(Corners).batch_is_as_single();
    Case::new(Image).batch_is_as_single();
    Case::new(Sequence).batch_is_as_single();
    in_all_tiers(|| {
        Case::new(Flat).single();
    });
}

/// Along a line `y'` is what `vjp` says, `y''` is `x_dot^T H x_dot`, and `H` is symmetric.
fn second_derivatives<C: Chain>(chain: C) {
    let params = chain.init::<f64>(&mut rng(3));
    let directions = sequence(3, 2 * C::INPUT_LEN, 1.0);
    let [u, v] = chain.inputs(&directions).unwrap() else {
        unreachable!("two")
    };
    let y_bar = C::Output::splat(0.7);
    for x in &samples(chain)[..4] {
        let product = |direction| {
            let mut out = C::Input::splat(f64::NAN);
            chain.hvp_input(x, &params, &y_bar, direction, &mut out);
            out
        };
        let (by_u, by_v) = (product(u), product(v));
        let [_, first, second] = chain.jet(x, &params, u);
        let (mut x_bar, mut params_bar) = (*x, params.clone());
        chain.vjp(x, &params, &y_bar, &mut x_bar, &mut params_bar);
        let first = dot(first.as_slice(), y_bar.as_slice());
        same("y'", first, dot(x_bar.as_slice(), u.as_slice()));
        let second = dot(second.as_slice(), y_bar.as_slice());
        same("y''", second, dot(by_u.as_slice(), u.as_slice()));
        let [a, b] = [
            dot(by_u.as_slice(), v.as_slice()),
            dot(by_v.as_slice(), u.as_slice()),
        ];
        same("the Hessian", a, b);
    }
}

#[test]
fn second_derivatives_agree() {
    second_derivatives(Corners);
    second_derivatives(Sequence);
}

/// `relu` at 0 has the derivative 0, as in PyTorch, by columns (2 => 3) and by rows (2 => 2).
#[test]
fn jacobians_do_not_depend_on_the_shape() {
    let mut rows = [[f64::NAN; 2]; 3];
    let params = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.0, 0.0, 0.0];
    Wide.jacobian_input(&[0.0; 2], &params, &mut rows).unwrap();
    assert_eq!(rows, [[0.0; 2]; 3]);
    let params = [1.0, 2.0, 3.0, 4.0, 0.0, 0.0];
    Narrow
        .jacobian_input(&[0.0; 2], &params, &mut rows[1..])
        .unwrap();
    assert_eq!(rows, [[0.0; 2]; 3]);
}

/// The first of equal numbers has the derivative, as in PyTorch. If there is NaN, it is the first number that is not below
/// infinity. An infinite number is a number.
#[test]
fn winners_of_a_pool() {
    let (nan, infinity) = (f64::NAN, f64::INFINITY);
    let cases = [
        ([2.0, 3.0, 3.0, 3.0], 1, 3.0),
        ([0.0; 4], 0, 0.0),
        ([5.0, nan, 7.0, 1.0], 1, nan),
        ([nan, 5.0, nan, 7.0], 0, nan),
        ([1.0, infinity, nan, infinity], 1, nan),
        ([-infinity; 4], 0, -infinity),
        ([-1.0, -infinity, infinity, infinity], 2, infinity),
    ];
    for (x, winner, max) in cases {
        let mut want = [0.0; 4];
        want[winner] = 1.0;
        let mut x_bar = [nan; 4];
        let [y] = Pool.vjp_input(&x, &[], &[1.0], &mut x_bar);
        same("the maximum", y, max);
        assert_eq!(x_bar, want, "{x:?}");
        let x_dot = [1.0, 2.0, 3.0, 4.0];
        let ([y], [y_dot]) = Pool.jvp_input(&x, &[], &x_dot);
        same("the maximum", y, max);
        assert_eq!(y_dot, x_dot[winner], "{x:?}");
        // The same behind a convolution that passes its input on, as one kernel.
        let mut x_bars = [[nan; 8]; 2];
        let xs = [[x[0], x[1], 0.0, 0.0, x[2], x[3], 0.0, 0.0]; 2];
        let params = [1.0, 0.0];
        let y_bars = [[1.0, 0.0]; 2];
        Passed
            .vjp_input_batch(&xs, &params, &y_bars, &mut x_bars)
            .unwrap();
        let want = [want[0], want[1], 0.0, 0.0, want[2], want[3], 0.0, 0.0];
        assert_eq!(x_bars, [want; 2], "{x:?}");
        let mut ys = [[nan; 2]; 2];
        Passed.forward_batch(&xs, &params, &mut ys).unwrap();
        same("the maximum", ys[0][0], max);
    }
}

/// What is not trained is a constant for all derivatives, first and second.
#[test]
fn parameters_that_are_not_trained_have_no_derivatives() {
    let params = Flat.init::<f64>(&mut rng(3));
    let (x, y_bar) = ([0.3, -0.4], [0.7, -0.2]);
    let (mut x_bar, mut grads) = ([0.0; 2], params.clone());
    Flat.vjp(&x, &params, &y_bar, &mut x_bar, &mut grads);
    let mut constants = grads.clone();
    for constant in constants.iter_mut() {
        *constant = f64::from(*constant == 0.0);
    }
    // Of `batch_norm` 8 statistics; frozen 2 * 4 weights, 2 biases and 8 of a `batch_norm`; and what `relu` holds at 0.
    assert!(constants.iter().sum::<f64>() >= 26.0);
    let (_, y_dot) = Flat.jvp_params(&x, &params, &constants);
    assert_eq!(y_dot, [0.0; 2]);
    let mut out = params.clone();
    Flat.hvp_params(&x, &params, &y_bar, &constants, &mut out);
    assert_eq!(*out, [0.0; Flat::PARAM_COUNT]);
}

/// The adjoint of a solver and its forward sensitivities, with `relu` at 0 all the way.
#[test]
fn sensitivities_at_a_corner() {
    let params = Rates.init::<f64>(&mut rng(0));
    let mut solver = Solver::new(Autonomous(Rates), Rk4, &[0.0, 1.0], 1).unwrap();
    let (mut u0_bar, mut params_bar) = ([0.0; 2], params.clone());
    let loss = |us: &[[f64; 2]], bars: &mut [[f64; 2]]| {
        bars[1][0] = 1.0;
        us[1][0]
    };
    solver.value_and_grad(&[0.0; 2], &params, loss, &mut u0_bar, &mut params_bar);
    // The rate is 0 there, and so is its derivative by the state: du(1)/du(0) is the identity.
    assert_eq!(u0_bar, [1.0, 0.0]);
    let (_, dots) = solver.jvp(&[0.0; 2], &params, &[1.0, 0.0], &[0.0; 22]);
    assert_eq!(dots[1], [1.0, 0.0]);
    let directions = cast::<f64>(&sequence(3, 22, 1.0));
    let params_dot = Rates.params(&directions).unwrap();
    let (_, dots) = solver.jvp(&[0.0; 2], &params, &[0.0; 2], params_dot);
    same(
        "by parameters",
        dots[1][0],
        dot(&params_bar[..], &params_dot[..]),
    );
}
