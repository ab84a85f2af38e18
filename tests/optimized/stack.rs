//! No call needs more than 512 KB of stack, whatever the size of the network, of its data or of a state.
//!
//! Without optimisation nothing large is moved over the stack either, but every temporary of the kernels has a place of its own there:
//! `STACK_KB=2048 CARGO_PROFILE_DEV_OPT_LEVEL=0 cargo test -p simplechain-tests-optimized`, the stack that Rust gives to threads.

use simplechain::Array;
use simplechain::loss::check_gradient;
use simplechain::ode::{
    Autonomous, DifferentiableField, Ensemble, Field, Rk4, Solver, check_vjp, mean_square,
};
use simplechain::prelude::*;

/// A size that the macro does not know.
const SIDE: usize = 64;
/// Numbers of a state.
const LONG: usize = 100_000;

simple_chain! {
    /// 407 050 parameters.
    struct Wide: 784 => dense(relu, 512) => dense(id, 10);
    /// Much goes in: 400 008 parameters.
    struct In: 200_000 => dense(tanh, 2) => dense(id, 2);
    /// Much comes out: 150 000 parameters.
    struct Out: 2 => dense(id, 50_000);
    /// Much lies between.
    struct Between: (SIDE, SIDE, 1) => conv(gelu, (3, 3), 8, padding = same)
        => residual(concat(layer_norm, layer_norm) => maxpool(2, 1) => activation(tanh)) => flatten => dense(id, 2);
    /// As many outputs as inputs, for a differential equation.
    struct Square: 2000 => dense(tanh, 1) => dense(id, 2000);
    struct Small: 4 => dense(tanh, 8) => dense(id, 4)
}

