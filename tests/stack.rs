//! No call needs more than 512 KB of stack, whatever the size of the network, of its data or of a state. It holds without
//! optimisation too: `CARGO_PROFILE_DEV_OPT_LEVEL=0 cargo test --test stack`.

use simplechain::Array;
use simplechain::loss::{check_gradient, check_penalty};
use simplechain::ode::{
    Autonomous, DifferentiableField, Ensemble, Field, Rk4, Solver, check_vjp, mean_square,
};
use simplechain::prelude::*;

const SAMPLES: usize = 3;

/// As many numbers as the named sizes below, which the macro does not know.
const SIDE: usize = 48;
const LONG: usize = 100_000;

simple_chain! {
    /// 407 050 parameters.
    struct Wide: 784 => dense(relu, 512) => dense(id, 10);
    /// Much goes in: 400 008 parameters.
    struct In: 200_000 => dense(tanh, 2) => dense(id, 2);
    /// Much comes out: 150 000 parameters.
    struct Out: 2 => dense(id, 50_000);
    /// Much lies between, in all kinds of layers.
    struct Between: (SIDE, SIDE, 2)
        => conv(gelu, (3, 3), 8, padding = same)
        => residual(conv(relu, (1, 1), 8) => batch_norm => activation(tanh))
        => concat(conv(id, (3, 3), 3, padding = same), conv(sin, (1, 1), 4, groups = 4))
        => maxpool(2, 2) => dropout(0.1) => flatten => layer_norm => dense(id, 2);
    /// Much of what has no parameters.
    struct Long: LONG => normalize(0.5, 2.0) => activation(sin) => scale(2.0) => activation(gelu) => dense(id, 1);
    /// As many outputs as inputs, for a differential equation.
    struct Square: 1000 => dense(tanh, 1000);
    struct Small: 4 => dense(tanh, 8) => dense(id, 4)
}

/// In a thread with so little stack.
fn in_512_kb(f: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    thread.spawn(f).unwrap().join().unwrap();
}

/// Samples on the heap.
fn samples<A: Array<f64>>(count: usize) -> Vec<A> {
    let mut samples = A::vec(0.0, count);
    for (i, sample) in samples.iter_mut().enumerate() {
        for (k, x) in sample.as_mut_slice().iter_mut().enumerate() {
            *x = ((7919 * k + 31 * i) % 1009) as f64 / 1009.0 - 0.5;
        }
    }
    samples
}

/// Every call with one sample and with several. What is returned by value is small here.
fn calls<C: Chain>(net: C) {
    let params = net.init::<f64>(&mut rng(1));
    let single: Box<C::Params<f32>> = net.cast(&params);
    let mut params_bar = net.zeros::<f64>();
    let owned = net.own::<f64>(params.as_slice().to_vec()).unwrap();
    assert_eq!(owned.as_slice(), params.as_slice());
    assert_eq!(
        net.cast::<f32, f64>(&single).as_slice().len(),
        C::PARAM_COUNT
    );

    let xs: Vec<C::Input<f64>> = samples(SAMPLES);
    let mut x_bars = xs.clone();
    let y_bars: Vec<C::Output<f64>> = samples(SAMPLES);
    let mut ys = y_bars.clone();
    let (x, y_bar, x_bar) = (&xs[0], &y_bars[0], &mut x_bars[0]);

    let y = net.forward(x, &params);
    net.forward_into(x, &params, &mut ys[0]);
    assert_eq!(y.as_slice(), ys[0].as_slice());
    let mut activations = C::Activations::boxed(0.0);
    net.activations_into(x, &params, &mut activations);
    let _ = net.vjp(x, &params, y_bar, x_bar, &mut params_bar);
    let _ = net.vjp_add(x, &params, y_bar, x_bar, &mut params_bar);
    net.vjp_activations_add(x, &params, &activations, y_bar, x_bar, &mut params_bar);
    let _ = net.vjp_input(x, &params, y_bar, x_bar);
    let _ = net.vjp_input_add(x, &params, y_bar, x_bar);
    let _ = net.vjp_params(x, &params, y_bar, &mut params_bar);
    let _ = net.vjp_params_add(x, &params, y_bar, &mut params_bar);
    net.value_and_grad(&SquaredLoss, x, &ys[0], &params, &mut params_bar);

    let _ = net.jvp(x, &params, &xs[1], &owned);
    let mut y_dot = C::Output::boxed(0.0);
    net.jvp_into(x, &params, &xs[1], &owned, &mut ys[0], &mut y_dot);
    let _ = net.jvp_input(x, &params, &xs[1]);
    let _ = net.jvp_params(x, &params, &owned);
    let _ = net.hvp(x, &params, y_bar, &xs[1], &owned, x_bar, &mut params_bar);
    let _ = net.hvp_input(x, &params, y_bar, &xs[1], x_bar);
    let _ = net.hvp_params(x, &params, y_bar, &owned, &mut params_bar);
    let _ = net.hvp_mixed(x, &params, y_bar, &xs[1], &mut params_bar);
    let _ = net.along(x, &params, &xs[1]);
    let _ = net.along_curve(x, &params, [&xs[1], &xs[2]]);
    let _ = net.vjp_along(x, &params, &xs[1], [y_bar; 3], &mut params_bar);
    let _ = net.vjp_along_curve(x, &params, [&xs[1], &xs[2]], [y_bar; 3], &mut params_bar);

    batches(net);
    training(net);
}

