//! Calls whose results have the same bits on all CPUs of a tier, and epochs to be timed. Nothing here needs an operating system: on
//! `wasm32-unknown-unknown` there is no clock.

use simplechain::Array;
use simplechain::prelude::*;
use simplechain::simd::Real;

simple_chain! {
    struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct Flat: 3
        => dense(gelu, 17) => dense(silu, 9) => dense(softplus, 8) => layer_norm => dense(gelu_tanh, 7) => dense(elu, 33)
        => dense(sigmoid, 5) => dense(sin, 16) => dense(leaky_relu(0.1), 4) => dense(id, 2);
    struct Images: (7, 6, 2)
        => conv(mish, (3, 3), 4, padding = (1, 2)) => conv(elu, (3, 2), 6, stride = (2, 1), padding = same)
        => maxpool(2, 2) => conv(relu, (2, 2), 3) => flatten => dense(sigmoid, 3);
}

/// Arrays of numbers in `[-1, 1)`, which all targets compute alike.
fn arrays<T: Real, A: Array<T>>(seed: u32, count: usize) -> Vec<A> {
    let mut arrays = A::vec(T::ZERO, count);
    let mut state = seed;
    for x in arrays.iter_mut().flat_map(A::as_mut_slice) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = T::from_f64(f64::from(state >> 8) / f64::from(1 << 23) - 1.0);
    }
    arrays
}

/// FNV-1a.
fn add<T: Real>(bits: &mut u64, numbers: &[T]) {
    for number in numbers {
        assert!(number.is_finite());
        for byte in number.to_f64().to_bits().to_le_bytes() {
            *bits = (*bits ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn calls<C: Chain, T: Real>(chain: C, bits: &mut u64) {
    // Under Miri, which takes minutes, a vector and its tail.
    const SAMPLES: usize = if cfg!(miri) { 17 } else { 37 };
    // Not `init`, whose normal numbers are made with the logarithm of the standard library, another one on every system.
    let mut params = C::Params::boxed(T::ZERO);
    let numbers = arrays::<T, [T; 1]>(4, C::PARAM_COUNT);
    for (p, [number]) in params.as_mut_slice().iter_mut().zip(numbers) {
        *p = number * T::from_f64(0.25);
    }
    let xs: Vec<C::Input<T>> = arrays(1, SAMPLES);
    let y_bars: Vec<C::Output<T>> = arrays(2, SAMPLES);
    let mut x_bars = C::Input::vec(T::ZERO, SAMPLES);
    let mut params_bar = C::Params::boxed(T::ZERO);
    chain
        .vjp_batch(&xs[..], &params, &y_bars, &mut x_bars, &mut params_bar)
        .expect("slices of one length");
    for x_bar in &x_bars {
        add(bits, x_bar.as_slice());
    }
    add(bits, params_bar.as_slice());
    chain.vjp(&xs[0], &params, &y_bars[0], &mut x_bars[0], &mut params_bar);
    add(bits, x_bars[0].as_slice());
    add(bits, params_bar.as_slice());
    add(bits, chain.forward(&xs[0], &params).as_slice());
}

/// A hash of the bits of gradients and outputs, of batches and of one sample.
#[unsafe(no_mangle)]
pub extern "C" fn bits() -> u64 {
    let mut bits = 0xcbf2_9ce4_8422_2325;
    calls::<_, f32>(MatExp, &mut bits);
    calls::<_, f64>(MatExp, &mut bits);
    calls::<_, f32>(Flat, &mut bits);
    calls::<_, f64>(Flat, &mut bits);
    calls::<_, f32>(Images, &mut bits);
    bits
}

/// Epochs of gradient descent with 10 000 samples: the last loss.
#[unsafe(no_mangle)]
pub extern "C" fn epochs(count: u32) -> f32 {
    let samples = if cfg!(miri) { 17 } else { 10_000 };
    let (xs, ys): (Vec<[f32; 4]>, Vec<[f32; 4]>) = (arrays(1, samples), arrays(2, samples));
    let mut params = MatExp.init::<f32>(&mut rng(1));
    let mut grads = params.clone();
    let mut loss = 0.0;
    for _ in 0..count {
        loss = MatExp
            .value_and_grad_batch(&SquaredLoss, &xs, &ys, &params, &mut grads)
            .expect("slices of one length");
        for (p, g) in params.iter_mut().zip(&*grads) {
            *p -= 0.01 * g;
        }
    }
    loss
}
