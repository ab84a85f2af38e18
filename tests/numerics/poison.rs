//! What scratch memory held before does not matter.

use std::sync::atomic::Ordering;

use rayon_core::ThreadPoolBuilder;
use simplechain::chain::Chain;
use simplechain::init;
use simplechain::layer::CustomLayer;
use simplechain::loss::SquaredLoss;
use simplechain::optim::Adam;
use simplechain::simd::{Number, Real, Simd};
use simplechain::simple_chain;
use simplechain::train::Trainer;
use simplechain_runtime::scratch::POISON;
use support::{bits, cast, flat, numbers, parameters};

use crate::chains::Odd;

const SAMPLES: usize = 2003;

simple_chain! {
    /// A layer that forgets to write what it reads.
    struct Unwritten: 1 => layer(Sum)
}

/// Adds to numbers that are not there yet.
#[derive(Clone, Copy, Debug, Default)]
struct Sum;

impl CustomLayer for Sum {
    const INPUT_LEN: usize = 1;
    const OUTPUT_LEN: usize = 1;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(self, simd: S, _: T::Params<'_>, x: &[S::V], y: &mut [S::V]) {
        y[0] = simd.add(y[0], x[0]);
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        _: S,
        _: T::Params<'_>,
        _: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        x_bar[0] = y_bar[0];
    }
}

/// Whether a kernel that reads what it did not write gives NaN, also where the memory was in use before.
fn is_seen<T: Real>() -> bool {
    (0..3).all(|_| {
        let mut ys = [[T::ZERO]; 3];
        Unwritten
            .forward_batch(&[[T::ONE]; 3], &[], &mut ys)
            .unwrap();
        ys.iter().all(|[y]| y.to_f64().is_nan())
    })
}

/// Gradients of batches and some training.
fn results<T: Real>(threads: usize) -> Vec<u64> {
    let params = cast::<T>(&parameters(Odd, 1));
    let (xs, y_bars) = (
        cast::<T>(&numbers(1, SAMPLES * 3, 1.0)),
        cast::<T>(&numbers(2, SAMPLES * 2, 1.0)),
    );
    let params = Odd.params(&params).unwrap();
    let (xs, y_bars) = (Odd.inputs(&xs).unwrap(), Odd.outputs(&y_bars).unwrap());
    let pool = ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("two threads");
    let mut all = Vec::new();
    for samples in [1, 17, SAMPLES] {
        pool.install(|| {
            let (xs, y_bars) = (&xs[..samples], &y_bars[..samples]);
            let (mut ys, mut x_bars) = (y_bars.to_vec(), xs.to_vec());
            let mut params_bar = Odd.zeros();
            Odd.forward_batch(xs, params, &mut ys).unwrap();
            Odd.vjp_batch(xs, params, y_bars, &mut x_bars, &mut params_bar)
                .unwrap();
            all.extend(bits(
                &[flat(&ys), flat(&x_bars), params_bar.to_vec()].concat(),
            ));
            let loss = Odd.value_and_grad_batch(&SquaredLoss, xs, y_bars, params, &mut params_bar);
            all.extend(bits(&[loss.unwrap()]));
            all.extend(bits(&params_bar[..]));
        });
    }
    pool.install(|| {
        let mut params = Odd.init::<T>(&mut init::rng(1));
        Trainer::new(Odd, SquaredLoss, Adam::new(1e-3))
            .threads(1) // without a pool of its own
            .batch_size(700)
            .fit(&mut params, xs, y_bars, 3)
            .unwrap();
        all.extend(bits(params.as_slice()));
    });
    all
}

#[test]
fn scratch() {
    if cfg!(debug_assertions) {
        assert!(is_seen::<f32>() && is_seen::<f64>());
    }
    for threads in [1, 2] {
        let all = || (results::<f32>(threads), results::<f64>(threads));
        let first = all();
        for bits in [0.0, f32::INFINITY, 1e30, -1.0].map(f32::to_bits) {
            let nan = POISON.swap(bits, Ordering::Relaxed);
            assert!(all() == first, "after {bits:x}");
            POISON.store(nan, Ordering::Relaxed);
        }
    }
}

simple_chain! {
    /// What infinities come of a sample that is not there must not count.
    struct Reciprocal: 2 => dense(Inverse, 3, bias = false) => dense(Inverse, 2, bias = false)
}

/// `y = 1 / z`
#[derive(Clone, Copy, Debug)]
struct Inverse;

impl simplechain::activation::Activation for Inverse {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> S::V {
        simd.div(simd.splat(T::ONE), z)
    }
    #[inline(always)]
    fn value_and_derivative<T: Number, S: Simd<T>>(self, simd: S, z: S::V) -> (S::V, S::V) {
        let y = self.value(simd, z);
        (y, simd.neg(simd.mul(y, y)))
    }
}

/// The last panel of a batch is filled up with something: it must not make a NaN of the gradient.
#[test]
fn lanes_without_a_sample() {
    let params = [
        0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25,
    ];
    let (xs, ys) = (vec![[1.0, 2.0]; 17], vec![[1.0, 1.0]; 17]);
    let (mut x_bars, mut params_bar, mut grads) = (xs.clone(), [0.0; 12], [0.0; 12]);
    Reciprocal
        .vjp_batch(&xs, &params, &ys, &mut x_bars, &mut params_bar)
        .unwrap();
    Reciprocal
        .value_and_grad_batch(&SquaredLoss, &xs, &ys, &params, &mut grads)
        .unwrap();
    let mut one = [0.0; 12];
    Reciprocal.vjp(&xs[0], &params, &ys[0], &mut [0.0; 2], &mut one);
    for (sum, one) in params_bar.iter().zip(one) {
        assert!(
            (sum - 17.0 * one).abs() <= 1e-12 * one.abs(),
            "{params_bar:?}"
        );
    }
    assert!(grads.iter().all(|grad: &f64| grad.is_finite()), "{grads:?}");
}
