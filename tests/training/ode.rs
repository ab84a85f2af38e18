//! Differential equations: orders of the methods, the way back against differences and against JAX, tangents.

use simplechain::ode::{
    Autonomous, DifferentiableField, Ensemble, Field, Method, Rk4, Solver, Tsit5, mean_square,
};
use simplechain::prelude::*;

use support::{Fixture, boxed, dot, near, sequence};

simple_chain! {
    struct Net: 2 => dense(tanh, 50) => dense(id, 2);
    struct WithTime: 3 => dense(tanh, 7) => dense(sin, 2)
}

/// `u' = cos(t) u`, of which the solution is `exp(sin t)`.
struct Growth;

impl Field<f64> for Growth {
    type State = [f64; 1];
    type Params = [f64; 0];

    fn rate(&self, t: f64, u: &[f64; 1], _: &[f64; 0], rate: &mut [f64; 1]) {
        *rate = [t.cos() * u[0]];
    }
}

/// `u' = net(u^3)`
struct Spiral;

impl Field<f64> for Spiral {
    type State = [f64; 2];
    type Params = <Net as Network>::Params<f64>;

    fn rate(&self, _: f64, u: &[f64; 2], params: &Self::Params, rate: &mut [f64; 2]) {
        *rate = Net.forward(&u.map(|u| u.powi(3)), params);
    }
}

impl DifferentiableField<f64> for Spiral {
    fn vjp_add(
        &self,
        _: f64,
        u: &[f64; 2],
        params: &Self::Params,
        bar: &[f64; 2],
        u_bar: &mut [f64; 2],
        params_bar: &mut Self::Params,
    ) {
        let mut x_bar = [0.0; 2];
        Net.vjp_add(&u.map(|u| u.powi(3)), params, bar, &mut x_bar, params_bar);
        for i in 0..2 {
            u_bar[i] += 3.0 * u[i] * u[i] * x_bar[i];
        }
    }
}

/// `u' = a net(u, t) - b u`, with `a` and `b` behind the parameters of the network.
struct Driven;

const DRIVEN: usize = WithTime::PARAM_COUNT + 2;

impl Driven {
    fn split(params: &[f64; DRIVEN]) -> (&<WithTime as Network>::Params<f64>, [f64; 2]) {
        let (net, rest) = params.split_first_chunk().unwrap();
        (net, [rest[0], rest[1]])
    }
}

impl Field<f64> for Driven {
    type State = [f64; 2];
    type Params = [f64; DRIVEN];

    fn rate(&self, t: f64, u: &[f64; 2], params: &[f64; DRIVEN], rate: &mut [f64; 2]) {
        let (net, [a, b]) = Self::split(params);
        let y = WithTime.forward(&[u[0], u[1], t], net);
        *rate = [a * y[0] - b * u[0], a * y[1] - b * u[1]];
    }
}

impl DifferentiableField<f64> for Driven {
    fn vjp_add(
        &self,
        t: f64,
        u: &[f64; 2],
        params: &[f64; DRIVEN],
        bar: &[f64; 2],
        u_bar: &mut [f64; 2],
        params_bar: &mut [f64; DRIVEN],
    ) {
        let (net, [a, b]) = Self::split(params);
        let (net_bar, rest_bar) = params_bar.split_first_chunk_mut().unwrap();
        let mut x_bar = [0.0; 3];
        let y = WithTime.vjp_add(
            &[u[0], u[1], t],
            net,
            &bar.map(|bar| a * bar),
            &mut x_bar,
            net_bar,
        );
        for i in 0..2 {
            u_bar[i] += x_bar[i] - b * bar[i];
            rest_bar[0] += bar[i] * y[i];
            rest_bar[1] -= bar[i] * u[i];
        }
    }
}

fn numbers<const N: usize>(scale: f64) -> [f64; N] {
    *boxed(&sequence(0, N, scale))
}

/// The errors at the end fall as the power of the step that the method promises.
#[test]
fn orders() {
    fn error(method: impl Method, steps: usize) -> f64 {
        let mut solver = Solver::new(Growth, method, &[0.0, 2.0], steps).unwrap();
        (solver.solve(&[1.0], &[])[1][0] - 2.0_f64.sin().exp()).abs()
    }
    let order = |coarse: f64, fine: f64| (coarse / fine).log2();
    let rk4 = order(error(Rk4, 20), error(Rk4, 40));
    let tsit5 = order(error(Tsit5, 20), error(Tsit5, 40));
    assert!((rk4 - 4.0).abs() < 0.2, "{rk4}");
    assert!(tsit5 > 4.8, "{tsit5}");
}

