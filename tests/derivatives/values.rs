//! Derivatives beyond the gradient: against PyTorch and differences in `f64`, on batches and single samples, in every
//! tier and both number types.

use simplechain::chain::{Array, Chain};
use simplechain::derivatives::Derivatives;
use simplechain::simd::Real;
use simplechain::{Error, simple_chain};

use support::{Fixture, boxed, cast, everywhere, in_all_tiers, sequence, size};

simple_chain! {
    struct Mixed: 4 => dense(tanh, 8) => dense(gelu, 7) => dense(silu, 9) => dense(sin, 5) => dense(softplus, 3)
        => dense(gelu_tanh, 8) => dense(elu, 2) => dense(sigmoid, 3) => dense(id, 2);
    struct Image: (5, 6, 2) => conv(tanh, (3, 2), 3, stride = (1, 2), padding = 1) => maxpool(2, 2) => flatten
        => dense(id, 2);
    struct Ragged: 17 => dense(silu, 33) => dense(leaky_relu(0.1), 15, bias = false) => dense(sigmoid, 1)
}

/// A chain with all that the calls need.
struct Case<C: Chain, T: Real> {
    chain: C,
    params: Box<C::Params<T>>,
    params_dot: Box<C::Params<T>>,
    x: C::Input<T>,
    x_dot: C::Input<T>,
    y_bar: C::Output<T>,
}

impl<C: Chain, T: Real> Case<C, T> {
    fn new(chain: C) -> Self {
        Self {
            chain,
            params: boxed(&sequence(0, C::PARAM_COUNT, 0.5)),
            params_dot: boxed(&sequence(5, C::PARAM_COUNT, 0.3)),
            x: *boxed(&sequence(0, C::INPUT_LEN, 0.8)),
            x_dot: *boxed(&sequence(3, C::INPUT_LEN, 1.0)),
            y_bar: *boxed(&sequence(7, C::OUTPUT_LEN, 1.0)),
        }
    }

    /// Every derivative by its name in the fixture.
    fn all(&self) -> Vec<(&'static str, Vec<T>)> {
        let Self {
            chain,
            params,
            params_dot,
            x,
            x_dot,
            y_bar,
        } = self;
        let nan = T::from_f64(f64::NAN);
        let y = chain.forward(x, params);
        let mut all = Vec::new();
        let (value, y_dot) = chain.jvp(x, params, x_dot, params_dot);
        near("value", value.as_slice(), y.as_slice());
        all.push(("y_dot", y_dot.as_slice().to_vec()));

        let (mut x_out, mut params_out) = (C::Input::splat(nan), C::Params::boxed(nan));
        let value = chain.hvp(
            x,
            params,
            y_bar,
            x_dot,
            params_dot,
            &mut x_out,
            &mut params_out,
        );
        near("value", value.as_slice(), y.as_slice());
        all.push(("x_out", x_out.as_slice().to_vec()));
        all.push(("params_out", params_out.as_slice().to_vec()));

        let [value, first, second] = chain.jet(x, params, x_dot);
        near("value", value.as_slice(), y.as_slice());
        let (_, want) = chain.jvp_input(x, params, x_dot);
        near("first", first.as_slice(), want.as_slice());
        all.push(("second", second.as_slice().to_vec()));

        let mut rows = vec![C::Input::splat(nan); C::INPUT_LEN];
        let value = chain.hessian_input(x, params, y_bar, &mut rows).unwrap();
        near("value", value.as_slice(), y.as_slice());
        let flat = rows.iter().flat_map(|row| row.as_slice().to_vec());
        all.push(("hessian", flat.collect()));

        let (value, laplacian) = chain.laplacian(x, params);
        near("value", value.as_slice(), y.as_slice());
        all.push(("laplacian", laplacian.as_slice().to_vec()));

        let mut bar = C::Params::boxed(nan);
        chain.vjp_jet(x, params, x_dot, [y_bar; 3], &mut bar);
        all.push(("along_bar", bar.as_slice().to_vec()));
        all
    }

