//! `standardize` and `unstandardize`: their gradients; what `adapt` computes, against plain loops; what training leaves alone.

use simplechain::derivatives::Derivatives;
use simplechain::prelude::*;
use simplechain::{Array, Error};
use support::{everywhere, gradients_but};

simple_chain! {
    struct Flat: 3 => dense(gelu, 4) => standardize => dense(tanh, 5) => dense(id, 2);
    struct Image: (2, 3, 2) => standardize => conv(tanh, (2, 2), 3) => flatten => dense(id, 2);
    struct Output: 3 => dense(tanh, 4) => dense(id, 2) => unstandardize;
    struct Within: 2 => dense(tanh, 3) => residual(standardize => dense(sin, 3)) => dense(id, 2);

    struct Alone: 3 => standardize;
    struct Pixels: (2, 3, 2) => standardize;
    struct Back: 2 => unstandardize;
    struct Both: 3 => standardize => dense(tanh, 4) => dense(id, 2) => unstandardize;
    struct Net: 3 => standardize => dense(tanh, 4) => dense(id, 2);
    struct Served: 3 => chain(Net) => unstandardize;
    /// In every position: first, after layers, in branches, in a chain, twice in the same chain; and one that stays.
    struct Everywhere: 3
        => standardize => dense(tanh, 3)
        => concat(standardize => dense(id, 2), residual(dense(sin, 3) => standardize)) => dense(gelu, 3)
        => chain(Net) => concat(activation(sin), dense(id, 1)) => chain(Net)
        => frozen(standardize) => dense(id, 2);
    struct Branches: 2 => dense(tanh, 3)
        => concat(dense(id, 2) => unstandardize, dense(id, 1), chain(One) => dropout(0.1));
    struct One: 3 => dense(id, 1) => unstandardize;
    struct NotLast: 2 => dense(id, 2) => unstandardize => activation(tanh);
    struct Frozen: 3 => frozen(standardize) => dense(id, 2)
}

/// Samples with means and deviations of different sizes.
fn samples<T: Real, A: Array<T>>(count: usize) -> Vec<A> {
    let mut all = A::vec(T::ZERO, count);
    for (s, sample) in all.iter_mut().enumerate() {
        for (i, x) in sample.as_mut_slice().iter_mut().enumerate() {
            let noise = ((s * 37 + i * 101 + s * s * 7) % 97) as f64 / 97.0;
            *x = T::from_f64(10.0 * i as f64 - 3.0 + (1.0 + i as f64) * noise);
        }
    }
    all
}

/// Mean and deviation of some values: two plain loops.
fn plain(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    let squares = values.map(|x| (x - mean) * (x - mean)).sum::<f64>();
    (mean, (squares / count).sqrt())
}

fn near(what: &str, got: f64, want: f64, tolerance: f64) {
    let off = (got - want).abs();
    assert!(
        off <= tolerance * want.abs().max(1.0),
        "{what}: {got} instead of {want}"
    );
}

#[test]
fn gradients_are_those_of_the_forward_pass() {
    gradients_but(Flat, 1, Flat::LAYERS[1].state());
    gradients_but(Image, 2, Image::LAYERS[0].state());
    gradients_but(Output, 3, Output::LAYERS[2].state());
    let start = Within::LAYERS[1].params_start;
    gradients_but(Within, 4, start..start + 6);
}

