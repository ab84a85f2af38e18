//! Layers whose weights are larger than a cache take other paths through the kernels: every call against the plain loops, on every tier
//! and with one and more threads, at widths that are a multiple of nothing.

use simplechain::chain::{Array, Chain, Network};
use simplechain::derivatives::Derivatives;
use simplechain::simple_chain;
use support::{
    Case, boxed, cast, every_other_call, in_all_tiers, numbers, outputs_and_cotangents, parameters,
};

simple_chain! {
    struct Wide: 513 => dense(tanh, 1025) => dense(gelu, 257, bias = false)
}

/// An odd number of panels, the last one of a single sample.
const BATCHES: [usize; 3] = [0, 1, 33];

#[test]
fn f32() {
    outputs_and_cotangents::<_, f32>(Wide, &Case::of(Wide, &BATCHES));
}

#[test]
fn f64() {
    outputs_and_cotangents::<_, f64>(Wide, &Case::of(Wide, &BATCHES));
}

#[test]
fn other_calls() {
    every_other_call::<_, f32>(Wide, &Case::of(Wide, &[0, 1, 5]));
}

/// Products with second derivatives, in batches and one by one, against differences of the gradient.
#[test]
fn second_derivatives() {
    const SAMPLES: usize = 2;
    let many = |seed, len| cast::<f64>(&numbers(seed, SAMPLES * len, 1.0));
    let (xs, y_bars) = (many(1, Wide::INPUT_LEN), many(2, Wide::OUTPUT_LEN));
    let (xs, y_bars) = (Wide.inputs(&xs).unwrap(), Wide.outputs(&y_bars).unwrap());
    let (params, direction) = (parameters(Wide, 3), numbers(4, Wide::PARAM_COUNT, 0.1));
    let gradient = |step: f64| {
        let moved: Vec<f64> = params
            .iter()
            .zip(&direction)
            .map(|(p, d)| p + step * d)
            .collect();
        let (params, mut gradient) = (Wide.params(&moved).unwrap(), zeros());
        let mut x_bars = xs.to_vec();
        Wide.vjp_batch(xs, params, y_bars, &mut x_bars, &mut gradient)
            .unwrap();
        gradient
    };
    const STEP: f64 = 1e-5;
    let (up, down) = (gradient(STEP), gradient(-STEP));
    let (params, direction) = (boxed(&params), boxed(&direction));
    let near = |got: &[f64]| {
        for (got, (up, down)) in got.iter().zip(up.iter().zip(&down[..])) {
            let want = (up - down) / (2.0 * STEP);
            assert!(
                (got - want).abs() < 1e-6 * (1.0 + want.abs()),
                "{got} instead of {want}"
            );
        }
    };
    in_all_tiers(|| {
        let mut product = zeros();
        Wide.hvp_params_batch(xs, &params, y_bars, &direction, &mut product)
            .unwrap();
        near(&product[..]);
        let mut sum = vec![0.0; Wide::PARAM_COUNT];
        for (x, y_bar) in xs.iter().zip(y_bars) {
            Wide.hvp_params(x, &params, y_bar, &direction, &mut product);
            for (sum, term) in sum.iter_mut().zip(&product[..]) {
                *sum += term;
            }
        }
        near(&sum);
    });
}

fn zeros() -> Box<<Wide as Network>::Params<f64>> {
    Array::boxed(0.0)
}