/// The calls with several samples, which take outputs of any size.
fn batches<C: Chain>(net: C) {
    let params = net.init::<f64>(&mut rng(1));
    let mut params_bar = net.zeros::<f64>();
    let xs: Vec<C::Input<f64>> = samples(SAMPLES);
    let mut x_bars = xs.clone();
    let ts: Vec<C::Output<f64>> = samples(SAMPLES);
    let mut ys = ts.clone();
    net.forward_batch(&xs, &params, &mut ys).unwrap();
    net.vjp_batch(&xs, &params, &ts, &mut x_bars, &mut params_bar)
        .unwrap();
    net.vjp_batch_add(&xs, &params, &ts, &mut x_bars, &mut params_bar)
        .unwrap();
    net.vjp_input_batch(&xs, &params, &ts, &mut x_bars).unwrap();
    net.vjp_params_batch(&xs, &params, &ts, &mut params_bar)
        .unwrap();
    net.loss_batch(&SquaredLoss, &xs, &ts, &params).unwrap();
    net.value_and_grad_batch(&SquaredLoss, &xs, &ts, &params, &mut params_bar)
        .unwrap();
    let own = LossFn(
        |y: &C::Output<f64>, t: &C::Output<f64>, y_bar: &mut C::Output<f64>| {
            y_bar.as_mut_slice()[0] = 1.0;
            y.as_slice()[0] - t.as_slice()[0]
        },
    );
    net.value_and_grad_batch(&own, &xs, &ts, &params, &mut params_bar)
        .unwrap();
    net.value_and_grad(&own, &xs[0], &ts[0], &params, &mut params_bar);
    let (mut firsts, mut seconds) = (ts.clone(), ts.clone());
    net.jvp_batch(&xs, &params, &xs, &params, &mut ys, &mut firsts)
        .unwrap();
    net.jvp_input_batch(&xs, &params, &xs, &mut ys, &mut firsts)
        .unwrap();
    net.hvp_batch(
        &xs,
        &params,
        &ts,
        &xs,
        &params,
        &mut x_bars,
        &mut params_bar,
    )
    .unwrap();
    net.along_batch(&xs, &params, &xs, &mut ys, &mut firsts, &mut seconds)
        .unwrap();
    net.vjp_along_batch(&xs, &params, &xs, [&ts, &ts, &ts], &mut params_bar)
        .unwrap();
}

/// Everything that changes parameters.
fn training<C: Chain>(net: C) {
    let xs: Vec<C::Input<f64>> = samples(SAMPLES);
    let ys: Vec<C::Output<f64>> = samples(SAMPLES);
    let mut params = net.init::<f64>(&mut rng(1));
    let loss = Penalized(SquaredLoss, L2::new(1e-4));
    let optimizer = Adam::new(1e-5)
        .clip_norm(1.0)
        .average(0.9)
        .schedule(Cosine::new(10));
    let mut trainer = Trainer::new(net, loss, optimizer).threads(1);
    trainer.fit(&mut params, &xs, &ys, 2).unwrap();
    let validation = Validation::new(&xs, &ys);
    trainer
        .fit_validated(&mut params, &xs, &ys, &validation, 2)
        .unwrap();
    Lbfgs::new()
        .fit(net, &SquaredLoss, &mut params, &xs, &ys, 2)
        .unwrap();
    let mut both = vec![params.clone(), params];
    let fits = fit_many(&mut both, Some(1), |_, params| {
        Trainer::new(net, SquaredLoss, Sgd::new(1e-5)).fit(params, &xs, &ys, 1)
    });
    assert!(fits.unwrap().into_iter().all(|fit| fit.is_ok()));
}

#[test]
fn much_goes_in() {
    in_512_kb(|| calls(In));
}

#[test]
fn much_lies_between() {
    in_512_kb(|| calls(Between));
    in_512_kb(|| calls(Long));
}

