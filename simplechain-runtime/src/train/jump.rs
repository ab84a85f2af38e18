//! The generator of [`init::rng`](crate::init::rng) after any number of draws, as soon as after none.
//!
//! A step of xoshiro256++ is linear over the integers modulo 2: what `2^k` steps make of a state is the exclusive or of what they make of its
//! bits, and `2^(k + 1)` steps are twice `2^k`. So a training resumes at once, whatever a checkpoint says of the epochs before.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

type State = [u64; 4];

/// The generator of a seed after so many draws.
pub(super) fn rng(seed: u64, draws: u64) -> Xoshiro256PlusPlus {
    let mut state = seeded(seed);
    let mut steps = Steps::one();
    let mut rest = draws;
    while rest > 0 {
        if rest & 1 == 1 {
            state = steps.of(state);
        }
        rest >>= 1;
        if rest > 0 {
            steps = steps.twice();
        }
    }
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_le_bytes();
    }
    Xoshiro256PlusPlus::from_seed(bytes)
}

/// The state that a seed gives, by SplitMix64 (Steele, Lea and Flood, 2014).
fn seeded(mut seed: u64) -> State {
    core::array::from_fn(|_| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// A step of the generator (Blackman and Vigna, 2021).
fn step([a, b, c, d]: State) -> State {
    let (c, d) = (c ^ a, d ^ b);
    [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)]
}

/// A number of steps: what they make of each bit of a state.
struct Steps([State; 256]);

impl Steps {
    fn one() -> Self {
        let bit = |i: usize| {
            let mut state = [0; 4];
            state[i / 64] = 1 << (i % 64);
            step(state)
        };
        Self(core::array::from_fn(bit))
    }

    fn of(&self, state: State) -> State {
        let mut sum = [0; 4];
        for (i, image) in self.0.iter().enumerate() {
            if state[i / 64] >> (i % 64) & 1 == 1 {
                for (sum, image) in sum.iter_mut().zip(image) {
                    *sum ^= image;
                }
            }
        }
        sum
    }

    fn twice(&self) -> Self {
        Self(self.0.map(|image| self.of(image)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::init;
    use rand::Rng;

    #[test]
    #[cfg_attr(miri, ignore = "arithmetic alone, which takes minutes")]
    fn after_any_number_of_draws() {
        for seed in [0, 7, u64::MAX] {
            let mut drawn = init::rng(seed);
            for draws in 0..1000 {
                assert_eq!(rng(seed, draws), drawn, "{draws}");
                drawn.next_u64();
            }
        }
        // In two parts.
        let mut far = rng(3, u64::MAX - 2);
        for _ in 0..2 {
            far.next_u64();
        }
        assert_eq!(far, rng(3, u64::MAX));
    }
}
