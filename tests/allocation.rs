//! Nothing is allocated once the largest batch has been seen. A binary of its own: it counts the allocations of all
//! threads.

use core::ops::ControlFlow;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use simplechain::chain::Array;
use simplechain::init;
use simplechain::loss::SquaredLoss;
use simplechain::ode::{Autonomous, Ensemble, Solver, Tsit5};
use simplechain::optim::Adam;
use simplechain::prelude::*;
use simplechain::simd::Real;
use simplechain::train::Trainer;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY:
// - every method hands its arguments to `System` and its result back.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(block, layout, size) }
    }
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The allocations that `f` makes, on whichever thread.
fn allocations(f: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    f();
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

simple_chain! {
    struct Net: 4 => dense(tanh, 32) => dense(gelu, 17) => dense(id, 4);
    struct Images: (8, 8, 1) => conv(relu, (3, 3), 4, padding = same) => maxpool(2, 2) => conv(gelu, (2, 2), 3)
        => flatten => dense(id, 3)
}

/// With 1001 samples more than a batch needs to be worth a fork.
const SAMPLES: usize = 1001;

// One test, so that no other allocates meanwhile.
#[test]
fn nothing_is_allocated_after_set_up() {
    assert_eq!(
        allocations(|| drop(core::hint::black_box(Box::new(1)))),
        1,
        "the counter counts"
    );
    one_sample::<f32>();
    one_sample::<f64>();
    derivatives();
    differential_equation();
    one_image();
    // Threads that start or end may allocate: all have started before the first count, and are kept to the end.
    let pools = [1, 2].map(|threads| {
        let pool = rayon_core::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("two threads");
        pool.broadcast(|_| ());
        pool
    });
    for pool in &pools {
        let threads = pool.current_num_threads();
        pool.install(|| {
            batches::<f32>();
            batches::<f64>();
        });
        for batch_size in [SAMPLES, 100, 999] {
            training::<f32>(threads, batch_size);
            training::<f64>(threads, batch_size);
        }
        training_with_images(threads);
    }
}

fn one_sample<T: Real>() {
    let params = Net.init::<T>(&mut init::rng(1));
    let (x, mut x_bar, mut params_bar) = ([T::ONE; 4], [T::ZERO; 4], params.clone());
    // The tier is found by the first call.
    let _ = Net.forward(&x, &params);
    let count = allocations(|| {
        for _ in 0..10 {
            let y = Net.forward(&x, &params);
            let _ = Net.activations(&x, &params);
            Net.vjp(&x, &params, &y, &mut x_bar, &mut params_bar);
            Net.vjp_add(&x, &params, &y, &mut x_bar, &mut params_bar);
            Net.vjp_input(&x, &params, &y, &mut x_bar);
            Net.vjp_input_add(&x, &params, &y, &mut x_bar);
            Net.vjp_params(&x, &params, &y, &mut params_bar);
            Net.vjp_params_add(&x, &params, &y, &mut params_bar);
            Net.value_and_grad(&SquaredLoss, &x, &y, &params, &mut params_bar);
        }
    });
    assert_eq!(count, 0, "one sample, {}", T::NAME);
}

/// The gradient's tangents need memory, which their thread keeps.
fn derivatives() {
    let params = Net.init::<f64>(&mut init::rng(1));
    let (x, mut out, mut params_out) = ([1.0; 4], [0.0; 4], params.clone());
    let (xs, mut ys, mut y_dots) = ([x; 33], [x; 33], [x; 33]);
    let mut all = || {
        let (y, _) = Net.jvp(&x, &params, &x, &params);
        Net.hvp(&x, &params, &y, &x, &params, &mut out, &mut params_out);
        Net.vjp_jet(&x, &params, &x, [&y; 3], &mut params_out);
        Net.laplacian(&x, &params);
        Net.laplacian_batch(&xs, &params, &mut ys, &mut y_dots)
            .unwrap();
    };
    all();
    assert_eq!(
        allocations(|| (0..10).for_each(|_| all())),
        0,
        "derivatives"
    );
}

fn differential_equation() {
    let params = Net.init::<f64>(&mut init::rng(1));
    let (u0, mut u0_bar, mut params_bar) = ([0.5; 4], [0.0; 4], params.clone());
    let mut solver = Solver::new(Autonomous(Net), Tsit5, &[0.0, 0.1, 0.2], 3).unwrap();
    let mut all = || {
        let loss = |us: &[[f64; 4]], us_bar: &mut [[f64; 4]]| {
            us_bar[2] = us[2];
            0.0
        };
        solver.solve(&u0, &params);
        solver.value_and_grad(&u0, &params, loss, &mut u0_bar, &mut params_bar);
        solver.jvp(&u0, &params, &u0, &params);
    };
    all();
    assert_eq!(allocations(all), 0, "a differential equation");

    // Two panels and some by themselves.
    let (u0s, mut u0s_bar) = ([[0.5; 4]; 18], [[0.0; 4]; 18]);
    let mut solver = Solver::new(Ensemble::<_, 18>(Net), Tsit5, &[0.0, 0.1, 0.2], 3).unwrap();
    let mut all = || {
        let loss = |us: &[[[f64; 4]; 18]], us_bar: &mut [[[f64; 4]; 18]]| {
            us_bar[2] = us[2];
            0.0
        };
        solver.value_and_grad(&u0s, &params, loss, &mut u0s_bar, &mut params_bar);
        solver.jvp(&u0s, &params, &u0s, &params);
    };
    all();
    assert_eq!(allocations(all), 0, "several trajectories");
}

/// The way back through a convolution needs memory, which its thread keeps.
fn one_image() {
    let params = Images.init::<f32>(&mut init::rng(1));
    let (x, mut x_bar, mut params_bar) = ([0.5; 64], [0.0; 64], params.clone());
    Images.vjp(&x, &params, &[1.0; 3], &mut x_bar, &mut params_bar);
    let count = allocations(|| {
        for _ in 0..10 {
            let y = Images.vjp(&x, &params, &[1.0; 3], &mut x_bar, &mut params_bar);
            assert_eq!(Images.forward(&x, &params), y);
        }
    });
    assert_eq!(count, 0, "one image");
}

fn training_with_images(threads: usize) {
    const EPOCHS: usize = 20;
    let mut params = Images.init::<f32>(&mut init::rng(1));
    let images = vec![[100; 64]; 333];
    let labels: Vec<u8> = (0..333).map(|i| (i % 3) as u8).collect();
    let mut counts = [0; EPOCHS];
    let mut trainer = Trainer::new(Images, LogitCrossEntropy::new(), Adam::new(1e-3))
        .threads(threads)
        .batch_size(50);
    let on_epoch = |epoch: &simplechain::train::Epoch, _: &_| {
        counts[epoch.index] = ALLOCATIONS.load(Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    trainer
        .fit_with(&mut params, &Bytes::new(&images), &labels, EPOCHS, on_epoch)
        .unwrap();
    core::mem::forget(trainer); // keeps its threads
    let count = counts[EPOCHS - 1] - counts[1];
    assert_eq!(count, 0, "images, {threads} threads: {counts:?}");
}

fn batches<T: Real>() {
    let params = Net.init::<T>(&mut init::rng(1));
    let xs = vec![[T::ONE; 4]; SAMPLES];
    let (mut ys, mut x_bars, mut grads) = (xs.clone(), xs.clone(), params.clone());
    let mut all = |samples: usize| {
        let (xs, ys, x_bars) = (&xs[..samples], &mut ys[..samples], &mut x_bars[..samples]);
        Net.forward_batch(xs, &params, ys).unwrap();
        Net.vjp_batch(xs, &params, ys, x_bars, &mut grads).unwrap();
        Net.vjp_input_batch(xs, &params, ys, x_bars).unwrap();
        Net.vjp_params_batch(xs, &params, ys, &mut grads).unwrap();
        Net.value_and_grad_batch(&SquaredLoss, xs, ys, &params, &mut grads)
            .unwrap();
        Net.loss_batch(&SquaredLoss, xs, ys, &params).unwrap();
    };
    // Every thread gets its memory by a batch that is not shared, then the pool by one that is.
    rayon_core::broadcast(|_| Net.forward_batch(&xs[..1], &params, &mut [[T::ZERO; 4]]))
        .into_iter()
        .for_each(Result::unwrap);
    all(SAMPLES);
    let count = allocations(|| {
        for samples in [SAMPLES, 1, 17, 100, SAMPLES] {
            all(samples);
        }
    });
    let threads = rayon_core::current_num_threads();
    assert_eq!(count, 0, "batches, {}, {threads} threads", T::NAME);
}

fn training<T: Real>(threads: usize, batch_size: usize) {
    const EPOCHS: usize = 40;
    let mut params = Net.init::<T>(&mut init::rng(1));
    let xs = vec![<Net as Network>::Input::<T>::splat(T::ONE); SAMPLES];
    let mut counts = [0; EPOCHS];
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::<T>::new(1e-3))
        .threads(threads)
        .batch_size(batch_size);
    let on_epoch = |epoch: &simplechain::train::Epoch, _: &_| {
        counts[epoch.index] = ALLOCATIONS.load(Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    trainer
        .fit_with(&mut params, &xs, &xs, EPOCHS, on_epoch)
        .unwrap();
    core::mem::forget(trainer); // keeps its threads
    let count = counts[EPOCHS - 1] - counts[1];
    assert_eq!(
        count,
        0,
        "{}, {threads} threads, batches of {batch_size}: {counts:?}",
        T::NAME
    );
}
