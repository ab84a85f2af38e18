//! Calls and trainings whose results have the same bits on all CPUs of a tier, and loops to be timed. Nothing here needs an operating
//! system: on `wasm32-unknown-unknown` there are no clock, no threads and no files.

mod loops;
mod training;

use simplechain::Array;
use simplechain::prelude::*;
use simplechain::simd::Real;

pub use loops::{epochs, forward, vjp};
pub use training::{refusals, training};

simple_chain! {
    struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct Flat: 3
        => dense(gelu, 17) => activation(silu) => dense(softplus, 8) => layer_norm => activation(gelu_tanh) => dense(elu, 33)
        => activation(sigmoid) => dense(sin, 5) => activation(leaky_relu(0.1)) => dense(id, 2);
    struct Images: (7, 6, 2)
        => conv(mish, (3, 3), 4, padding = (1, 2)) => conv(elu, (3, 2), 6, stride = (2, 1), padding = same)
        => maxpool(2, 2) => conv(relu, (2, 2), 3) => flatten => dense(sigmoid, 3);
    struct Small: 3 => dense(tanh, 2) => layer_norm => dense(id, 1);
    struct SmallImages: (3, 3, 1) => conv(relu, (2, 2), 2) => maxpool(2, 2) => flatten => dense(sigmoid, 1);
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

/// FNV-1a over bits.
struct Hash(u64);

impl Hash {
    const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

    fn add<T: Real>(&mut self, numbers: &[T]) {
        for number in numbers {
            assert!(number.is_finite());
            for byte in number.to_f64().to_bits().to_le_bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
}

/// Not those of `init`: its normal numbers are made with the logarithm of the system.
fn params<C: Chain, T: Real>(_: C) -> Box<C::Params<T>> {
    let mut params = C::Params::boxed(T::ZERO);
    let numbers = arrays::<T, [T; 1]>(4, C::PARAM_COUNT);
    for (p, [number]) in params.as_mut_slice().iter_mut().zip(numbers) {
        *p = number * T::from_f64(0.25);
    }
    params
}

fn calls_of<C: Chain, T: Real>(chain: C, samples: usize, hash: &mut Hash) {
    let params = params::<C, T>(chain);
    let xs: Vec<C::Input<T>> = arrays(1, samples);
    let y_bars: Vec<C::Output<T>> = arrays(2, samples);
    let mut x_bars = C::Input::vec(T::ZERO, samples);
    let mut params_bar = C::Params::boxed(T::ZERO);
    chain
        .vjp_batch(&xs[..], &params, &y_bars, &mut x_bars, &mut params_bar)
        .expect("slices of one length");
    for x_bar in &x_bars {
        hash.add(x_bar.as_slice());
    }
    hash.add(params_bar.as_slice());
    chain.vjp(&xs[0], &params, &y_bars[0], &mut x_bars[0], &mut params_bar);
    hash.add(x_bars[0].as_slice());
    hash.add(params_bar.as_slice());
    hash.add(chain.forward(&xs[0], &params).as_slice());
}

/// A hash of gradients and outputs, of batches and of one sample.
#[unsafe(no_mangle)]
pub extern "C" fn calls() -> u64 {
    const SAMPLES: usize = 37;
    let mut hash = Hash::EMPTY;
    calls_of::<_, f32>(MatExp, SAMPLES, &mut hash);
    calls_of::<_, f64>(MatExp, SAMPLES, &mut hash);
    calls_of::<_, f32>(Flat, SAMPLES, &mut hash);
    calls_of::<_, f64>(Flat, SAMPLES, &mut hash);
    calls_of::<_, f32>(Images, SAMPLES, &mut hash);
    hash.0
}

/// The same of small chains and few samples, for an interpreter: a vector of `f64` and its tail, a part of one of `f32`.
pub fn few_calls() -> u64 {
    const SAMPLES: usize = 9;
    let mut hash = Hash::EMPTY;
    calls_of::<_, f32>(Small, SAMPLES, &mut hash);
    calls_of::<_, f64>(Small, SAMPLES, &mut hash);
    calls_of::<_, f32>(SmallImages, SAMPLES, &mut hash);
    hash.0
}
