//! Properties that hold for every chain, on chains drawn from a seed: all layers and activations, sizes that fill no vector
//! and sizes of 1.
//!
//! A chain is a type, so the build script writes them: `SIMPLECHAIN_RANDOM_COUNT` many, drawn from `SIMPLECHAIN_RANDOM_SEED`,
//! or the one in `SIMPLECHAIN_RANDOM_CHAIN`. `SIMPLECHAIN_RANDOM_DATA` is how many draws of parameters and data each is tried
//! with; each takes a training for every tier and number of threads, and some more. `-- --nocapture` shows how many were made.
//!
//! ```sh
//! SIMPLECHAIN_RANDOM_COUNT=100 SIMPLECHAIN_RANDOM_SEED=7 cargo test -p simplechain-test-random-chains
//! SIMPLECHAIN_RANDOM_CHAIN="(2, 1) => conv(id, 1, 1) => maxpool(1)" cargo test -p simplechain-test-random-chains
//! ```

//! The chains are shared out among the tests `part_0` to `part_3`, so that compiling one takes a part of the memory.

mod calls;
mod data;
pub mod layers;
mod near;
mod properties;

pub use properties::hold;