    /// The parts of the Jacobian and of the Hessian add up to the whole.
    fn parts(&self) {
        let Self {
            chain,
            params,
            params_dot,
            x,
            x_dot,
            y_bar,
        } = self;
        let nan = T::from_f64(f64::NAN);
        let sum = |a: &[T], b: &[T]| -> Vec<T> { a.iter().zip(b).map(|(a, b)| *a + *b).collect() };
        let dot = |a: &[T], b: &[T]| a.iter().zip(b).fold(T::ZERO, |s, (a, b)| s + *a * *b);

        let (_, whole) = chain.jvp(x, params, x_dot, params_dot);
        let (_, by_x) = chain.jvp_input(x, params, x_dot);
        let (_, by_params) = chain.jvp_params(x, params, params_dot);
        near(
            "jvp",
            &sum(by_x.as_slice(), by_params.as_slice()),
            whole.as_slice(),
        );

        let mut rows = vec![C::Input::splat(nan); C::OUTPUT_LEN];
        chain.jacobian_input(x, params, &mut rows).unwrap();
        let products = rows.iter().map(|row| dot(row.as_slice(), x_dot.as_slice()));
        near(
            "jacobian_input",
            &products.collect::<Vec<_>>(),
            by_x.as_slice(),
        );
        let mut rows = vec![*C::Params::boxed(nan); C::OUTPUT_LEN];
        chain.jacobian_params(x, params, &mut rows).unwrap();
        let products = rows
            .iter()
            .map(|row| dot(row.as_slice(), params_dot.as_slice()));
        near(
            "jacobian_params",
            &products.collect::<Vec<_>>(),
            by_params.as_slice(),
        );

        let (mut x_out, mut params_out) = (C::Input::splat(nan), C::Params::boxed(nan));
        chain.hvp(
            x,
            params,
            y_bar,
            x_dot,
            params_dot,
            &mut x_out,
            &mut params_out,
        );
        let (mut own, mut mixed) = (C::Params::boxed(nan), C::Params::boxed(nan));
        chain.hvp_params(x, params, y_bar, params_dot, &mut own);
        chain.hvp_mixed(x, params, y_bar, x_dot, &mut mixed);
        near(
            "hvp, parameters",
            &sum(own.as_slice(), mixed.as_slice()),
            params_out.as_slice(),
        );
        // x_dot^T f_xp p_dot is the same by either way.
        let mut x_own = C::Input::splat(nan);
        chain.hvp_input(x, params, y_bar, x_dot, &mut x_own);
        let by_input =
            dot(x_out.as_slice(), x_dot.as_slice()) - dot(x_own.as_slice(), x_dot.as_slice());
        near(
            "hvp, mixed",
            &[by_input],
            &[dot(mixed.as_slice(), params_dot.as_slice())],
        );

        // A curve that bends is the line, and what the bend adds by the Jacobian.
        let bend = x;
        let [y, first, second] = chain.jet_curve(x, params, [x_dot, bend]);
        let [line_y, line_first, line_second] = chain.jet(x, params, x_dot);
        let (_, added) = chain.jvp_input(x, params, bend);
        near("jet_curve", y.as_slice(), line_y.as_slice());
        near("jet_curve", first.as_slice(), line_first.as_slice());
        let want = sum(line_second.as_slice(), added.as_slice());
        near("jet_curve", second.as_slice(), &want);
        let mut bar = C::Params::boxed(nan);
        chain.vjp_jet_curve(x, params, [x_dot, bend], [y_bar; 3], &mut bar);
        chain.vjp_jet(x, params, x_dot, [y_bar; 3], &mut own);
        chain.hvp_mixed(x, params, y_bar, bend, &mut mixed);
        let want = sum(own.as_slice(), mixed.as_slice());
        near("vjp_jet_curve", bar.as_slice(), &want);
    }