/// The points in time are passed through, whatever lies between, and in both directions.
#[test]
fn points_in_time() {
    let times = [0.0, 0.3, 0.5, 1.7, 2.0];
    let mut solver = Solver::new(Growth, Tsit5, &times, 30).unwrap();
    let us = solver.solve(&[1.0], &[]).to_vec();
    for (u, t) in us.iter().zip(times) {
        assert!((u[0] - t.sin().exp()).abs() < 1e-8);
    }
    let back: Vec<f64> = times.into_iter().rev().collect();
    let mut solver = Solver::new(Growth, Tsit5, &back, 30).unwrap();
    assert!((solver.solve(&us[4], &[])[4][0] - 1.0).abs() < 1e-8);
    // One point is the start alone.
    let mut solver = Solver::new(Growth, Rk4, &[1.0], 1).unwrap();
    assert_eq!(solver.solve(&[3.0], &[]), [[3.0]]);
}

/// Every number of the gradient against differences, and the tangents against the gradient.
fn check<F, const P: usize>(field: F, method: impl Method + Copy, times: &[f64], steps: usize)
where
    F: DifferentiableField<f64, State = [f64; 2], Params = [f64; P]>,
{
    let (mut u0, mut params) = ([0.8, -0.4], numbers::<P>(0.6));
    let mut solver = Solver::new(field, method, times, steps).unwrap();
    // Every state counts, the first among them.
    let weight = |i: usize, k: usize| 0.3 + 0.1 * i as f64 - 0.7 * k as f64;
    let value = |us: &[[f64; 2]]| -> f64 {
        let states = us.iter().enumerate();
        states
            .map(|(i, u)| weight(i, 0) * u[0] + weight(i, 1) * u[1].powi(2))
            .sum()
    };
    let (mut u0_bar, mut params_bar) = ([f64::NAN; 2], [f64::NAN; P]);
    let got = solver.value_and_grad(
        &u0,
        &params,
        |us, us_bar| {
            for (i, (u, bar)) in us.iter().zip(us_bar).enumerate() {
                assert_eq!(*bar, [0.0; 2]);
                *bar = [weight(i, 0), 2.0 * weight(i, 1) * u[1]];
            }
            value(us)
        },
        &mut u0_bar,
        &mut params_bar,
    );
    assert_eq!(got, value(solver.solve(&u0, &params)));

    const STEP: f64 = 1e-5;
    let near = |what: &str, i: usize, got: f64, want: f64| {
        let off = (got - want).abs();
        assert!(
            off < 1e-8 * want.abs().max(1.0),
            "{what} {i}: {got} instead of {want}"
        );
    };
    for i in 0..2 {
        let before = u0[i];
        let [up, down] = [STEP, -STEP].map(|step| {
            u0[i] = before + step;
            value(solver.solve(&u0, &params))
        });
        u0[i] = before;
        near("u0", i, u0_bar[i], (up - down) / (2.0 * STEP));
    }
    for i in 0..P {
        let before = params[i];
        let [up, down] = [STEP, -STEP].map(|step| {
            params[i] = before + step;
            value(solver.solve(&u0, &params))
        });
        params[i] = before;
        near("parameter", i, params_bar[i], (up - down) / (2.0 * STEP));
    }

    let (u0_dot, params_dot) = ([0.7, -1.3], numbers::<P>(1.0));
    let want = dot(&u0_bar, &u0_dot) + dot(&params_bar, &params_dot);
    let (us, us_dot) = solver.jvp(&u0, &params, &u0_dot, &params_dot);
    let tangents = us.iter().zip(us_dot).enumerate();
    let got = tangents
        .map(|(i, (u, dot))| weight(i, 0) * dot[0] + 2.0 * weight(i, 1) * u[1] * dot[1])
        .sum();
    near("tangent", 0, got, want);

    // Once more adds the same.
    let (u0_before, params_before) = (u0_bar, params_bar);
    solver.value_and_grad_add(
        &u0,
        &params,
        |_, us_bar| {
            us_bar[0] = [1.0, 2.0];
            0.0
        },
        &mut u0_bar,
        &mut params_bar,
    );
    assert_eq!(u0_bar, [u0_before[0] + 1.0, u0_before[1] + 2.0]);
    assert_eq!(params_bar, params_before);
}