#[test]
fn many_parameters() {
    in_512_kb(|| {
        calls(Wide);
        check_penalty(
            Small,
            &PenaltyFn(|_: &[f64], _: Option<&mut [f64]>| 0.0),
            &Small.zeros(),
        )
        .unwrap();
        let mut params = Small.init::<f64>(&mut rng(1));
        let (xs, ys): (Vec<[f64; 4]>, Vec<[f64; 4]>) = (samples(30), samples(30));
        LevenbergMarquardt::new()
            .fit(Small, &mut params, &xs, &ys, 3)
            .unwrap();
    });
}

#[test]
fn much_comes_out() {
    in_512_kb(|| {
        batches(Out);
        training(Out);
        let params = Out.init::<f64>(&mut rng(1));
        let (mut y, t) = (samples::<[f64; 50_000]>(1), samples::<[f64; 50_000]>(1));
        Out.forward_into(&[0.5, 0.1], &params, &mut y[0]);
        check_gradient(Out, &SquaredLoss, &y[0], &t[0]).unwrap();
    });
}

/// `du/dt = -p u`, of many numbers.
struct Decay;

impl Field<f64> for Decay {
    type State = [f64; LONG];
    type Params = [f64; 1];

    fn rate(&self, _: f64, u: &[f64; LONG], [p]: &[f64; 1], rate: &mut [f64; LONG]) {
        for (rate, u) in rate.iter_mut().zip(u) {
            *rate = -p * u;
        }
    }
}

impl DifferentiableField<f64> for Decay {
    fn vjp_add(
        &self,
        _: f64,
        u: &[f64; LONG],
        [p]: &[f64; 1],
        bar: &[f64; LONG],
        u_bar: &mut [f64; LONG],
        [p_bar]: &mut [f64; 1],
    ) {
        for (u_bar, (bar, u)) in u_bar.iter_mut().zip(bar.iter().zip(u)) {
            *u_bar -= p * bar;
            *p_bar -= u * bar;
        }
    }

    fn jvp(
        &self,
        t: f64,
        u: &[f64; LONG],
        [p]: &[f64; 1],
        u_dot: &[f64; LONG],
        [p_dot]: &[f64; 1],
        rate: &mut [f64; LONG],
        rate_dot: &mut [f64; LONG],
    ) {
        self.rate(t, u, &[*p], rate);
        for (dot, (u, u_dot)) in rate_dot.iter_mut().zip(u.iter().zip(u_dot)) {
            *dot = -p * u_dot - p_dot * u;
        }
    }
}

fn solve<F: DifferentiableField<f64>>(field: F, params: &F::Params) {
    let u0: Vec<F::State> = samples(1);
    let mut u0_bar = u0.clone();
    let mut params_bar = F::Params::boxed(0.0);
    let mut solver = Solver::new(field, Rk4, &[0.0, 0.1, 0.2], 1).unwrap();
    let data = solver.solve(&u0[0], params).to_vec();
    let loss = |us: &[F::State], us_bar: &mut [F::State]| mean_square(us, &data, us_bar);
    let value = solver.value_and_grad(&u0[0], params, loss, &mut u0_bar[0], &mut params_bar);
    assert_eq!(value, 0.0);
    let (us, _) = solver.jvp(&u0[0], params, &u0[0], &params_bar);
    assert_eq!(us[2].as_slice(), data[2].as_slice());
}

#[test]
fn large_states() {
    in_512_kb(|| {
        solve(Decay, &[0.3]);
        let params = Small.init::<f64>(&mut rng(0));
        solve(Ensemble::<_, 20_000>(Small), &params);
        solve(Ensemble::<_, 20_001>(Small), &params); // the last one is no batch
        check_vjp(&Autonomous(Small), 0.0, &[0.1; 4], &params).unwrap();
        let params = Square.init::<f64>(&mut rng(0));
        solve(Autonomous(Square), &params);
    });
}

/// In a thread as a program or a test has it, by what the guide recommends.
#[test]
fn another_number_type() {
    let params = std::thread::spawn(|| Wide.cast::<f32, f64>(&Wide.init(&mut rng(0))));
    let (params, single) = (params.join().unwrap(), Wide.init::<f32>(&mut rng(0)));
    assert!(
        params
            .iter()
            .zip(&*single)
            .all(|(p, s)| *p == f64::from(*s))
    );
    let back = Wide.cast::<f64, f32>(&params);
    assert_eq!(back, single);

    let error = Small.own(vec![0.0_f64; 3]).unwrap_err().to_string();
    assert_eq!(error, "expected 76 parameters, found 3");
    assert_eq!(Small.own(&[1.5_f32; 76][..]).unwrap(), Box::new([1.5; 76]));
    assert_eq!(Small.zeros::<f32>(), Box::new([0.0; 76]));
}
