//! Levenberg-Marquardt: NIST's certified numbers, a chain, and why it ends.

use std::ops::ControlFlow;

use simplechain::Error;
use simplechain::optim::{NormalEquations, Stop};
use simplechain::prelude::*;

/// Misra1a of NIST's Statistical Reference Datasets: `y = b1 (1 - exp(-b2 x))`.
const MISRA: [(f64, f64); 14] = [
    (10.07, 77.6),
    (14.73, 114.9),
    (17.94, 141.1),
    (23.93, 190.8),
    (29.61, 239.9),
    (35.18, 289.0),
    (40.02, 332.8),
    (44.82, 378.4),
    (50.76, 434.8),
    (55.05, 477.3),
    (61.01, 536.8),
    (66.40, 593.1),
    (75.47, 689.1),
    (81.78, 760.0),
];

fn misra(b: &[f64], equations: &mut NormalEquations) {
    for (y, x) in MISRA {
        let e = (-b[1] * x).exp();
        equations.add(b[0] * (1.0 - e) - y, &[1.0 - e, b[0] * x * e]);
    }
}

#[test]
fn nist_misra1a() {
    // From NIST's first start, the far one. The two parameters differ by six orders of magnitude.
    for mut b in [[500.0, 0.0001], [250.0, 0.0005]] {
        let minimum = LevenbergMarquardt::new()
            .minimize(&mut b, 200, misra)
            .unwrap();
        assert!((b[0] / 2.3894212918e2 - 1.0).abs() < 1e-8, "{minimum:?}");
        assert!((b[1] / 5.5015643181e-4 - 1.0).abs() < 1e-8, "{minimum:?}");
        assert!((2.0 * minimum.value / 1.2455138894e-1 - 1.0).abs() < 1e-9);
        assert!(minimum.iterations < 40, "{minimum:?}");
    }
}

simple_chain! {
    struct Net: 2 => dense(tanh, 6) => dense(id, 2)
}

fn data() -> (Vec<[f64; 2]>, Vec<[f64; 2]>) {
    let xs: Vec<_> = (0..60)
        .map(|i| [(0.1 * f64::from(i)).sin(), (0.37 * f64::from(i)).cos()])
        .collect();
    let mut truth = Net.init::<f64>(&mut rng(7));
    truth.iter_mut().for_each(|p| *p *= 1.5);
    let ys = xs.iter().map(|x| Net.forward(x, &truth)).collect();
    (xs, ys)
}

/// A network with as many parameters as the one that made the data finds a perfect fit, which L-BFGS does not in as many
/// gradients.
#[test]
fn a_chain_is_fitted() {
    let (xs, ys) = data();
    let start = Net.init::<f64>(&mut rng(1));
    let mut params = start.clone();
    let minimum = LevenbergMarquardt::new()
        .fit(Net, &mut params, &xs, &ys, 100)
        .unwrap();
    assert!(minimum.value < 1e-9, "{minimum:?}");
    let loss = Net.loss_batch(&SquaredLoss, &xs, &ys, &params).unwrap();
    assert!((loss - minimum.value).abs() < 1e-12);

    let mut params = start;
    let lbfgs = Lbfgs::new().fit(
        Net,
        &SquaredLoss,
        &mut params,
        &xs,
        &ys,
        minimum.evaluations,
    );
    assert!(minimum.value < lbfgs.unwrap().value);
}

