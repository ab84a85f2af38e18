//! The checks of derivatives that a user wrote: what is right passes, what is wrong is named.

use simplechain::layer::{CustomLayer, check_vjp as check_layer};
use simplechain::loss::{
    BinaryCrossEntropy, FrontLast, GaussianLoss, LogitCrossEntropy, check_gradient, check_penalty,
};
use simplechain::ode::{Autonomous, DifferentiableField, Ensemble, Field, check_vjp};
use simplechain::prelude::*;
use simplechain::simd::{Number, Simd};

simple_chain! { struct Net: 3 => dense(tanh, 5) => dense(sin, 3) }

/// What is wrong with a [`Pendulum`].
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Nothing,
    Sign,
    Forgotten,
    Parameter,
    Overwritten,
    ParameterOverwritten,
    BarForgotten,
    Kept,
    KeptRate,
    RateNotSet,
    Jvp,
    JvpRate,
    NotANumber,
}

/// `angle' = velocity`, `velocity' = -g sin(angle) - c velocity^2 t`, in units where `g` is 1e4 and `c` 1e-4.
struct Pendulum(Fault);

impl Field<f64> for Pendulum {
    type State = [f64; 2];
    type Params = [f64; 2];

    const SAVED_LEN: usize = 1;

    fn rate(&self, t: f64, u: &[f64; 2], [g, c]: &[f64; 2], rate: &mut [f64; 2]) {
        if self.0 != Fault::RateNotSet {
            rate[0] = u[1];
        }
        rate[1] = -g * u[0].sin() - c * u[1] * u[1] * t;
    }

    fn rate_and_save(
        &self,
        t: f64,
        u: &[f64; 2],
        params: &[f64; 2],
        kept: &mut [f64],
        rate: &mut [f64; 2],
    ) {
        self.rate(t, u, params, rate);
        kept[0] = u[0].cos();
        if self.0 == Fault::KeptRate {
            rate[1] = 0.0;
        }
    }
}

impl DifferentiableField<f64> for Pendulum {
    fn vjp_add(
        &self,
        t: f64,
        u: &[f64; 2],
        [g, c]: &[f64; 2],
        bar: &[f64; 2],
        u_bar: &mut [f64; 2],
        params_bar: &mut [f64; 2],
    ) {
        let fault = self.0;
        let sign = if fault == Fault::Sign { 1.0 } else { -1.0 };
        u_bar[0] += sign * bar[1] * g * u[0].cos();
        u_bar[1] -= bar[1] * 2.0 * c * u[1] * t;
        if fault != Fault::Forgotten {
            u_bar[1] += bar[0];
        }
        if fault == Fault::Overwritten {
            u_bar[0] = -bar[1] * g * u[0].cos();
        }
        params_bar[0] -= u[0].sin()
            * if fault == Fault::BarForgotten {
                1.0
            } else {
                bar[1]
            };
        let by_c = -bar[1] * u[1] * u[1] * if fault == Fault::Parameter { 1.0 } else { t };
        if fault == Fault::ParameterOverwritten {
            params_bar[1] = by_c;
        } else {
            params_bar[1] += by_c;
        }
        if fault == Fault::NotANumber {
            params_bar[1] = f64::NAN;
        }
    }

    fn vjp_add_saved(
        &self,
        t: f64,
        u: &[f64; 2],
        params: &[f64; 2],
        kept: &[f64],
        bar: &[f64; 2],
        u_bar: &mut [f64; 2],
        params_bar: &mut [f64; 2],
    ) {
        self.vjp_add(t, u, params, bar, u_bar, params_bar);
        if self.0 == Fault::Kept {
            u_bar[1] += 1e-3 * kept[0] * bar[1];
        }
    }

    fn jvp(
        &self,
        t: f64,
        u: &[f64; 2],
        params: &[f64; 2],
        u_dot: &[f64; 2],
        params_dot: &[f64; 2],
        rate: &mut [f64; 2],
        rate_dot: &mut [f64; 2],
    ) {
        let [g, c] = params;
        if self.0 != Fault::JvpRate {
            self.rate(t, u, params, rate);
        }
        let by_state = -g * u[0].cos() * u_dot[0] - 2.0 * c * u[1] * t * u_dot[1];
        let by_params = -u[0].sin() * params_dot[0] - u[1] * u[1] * t * params_dot[1];
        let by_params = if self.0 == Fault::Jvp { 0.0 } else { by_params };
        *rate_dot = [u_dot[1], by_state + by_params];
    }
}