#[test]
fn they_start_as_the_identity() {
    let params = Both.init::<f64>(&mut rng(1));
    assert_eq!(Both.state(&params, 0), [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
    assert_eq!(Both.state(&params, 3), [0.0, 0.0, 1.0, 1.0]);
    assert!(Both.weights(&params, 0).is_empty() && Both.bias(&params, 0).is_empty());
    let x = [1.5, -2.0, 1e6];
    assert_eq!(Alone.forward(&x, &Alone.init(&mut rng(1))), x);
}

fn first_layer<T: Real>(tolerance: f64) {
    let xs: Vec<[T; 3]> = samples(200);
    let mut params = Both.init::<T>(&mut rng(1));
    Both.adapt(&mut params, &xs).unwrap();
    let ys: Vec<[T; 2]> = samples(200);
    Both.adapt_outputs(&mut params, &ys).unwrap();
    for c in 0..3 {
        let (mean, std) = plain(xs.iter().map(|x| x[c].to_f64()));
        near("mean", Both.state(&params, 0)[c].to_f64(), mean, tolerance);
        near(
            "std",
            Both.state(&params, 0)[3 + c].to_f64(),
            std,
            tolerance,
        );
    }
    for c in 0..2 {
        let (mean, std) = plain(ys.iter().map(|y| y[c].to_f64()));
        near("mean", Both.state(&params, 3)[c].to_f64(), mean, tolerance);
        near(
            "std",
            Both.state(&params, 3)[2 + c].to_f64(),
            std,
            tolerance,
        );
    }
    // Images: per channel. What comes out has mean 0 and deviation 1.
    let images: Vec<[T; 12]> = samples(50);
    let mut params = Pixels.init::<T>(&mut rng(1));
    Pixels.adapt(&mut params, &images).unwrap();
    let mut out = vec![[T::ZERO; 12]; 50];
    Pixels.forward_batch(&images, &params, &mut out).unwrap();
    for c in 0..2 {
        let of = |samples: &[[T; 12]]| -> Vec<f64> {
            let values = samples.iter().flat_map(|x| &x[6 * c..][..6]);
            values.map(|x| x.to_f64()).collect()
        };
        let (mean, std) = plain(of(&images).into_iter());
        near("mean", params[c].to_f64(), mean, tolerance);
        near("std", params[2 + c].to_f64(), std, tolerance);
        let (mean, std) = plain(of(&out).into_iter());
        near("mean of the output", mean, 0.0, 4.0 * tolerance);
        near("std of the output", std, 1.0, 4.0 * tolerance);
    }
    for (x, y) in images.iter().zip(&out) {
        let single = Pixels.forward(x, &params);
        for i in 0..12 {
            let (mean, std) = (params[i / 6].to_f64(), params[2 + i / 6].to_f64());
            let want = (x[i].to_f64() - mean) / std;
            near("output", single[i].to_f64(), want, 4.0 * tolerance);
            near("output of the batch", y[i].to_f64(), want, 4.0 * tolerance);
        }
    }
}

#[test]
fn adapt_computes_what_plain_loops_do() {
    first_layer::<f64>(1e-13);
    first_layer::<f32>(3e-7);
}

/// What reaches each layer of `Everywhere`, computed by hand from the parameters.
#[test]
fn layers_within_see_what_reaches_them() {
    let xs: Vec<[f64; 3]> = samples(80);
    everywhere(|_, _| {
        let mut params = Everywhere.init::<f64>(&mut rng(5));
        let before = params.clone();
        Everywhere.adapt(&mut params, &xs).unwrap();
        let layers = Everywhere::LAYERS;
        // The outputs of the layers of the table.
        let ys: Vec<_> = xs
            .iter()
            .map(|x| Everywhere.activations(x, &params))
            .collect();
        let output = |layer: usize| {
            ys.iter()
                .map(move |y| Everywhere.activation(y, layer).to_vec())
        };
        let check = |what: &str, state: &[f64], values: &[Vec<f64>]| {
            let channels = state.len() / 2;
            for c in 0..channels {
                let (mean, std) = plain(values.iter().map(|x| x[c]));
                near(what, state[c], mean, 1e-12);
                near(what, state[channels + c], std, 1e-12);
            }
        };
        let inputs: Vec<_> = xs.iter().map(|x| x.to_vec()).collect();
        check("first", &params[0..6], &inputs);
        let tanh: Vec<_> = output(1).collect();
        let concat = layers[2].params_start;
        check("in a branch", &params[concat..concat + 6], &tanh);
        // In the residual: what is added to its input is standardized.
        let residual: Vec<Vec<f64>> = output(2)
            .zip(&tanh)
            .map(|(y, x)| (0..3).map(|i| y[2 + i] - x[i]).collect())
            .collect();
        for c in 0..3 {
            let (mean, std) = plain(residual.iter().map(|x| x[c]));
            near("mean within a residual", mean, 0.0, 1e-12);
            near("std within a residual", std, 1.0, 1e-12);
        }
        let gelu: Vec<_> = output(3).collect();
        let chain = layers[4].params_start;
        check("in a chain", &params[chain..chain + 6], &gelu);
        let between: Vec<_> = output(5).collect();
        let chain = layers[6].params_start;
        check(
            "in the same chain once more",
            &params[chain..chain + 6],
            &between,
        );
        // Only states have changed, and no frozen one.
        let frozen = layers[7].params_start;
        assert_eq!(params[frozen..], before[frozen..]);
        let changed = params.iter().zip(&before[..]).filter(|(a, b)| a != b);
        assert_eq!(changed.count(), 5 * 6);
    });
}

#[test]
fn targets_fill_the_last_layers() {
    let ys: Vec<[f64; 4]> = samples(60);
    let mut params = Branches.init::<f64>(&mut rng(1));
    let before = params.clone();
    Branches.adapt_outputs(&mut params, &ys).unwrap();
    let concat = Branches::LAYERS[1].params_start;
    // dense 3 -> 2, its statistics; dense 3 -> 1; dense 3 -> 1 and its statistics.
    for (at, std, column) in [(8, 10, 0), (9, 11, 1), (20, 21, 3)] {
        let (mean, deviation) = plain(ys.iter().map(|y| y[column]));
        near("mean", params[concat + at], mean, 1e-13);
        near("std", params[concat + std], deviation, 1e-13);
    }
    let changed = params.iter().zip(&before[..]).filter(|(a, b)| a != b);
    assert_eq!(changed.count(), 6);
}

/// A chain that is trained on standardized targets, and one around it that has the user's units.
#[test]
fn a_chain_around_another_gives_the_units_back() {
    let (xs, ys): (Vec<[f64; 3]>, Vec<[f64; 2]>) = (samples(40), samples(40));
    let mut params = Served.init::<f64>(&mut rng(3));
    Served.adapt(&mut params, &xs).unwrap();
    Served.adapt_outputs(&mut params, &ys).unwrap();
    let (inner, last) = params.split_at(Net::PARAM_COUNT);
    let inner = Net.params(inner).unwrap();
    for (x, y) in xs.iter().zip(&ys) {
        let got = Served.forward(x, &params);
        let z = Net.forward(x, inner);
        let target = Back.params(last).unwrap();
        let same = Back.forward(&z, target);
        for c in 0..2 {
            near("output", got[c], last[c] + last[2 + c] * z[c], 1e-14);
            assert_eq!(got[c], same[c]);
        }
        // The inverse of each other.
        let mut unit = Alone.zeros::<f64>();
        unit.copy_from_slice(&[last[0], last[1], 0.0, last[2], last[3], 1.0]);
        let there = Alone.forward(&[y[0], y[1], 0.0], &unit);
        let back = Back.forward(&[there[0], there[1]], target);
        near("there and back", back[0], y[0], 1e-14);
        near("there and back", back[1], y[1], 1e-14);
    }
}

#[test]
fn a_constant_column_becomes_zero() {
    let xs: Vec<[f32; 3]> = (0..30)
        .map(|i| [i as f32, 0.1, 1e-40 * (i % 2) as f32])
        .collect();
    let mut params = Alone.init::<f32>(&mut rng(1));
    Alone.adapt(&mut params, &xs).unwrap();
    assert_eq!(params[1], 0.1);
    assert_eq!(
        params[4..],
        [1.0, 1.0],
        "no deviation, and one without a reciprocal"
    );
    for x in &xs {
        let [_, y, z] = Alone.forward(x, &params);
        assert!(y == 0.0 && z.abs() < 1e-30, "{y} {z}");
    }
}

#[test]
fn bad_data_is_refused_and_changes_nothing() {
    let good: Vec<[f64; 3]> = samples(10);
    let first = Both.init::<f64>(&mut rng(1));
    let mut params = first.clone();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut xs = good.clone();
        xs[7][2] = bad;
        let error = Both.adapt(&mut params, &xs).unwrap_err();
        let text = format!("input 2 of sample 7 is {bad}, but the data must be finite");
        assert!(error.to_string().starts_with(&text), "{error}");
        let mut ys: Vec<[f64; 2]> = samples(10);
        ys[3][1] = bad;
        let error = Both.adapt_outputs(&mut params, &ys).unwrap_err();
        let text = format!("target 1 of sample 3 is {bad}");
        assert!(error.to_string().starts_with(&text), "{error}");
    }
    let none: &[[f64; 3]] = &[];
    assert_eq!(Both.adapt(&mut params, none), Err(Error::EmptyBatch));
    let none: &[[f64; 2]] = &[];
    assert_eq!(
        Both.adapt_outputs(&mut params, none),
        Err(Error::EmptyBatch)
    );
    let error = Both
        .adapt(&mut params, &[[1e200; 3], [-1e200; 3]])
        .unwrap_err();
    assert!(error.to_string().contains("scale the data"), "{error}");
    assert_eq!(params, first);

    // The layers before may overflow.
    let mut params = Flat.init::<f64>(&mut rng(1));
    params[0] = 1e300;
    let first = params.clone();
    let error = Flat.adapt(&mut params, &[[1e10, 0.0, 0.0]]).unwrap_err();
    let text = "`standardize` input 0 of sample 0 is inf";
    assert!(error.to_string().starts_with(text), "{error}");
    assert_eq!(params, first);
}

#[test]
fn chains_without_such_a_layer_are_told() {
    let xs: Vec<[f64; 3]> = samples(10);
    let mut params = Output.init::<f64>(&mut rng(1));
    let error = Output.adapt(&mut params, &xs).unwrap_err();
    assert!(error.to_string().contains("no `standardize`"), "{error}");
    let mut params = Frozen.init::<f64>(&mut rng(1));
    assert!(matches!(
        Frozen.adapt(&mut params, &xs),
        Err(Error::NothingToAdapt { .. })
    ));
    let ys: Vec<[f64; 2]> = samples(10);
    let error = Frozen.adapt_outputs(&mut params, &ys).unwrap_err();
    assert!(error.to_string().contains("no `unstandardize`"), "{error}");
    let mut params = NotLast.init::<f64>(&mut rng(1));
    let error = NotLast.adapt_outputs(&mut params, &ys).unwrap_err();
    assert!(
        error.to_string().contains("is not the last layer"),
        "{error}"
    );
}

#[test]
fn bytes_and_outliers_in_one_pass() {
    let images: Vec<[u8; 12]> = (0..20_u8).map(|i| [i; 12]).collect();
    let mut params = Pixels.init::<f32>(&mut rng(1));
    let bytes = Bytes::new(&images).scale(1.0);
    Pixels.adapt(&mut params, &bytes).unwrap();
    assert_eq!(params[..2], [9.5, 9.5]);
    near("std", f64::from(params[2]), 33.25_f64.sqrt(), 1e-7);
}

/// Neither gradients, nor weight decay, nor penalties change the constants; a batch of one sample has no need of another.
#[test]
fn training_leaves_the_constants_alone() {
    let (xs, ys): (Vec<[f64; 3]>, Vec<[f64; 2]>) = (samples(41), samples(41));
    let mut params = Both.init::<f64>(&mut rng(1));
    Both.adapt(&mut params, &xs).unwrap();
    Both.adapt_outputs(&mut params, &ys).unwrap();
    let states = [Both::LAYERS[0].state(), Both::LAYERS[3].state()];
    let constants = |params: &[f64]| states.clone().map(|range| params[range].to_vec());
    let first = constants(&params[..]);

    let loss = WeightedSquaredLoss::standardized(&Both.state(&params, 3)[2..]);
    let before = Both.loss_batch(&loss, &xs, &ys, &params).unwrap();
    let penalized = Penalized(loss.clone(), L2::new(1e-3));
    let adam = Adam::new(1e-2).weight_decay(0.1);
    for batch_size in [41, 8, 1] {
        let mut trainer =
            Trainer::new(Both, penalized.clone(), adam.clone()).batch_size(batch_size);
        trainer.fit(&mut params, &xs, &ys, 20).unwrap();
        assert_eq!(constants(&params[..]), first);
    }
    assert!(Both.loss_batch(&loss, &xs, &ys, &params).unwrap() < 0.7 * before);

    let mut grads = Both.zeros();
    Both.training(1, 0)
        .value_and_grad_batch(&loss, &xs, &ys, &mut params, &mut grads)
        .unwrap();
    assert_eq!(constants(&params[..]), first);
    for range in &states {
        assert!(grads[range.clone()].iter().all(|grad| *grad == 0.0));
    }

    let value = Both.loss_batch(&loss, &xs, &ys, &params).unwrap();
    let minimum = LevenbergMarquardt::new()
        .fit(Both, &mut params, &xs, &ys, 20)
        .unwrap();
    assert_eq!(constants(&params[..]), first);
    assert!(
        minimum.value.is_finite() && Both.loss_batch(&loss, &xs, &ys, &params).unwrap() <= value
    );
}

/// The standardized loss in the user's units is the squared loss of standardized targets: the same value and gradient.
#[test]
fn a_standardized_loss_does_not_depend_on_units() {
    let (xs, ys): (Vec<[f64; 3]>, Vec<[f64; 2]>) = (samples(33), samples(33));
    let mut params = Served.init::<f64>(&mut rng(3));
    Served.adapt(&mut params, &xs).unwrap();
    Served.adapt_outputs(&mut params, &ys).unwrap();
    let (inner, last) = params.split_at(Net::PARAM_COUNT);
    let zs: Vec<[f64; 2]> = ys
        .iter()
        .map(|y| core::array::from_fn(|c| (y[c] - last[c]) / last[2 + c]))
        .collect();
    let loss = WeightedSquaredLoss::standardized(&last[2..]);
    let mut grads = Served.zeros();
    let value = Served
        .value_and_grad_batch(&loss, &xs, &ys, &params, &mut grads)
        .unwrap();
    let mut inner_grads = Net.zeros();
    let params = Net.params(inner).unwrap();
    let want = Net
        .value_and_grad_batch(
            &WeightedSquaredLoss::new([1.0, 1.0]),
            &xs,
            &zs,
            params,
            &mut inner_grads,
        )
        .unwrap();
    near("loss", value, want, 1e-12);
    for (got, want) in grads.iter().zip(&inner_grads[..]) {
        near("gradient", *got, *want, 1e-12);
    }
    assert_eq!(grads[Net::PARAM_COUNT..], [0.0; 4]);
}

#[test]
fn jets_are_divided_by_the_deviation() {
    let mut params = Alone.zeros::<f64>();
    params.copy_from_slice(&[1.0, 2.0, 3.0, 2.0, 4.0, 0.5]);
    let [y, first, second] = Alone.jet(&[3.0, 2.0, 4.0], &params, &[1.0, 1.0, -1.0]);
    assert_eq!(y, [1.0, 0.0, 2.0]);
    assert_eq!(first, [0.5, 0.25, -2.0]);
    assert_eq!(second, [0.0; 3]);
    let back = Back.own(vec![1.0, 2.0, 4.0, 0.5]).unwrap();
    let [y, first, second] = Back.jet(&[3.0, 2.0], &back, &[1.0, -1.0]);
    assert_eq!(y, [13.0, 3.0]);
    assert_eq!(first, [4.0, -0.5]);
    assert_eq!(second, [0.0; 2]);
}

#[test]
fn the_architecture_names_them() {
    let json = Both.architecture();
    assert!(json.contains(r#"{"name": "standardize", "input": [3], "output": [3], "weights": [0, 0], "bias": [0, 0], "state": [0, 6]}"#), "{json}");
    assert!(
        json.contains(r#"{"name": "unstandardize", "input": [2]"#),
        "{json}"
    );
    Both.check_architecture(&json).unwrap();
    assert!(Net.check_architecture(&json).is_err());
    assert_ne!(Alone::FINGERPRINT, Net::FINGERPRINT);
    assert_eq!(Alone::PARAM_COUNT, 6);
    assert!(Both.to_string().contains("standardize"));
}
