//! Frozen layers get no gradient and stay as they are, whatever the optimizer does.

use core::ops::Range;

use simplechain::chain::{Chain, Network};
use simplechain::init;
use simplechain::loss::SquaredLoss;
use simplechain::optim::Adam;
use simplechain::simple_chain;
use simplechain::train::Trainer;

simple_chain! {
    struct Tuned: 3 => frozen(dense(tanh, 4) => dense(tanh, 5)) => dense(id, 2)
}

/// The parameters that `Flat` does not train: of the second branch of its `concat`, behind 42 of the first.
pub(crate) fn range<C: Chain>(_: C) -> Range<usize> {
    let concat = C::LAYERS.iter().find(|layer| layer.name == "concat");
    let start = concat.expect("a concat").params_start + 42;
    start..start + 20
}

#[test]
fn they_stay_as_they_are() {
    let first = Tuned.init::<f32>(&mut init::rng(1));
    let xs: Vec<[f32; 3]> = (0..50).map(|i| [i as f32 / 50.0, 0.5, -0.3]).collect();
    let ys: Vec<[f32; 2]> = xs.iter().map(|x| [x[0] * x[0], 1.0 - x[0]]).collect();
    for batch_size in [50, 16] {
        let mut params = first.clone();
        let optimizer = Adam::new(0.02).weight_decay(0.1);
        let mut trainer = Trainer::new(Tuned, SquaredLoss, optimizer).batch_size(batch_size);
        let history = trainer.fit(&mut params, &xs, &ys, 200).unwrap();
        let frozen = Tuned::LAYERS[0].param_count();
        assert_eq!(params[..frozen], first[..frozen]);
        assert!(params[frozen..] != first[frozen..]);
        assert!(history.last_loss() < 0.1 * history.epochs[0].loss);
    }
    let mut grads = first.clone();
    let loss = Tuned.value_and_grad_batch(&SquaredLoss, &xs, &ys, &first, &mut grads);
    assert!(loss.is_ok());
    assert_eq!(grads[..Tuned::LAYERS[0].param_count()], [0.0; 41]);
}