simple_chain! { struct Inner: 7 => dense(softplus, 5) => dense(gelu, 4) }

/// Several trajectories at once are each what they are alone, and so are gradients and tangents.
#[test]
fn ensembles() {
    fn each<C, const N: usize>(net: C)
    where
        C: Chain<Input<f64> = [f64; 2], Output<f64> = [f64; 2]>,
    {
        let times = [0.0, 0.4, 0.5, 1.0];
        let params = net.init(&mut rng(1));
        let u0s: [[f64; 2]; N] =
            core::array::from_fn(|j| [(0.1 * j as f64 - 0.5).sin(), (0.7 - 0.2 * j as f64).cos()]);
        let dots: [[f64; 2]; N] = core::array::from_fn(|j| [1.0 + (j % 7) as f64, -0.3]);
        let params_dot = net.init(&mut rng(2));
        let mut together = Solver::new(Ensemble::<_, N>(net), Tsit5, &times, 2).unwrap();
        let mut alone = Solver::new(Autonomous(net), Tsit5, &times, 2).unwrap();

        let mut u0s_bar = [[f64::NAN; 2]; N];
        let mut params_bar = net.init(&mut rng(3));
        let value = together.value_and_grad(
            &u0s,
            &params,
            |us, us_bar| mean_square(us, &[[[0.25; 2]; N]; 4], us_bar),
            &mut u0s_bar,
            &mut params_bar,
        );
        let (mut sum, mut want_bar) = (0.0, net.zeros());
        for j in 0..N {
            let mut u0_bar = [0.0; 2];
            sum += alone.value_and_grad_add(
                &u0s[j],
                &params,
                |us, us_bar| {
                    let value = mean_square(us, &[[0.25; 2]; 4], us_bar);
                    us_bar
                        .as_flattened_mut()
                        .iter_mut()
                        .for_each(|bar| *bar /= N as f64);
                    value / N as f64
                },
                &mut u0_bar,
                &mut want_bar,
            );
            near("alone", &u0s_bar[j], &u0_bar, 1e-12, 1.0);
        }
        near("alone", &[value], &[sum], 1e-12, 1.0);
        near(
            "alone",
            params_bar.as_slice(),
            want_bar.as_slice(),
            1e-12,
            1.0,
        );

        let (us, us_dot) = together.jvp(&u0s, &params, &dots, &params_dot);
        for j in 0..N {
            let (want, want_dot) = alone.jvp(&u0s[j], &params, &dots[j], &params_dot);
            for i in 0..times.len() {
                near("alone", &us[i][j], &want[i], 1e-12, 1.0);
                near("alone", &us_dot[i][j], &want_dot[i], 1e-12, 1.0);
            }
        }
    }
    each::<_, 1>(Net);
    each::<_, 7>(Net);
    each::<_, 20>(Net);
    each::<_, 300>(Net); // several chunks
    // Layers that save more than their values, a chain within, two that begin where a third ends, and no parameters.
    let net = simple_chain!(2 => residual(dense(gelu, 7) => chain(Inner) => dense(id, 2)) => concat(dense(silu, 3), frozen(dense(tanh, 1))) => layer_norm => dense(id, 2));
    each::<_, 1>(net);
    each::<_, 7>(net);
    each::<_, 301>(net);
    let net = simple_chain!(2 => activation(mish) => activation(sin));
    each::<_, 20>(net);
}

#[test]
fn gradients() {
    let times = [0.0, 0.1, 0.35, 0.6];
    check(Autonomous(Net), Rk4, &times, 1);
    check(Autonomous(Net), Tsit5, &times, 3);
    check(Spiral, Rk4, &times, 3);
    check(&Spiral, Tsit5, &times, 1);
    check(Driven, Rk4, &[1.0, 0.7, 0.1], 2);
    check(Driven, Tsit5, &[-1.0, 0.7, 0.9], 2);
    check(Driven, Tsit5, &[0.5], 2);
}

