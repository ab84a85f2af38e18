//! Against PyTorch: outputs and gradients of three samples, by single calls and as a batch.

use simplechain::chain::{Array, Chain};
use simplechain::simd::Real;
use support::{Fixture, cast, everywhere, flat, sequence};

pub(crate) fn near<T: Real>(what: &str, got: &[T], want: &[f64]) {
    let tolerance = if T::NAME == "f32" { 2e-5 } else { 1e-13 };
    support::near(what, got, want, tolerance, 1.0);
}

pub(crate) fn compare<C: Chain, T: Real>(chain: C, name: &str) {
    const SAMPLES: usize = 3;
    let fixture = Fixture::of(include_str!("../../fixtures/pytorch_layers.txt"));
    let get = |what: &str| fixture.get(&format!("{name}.{what}"));
    let params = cast::<T>(&sequence(0, C::PARAM_COUNT, 0.6));
    let xs = cast::<T>(&sequence(0, SAMPLES * C::INPUT_LEN, 0.9));
    let y_bars = cast::<T>(&sequence(0, SAMPLES * C::OUTPUT_LEN, 1.0));
    let (params, xs) = (chain.params(&params).unwrap(), chain.inputs(&xs).unwrap());
    let y_bars = chain.outputs(&y_bars).unwrap();
    everywhere(|_, _| {
        let mut ys = vec![C::Output::splat(T::ZERO); SAMPLES];
        let mut x_bars = vec![C::Input::splat(T::ZERO); SAMPLES];
        let mut params_bar = C::Params::boxed(T::ZERO);
        chain.forward_batch(xs, params, &mut ys).unwrap();
        chain
            .vjp_batch(xs, params, y_bars, &mut x_bars, &mut params_bar)
            .unwrap();
        near("output of the batch", &flat(&ys), get("y"));
        near("input of the batch", &flat(&x_bars), get("x_bar"));
        near(
            "parameter of the batch",
            params_bar.as_slice(),
            get("params_bar"),
        );
        params_bar.as_mut_slice().fill(T::ZERO);
        for s in 0..SAMPLES {
            let mut x_bar = C::Input::splat(T::ZERO);
            ys[s] = chain.vjp_add(&xs[s], params, &y_bars[s], &mut x_bar, &mut params_bar);
            x_bars[s] = x_bar;
        }
        near("output", &flat(&ys), get("y"));
        near("input", &flat(&x_bars), get("x_bar"));
        near("parameter", params_bar.as_slice(), get("params_bar"));
    });
}

#[test]
fn pytorch_gives_the_same() {
    compare::<_, f64>(super::Flat, "flat");
    compare::<_, f32>(super::Flat, "flat");
    compare::<_, f64>(super::Images, "images");
    compare::<_, f64>(super::Sequence, "sequence");
}