    /// Batches give what single samples do.
    fn batches(&self, samples: usize) {
        let Self {
            chain,
            params,
            params_dot,
            ..
        } = self;
        let nan = T::from_f64(f64::NAN);
        let many = |skip, len, scale| cast::<T>(&sequence(skip, samples * len, scale));
        let (xs, x_dots) = (many(0, C::INPUT_LEN, 0.8), many(3, C::INPUT_LEN, 1.0));
        let bars = [7, 8, 9].map(|skip| many(skip, C::OUTPUT_LEN, 1.0));
        let (xs, x_dots) = (chain.inputs(&xs).unwrap(), chain.inputs(&x_dots).unwrap());
        let bars = [0, 1, 2].map(|k| chain.outputs(&bars[k]).unwrap());
        let none = || vec![C::Output::splat(nan); samples];
        let add = |sum: &mut C::Params<T>, term: &C::Params<T>| {
            for (sum, term) in sum.as_mut_slice().iter_mut().zip(term.as_slice()) {
                *sum += *term;
            }
        };

        let (mut ys, mut y_dots) = (none(), none());
        chain
            .jvp_batch(xs, params, x_dots, params_dot, &mut ys, &mut y_dots)
            .unwrap();
        let (mut ys_input, mut y_dots_input) = (none(), none());
        chain
            .jvp_input_batch(xs, params, x_dots, &mut ys_input, &mut y_dots_input)
            .unwrap();
        let mut x_outs = vec![C::Input::splat(nan); samples];
        let mut params_out = C::Params::boxed(nan);
        chain
            .hvp_batch(
                xs,
                params,
                bars[0],
                x_dots,
                params_dot,
                &mut x_outs,
                &mut params_out,
            )
            .unwrap();
        let (mut values, mut firsts, mut seconds) = (none(), none(), none());
        chain
            .jet_batch(xs, params, x_dots, &mut values, &mut firsts, &mut seconds)
            .unwrap();
        let mut along_bar = C::Params::boxed(nan);
        chain
            .vjp_jet_batch(xs, params, x_dots, bars, &mut along_bar)
            .unwrap();
        // A loss in which every output and derivative has a part of its own.
        let curves: Vec<_> = xs
            .iter()
            .zip(x_dots)
            .map(|(x, x_dot)| [*x_dot, *x])
            .collect();
        let loss = |s: usize, along: [C::Output<T>; 3]| {
            let (mut loss, mut along_bars) = (T::ZERO, [C::Output::splat(nan); 3]);
            for k in 0..3 {
                for (o, y) in along[k].as_slice().iter().enumerate() {
                    let weight = bars[k][s].as_slice()[o];
                    loss += weight * *y * *y;
                    along_bars[k].as_mut_slice()[o] = (weight + weight) * *y;
                }
            }
            (loss, along_bars)
        };
        let mut loss_grads = C::Params::boxed(nan);
        let loss_sum = chain
            .value_and_grad_jet_batch(xs, params, &curves, loss, &mut loss_grads)
            .unwrap();
        let (mut loss_want, mut loss_grads_want) = (T::ZERO, C::Params::boxed(T::ZERO));
        let (mut ys_laplacian, mut laplacians) = (none(), none());
        chain
            .laplacian_batch(xs, params, &mut ys_laplacian, &mut laplacians)
            .unwrap();

        let (mut params_want, mut along_want) =
            (C::Params::boxed(T::ZERO), C::Params::boxed(T::ZERO));
        for s in 0..samples {
            let (x, x_dot) = (&xs[s], &x_dots[s]);
            let (y, y_dot) = chain.jvp(x, params, x_dot, params_dot);
            near("jvp_batch", ys[s].as_slice(), y.as_slice());
            near("jvp_batch", y_dots[s].as_slice(), y_dot.as_slice());
            let (y, y_dot) = chain.jvp_input(x, params, x_dot);
            near("jvp_input_batch", ys_input[s].as_slice(), y.as_slice());
            near(
                "jvp_input_batch",
                y_dots_input[s].as_slice(),
                y_dot.as_slice(),
            );
            let (mut x_out, mut out) = (C::Input::splat(nan), C::Params::boxed(nan));
            chain.hvp(
                x,
                params,
                &bars[0][s],
                x_dot,
                params_dot,
                &mut x_out,
                &mut out,
            );
            near("hvp_batch", x_outs[s].as_slice(), x_out.as_slice());
            add(&mut params_want, &out);
            let along = chain.jet(x, params, x_dot);
            for (got, want) in [&values, &firsts, &seconds].into_iter().zip(along) {
                near("jet_batch", got[s].as_slice(), want.as_slice());
            }
            chain.vjp_jet(x, params, x_dot, [0, 1, 2].map(|k| &bars[k][s]), &mut out);
            add(&mut along_want, &out);
            let curve = [&curves[s][0], &curves[s][1]];
            let (value, bars) = loss(s, chain.jet_curve(x, params, curve));
            loss_want += value;
            chain.vjp_jet_curve(x, params, curve, bars.each_ref(), &mut out);
            add(&mut loss_grads_want, &out);
            let (y, laplacian) = chain.laplacian(x, params);
            near("laplacian_batch", ys_laplacian[s].as_slice(), y.as_slice());
            near(
                "laplacian_batch",
                laplacians[s].as_slice(),
                laplacian.as_slice(),
            );
        }
        near("hvp_batch", params_out.as_slice(), params_want.as_slice());
        near("vjp_jet_batch", along_bar.as_slice(), along_want.as_slice());
        let what = "value_and_grad_jet_batch";
        near(what, &[loss_sum], &[loss_want]);
        near(what, loss_grads.as_slice(), loss_grads_want.as_slice());
        let error = chain.value_and_grad_jet_batch(xs, params, &[], loss, &mut loss_grads);
        assert_eq!(
            error.unwrap_err().to_string(),
            format!("expected {samples} curves, found 0")
        );
    }
}

