//! The calls of chains, with data, parameters and batch sizes of the fuzzer: against the plain loops within their bound, batches against single
//! samples, the same bits on every tier and with 1 and 2 threads, forward against reverse mode.

use simplechain::prelude::*;
use simplechain_reference::outputs::{Own, output};
use support::{Case, SameOnTiers, bits, cast, everywhere, flat, outputs_and_cotangents, unset};

use crate::bytes::Bytes;
use crate::chains::{Corners, Images, Others, Sequence, Smooth, Windows};

/// Samples, at most: three panels of `f64`, and one more.
const SAMPLES: usize = 17;

/// How far apart results of `f64` may be that differ by the order of sums.
const ROUNDING: f64 = 1e-9;

/// Holds for any bytes.
///
/// Chains with corners and ties are compared in `f64`, which has all of their sums exactly as far as the last corner: so no order of a sum is on the
/// other side of one.
pub fn check(data: &[u8]) {
    let mut bytes = Bytes(data);
    match bytes.below(7) {
        0 => against_loops::<_, f64>(Corners, &mut bytes),
        1 => against_loops::<_, f32>(Smooth, &mut bytes),
        2 => against_loops::<_, f64>(Windows, &mut bytes),
        3 => against_loops::<_, f64>(Sequence, &mut bytes),
        4 => smooth(Others, &mut bytes),
        5 => smooth(Images, &mut bytes),
        _ => any_numbers(&mut bytes),
    }
}

/// The numbers of an input of the fuzzer: weights small enough that errors grow little from layer to layer.
fn parameters<C: Chain>(_: C, bytes: &mut Bytes<'_>) -> Vec<f64> {
    (0..C::PARAM_COUNT).map(|_| bytes.number() / 4.0).collect()
}

fn numbers(bytes: &mut Bytes<'_>, count: usize) -> Vec<f64> {
    (0..count).map(|_| bytes.number()).collect()
}

/// Everything that [`outputs_and_cotangents`] demands.
fn against_loops<C: Chain, T: Real>(chain: C, bytes: &mut Bytes<'_>) {
    let most = 1 + bytes.below(SAMPLES);
    let params = parameters(chain, bytes);
    let xs = numbers(bytes, most * C::INPUT_LEN);
    let y_bars = numbers(bytes, most * C::OUTPUT_LEN);
    let targets = numbers(bytes, most * C::OUTPUT_LEN);
    let mut batches = vec![0, 1, most];
    batches.dedup();
    let case = Case::new(chain, &batches, params, xs, [y_bars, targets]);
    outputs_and_cotangents::<C, T>(chain, &case);
}

/// For chains without corners, with layers whose gradients the plain loops do not know.
fn smooth<C: Chain>(chain: C, bytes: &mut Bytes<'_>) {
    let n = 1 + bytes.below(SAMPLES);
    let mut params = parameters(chain, bytes);
    for tensor in chain.tensors() {
        if ["running_var", "std"].contains(&tensor.role()) {
            for param in &mut params[tensor.range.clone()] {
                *param = param.abs() + 0.5;
            }
        }
    }
    let xs = numbers(bytes, n * C::INPUT_LEN);
    let y_bars = numbers(bytes, n * C::OUTPUT_LEN);
    let x_dots = numbers(bytes, n * C::INPUT_LEN);
    let mut params_dot = numbers(bytes, C::PARAM_COUNT);
    let params = chain.params(&params).expect("so many");
    let xs = chain.inputs(&xs).expect("whole samples");
    let y_bars = chain.outputs(&y_bars).expect("whole samples");
    let x_dots = chain.inputs(&x_dots).expect("whole samples");

    let mut sum = vec![0.0; C::PARAM_COUNT];
    let mut terms = vec![1.0; C::PARAM_COUNT];
    let mut singles = (Vec::new(), Vec::new());
    for s in 0..n {
        let mut x_bar = C::Input::splat(f64::NAN);
        let mut params_bar = C::Params::boxed(f64::NAN);
        let y = chain.vjp(&xs[s], params, &y_bars[s], &mut x_bar, &mut params_bar);
        let (params_of, x_of) = (params.as_slice(), xs[s].as_slice());
        let want = output(C::LAYERS, params_of, x_of, Own::NONE);
        near("y against the formulas", y.as_slice(), &want);
        near(
            "forward",
            chain.forward(&xs[s], params).as_slice(),
            y.as_slice(),
        );
        // What is not trained has no gradient, so it must not move.
        for (dot, bar) in params_dot.iter_mut().zip(params_bar.as_slice()) {
            *dot *= f64::from(u8::from(*bar != 0.0));
        }
        let dots = chain.params(&params_dot).expect("so many");
        let (y_again, y_dot) = chain.jvp(&xs[s], params, &x_dots[s], dots);
        near("y of jvp", y_again.as_slice(), y.as_slice());
        let forward = products(y_bars[s].as_slice(), y_dot.as_slice());
        let by_input = products(x_bar.as_slice(), x_dots[s].as_slice());
        let by_params = products(params_bar.as_slice(), &params_dot);
        let off = (forward.0 - by_input.0 - by_params.0).abs();
        let size = 1.0 + forward.1 + by_input.1 + by_params.1;
        assert!(
            off <= ROUNDING * size,
            "jvp against vjp: off by {off:e} of {size:e}"
        );
        for ((sum, terms), bar) in sum.iter_mut().zip(&mut terms).zip(params_bar.as_slice()) {
            *sum += bar;
            *terms += bar.abs();
        }
        singles.0.extend_from_slice(y.as_slice());
        singles.1.extend_from_slice(x_bar.as_slice());
    }
    let (ys, x_bars, params_bar) = batch::<C, f64>(chain, params, xs, y_bars);
    near("forward_batch", &ys, &singles.0);
    near("x_bars of vjp_batch", &x_bars, &singles.1);
    let most = terms.iter().fold(0.0, |most: f64, x| most.max(*x));
    for (got, want) in params_bar.iter().zip(&sum) {
        let off = (got - want).abs();
        assert!(
            off <= ROUNDING * most,
            "params_bar of vjp_batch: off by {off:e} of {most:e}"
        );
    }
    same_bits::<C, f64>(chain, params, xs, y_bars);
    let params = cast::<f32>(params.as_slice());
    let (xs, y_bars) = (cast::<f32>(&flat(xs)), cast::<f32>(&flat(y_bars)));
    same_bits::<C, f32>(
        chain,
        chain.params(&params).expect("so many"),
        chain.inputs(&xs).expect("whole samples"),
        chain.outputs(&y_bars).expect("whole samples"),
    );
}