#[test]
fn it_says_why_it_ends() {
    let method = LevenbergMarquardt::new();
    let mut b = [500.0, 0.0001];
    assert_eq!(
        method.minimize(&mut b, 3, misra).unwrap().stop,
        Stop::Iterations
    );
    let after_two = method.minimize_with(&mut b, 10, misra, |made, _, _| match made {
        2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    let after_two = after_two.unwrap();
    assert_eq!((after_two.stop, after_two.iterations), (Stop::Caller, 2));
    // The second parameter has no part in anything, and stays.
    let mut p = [3.0, 5.0];
    let line = method.minimize(&mut p, 50, |p, equations| {
        equations.add(p[0] - 1.0, &[1.0, 0.0])
    });
    assert_eq!(line.unwrap().stop, Stop::Gradient);
    assert!((p[0] - 1.0).abs() < 1e-9 && p[1] == 5.0);
    // A residual that is wrong about its slope cannot be made smaller.
    let wrong = method.minimize(&mut [1.0], 5, |p, equations| equations.add(p[0], &[-1.0]));
    assert_eq!(wrong.unwrap().stop, Stop::NoDecrease);
}

#[test]
fn what_is_wrong_is_said() {
    let (xs, ys) = data();
    let mut params = Net.init::<f64>(&mut rng(1));
    let method = LevenbergMarquardt::new();
    let error = method.fit(Net, &mut params, &xs, &ys[1..], 5).unwrap_err();
    assert_eq!(error.to_string(), "expected 60 targets, found 59");
    assert_eq!(
        method.fit(Net, &mut params, &[], &[], 5),
        Err(Error::EmptyBatch)
    );
    let error = method
        .damping(0.0)
        .fit(Net, &mut params, &xs, &ys, 5)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the damping is 0, but must be above 0 and finite"
    );
}

/// Residuals and parameters in other units, powers of two so that no rounding differs, are the same problem.
#[test]
fn units_do_not_matter() {
    let run = |residual: i32, scale: i32| {
        let (residual, scale) = (2_f64.powi(residual), 2_f64.powi(scale));
        let mut b = [250.0, 0.0005 / scale];
        let minimum = LevenbergMarquardt::new().minimize(&mut b, 200, |b, equations| {
            for (y, x) in MISRA {
                let e = (-b[1] * scale * x).exp();
                let row = [1.0 - e, b[0] * x * e * scale].map(|slope| residual * slope);
                equations.add(residual * (b[0] * (1.0 - e) - y), &row);
            }
        });
        let minimum = minimum.unwrap();
        (b[0], b[1] * scale, minimum.iterations, minimum.stop)
    };
    let want = run(0, 0);
    assert_eq!(want.3, Stop::Gradient);
    for (residual, scale) in [
        (-200, 0),
        (-40, 0),
        (40, 0),
        (200, 0),
        (0, 30),
        (0, -30),
        (-20, 20),
    ] {
        assert_eq!(run(residual, scale), want, "2^{residual}, 2^{scale}");
    }
}

/// A start that is no number is an error, as is a slope after a step: the parameters are the last good ones.
#[test]
fn what_is_not_finite_is_refused() {
    let method = LevenbergMarquardt::new();
    let mut p = [4.0];
    let nan = method.minimize(&mut p, 5, |_, equations| equations.add(f64::NAN, &[1.0]));
    assert_eq!(
        nan.unwrap_err().to_string(),
        "the loss is not finite in iteration 0: start from other parameters, or scale the data"
    );
    // A residual without a slope below 3, where the first step goes.
    let mut met = Vec::new();
    let slope = method.minimize(&mut p, 50, |p, equations| {
        let slope = if p[0] < 3.0 { f64::NAN } else { 1.0 };
        if equations.needs_rows() && slope == 1.0 {
            met.push(p[0]);
        }
        equations.add(p[0], &[slope]);
    });
    let error = slope.unwrap_err().to_string();
    assert!(
        error.starts_with("the gradient is not finite in iteration 1"),
        "{error}"
    );
    assert_eq!(Some(&p[0]), met.last());

    let (mut xs, mut ys) = data();
    (xs[30][1], ys[20][1]) = (f64::INFINITY, f64::NAN);
    let start = Net.init::<f64>(&mut rng(1));
    let mut params = start.clone();
    let error = method.fit(Net, &mut params, &xs, &ys, 5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the loss is not finite in iteration 0: target 1 of sample 20 is NaN; remove the sample, or give it a number"
    );
    assert_eq!(params, start);
}
