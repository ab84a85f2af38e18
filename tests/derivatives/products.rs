//! Products of batches: the same as of single samples, and those with the Hessian and the Gauss-Newton matrix of a loss.

use core::fmt::Debug;

use simplechain::chain::{Chain, Network};
use simplechain::derivatives::Derivatives;
use simplechain::loss::{
    AbsoluteLoss, BinaryCrossEntropy, FrontLast, GaussianLoss, HuberLoss, L1, L2,
    LogitCrossEntropy, Loss, Penalized, SecondOrderLoss, SquaredLoss, Weighted,
    WeightedSquaredLoss,
};
use simplechain::simd::{Number, Real, Simd, Taylor};
use simplechain::simple_chain;

use support::{SameOnTiers, boxed, cast, everywhere, sequence};

use crate::values::{near, within};

simple_chain! {
    struct Small: 3 => dense(tanh, 3) => dense(id, 2);
    /// With an identity matrix for weights, the gradient by its bias is the loss's by the output.
    struct Same: 2 => dense(id, 2)
}

/// `+=` number by number.
fn add<T: Real>(sum: &mut [T], term: &[T]) {
    for (sum, term) in sum.iter_mut().zip(term) {
        *sum += *term;
    }
}

fn batches<T: Real>() {
    const SAMPLES: usize = 19;
    const PARAMS: usize = Small::PARAM_COUNT;
    let many = |skip, len, scale| cast::<T>(&sequence(skip, SAMPLES * len, scale));
    let (xs, x_dots, y_bars) = (many(0, 3, 0.8), many(3, 3, 1.0), many(7, 2, 1.0));
    let (xs, x_dots) = (Small.inputs(&xs).unwrap(), Small.inputs(&x_dots).unwrap());
    let y_bars = Small.outputs(&y_bars).unwrap();
    let params: Box<[T; PARAMS]> = boxed(&sequence(0, PARAMS, 0.5));
    let params_dot: Box<[T; PARAMS]> = boxed(&sequence(5, PARAMS, 0.3));
    let nan = T::from_f64(f64::NAN);

    let (mut ys, mut y_dots) = ([[nan; 2]; SAMPLES], [[nan; 2]; SAMPLES]);
    Small
        .jvp_params_batch(xs, &params, &params_dot, &mut ys, &mut y_dots)
        .unwrap();
    let mut x_outs = [[nan; 3]; SAMPLES];
    Small
        .hvp_input_batch(xs, &params, y_bars, x_dots, &mut x_outs)
        .unwrap();
    let mut out = [nan; PARAMS];
    Small
        .hvp_params_batch(xs, &params, y_bars, &params_dot, &mut out)
        .unwrap();
    // Those that add, to 1.
    let (mut x_bars, mut params_bar) = ([[T::ONE; 3]; SAMPLES], [T::ONE; PARAMS]);
    Small
        .vjp_input_batch_add(xs, &params, y_bars, &mut x_bars)
        .unwrap();
    Small
        .vjp_params_batch_add(xs, &params, y_bars, &mut params_bar)
        .unwrap();

    let (mut out_want, mut params_want) = ([T::ZERO; PARAMS], [T::ONE; PARAMS]);
    for s in 0..SAMPLES {
        let (y, y_dot) = Small.jvp_params(&xs[s], &params, &params_dot);
        near("jvp_params_batch", &ys[s], &y);
        near("jvp_params_batch", &y_dots[s], &y_dot);
        let (mut x_want, mut term) = ([nan; 3], [nan; PARAMS]);
        Small.hvp_input(&xs[s], &params, &y_bars[s], &x_dots[s], &mut x_want);
        near("hvp_input_batch", &x_outs[s], &x_want);
        Small.hvp_params(&xs[s], &params, &y_bars[s], &params_dot, &mut term);
        add(&mut out_want, &term);
        let mut x_want = [T::ONE; 3];
        Small.vjp_input_add(&xs[s], &params, &y_bars[s], &mut x_want);
        near("vjp_input_batch_add", &x_bars[s], &x_want);
        Small.vjp_params_add(&xs[s], &params, &y_bars[s], &mut params_want);
    }
    near("hvp_params_batch", &out, &out_want);
    near("vjp_params_batch_add", &params_bar, &params_want);
}

