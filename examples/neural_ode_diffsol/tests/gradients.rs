//! Solutions and gradients compared with JAX, with finite differences and with each other; unsolvable problems.

use clap::ValueEnum;
use neural_ode_diffsol::spiral::{Learned, Net, Params, State, mean_square, times};
use neural_ode_diffsol::{Adaptive, Gradient, Method};
use simplechain::ode::{DifferentiableField, Field, Solver, Tsit5};
use simplechain::prelude::*;
use support::Fixture;

const U0: State = [2.0, 0.5];

fn numbers<const N: usize>(scale: f64) -> [f64; N] {
    core::array::from_fn(|i| scale * (((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0))
}

/// The spiral of the fixture.
fn spiral(method: Method, tolerance: f64) -> Adaptive<Learned> {
    Adaptive::new(Learned, method, &times(1.5, 30), tolerance).unwrap()
}

/// Its loss and gradient.
fn value_and_grad(
    adaptive: &mut Adaptive<Learned>,
    gradient: Gradient,
    params: &Params,
) -> (f64, State, Params) {
    let (mut u0_bar, mut params_bar) = ([f64::NAN; 2], [f64::NAN; Net::PARAM_COUNT]);
    let loss = mean_square(&[[0.0; 2]; 30]);
    let value = adaptive
        .value_and_grad(gradient, &U0, params, loss, &mut u0_bar, &mut params_bar)
        .unwrap();
    (value, u0_bar, params_bar)
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// Every method of every solver agrees with diffrax for the same parameters: as closely as its order allows at a
/// tolerance of 1e-10, and the adjoint as closely as a cubic polynomial approximates the solution.
#[test]
fn diffrax() {
    let fixture = Fixture::of(include_str!("fixtures/diffrax_spiral.txt"));
    let params = numbers(0.3);
    for (method, steps, adjoint) in [
        (Method::Tsit45, 1e-9, 1e-6),
        (Method::Bdf, 1e-7, 2e-6),
        (Method::TrBdf2, 1e-6, 1e-6),
        (Method::Esdirk34, 2e-7, 2e-7),
    ] {
        let mut adaptive = spiral(method, 1e-10);
        for (gradient, bound) in [(Gradient::Stepwise, steps), (Gradient::Adjoint, adjoint)] {
            let (loss, u0_bar, params_bar) = value_and_grad(&mut adaptive, gradient, &params);
            for (name, got, bound) in [
                ("loss", &[loss][..], steps),
                ("u0_bar", &u0_bar, bound),
                ("params_bar", &params_bar, bound),
            ] {
                let off = distance(got, fixture.get(name));
                assert!(
                    off < bound,
                    "{method:?}, {gradient:?}: {name} is off by {off}"
                );
            }
        }
        let us = adaptive.solve(&U0, &params).unwrap();
        let off = distance(&us[29], fixture.get("end"));
        assert!(off < steps, "{method:?}: the end is off by {off}");
    }
}

/// Gradients with respect to the initial state and the parameters, compared with differences of the same solution. The steps of
/// an implicit solver are discontinuous in its inputs, and so limit the accuracy of its differences.
#[test]
fn differences() {
    const STEP: f64 = 2e-3;
    let params = numbers::<{ Net::PARAM_COUNT }>(0.3);
    for (method, bound) in [
        (Method::Tsit45, 1e-7),
        (Method::Bdf, 2e-6),
        (Method::TrBdf2, 2e-5),
        (Method::Esdirk34, 2e-6),
    ] {
        let mut adaptive = spiral(method, 1e-11);
        let [stepwise, adjoint] = [Gradient::Stepwise, Gradient::Adjoint].map(|gradient| {
            let (_, u0_bar, params_bar) = value_and_grad(&mut adaptive, gradient, &params);
            [&u0_bar[..], &params_bar].concat()
        });
        // The initial state, and some parameters of every kind.
        for i in (0..2).chain((2..stepwise.len()).step_by(17)) {
            let mut moved = |by: f64| {
                let (mut u0, mut params) = (U0, params);
                *u0.iter_mut().chain(&mut params).nth(i).unwrap() += by;
                let us = adaptive.solve(&u0, &params).unwrap();
                us.iter().flatten().map(|u| u * u / 60.0).sum::<f64>()
            };
            let mut slope = |step: f64| (moved(step) - moved(-step)) / (2.0 * step);
            // Fourth-order differences.
            let want = (4.0 * slope(STEP) - slope(2.0 * STEP)) / 3.0;
            for (name, got) in [("stepwise", stepwise[i]), ("adjoint", adjoint[i])] {
                let off = (got - want).abs();
                assert!(off < bound, "{method:?}, {name}: {i} is {got}, not {want}");
            }
        }
    }
}

/// Forward and reverse mode through the same steps give the same values: to rounding where nothing is iterated.
#[test]
fn sensitivities() {
    let params = numbers(0.3);
    for (method, bound) in [
        (Method::Tsit45, 1e-12),
        (Method::Bdf, 1e-7),
        (Method::TrBdf2, 1e-7),
        (Method::Esdirk34, 1e-7),
    ] {
        let mut adaptive = spiral(method, 1e-6);
        let reverse = value_and_grad(&mut adaptive, Gradient::Stepwise, &params);
        let forward = value_and_grad(&mut adaptive, Gradient::Sensitivities, &params);
        assert_eq!(forward.0, reverse.0);
        let off = distance(&forward.1, &reverse.1).max(distance(&forward.2, &reverse.2));
        assert!(off < bound, "{method:?}: off by {off}");
    }
}

/// `ode::Solver` with enough steps gives the same.
#[test]
fn fixed_steps() {
    let params = numbers(0.3);
    let mut solver = Solver::new(Learned, Tsit5, &times(1.5, 30), 5).unwrap();
    let (mut u0_bar, mut params_bar) = ([0.0; 2], [0.0; Net::PARAM_COUNT]);
    let loss = mean_square(&[[0.0; 2]; 30]);
    let value = solver.value_and_grad(&U0, &params, loss, &mut u0_bar, &mut params_bar);
    let mut adaptive = spiral(Method::Tsit45, 1e-11);
    let want = value_and_grad(&mut adaptive, Gradient::Stepwise, &params);
    assert!((value - want.0).abs() < 1e-10);
    assert!(distance(&u0_bar, &want.1) < 1e-10);
    assert!(distance(&params_bar, &want.2) < 1e-10);
}

/// Van der Pol's oscillator on its slow manifold, forced: `u' = v`, `v' = mu ((1 - u^2) v - u + a sin t)`, `params = [mu, a]`.
/// Neighbouring solutions approach the manifold `3 mu` times as fast as the solution moves along it.
struct VanDerPol;

impl Field<f64> for VanDerPol {
    type State = [f64; 2];
    type Params = [f64; 2];

    fn rate(&self, t: f64, [u, v]: &State, [mu, a]: &[f64; 2], rate: &mut State) {
        *rate = [*v, mu * ((1.0 - u * u) * v - u + a * t.sin())];
    }
}

impl DifferentiableField<f64> for VanDerPol {
    fn vjp_add(
        &self,
        t: f64,
        [u, v]: &State,
        [mu, a]: &[f64; 2],
        bar: &State,
        u_bar: &mut State,
        params_bar: &mut [f64; 2],
    ) {
        u_bar[0] -= bar[1] * mu * (2.0 * u * v + 1.0);
        u_bar[1] += bar[0] + bar[1] * mu * (1.0 - u * u);
        params_bar[0] += bar[1] * ((1.0 - u * u) * v - u + a * t.sin());
        params_bar[1] += bar[1] * mu * t.sin();
    }
}

/// A stiff equation, with times that do not begin at 0, a right-hand side that depends on time, and a loss that includes the
/// initial state.
#[test]
fn stiff() {
    let (u0, params) = ([2.0, -0.6], [1e3, 0.7]);
    let times = [0.2, 0.3, 0.45, 0.7];
    let loss = |us: &[State], us_bar: &mut [State]| {
        let mut sum = 0.0;
        for (i, (u, bar)) in us.iter().zip(us_bar).enumerate() {
            let weight = 1.0 + i as f64;
            *bar = [weight * u[0], 0.1];
            sum += weight * u[0] * u[0] / 2.0 + 0.1 * u[1];
        }
        sum
    };
    for method in [Method::Bdf, Method::TrBdf2, Method::Esdirk34] {
        let mut adaptive = Adaptive::new(VanDerPol, method, &times, 1e-11).unwrap();
        let mut moved = |i: usize, by: f64| {
            let (mut u0, mut params) = (u0, params);
            *u0.iter_mut().chain(&mut params).nth(i).unwrap() += by;
            let us = adaptive.solve(&u0, &params).unwrap();
            loss(&us, &mut [[0.0; 2]; 4])
        };
        let steps = [1e-3, 1e-3, 10.0, 1e-3];
        let want = [0, 1, 2, 3].map(|i| {
            let step = steps[i];
            (moved(i, step) - moved(i, -step)) / (2.0 * step)
        });
        for gradient in Gradient::value_variants() {
            let (mut u0_bar, mut params_bar) = ([0.0; 2], [0.0; 2]);
            adaptive
                .value_and_grad(*gradient, &u0, &params, loss, &mut u0_bar, &mut params_bar)
                .unwrap();
            let got = [&u0_bar[..], &params_bar].concat();
            for (got, want) in got.iter().zip(want) {
                let off = (got - want).abs() / want.abs();
                assert!(off < 2e-3, "{method:?}, {gradient:?}: {got}, not {want}");
            }
        }
    }
}

/// `u' = p u^2` from 1 on: infinite at time `1 / p`.
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
        *u_bar += bar * p * 2.0 * u;
        *p_bar += bar * u * u;
    }
}

/// A problem without a solution is an error: it neither panics nor hangs.
#[test]
fn no_solution() {
    for method in Method::value_variants() {
        let mut adaptive = Adaptive::new(Explosion, *method, &[0.0, 0.3, 1.0], 1e-6).unwrap();
        adaptive.solve(&[1.0], &[2.0]).unwrap_err();
        for gradient in Gradient::value_variants() {
            // The gradient of `bar u(1)`.
            let mut grad = |p: f64, bar: f64| {
                let (mut u0_bar, mut params_bar) = ([f64::NAN], [f64::NAN]);
                let loss = |us: &[[f64; 1]], us_bar: &mut [[f64; 1]]| {
                    us_bar[2] = [bar];
                    bar * us[2][0]
                };
                adaptive
                    .value_and_grad(*gradient, &[1.0], &[p], loss, &mut u0_bar, &mut params_bar)
                    .map(|value| [value, u0_bar[0], params_bar[0]])
            };
            grad(2.0, 1.0).unwrap_err();
            grad(0.5, f64::NAN).unwrap_err();
            // The solver can be reused, for `u = u0 / (1 - u0 p t)`.
            let got = grad(0.5, 1.0).unwrap();
            assert!(
                distance(&got, &[2.0, 4.0, 4.0]) < 1e-2,
                "{method:?}, {gradient:?}: {got:?}"
            );
        }
    }
}

#[test]
fn times_go_up() {
    for times in [&[][..], &[1.0], &[0.0, 0.0], &[0.0, -1.0], &[0.0, f64::NAN]] {
        let error = Adaptive::new(Explosion, Method::Bdf, times, 1e-6)
            .err()
            .unwrap();
        assert_eq!(error.to_string(), "the times must be two or more and go up");
    }
}