/// Any bits, NaN and infinities among them: the same on every tier and with any threads.
fn any_numbers(bytes: &mut Bytes<'_>) {
    match bytes.below(6) {
        0 => any_of::<_, f64>(Corners, bytes),
        1 => any_of::<_, f32>(Smooth, bytes),
        2 => any_of::<_, f64>(Windows, bytes),
        3 => any_of::<_, f64>(Sequence, bytes),
        4 => any_of::<_, f32>(Others, bytes),
        _ => any_of::<_, f32>(Images, bytes),
    }
}

fn any_of<C: Chain, T: Real>(chain: C, bytes: &mut Bytes<'_>) {
    let n = 1 + bytes.below(SAMPLES);
    let mut draw = |count: usize| -> Vec<T> {
        let mut number = || match bytes.below(4) {
            // The bits of an `f32`.
            0 => f64::from(f32::from_bits(u32::from_le_bytes(
                [(); 4].map(|()| bytes.byte().unwrap_or(0)),
            ))),
            1 => [
                f64::NAN,
                f64::INFINITY,
                f64::NEG_INFINITY,
                -0.0,
                1e-40,
                1e38,
                -1e38,
                0.5,
            ][bytes.below(8)],
            _ => bytes.number(),
        };
        (0..count).map(|_| T::from_f64(number())).collect()
    };
    let params = draw(C::PARAM_COUNT);
    let xs = draw(n * C::INPUT_LEN);
    let y_bars = draw(n * C::OUTPUT_LEN);
    same_bits::<C, T>(
        chain,
        chain.params(&params).expect("so many"),
        chain.inputs(&xs).expect("whole samples"),
        chain.outputs(&y_bars).expect("whole samples"),
    );
}

/// Outputs, and the cotangents of inputs and parameters.
fn batch<C: Chain, T: Real>(
    chain: C,
    params: &C::Params<T>,
    xs: &[C::Input<T>],
    y_bars: &[C::Output<T>],
) -> (Vec<T>, Vec<T>, Vec<T>) {
    let mut ys = unset::<T, C::Output<T>>(xs.len());
    chain
        .forward_batch(xs, params, &mut ys)
        .expect("fitting lengths");
    let mut x_bars = unset::<T, C::Input<T>>(xs.len());
    let mut params_bar = C::Params::boxed(T::ZERO);
    chain
        .vjp_batch(xs, params, y_bars, &mut x_bars, &mut params_bar)
        .expect("fitting lengths");
    (flat(&ys), flat(&x_bars), params_bar.as_slice().to_vec())
}

fn same_bits<C: Chain, T: Real>(
    chain: C,
    params: &C::Params<T>,
    xs: &[C::Input<T>],
    y_bars: &[C::Output<T>],
) {
    // Which NaN comes out of two is not said.
    let plain = |x: Vec<T>| -> Vec<u64> {
        let bits = bits(&x).into_iter();
        bits.map(|bits| {
            if f64::from_bits(bits).is_nan() {
                u64::MAX
            } else {
                bits
            }
        })
        .collect()
    };
    let mut same = [const { None }; 4].map(|_: Option<()>| SameOnTiers::new());
    everywhere(|tier, threads| {
        let (ys, x_bars, params_bar) = batch::<C, T>(chain, params, xs, y_bars);
        let y = chain.forward(&xs[0], params).as_slice().to_vec();
        let names = ["y of a batch", "x_bar", "params_bar", "y of one"];
        for ((what, same), now) in names.iter().zip(&mut same).zip([ys, x_bars, params_bar, y]) {
            assert!(
                same.is_same(plain(now)),
                "{chain:?}, {what}: other bits on {tier} with {threads} threads"
            );
        }
    });
}

/// The sum of the products, and that of their magnitudes.
fn products(a: &[f64], b: &[f64]) -> (f64, f64) {
    let products = a.iter().zip(b).map(|(a, b)| a * b);
    products.fold((0.0, 0.0), |(sum, terms), x| (sum + x, terms + x.abs()))
}

/// Relative to the largest number, or to 1.
fn near(what: &str, got: &[f64], want: &[f64]) {
    let size = want.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
    for (got, want) in got.iter().zip(want) {
        let off = (got - want).abs();
        assert!(off <= ROUNDING * size, "{what}: {got} instead of {want}");
    }
}
