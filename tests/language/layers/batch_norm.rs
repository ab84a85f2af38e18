//! Normalization by the batch: five steps of gradient descent as PyTorch makes them, and the running statistics behind them.

use simplechain::chain::{Array, Chain, Network};
use simplechain::init;
use simplechain::loss::SquaredLoss;
use simplechain::optim::{Adam, Sgd};
use simplechain::simd::Real;
use simplechain::simple_chain;
use simplechain::train::Trainer;
use support::{Fixture, cast, everywhere, flat, gradients_but, sequence};

use super::pytorch_layers::near;

simple_chain! {
    struct Flat: 3 => dense(gelu, 6) => batch_norm => dense(id, 2);
    struct Images: (4, 4, 2) => conv(id, (3, 3), 3) => batch_norm => activation(tanh) => flatten => dense(id, 2)
}

/// Statistics as they start.
fn start<C: Chain, T: Real>(_: C, params: &mut [T]) {
    let state = C::LAYERS[1].state();
    let half = state.len() / 2;
    params[state.start..state.start + half].fill(T::ZERO);
    params[state.start + half..state.end].fill(T::ONE);
}

fn compare<C: Chain, T: Real>(chain: C, name: &str) {
    let fixture = Fixture::of(include_str!("../../fixtures/pytorch_layers.txt"));
    let get = |what: &str| fixture.get(&format!("{name}.{what}"));
    let mut first = cast::<T>(&sequence(0, C::PARAM_COUNT, 0.6));
    start(chain, &mut first);
    let xs = cast::<T>(&sequence(0, 400 * C::INPUT_LEN, 0.9));
    let targets = cast::<T>(&sequence(0, 800 + 3, 1.0)[3..]);
    let (xs, targets) = (chain.inputs(&xs).unwrap(), chain.outputs(&targets).unwrap());
    everywhere(|_, threads| {
        let mut flat_params = first.clone();
        let params = chain.params_mut(&mut flat_params).unwrap();
        let mut trainer = Trainer::new(chain, SquaredLoss, Sgd::new(0.1)).threads(threads);
        let history = trainer.fit(params, xs, targets, 5).unwrap();
        near("parameter", params.as_slice(), get("params"));
        near("loss", &[T::from_f64(history.last_loss())], get("loss"));
        let ys: Vec<_> = xs[..5].iter().map(|x| chain.forward(x, params)).collect();
        near("output", &flat(&ys), get("y"));
        let mut batch = ys.clone();
        chain.forward_batch(&xs[..5], params, &mut batch).unwrap();
        near("output of the batch", &flat(&batch), get("y"));
    });
}

#[test]
fn it_trains_as_pytorch() {
    compare::<_, f64>(Flat, "normed_flat");
    compare::<_, f32>(Flat, "normed_flat");
    compare::<_, f64>(Images, "normed_images");
}

#[test]
fn outside_of_training_it_is_a_function_of_the_sample() {
    gradients_but(Flat, 5, Flat::LAYERS[1].state());
    let params = Flat.init::<f64>(&mut init::rng(1));
    assert_eq!(params[24..30], [1.0; 6], "factors");
    assert_eq!(params[30..42], [0.0; 12], "biases and means");
    assert_eq!(params[42..48], [1.0; 6], "variances");
}

/// Neither weight decay nor the last, small batch may spoil the statistics.
#[test]
fn statistics_follow_the_data() {
    let xs: Vec<[f32; 3]> = (0..101)
        .map(|i| [i as f32 / 50.0 - 1.0, 3.0, 0.1])
        .collect();
    let ys: Vec<[f32; 2]> = xs.iter().map(|x| [x[0], x[0] * x[0]]).collect();
    let mut params = Flat.init::<f32>(&mut init::rng(1));
    let optimizer = Adam::new(0.01).weight_decay(0.5);
    let mut trainer = Trainer::new(Flat, SquaredLoss, optimizer).batch_size(25);
    let history = trainer.fit(&mut params, &xs, &ys, 100).unwrap();
    assert!(history.last_loss() < 0.1 * history.epochs[0].loss);
    // What `batch_norm` sees is near what it says it has seen.
    let hidden: Vec<_> = xs.iter().map(|x| Flat.activations(x, &params)).collect();
    for c in 0..6 {
        let values = hidden.iter().map(|h| f64::from(h[c]));
        let mean = values.clone().sum::<f64>() / 101.0;
        let variance = values.map(|v| (v - mean).powi(2)).sum::<f64>() / 100.0;
        let (seen_mean, seen_variance) = (f64::from(params[36 + c]), f64::from(params[42 + c]));
        assert!(
            (seen_mean - mean).abs() < 0.3 * variance.sqrt() + 0.02,
            "{seen_mean} {mean}"
        );
        assert!(
            seen_variance < 2.0 * variance + 0.02,
            "{seen_variance} {variance}"
        );
        assert!(
            seen_variance > 0.4 * variance - 0.02,
            "{seen_variance} {variance}"
        );
    }
    let mut grads = params.clone();
    Flat.value_and_grad_batch(&SquaredLoss, &xs, &ys, &params, &mut grads)
        .unwrap();
    assert_eq!(grads[36..48], [0.0; 12], "no gradient");
}