#[test]
fn batches_give_what_single_samples_do() {
    everywhere(|_, _| batches::<f64>());
}

/// The products of a loss in `f64`: with the Hessian the slope of the gradient; without the chain's own second derivatives,
/// which are those of `y_bar^T y` with the loss's gradient for `y_bar`, with the Gauss-Newton matrix.
///
/// A penalty must be on weights alone.
fn products<L, Y: Sync>(loss: &L, targets: &[Y])
where
    L: SecondOrderLoss<Small, f64, Target = Y> + Loss<Same, f64, Target = Y> + Debug,
{
    const H: f64 = 1e-5;
    const PARAMS: usize = Small::PARAM_COUNT;
    let n = targets.len();
    let xs = sequence(0, 3 * n, 0.8);
    let xs = Small.inputs(&xs).unwrap();
    let params: Box<[f64; PARAMS]> = boxed(&sequence(0, PARAMS, 0.5));
    let dot: Box<[f64; PARAMS]> = boxed(&sequence(5, PARAMS, 0.3));
    let moved = |s: f64| {
        let mut at = params.clone();
        add(&mut at[..], &dot.map(|dot| s * dot));
        let mut grads = [f64::NAN; PARAMS];
        let value = Small.value_and_grad_batch(loss, xs, targets, &at, &mut grads);
        (value.unwrap(), grads)
    };
    let ((_, after), (value, _), (_, before)) = (moved(H), moved(0.0), moved(-H));
    let want: Vec<f64> = (after.iter().zip(before))
        .map(|(after, before)| (after - before) / (2.0 * H))
        .collect();

    // The gradients of the loss by the outputs.
    let y_bars: Vec<[f64; 2]> = (0..n)
        .map(|s| {
            let (y, mut grads) = (Small.forward(&xs[s], &params), [f64::NAN; 6]);
            let identity = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
            Same.value_and_grad(loss, &y, &targets[s], &identity, &mut grads);
            [grads[4], grads[5]].map(|bar| bar / n as f64)
        })
        .collect();
    let mut curved = [f64::NAN; PARAMS];
    Small
        .hvp_params_batch(xs, &params, &y_bars, &dot, &mut curved)
        .unwrap();

    let mut bits = SameOnTiers::new();
    everywhere(|_, _| {
        let (mut hvp, mut gauss_newton) = ([f64::NAN; PARAMS], [f64::NAN; PARAMS]);
        let by_hvp = Small.loss_hvp_batch(loss, xs, targets, &params, &dot, &mut hvp);
        let by_gauss_newton =
            Small.loss_gauss_newton_batch(loss, xs, targets, &params, &dot, &mut gauss_newton);
        near(
            "the loss",
            &[by_hvp.unwrap(), by_gauss_newton.unwrap()],
            &[value; 2],
        );
        let what = format!("{loss:?}");
        within(&what, &hvp, &want, 1e-8);
        let mut sum = curved;
        add(&mut sum, &gauss_newton);
        near(&what, &sum, &hvp);
        let now = [hvp, gauss_newton].map(|product| product.map(f64::to_bits));
        assert!(bits.is_same(now), "{what}");
    });
}

/// A loss with weights of samples and of classes, and penalties.
type Everything = Penalized<Weighted<LogitCrossEntropy>, FrontLast<L2, (L2, L1)>>;

fn everything() -> Everything {
    let classes = LogitCrossEntropy::new().class_weights([1.0, 2.5]);
    let (front, last) = (L2::new(0.1).weights_only(), L2::new(0.03).weights_only());
    let penalty = FrontLast(front, (last, L1::new(0.2).weights_only()));
    Penalized(Weighted(classes.label_smoothing(0.1)), penalty)
}

fn labels(count: usize) -> Vec<(u8, f64)> {
    let weights = sequence(2, count, 1.0)
        .into_iter()
        .map(|weight| 1.0 + weight);
    (0..count)
        .map(|s| u8::from(s % 3 == 0))
        .zip(weights)
        .collect()
}

#[test]
fn products_with_the_hessian_of_a_loss() {
    products(&everything(), &labels(19));
}