/// The spiral with 30 points: states, loss and all gradients as diffrax gives them from the same parameters.
#[test]
fn diffrax() {
    let fixture = Fixture::of(include_str!("../fixtures/diffrax_spiral.txt"));
    let params = numbers::<{ Net::PARAM_COUNT }>(0.3);
    let times: Vec<f64> = (0..30).map(|i| 1.5 * i as f64 / 29.0).collect();
    let mut solver = Solver::new(Spiral, Tsit5, &times, 1).unwrap();
    let (mut u0_bar, mut params_bar) = ([0.0; 2], [0.0; Net::PARAM_COUNT]);
    let loss = solver.value_and_grad(
        &[2.0, 0.5],
        &params,
        |us, us_bar| {
            for (u, bar) in us.iter().zip(us_bar) {
                *bar = u.map(|u| 2.0 * u / 60.0);
            }
            us.iter().flatten().map(|u| u * u / 60.0).sum()
        },
        &mut u0_bar,
        &mut params_bar,
    );
    let near = |name: &str, got: &[f64]| near(name, got, fixture.get(name), 1e-11, 1.0);
    near("loss", &[loss]);
    near("u0_bar", &u0_bar);
    near("params_bar", &params_bar);
    near("end", &solver.solve(&[2.0, 0.5], &params)[29]);
}

#[test]
fn what_is_wrong_is_said() {
    let error = |times: &[f64], steps| {
        let solver = Solver::new(Growth, Rk4, times, steps);
        solver.err().unwrap().to_string()
    };
    let times = "finite, and the times must all go up or all go down";
    assert_eq!(
        error(&[], 1),
        "the number of points in time is 0, but must be at least 1"
    );
    assert_eq!(
        error(&[0.0, 1.0], 0),
        "the number of steps is 0, but must be at least 1"
    );
    assert_eq!(
        error(&[0.0, 1.0, 1.0], 1),
        format!("a point in time is 1, but must be {times}")
    );
    assert_eq!(
        error(&[0.0, -1.0, 0.5], 1),
        format!("a point in time is 0.5, but must be {times}")
    );
    assert_eq!(
        error(&[0.0, f64::NAN], 1),
        format!("a point in time is NaN, but must be {times}")
    );
    assert_eq!(
        error(&[f64::INFINITY], 1),
        format!("a point in time is inf, but must be {times}")
    );
}

/// Between points in time that lie irregularly, as many steps as it takes for none to be too long.
#[test]
fn a_largest_step() {
    let steps = |times: &[f64], max_step: f64| {
        let solver = Solver::with_max_step(Growth, Rk4, times, max_step);
        solver.map(|solver| solver.steps())
    };
    assert_eq!(steps(&[0.0, 0.01, 0.5, 2.0], 0.25), Ok(1 + 2 + 6));
    // Rounding makes 0.3 / 0.1 and (0.7 - 0.6) / 0.1 something else than whole numbers.
    assert_eq!(steps(&[0.0, 0.3], 0.1), Ok(3));
    assert_eq!(steps(&[0.7, 0.6], 0.1), Ok(1));
    assert_eq!(steps(&[0.0, 1.0], 1e9), Ok(1));
    assert_eq!(steps(&[3.0], 0.1), Ok(0));

    // Where the intervals are alike, it is the solver with that number of steps, to the bit.
    let times = [0.0, 0.25, 0.5, 0.75];
    let mut even = Solver::new(Driven, Tsit5, &times, 2).unwrap();
    let mut largest = Solver::with_max_step(Driven, Tsit5, &times, 0.125).unwrap();
    let params = numbers(0.6);
    let us = even.solve(&[0.8, -0.4], &params);
    assert_eq!(largest.solve(&[0.8, -0.4], &params), us);

    // The length of the step is what the error follows: an interval of 3 has that of 30 intervals of 0.1.
    let short: Vec<f64> = (0..=30).map(|i| 0.1 * i as f64).collect();
    let want = Solver::new(Growth, Rk4, &short, 1)
        .unwrap()
        .solve(&[1.0], &[])[30][0];
    let mut long = Solver::with_max_step(Growth, Rk4, &[0.0, 3.0], 0.1).unwrap();
    assert!((long.solve(&[1.0], &[])[1][0] - want).abs() < 1e-13);

    for max_step in [0.0, -0.1, f64::NAN, f64::INFINITY] {
        let error = steps(&[0.0, 1.0], max_step).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("the largest step is {max_step}, but must be finite and above 0")
        );
    }
    let error = steps(&[0.0, 1.0], 1e-300).unwrap_err().to_string();
    assert!(error.ends_with("but must be at most 2^32"), "{error}");
    let error = Solver::new(Growth, Rk4, &[0.0, 1.0], usize::MAX);
    assert!(error.is_err());
}

