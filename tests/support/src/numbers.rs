//! Numbers for tests, and numbers in other forms.

use rand::Rng;
use simplechain::chain::{Array, Chain, Shape};
use simplechain::init;
use simplechain::simd::Real;

/// Numbers of `[-1, 1)` times `scale`, which every type holds exactly.
pub fn numbers(seed: u64, count: usize, scale: f64) -> Vec<f64> {
    let mut rng = init::rng(seed);
    let mut draw = || (rng.next_u64() >> 40) as f64 / f64::from(1 << 23) - 1.0;
    (0..count)
        .map(|_| f64::from((draw() * scale) as f32))
        .collect()
}

/// Numbers in `[-scale, scale)` that do not repeat soon, from number `skip` on: the scripts that wrote the fixtures have the same.
pub fn sequence(skip: usize, count: usize, scale: f64) -> Vec<f64> {
    let number = |i: usize| ((i * 7919 + 13) % 1009) as f64 / 504.5 - 1.0;
    (skip..skip + count).map(|i| number(i) * scale).collect()
}

/// Parameters of a useful size; no bias is 0.
pub fn parameters<C: Chain>(_: C, seed: u64) -> Vec<f64> {
    let mut params = numbers(seed, C::PARAM_COUNT, 1.0);
    for layer in C::LAYERS.iter().filter(|layer| layer.weight_count > 0) {
        let outputs = match layer.output {
            Shape::Flat(len) => len,
            Shape::Image(_, _, channels) => channels,
        };
        let scale = 1.5 / ((layer.weight_count / outputs) as f64).sqrt();
        for weight in &mut params[layer.weights()] {
            *weight = f64::from((*weight * scale) as f32);
        }
    }
    params
}

/// The same numbers in another type.
pub fn cast<T: Real>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|x| T::from_f64(*x)).collect()
}

/// The same numbers as an array of another type.
pub fn boxed<T: Real, A: Array<T>>(numbers: &[f64]) -> Box<A> {
    let mut array = A::boxed(T::ZERO);
    array.as_mut_slice().copy_from_slice(&cast(numbers));
    array
}

/// Samples one after the other.
pub fn flat<T: Real, A: Array<T>>(samples: &[A]) -> Vec<T> {
    samples.iter().flat_map(|x| x.as_slice()).copied().collect()
}

/// What two results are compared by if they must be equal.
pub fn bits<T: Real>(x: &[T]) -> Vec<u64> {
    x.iter().map(|x| x.to_f64().to_bits()).collect()
}

/// Memory that must be overwritten.
pub fn unset<T: Real, A: Array<T>>(count: usize) -> Vec<A> {
    vec![A::splat(T::from_f64(f64::NAN)); count]
}