/// With samples for several chunks, so that threads share them.
#[test]
fn threads_do_not_matter() {
    let (loss, targets, xs) = (everything(), labels(60_000), sequence(0, 180_000, 0.8));
    let params = boxed(&sequence(0, Small::PARAM_COUNT, 0.5));
    let dot = boxed(&sequence(5, Small::PARAM_COUNT, 0.3));
    let mut bits = SameOnTiers::new();
    everywhere(|_, _| {
        let mut product = [f64::NAN; Small::PARAM_COUNT];
        let xs = Small.inputs(&xs).unwrap();
        Small
            .loss_hvp_batch(&loss, xs, &targets, &params, &dot, &mut product)
            .unwrap();
        let now = product.map(f64::to_bits);
        assert!(bits.is_same(now));
    });
}

/// A loss and its gradient by the output, with one lane.
fn evaluate<N, S, L>(simd: S, loss: &L, y: [N; 2], target: &L::Target) -> (N, [N; 2])
where
    N: Number<Real = f64>,
    S: Simd<N>,
    L: SecondOrderLoss<Small, f64>,
{
    let mut encoded = [f64::NAN; 2];
    loss.encode(target, &mut encoded);
    let mut bars = encoded.map(|t| simd.splat(N::constant(t)));
    let value = loss.formula(simd, &y.map(|y| simd.splat(y)), &mut bars);
    (simd.sum(value), bars.map(|bar| simd.sum(bar)))
}

/// Along a line of outputs the slope of the loss is its gradient's part in that direction, and the tangents of the gradient are
/// differences of it.
fn tangents<L: SecondOrderLoss<Small, f64> + Debug>(loss: &L, target: &L::Target) {
    const H: f64 = 1e-5;
    let (y, y_dot) = ([0.7, -1.2], [0.6, 0.9]);
    let line = |s: f64| [0, 1].map(|o| y[o] + s * y_dot[o]);
    let plain = |s| evaluate(<f64 as Number>::OneLane::default(), loss, line(s), target);
    let dual = [0, 1].map(|o| Taylor::<_, 2, true>([y[o], y_dot[o]]));
    let simd = <Taylor<f64, 2, true> as Number>::OneLane::default();
    let (Taylor([value, slope]), bars) = evaluate(simd, loss, dual, target);
    let (value_want, bars_want) = plain(0.0);
    let what = format!("{loss:?}");
    near(&what, &[value], &[value_want]);
    let along = bars_want[0] * y_dot[0] + bars_want[1] * y_dot[1];
    near(&what, &[slope], &[along]);
    let (after, before) = (plain(H).1, plain(-H).1);
    for o in 0..2 {
        let Taylor([bar, slope]) = bars[o];
        near(&what, &[bar], &[bars_want[o]]);
        within(&what, &[slope], &[(after[o] - before[o]) / (2.0 * H)], 1e-9);
    }
}

#[test]
fn losses_have_second_derivatives() {
    let target = [0.2, 0.9];
    tangents(&SquaredLoss, &target);
    tangents(&WeightedSquaredLoss::new([0.3, 2.0]), &target);
    tangents(&AbsoluteLoss, &target);
    tangents(&HuberLoss::new(1.0), &target);
    tangents(&GaussianLoss::<1>, &[0.2]);
    tangents(&LogitCrossEntropy::<u8>::new().label_smoothing(0.1), &1);
    tangents(&BinaryCrossEntropy, &target);
    tangents(&Weighted(SquaredLoss), &(target, 2.0));
}

/// At corners they are those of `abs` at 0, which is 0, and of Huber's square.
#[test]
fn corners_of_losses() {
    let simd = <Taylor<f64, 2, true> as Number>::OneLane::default();
    let at = |y: [f64; 2]| y.map(|y| Taylor([y, 3.0]));
    let (loss, bars) = evaluate(simd, &AbsoluteLoss, at([0.5, -1.0]), &[0.5, -1.0]);
    assert_eq!((loss, bars), (Taylor([0.0; 2]), [Taylor([0.0; 2]); 2]));
    let (_, bars) = evaluate(simd, &HuberLoss::new(1.0), at([1.5, -2.0]), &[0.5, -1.0]);
    assert_eq!(bars, [Taylor([1.0, 3.0]), Taylor([-1.0, 3.0])]);
}