/// Gradients and tangents where the number of steps differs from interval to interval.
#[test]
fn gradients_of_irregular_steps() {
    let times = [0.0, 0.1, 0.75, 0.8];
    let mut solver = Solver::with_max_step(Driven, Rk4, &times, 0.2).unwrap();
    assert_eq!(solver.steps(), 1 + 4 + 1);
    let (u0, mut params) = ([0.8, -0.4], numbers::<DRIVEN>(0.6));
    let value = |us: &[[f64; 2]]| us.iter().map(|u| u[0] * u[1]).sum::<f64>();
    let loss = |us: &[[f64; 2]], us_bar: &mut [[f64; 2]]| {
        for (u, bar) in us.iter().zip(us_bar) {
            *bar = [u[1], u[0]];
        }
        value(us)
    };
    let (mut u0_bar, mut params_bar) = ([0.0; 2], [0.0; DRIVEN]);
    solver.value_and_grad(&u0, &params, loss, &mut u0_bar, &mut params_bar);
    let direction = numbers::<DRIVEN>(1.0);
    let start = params;
    let [up, down] = [1e-5, -1e-5].map(|step| {
        for (p, (start, dot)) in params.iter_mut().zip(start.iter().zip(&direction)) {
            *p = start + step * dot;
        }
        value(solver.solve(&u0, &params))
    });
    let want = (up - down) / 2e-5;
    assert!((dot(&params_bar, &direction) - want).abs() < 1e-8);
    let (us, us_dot) = solver.jvp(&u0, &start, &[0.0; 2], &direction);
    let tangents = us.iter().zip(us_dot);
    let got: f64 = tangents.map(|(u, dot)| u[0] * dot[1] + u[1] * dot[0]).sum();
    assert!((got - want).abs() < 1e-8);
}

/// `u' = p u^2` from 1 on is infinite at the time `1 / p`: what comes behind is not finite, nor is a loss of it or a gradient.
#[test]
fn what_grows_beyond_all_numbers() {
    struct Explosion;
    impl Field<f64> for Explosion {
        type State = [f64; 1];
        type Params = [f64; 1];
        fn rate(&self, _: f64, [u]: &[f64; 1], [p]: &[f64; 1], rate: &mut [f64; 1]) {
            *rate = [p * u * u];
        }
    }
    impl DifferentiableField<f64> for Explosion {
        fn vjp_add(
            &self,
            _: f64,
            [u]: &[f64; 1],
            [p]: &[f64; 1],
            [bar]: &[f64; 1],
            [u_bar]: &mut [f64; 1],
            [p_bar]: &mut [f64; 1],
        ) {
            *u_bar += 2.0 * p * u * bar;
            *p_bar += u * u * bar;
        }
    }
    let times: Vec<f64> = (0..=8).map(|i| 0.25 * f64::from(i)).collect();
    let mut solver = Solver::new(Explosion, Rk4, &times, 10).unwrap();
    let us = solver.solve(&[1.0], &[1.0]).to_vec();
    let first = us.iter().position(|u| !u[0].is_finite()).unwrap();
    assert!(first > 3 && us[first..].iter().all(|u| !u[0].is_finite()));
    let (mut u0_bar, mut p_bar) = ([0.0], [0.0]);
    let all = |us: &[[f64; 1]], bars: &mut [[f64; 1]]| mean_square(us, &[[0.0]; 9], bars);
    let value = solver.value_and_grad(&[1.0], &[1.0], all, &mut u0_bar, &mut p_bar);
    assert!(!value.is_finite() && !u0_bar[0].is_finite() && !p_bar[0].is_finite());
    // A loss that looks at an earlier state alone is finite; its gradient went through all steps.
    let early = |us: &[[f64; 1]], bars: &mut [[f64; 1]]| {
        bars[1] = [1.0];
        us[1][0]
    };
    let value = solver.value_and_grad(&[1.0], &[1.0], early, &mut u0_bar, &mut p_bar);
    assert!(value.is_finite() && u0_bar[0].is_nan() && p_bar[0].is_nan());
}