/// In a thread with so little stack.
fn in_512_kb(f: impl FnOnce() + Send + 'static) {
    let kb = std::env::var("STACK_KB").map_or(512, |kb| kb.parse().expect("a number"));
    let thread = std::thread::Builder::new().stack_size(kb * 1024);
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

#[test]
fn much_goes_in() {
    in_512_kb(|| {
        let params = In.init::<f64>(&mut rng(1));
        let (direction, mut params_bar) = (params.clone(), In.zeros());
        let (xs, y_bar): (Vec<[f64; 200_000]>, _) = (samples(3), &[0.3, -0.2]);
        let mut x_bars = xs.clone();
        let (x, x_dot, x_bar) = (&xs[0], &xs[1], &mut x_bars[0]);

        let y = In.forward(x, &params);
        let mut activations = [0.0; 4];
        In.activations_into(x, &params, &mut activations);
        assert_eq!(activations[2..], y);
        assert_eq!(In.vjp(x, &params, y_bar, x_bar, &mut params_bar), y);
        let _ = In.vjp_add(x, &params, y_bar, x_bar, &mut params_bar);
        let mut tape = <In as Network>::Tape::splat(0.0);
        assert_eq!(In.forward_tape(x, &params, &mut tape), y);
        In.vjp_tape_add(x, &params, &tape, y_bar, x_bar, &mut params_bar);
        let _ = In.vjp_input(x, &params, y_bar, x_bar);
        let _ = In.vjp_input_add(x, &params, y_bar, x_bar);
        let _ = In.vjp_params(x, &params, y_bar, &mut params_bar);
        let _ = In.vjp_params_add(x, &params, y_bar, &mut params_bar);
        In.value_and_grad(&SquaredLoss, x, &y, &params, &mut params_bar);

        let _ = In.jvp(x, &params, x_dot, &direction);
        let _ = In.jvp_input(x, &params, x_dot);
        let _ = In.jvp_params(x, &params, &direction);
        let _ = In.hvp(x, &params, y_bar, x_dot, &direction, x_bar, &mut params_bar);
        let _ = In.hvp_input(x, &params, y_bar, x_dot, x_bar);
        let _ = In.hvp_params(x, &params, y_bar, &direction, &mut params_bar);
        let _ = In.hvp_mixed(x, &params, y_bar, x_dot, &mut params_bar);
        let _ = In.jet(x, &params, x_dot);
        let _ = In.jet_curve(x, &params, [x_dot, &xs[2]]);
        let _ = In.vjp_jet(x, &params, x_dot, [y_bar; 3], &mut params_bar);
        let _ = In.vjp_jet_curve(x, &params, [x_dot, &xs[2]], [y_bar; 3], &mut params_bar);
        In.jacobian_input(x, &params, &mut x_bars[..2]).unwrap();

        let (mut ys, mut y_dots) = ([[0.0; 2]; 3], [[0.0; 2]; 3]);
        In.vjp_batch(&xs, &params, &[*y_bar; 3], &mut x_bars, &mut params_bar)
            .unwrap();
        In.jvp_batch(&xs, &params, &xs, &direction, &mut ys, &mut y_dots)
            .unwrap();
    });
}

#[test]
fn much_lies_between() {
    in_512_kb(|| {
        let params = Between.init::<f64>(&mut rng(1));
        let (direction, mut params_bar) = (params.clone(), Between.zeros());
        let xs: Vec<[f64; SIDE * SIDE]> = samples(2);
        let mut x_bars = xs.clone();
        let mut activations = <Between as Network>::Activations::boxed(0.0);
        let (x, y_bar, x_bar) = (&xs[0], &[0.3, -0.2], &mut x_bars[0]);
        let y = Between.forward(x, &params);
        Between.activations_into(x, &params, &mut activations);
        assert_eq!(*Between.activation(&activations, 3), y);
        let mut tape = <Between as Network>::Tape::boxed(0.0);
        assert_eq!(Between.forward_tape(x, &params, &mut tape), y);
        Between.vjp_tape_add(x, &params, &tape, y_bar, x_bar, &mut params_bar);
        assert_eq!(
            Between.vjp_add(x, &params, y_bar, x_bar, &mut params_bar),
            y
        );
        let _ = Between.hvp(
            x,
            &params,
            y_bar,
            &xs[1],
            &direction,
            x_bar,
            &mut params_bar,
        );
        let _ = Between.vjp_jet(x, &params, &xs[1], [y_bar; 3], &mut params_bar);
        // Memory that was used before holds other numbers, and the same comes out.
        let mut again = [Between.zeros(), Between.zeros()];
        for again in &mut again {
            let _ = Between.vjp(x, &params, y_bar, x_bar, again);
        }
        assert_eq!(again[0], again[1]);
    });
}

#[test]
fn many_parameters() {
    in_512_kb(|| {
        let mut params = Wide.init::<f64>(&mut rng(1));
        let (xs, ys): (Vec<[f64; 784]>, Vec<[f64; 10]>) = (samples(3), samples(3));
        let loss = Penalized(SquaredLoss, L2::new(1e-4));
        let optimizer = Adam::new(1e-5)
            .clip_norm(1.0)
            .average(0.9)
            .schedule(Cosine::new(10));
        let mut trainer = Trainer::new(Wide, loss, optimizer).threads(1);
        let validation = Validation::new(&xs, &ys);
        trainer
            .fit_validated(&mut params, &xs, &ys, &validation, 2)
            .unwrap();
        Lbfgs::new()
            .fit(Wide, &SquaredLoss, &mut params, &xs, &ys, 2)
            .unwrap();
        let mut both = vec![params.clone(), params];
        let fits = fit_many(&mut both, Some(1), |_, params| {
            Trainer::new(Wide, SquaredLoss, Sgd::new(1e-5)).fit(params, &xs, &ys, 1)
        });
        assert!(fits.unwrap().into_iter().all(|fit| fit.is_ok()));
    });
}

/// Outputs that are not returned, but written to where there is a place for them.
#[test]
fn much_comes_out() {
    in_512_kb(|| {
        let params = Out.init::<f64>(&mut rng(1));
        let (xs, mut params_bar) = ([[0.5, 0.1]; 3], Out.zeros());
        let (mut ys, ts): (Vec<[f64; 50_000]>, _) = (samples(3), samples(3));
        let mut x_bars = xs;
        Out.forward_into(&xs[0], &params, &mut ys[0]);
        Out.forward_batch(&xs, &params, &mut ys).unwrap();
        Out.vjp_batch(&xs, &params, &ts, &mut x_bars, &mut params_bar)
            .unwrap();
        let mut y_dots = ts.clone();
        Out.jvp_batch(&xs, &params, &xs, &params, &mut ys, &mut y_dots)
            .unwrap();
        let own = LossFn(
            |y: &[f64; 50_000], t: &[f64; 50_000], y_bar: &mut [f64; 50_000]| {
                y_bar[7] = 1.0;
                y[7] - t[7]
            },
        );
        let value = Out.value_and_grad(&own, &xs[0], &ts[0], &params, &mut params_bar);
        let batch = Out.value_and_grad_batch(&own, &xs[..1], &ts[..1], &params, &mut params_bar);
        assert!((value - batch.unwrap()).abs() < 1e-12);
        let mut params = params;
        let mut trainer = Trainer::new(Out, SquaredLoss, Sgd::new(1e-5)).threads(1);
        trainer.fit(&mut params, &xs, &ts, 2).unwrap();
        check_gradient(Small, &SquaredLoss, &[1.0; 4], &[0.5; 4]).unwrap();
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
    assert!((us[2].as_slice()[0] - data[2].as_slice()[0]).abs() < 1e-12);
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
    // The `map` of a boxed array stays on the heap.
    let mapped = std::thread::spawn(|| Wide.init::<f32>(&mut rng(0)).map(f64::from));
    assert_eq!(mapped.join().unwrap(), params);
    let back = Wide.cast::<f64, f32>(&params);
    assert_eq!(back, single);

    let error = Small.own(vec![0.0_f64; 3]).unwrap_err().to_string();
    assert_eq!(error, "expected 76 parameters, found 3");
    assert_eq!(Small.own(&[1.5_f32; 76][..]).unwrap(), Box::new([1.5; 76]));
    assert_eq!(Small.zeros::<f32>(), Box::new([0.0; 76]));
}