/// Equal but for rounding, by the largest of the numbers.
pub(crate) fn near<T: Real>(what: &str, got: &[T], want: &[T]) {
    let tolerance = if T::NAME == "f32" { 2e-5 } else { 1e-12 };
    let want: Vec<f64> = want.iter().map(|x| x.to_f64()).collect();
    within(what, got, &want, tolerance);
}

pub(crate) fn within<T: Real>(what: &str, got: &[T], want: &[f64], tolerance: f64) {
    support::near(what, got, want, tolerance, size(want).max(1e-4));
}

fn against_pytorch<C: Chain, T: Real>(chain: C, name: &str) {
    let fixture = Fixture::of(include_str!("../fixtures/pytorch_derivatives.txt"));
    let tolerance = if T::NAME == "f32" { 1e-4 } else { 1e-11 };
    let case = Case::<C, T>::new(chain);
    in_all_tiers(|| {
        for (what, got) in case.all() {
            let what = format!("{name}.{what}");
            within(&what, &got, fixture.get(&what), tolerance);
        }
    });
}

#[test]
fn pytorch_gives_the_same() {
    against_pytorch::<_, f64>(Mixed, "mixed");
    against_pytorch::<_, f32>(Mixed, "mixed");
    against_pytorch::<_, f64>(Image, "image");
}

/// Everything is a slope of something simpler: differences of `forward` and `vjp` in `f64`.
fn against_differences<C: Chain>(chain: C) {
    const H: f64 = 1e-5;
    let case = Case::<C, f64>::new(chain);
    let moved = |s: f64, with_params: bool| {
        let step = |at: &[f64], by: &[f64]| -> Vec<f64> {
            at.iter().zip(by).map(|(at, by)| at + s * by).collect()
        };
        let x: C::Input<f64> = *boxed(&step(case.x.as_slice(), case.x_dot.as_slice()));
        let tangents = case.params_dot.as_slice();
        let params = if with_params {
            boxed(&step(case.params.as_slice(), tangents))
        } else {
            case.params.clone()
        };
        let (mut x_bar, mut params_bar) = (x, C::Params::boxed(0.0));
        let y = chain.vjp(&x, &params, &case.y_bar, &mut x_bar, &mut params_bar);
        let (_, first) = chain.jvp_input(&x, &params, &case.x_dot);
        let parts = [
            y.as_slice(),
            x_bar.as_slice(),
            params_bar.as_slice(),
            first.as_slice(),
        ];
        parts.map(<[f64]>::to_vec)
    };
    let slope = |with_params| {
        let (after, before) = (moved(H, with_params), moved(-H, with_params));
        [0, 1, 2, 3].map(|part| -> Vec<f64> {
            let pairs = after[part].iter().zip(&before[part]);
            pairs.map(|(a, b)| (a - b) / (2.0 * H)).collect()
        })
    };
    let ([y_dot, x_out, params_out, _], [.., second]) = (slope(true), slope(false));
    for (what, got) in case.all() {
        let want = match what {
            "y_dot" => &y_dot,
            "x_out" => &x_out,
            "params_out" => &params_out,
            "second" => &second,
            _ => continue,
        };
        within(&format!("{chain:?} {what}"), &got, want, 1e-7);
    }
}

#[test]
fn they_are_slopes() {
    against_differences(Mixed);
    against_differences(Image);
}

#[test]
fn parts_add_up() {
    in_all_tiers(|| {
        Case::<_, f64>::new(Mixed).parts();
    });
}

#[test]
fn batches_give_what_single_samples_do() {
    everywhere(|_, _| {
        for samples in [1, 7, 33] {
            Case::<_, f32>::new(Ragged).batches(samples);
        }
        Case::<_, f64>::new(Image).batches(19);
    });
}

#[test]
fn wrong_lengths_are_errors() {
    let case = Case::<_, f64>::new(Mixed);
    let mut rows = [[0.0; 4]; 3];
    let length = |error: Result<_, Error>| matches!(error, Err(Error::Length { .. }));
    assert!(length(Mixed.jacobian_input(
        &case.x,
        &case.params,
        &mut rows
    )));
    assert!(length(Mixed.hessian_input(
        &case.x,
        &case.params,
        &case.y_bar,
        &mut rows[..2]
    )));
    let (mut ys, mut y_dots) = ([[0.0; 2]; 4], [[0.0; 2]; 3]);
    let xs = [case.x; 4];
    let error = Mixed.jvp_input_batch(&xs, &case.params, &xs, &mut ys, &mut y_dots);
    assert_eq!(
        error.unwrap_err().to_string(),
        "expected 4 output tangents, found 3"
    );
}
