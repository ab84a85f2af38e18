//! One chain on many threads at once, and calls from within calls.

use core::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use simplechain::chain::Chain;
use simplechain::init;
use simplechain::loss::{Loss, SquaredLoss};
use simplechain::optim::Adam;
use simplechain::simd::Simd;
use simplechain::train::Trainer;
use support::{bits, cast, everywhere, flat, numbers, parameters};

use crate::chains::MatExp;

/// More than a batch needs to be worth a fork.
const SAMPLES: usize = 2000;

type Outputs = (Vec<u64>, Vec<u64>, Vec<u64>);

/// All that a batch and a single sample give.
fn everything(params: &[f32; 756], xs: &[[f32; 4]]) -> Outputs {
    let mut ys = vec![[0.0; 4]; xs.len()];
    MatExp.forward_batch(xs, params, &mut ys).unwrap();
    let (mut x_bars, mut params_bar) = (ys.clone(), [0.0; 756]);
    MatExp
        .vjp_batch(xs, params, xs, &mut x_bars, &mut params_bar)
        .unwrap();
    let mut one_bar = [0.0; 756];
    let y = MatExp.vjp(&xs[0], params, &xs[1], &mut x_bars[0], &mut one_bar);
    (
        bits(&flat(&ys)),
        bits(&flat(&x_bars)),
        bits(&[&params_bar[..], &one_bar, &y].concat()),
    )
}

#[test]
fn many_threads() {
    let params = cast::<f32>(&parameters(MatExp, 1));
    let params = MatExp.params(&params).unwrap();
    let data: Vec<_> = (0..4)
        .map(|seed| cast::<f32>(&numbers(seed, SAMPLES * 4, 1.0)))
        .collect();
    let data: Vec<_> = data.iter().map(|xs| MatExp.inputs(xs).unwrap()).collect();
    let alone: Vec<_> = data.iter().map(|xs| everything(params, xs)).collect();
    thread::scope(|scope| {
        for t in 0..8 {
            let (data, alone) = (&data, &alone);
            scope.spawn(move || {
                for round in 0..10 {
                    let i = (t + round) % data.len();
                    assert!(
                        everything(params, data[i]) == alone[i],
                        "thread {t}, round {round}"
                    );
                }
            });
        }
    });
}

/// A squared loss that runs a whole batch by the way.
struct Busy<'a> {
    params: &'a [f32; 756],
    xs: &'a [[f32; 4]],
    alone: &'a Outputs,
    calls: AtomicUsize,
}

impl Loss<MatExp, f32> for Busy<'_> {
    type Target = [f32; 4];

    fn encode(&self, target: &[f32; 4], encoded: &mut [f32]) {
        encoded.copy_from_slice(target);
    }

    fn value_and_grad<S: Simd<f32>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
        if self
            .calls
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(50)
        {
            assert!(
                everything(self.params, self.xs) == *self.alone,
                "a nested batch"
            );
        }
        Loss::<MatExp, f32>::value_and_grad(&SquaredLoss, simd, y, target)
    }
}

#[test]
fn batch_within_a_loss_and_a_callback() {
    let params = cast::<f32>(&parameters(MatExp, 1));
    let params = MatExp.params(&params).unwrap();
    let xs = cast::<f32>(&numbers(2, SAMPLES * 4, 1.0));
    let xs = MatExp.inputs(&xs).unwrap();
    everywhere(|_, threads| {
        let alone = &everything(params, xs);
        let busy = Busy {
            params,
            xs,
            alone,
            calls: AtomicUsize::new(0),
        };

        let (mut grads, mut nested_grads) = ([0.0; 756], [0.0; 756]);
        let value = MatExp
            .value_and_grad_batch(&SquaredLoss, xs, xs, params, &mut grads)
            .unwrap();
        let nested = MatExp
            .value_and_grad_batch(&busy, xs, xs, params, &mut nested_grads)
            .unwrap();
        assert_eq!(value.to_bits(), nested.to_bits());
        assert!(bits(&grads) == bits(&nested_grads));

        let mut trained = MatExp.init(&mut init::rng(1));
        let mut plain = trained.clone();
        let mut epochs = 0;
        let mut trainer = Trainer::new(MatExp, busy, Adam::<f32>::new(1e-3)).threads(threads);
        let on_epoch = |_: &_, _: &_| {
            assert!(
                everything(params, xs) == *alone,
                "a batch within a callback"
            );
            epochs += 1;
            ControlFlow::Continue(())
        };
        trainer.fit_with(&mut trained, xs, xs, 3, on_epoch).unwrap();
        assert_eq!(epochs, 3);
        Trainer::new(MatExp, SquaredLoss, Adam::<f32>::new(1e-3))
            .fit(&mut plain, xs, xs, 3)
            .unwrap();
        assert!(bits(trained.as_slice()) == bits(plain.as_slice()));
    });
}
