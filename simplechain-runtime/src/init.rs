//! Parameter initialisation.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

#[cfg(not(feature = "std"))]
use crate::float::Float as _;
use crate::info::{LayerInfo, WeightInit, for_each_layer};
use crate::simd::Real;

/// The distribution of initial weights; biases start at 0.
///
/// `fan_in` is the number of inputs per output of the layer, `fan_out` the number of outputs per input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Init {
    /// Normal with variance `2 / (fan_in + fan_out)` (Glorot and Bengio, 2010).
    #[default]
    GlorotNormal,
    /// Uniform with the same variance: within `sqrt(6 / (fan_in + fan_out))` (Glorot and Bengio, 2010).
    GlorotUniform,
    /// Normal with variance `2 / fan_in` (He et al., 2015), for `relu`.
    HeNormal,
    /// Uniform with the same variance: within `sqrt(6 / fan_in)` (He et al., 2015).
    HeUniform,
    /// All zeros.
    Zeros,
}

impl Init {
    /// First parameters of all layers; `params` are zeros.
    pub(crate) fn layers<T: Real>(
        self,
        layers: &[LayerInfo],
        params: &mut [T],
        rng: &mut impl Rng,
    ) {
        for_each_layer(layers, 0, &mut |layer, range| {
            let weights = &mut params[range.start..][..layer.weight_count];
            match layer.start {
                WeightInit::Ones => {
                    weights.fill(T::ONE);
                    let variances = range.end - layer.state_count / 2..range.end;
                    params[variances].fill(T::ONE);
                }
                // Those of the inner layers are next.
                WeightInit::Scheme if !layer.inner.is_empty() => {}
                WeightInit::Scheme => {
                    let (fan_in, fan_out) = layer.fans();
                    self.fill(weights, fan_in, fan_out, rng);
                }
            }
        });
    }

    fn fill<T: Real>(self, weights: &mut [T], fan_in: usize, fan_out: usize, rng: &mut impl Rng) {
        let (inputs, mean) = (fan_in as f64, (fan_in + fan_out) as f64 / 2.0);
        let (variance, draw): (f64, fn(f64, f64) -> f64) = match self {
            Self::Zeros => return weights.fill(T::ZERO),
            Self::GlorotNormal => (1.0 / mean, normal),
            Self::GlorotUniform => (1.0 / mean, uniform),
            Self::HeNormal => (2.0 / inputs, normal),
            Self::HeUniform => (2.0 / inputs, uniform),
        };
        let scale = variance.sqrt();
        for weight in weights {
            // In (0, 1], so that its logarithm is finite.
            let (u, v) = (1.0 - unit(rng), unit(rng));
            *weight = T::from_f64(scale * draw(u, v));
        }
    }
}

/// A uniform value in `[0, 1)` with 53 random bits.
fn unit(rng: &mut impl Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// A standard normal value from two uniform ones (Box and Muller, 1958).
fn normal(u: f64, v: f64) -> f64 {
    (-2.0 * u.ln()).sqrt() * (core::f64::consts::TAU * v).cos()
}

/// A value of mean 0 and variance 1 from a uniform one.
fn uniform(u: f64, _: f64) -> f64 {
    3f64.sqrt() * (2.0 * u - 1.0)
}

/// The generator that reproducible seeds rely on: xoshiro256++, its state filled from `seed` by SplitMix64.
///
/// It is one of `rand` 0.10. That crate is `simplechain::rand` too, so its methods for data of your own need no other dependency:
///
/// ```
/// use simplechain::init::rng;
/// use simplechain::rand::{RngExt, seq::SliceRandom};
///
/// let mut rng = rng(0);
/// let mut rows: Vec<[f64; 2]> = (0..100).map(|i| [f64::from(i), rng.random_range(-0.1..0.1)]).collect();
/// rows.shuffle(&mut rng);
/// # assert_ne!(rows[0][0], rows[1][0]);
/// ```
pub fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// Fills `order` with a uniformly random permutation of its indices (Fisher and Yates).
pub(crate) fn shuffle(order: &mut [u32], rng: &mut impl Rng) {
    for (index, order) in (0..).zip(order.iter_mut()) {
        *order = index;
    }
    for i in (1..order.len()).rev() {
        // The high half of the product is uniform on 0..=i up to a bias below 2^-32 (Lemire, 2019).
        let j = ((u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64) as usize;
        order.swap(i, j);
    }
}
