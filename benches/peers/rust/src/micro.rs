//! The workload `micro`: products of matrices, of a vector and a matrix, and tanh, by size. Tasks are named by operation,
//! size, and whether the result is written `into` existing memory or to `new` memory.

pub const SIZES: [usize; 18] = [
    4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048,
];

/// Values within (-1, 1) that every language can reproduce: a linear congruential generator (Knuth).
pub fn numbers(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| number()).collect()
}

/// The part of a result that is compared.
pub fn first(numbers: &[f32]) -> Vec<f32> {
    numbers[..4].to_vec()
}