/// Where the numbers of the derivatives are plain: sin 0.5 = 0.479426, cos 0.5 = 0.877583.
fn pendulum(fault: Fault) -> Result<(), String> {
    let (u, params) = ([0.5, 20.0], [1e4, 1e-4]);
    check_vjp(&Pendulum(fault), 2.0, &u, &params).map_err(|error| error.to_string())
}

#[test]
fn of_a_field() {
    assert_eq!(pendulum(Fault::Nothing), Ok(()));
    for (fault, starts) in [
        (
            Fault::Sign,
            "`vjp_add`: the derivative of rate 1 by state 0 is 8775.8256",
        ),
        (
            Fault::Forgotten,
            "`vjp_add`: the derivative of rate 0 by state 1 is 0, but differences of the function give ",
        ),
        (
            Fault::Parameter,
            "`vjp_add`: the derivative of rate 1 by parameter 1 is -400, but differences of the function give -",
        ),
        (
            Fault::Overwritten,
            "`vjp_add`: the cotangent of state 0 must be added to the number that is there (`+=`)",
        ),
        (
            Fault::ParameterOverwritten,
            "`vjp_add`: the cotangent of parameter 1 must be added to the number that is there (`+=`)",
        ),
        (
            Fault::BarForgotten,
            "`vjp_add`: the derivative of rate 0 by parameter 0 is -0.479425538604203, but",
        ),
        (
            Fault::Kept,
            "`vjp_add_saved`: the derivative of rate 1 by state 1 is -0.00712",
        ),
        (
            Fault::KeptRate,
            "number 1 of the function is -4794.33538604203 by `rate`, but 0 by `rate_and_save`",
        ),
        (
            Fault::RateNotSet,
            "number 0 of the function is 0 by `rate` into zeros, but 1 by `rate` into ones",
        ),
        (
            Fault::Jvp,
            "`jvp`: the derivative of rate 1 by direction 0 is ",
        ),
        (
            Fault::JvpRate,
            "number 0 of the function is 20 by `rate`, but 0 by `jvp`",
        ),
        (
            Fault::NotANumber,
            "`vjp_add`: the derivative of rate 1 by parameter 1 is NaN, but",
        ),
    ] {
        let error = pendulum(fault).expect_err(starts);
        assert!(error.starts_with(starts), "{error}\ninstead of {starts}");
    }
}

/// The library's own, in both kinds of numbers.
#[test]
fn of_fields_with_a_chain() {
    let params = Net.init::<f64>(&mut rng(3));
    check_vjp(&Autonomous(Net), 0.0, &[0.3, -0.8, 0.0], &params).unwrap();
    check_vjp(&Ensemble::<_, 3>(Net), 0.0, &[[0.3, -0.8, 0.1]; 3], &params).unwrap();
    let single = Net.cast::<f64, f32>(&params);
    check_vjp(&Autonomous(Net), 0.0, &[0.3, -0.8, 0.0], &single).unwrap();
}

/// `y_i = p_i x_i x_{i+1}`, with as many faults as `FAULT` says.
#[derive(Clone, Copy, Debug, Default)]
struct Products<const FAULT: usize>;

impl<const FAULT: usize> CustomLayer for Products<FAULT> {
    const INPUT_LEN: usize = 4;
    const OUTPUT_LEN: usize = 3;
    const PARAM_COUNT: usize = 3;

    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    ) {
        for i in 0..3 {
            y[i] = simd.mul_param(simd.param(params, i), simd.mul(x[i], x[i + 1]));
        }
    }

    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        params_bar: &mut [S::V],
    ) {
        if FAULT != 1 {
            x_bar.fill(simd.zero());
        }
        for i in 0..if FAULT == 2 { 2 } else { 3 } {
            let bar = simd.mul_param(simd.param(params, i), y_bar[i]);
            x_bar[i] = simd.mul_add(bar, x[i + 1], x_bar[i]);
            x_bar[i + 1] = simd.mul_add(bar, x[i], x_bar[i + 1]);
            if PARAMS {
                let product = simd.mul(x[i], if FAULT == 3 { x[i] } else { x[i + 1] });
                params_bar[i] = simd.mul_add(product, y_bar[i], params_bar[i]);
            } else if FAULT == 4 {
                x_bar[i] = simd.zero();
            }
        }
    }
}

