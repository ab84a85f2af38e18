//! Gradients against differences of the chain's own forward pass in `f64`.

use core::ops::Range;

use simplechain::chain::{Array, Chain};

use crate::everywhere::everywhere;
use crate::numbers::{numbers, parameters};

/// `vjp` and `vjp_batch` against differences in every parameter and every input.
pub fn gradients<C: Chain>(chain: C, seed: u64) {
    gradients_but(chain, seed, 0..0);
}

/// [`gradients`], where the parameters of `frozen` have none.
pub fn gradients_but<C: Chain>(chain: C, seed: u64, frozen: Range<usize>) {
    const SAMPLES: usize = 3;
    let mut params = parameters(chain, seed);
    for param in &mut params[frozen.clone()] {
        // It may be a variance.
        *param = param.abs() + 0.5;
    }
    let mut xs = numbers(seed + 10, SAMPLES * C::INPUT_LEN, 1.0);
    let y_bars = numbers(seed + 20, SAMPLES * C::OUTPUT_LEN, 1.0);
    let y_bars = chain.outputs(&y_bars).unwrap();
    // The function whose gradient `vjp` gives: the outputs weighed with `y_bars`, by sample.
    let values = |params: &[f64], xs: &[f64]| -> [f64; SAMPLES] {
        let (params, xs) = (chain.params(params).unwrap(), chain.inputs(xs).unwrap());
        core::array::from_fn(|s| {
            let y = chain.forward(&xs[s], params);
            let products = y.as_slice().iter().zip(y_bars[s].as_slice());
            products.map(|(y, y_bar)| y * y_bar).sum()
        })
    };

    let mut params_want = Vec::new();
    for i in 0..C::PARAM_COUNT {
        params_want.push(if frozen.contains(&i) {
            [0.0; SAMPLES]
        } else {
            difference(&mut params, i, |params| values(params, &xs))
        });
    }
    let mut x_want = Vec::new();
    for i in 0..xs.len() {
        let by_sample = difference(&mut xs, i, |xs| values(&params, xs));
        x_want.push(by_sample[i / C::INPUT_LEN]);
    }

    let (params, xs) = (chain.params(&params).unwrap(), chain.inputs(&xs).unwrap());
    everywhere(|tier, _| {
        let near = |what: &str, i: usize, got: f64, want: f64| {
            let off = (got - want).abs();
            assert!(
                off < 1e-9,
                "{chain:?}, tier {tier}, {what} {i}: {got} instead of {want}"
            );
        };
        let mut x_bar = C::Input::splat(f64::NAN);
        let mut params_bar = C::Params::boxed(f64::NAN);
        for s in 0..SAMPLES {
            chain.vjp(&xs[s], params, &y_bars[s], &mut x_bar, &mut params_bar);
            for (i, want) in params_want.iter().enumerate() {
                near("parameter", i, params_bar.as_slice()[i], want[s]);
            }
            for i in 0..C::INPUT_LEN {
                near(
                    "input",
                    i,
                    x_bar.as_slice()[i],
                    x_want[s * C::INPUT_LEN + i],
                );
            }
        }
        let mut x_bars = [C::Input::splat(f64::NAN); SAMPLES];
        chain
            .vjp_batch(xs, params, y_bars, &mut x_bars, &mut params_bar)
            .unwrap();
        for (i, want) in params_want.iter().enumerate() {
            near(
                "parameter of the batch",
                i,
                params_bar.as_slice()[i],
                want.iter().sum(),
            );
        }
        for (i, want) in x_want.iter().enumerate() {
            let x_bar = &x_bars[i / C::INPUT_LEN];
            near(
                "input of the batch",
                i,
                x_bar.as_slice()[i % C::INPUT_LEN],
                *want,
            );
        }
    });
}

/// The derivative of `f` by `at[i]`, by the central difference of fourth order.
fn difference<const N: usize>(
    at: &mut [f64],
    i: usize,
    f: impl Fn(&[f64]) -> [f64; N],
) -> [f64; N] {
    const STEP: f64 = 1e-3;
    let x = at[i];
    let mut sum = [0.0; N];
    for (weight, steps) in [(-1.0, 2.0), (8.0, 1.0), (-8.0, -1.0), (1.0, -2.0)] {
        at[i] = x + steps * STEP;
        for (sum, f) in sum.iter_mut().zip(f(at)) {
            *sum += weight * f / (12.0 * STEP);
        }
    }
    at[i] = x;
    sum
}