#[test]
fn of_a_layer() {
    let (x, params) = ([1.0, 2.0, 3.0, 4.0], [0.5, -1.0, 2.0]);
    check_layer(Products::<0>, &x, &params).unwrap();
    let message = |result: Result<(), simplechain::Error>| result.unwrap_err().to_string();
    assert_eq!(
        message(check_layer(Products::<1>, &x, &params)),
        "`vjp::<.., true>`: the cotangent of input 0 must be written over the number that is there (`=`), but is added to it"
    );
    // dy_2/dx_2 = p_2 x_3 = 8
    let error = message(check_layer(Products::<2>, &x, &params));
    let starts = "`vjp::<.., true>`: the derivative of output 2 by input 2 is 0, but differences of the function give 8";
    assert!(
        error.starts_with(starts) || error.contains("give 7.99999"),
        "{error}"
    );
    // dy_0/dp_0 = x_0 x_1 = 2
    let error = message(check_layer(Products::<3>, &x, &params));
    assert!(
        error.contains("of output 0 by parameter 0 is 1, but"),
        "{error}"
    );
    let error = message(check_layer(Products::<4>, &x, &params));
    assert!(
        error.starts_with("`vjp::<.., false>`: the derivative of output "),
        "{error}"
    );
    assert_eq!(
        message(check_layer(Products::<0>, &x, &[])),
        "expected 3 parameters, found 0"
    );
    assert_eq!(
        message(check_layer(Products::<0>, &[0.0], &params)),
        "expected 4 inputs, found 1"
    );
}

#[test]
fn of_a_loss() {
    let (y, t) = ([0.3_f64, -1.2, 2.5], [0.7, 0.1, 0.4]);
    let cosh = |slope: fn(f64) -> f64| {
        LossFn(move |y: &[f64; 3], t: &[f64; 3], y_bar: &mut [f64; 3]| {
            let mut sum = 0.0;
            for o in 0..3 {
                y_bar[o] = if o == 1 {
                    slope(y[o] - t[o])
                } else {
                    (y[o] - t[o]).tanh()
                };
                sum += (y[o] - t[o]).cosh().ln();
            }
            sum
        })
    };
    check_gradient(Net, &cosh(f64::tanh), &y, &t).unwrap();
    let error = check_gradient(Net, &cosh(f64::sin), &y, &t)
        .unwrap_err()
        .to_string();
    // sin(-1.3) instead of tanh(-1.3) = -0.861723
    let starts = "`value_and_grad`: the derivative of loss 0 by output 1 is -0.963558185417193, but differences of the function give -0.8617";
    assert!(error.starts_with(starts), "{error}");

    check_gradient(
        Net,
        &SquaredLoss,
        &y.map(|y| y as f32),
        &t.map(|t| t as f32),
    )
    .unwrap();
    check_gradient(Net, &HuberLoss::new(0.5), &y, &t).unwrap();
    check_gradient(Net, &BinaryCrossEntropy, &y, &t).unwrap();
    check_gradient(Net, &LogitCrossEntropy::new(), &y, &2_u8).unwrap();
    let error = check_gradient(Net, &LogitCrossEntropy::new(), &y, &7_u8);
    assert!(matches!(
        error,
        Err(simplechain::Error::Label { label: 7, .. })
    ));
}

simple_chain! { struct MeanAndVariance: 1 => dense(id, 2) }

#[test]
fn of_a_penalty() {
    check_gradient(MeanAndVariance, &GaussianLoss::<1>, &[0.3, -0.5], &[1.0]).unwrap();
    let params = Net.init::<f64>(&mut rng(3));
    check_penalty(Net, &FrontLast(L1::new(0.1), L2::new(0.2)), &params).unwrap();
    let cubes = |factor: f64, adds: bool| {
        PenaltyFn(move |params: &[f64], grads: Option<&mut [f64]>| {
            if let Some(grads) = grads {
                for (grad, p) in grads.iter_mut().zip(params) {
                    *grad = factor * p * p + if adds { *grad } else { 0.0 };
                }
            }
            params.iter().map(|p| p * p * p).sum()
        })
    };
    check_penalty(Net, &cubes(3.0, true), &params).unwrap();
    let message = |penalty| {
        let result: Result<(), simplechain::Error> = penalty;
        result.unwrap_err().to_string()
    };
    let wrong = message(check_penalty(Net, &cubes(2.0, true), &params));
    assert!(
        wrong.contains("the derivative of penalty 0 by parameter 0 is "),
        "{wrong}"
    );
    let wrong = message(check_penalty(Net, &cubes(3.0, false), &params));
    assert!(
        wrong.contains("the cotangent of parameter 0 must be added"),
        "{wrong}"
    );
}
