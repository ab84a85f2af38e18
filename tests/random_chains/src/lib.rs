//! Properties that hold for every chain, on chains drawn from a seed: all layers and activations, sizes that fill no vector
//! and sizes of 1.
//!
//! A chain is a type, so the build script writes them: `SIMPLECHAIN_RANDOM_COUNT` many, drawn from `SIMPLECHAIN_RANDOM_SEED`,
//! or the one in `SIMPLECHAIN_RANDOM_CHAIN`.
//!
//! ```sh
//! SIMPLECHAIN_RANDOM_COUNT=100 SIMPLECHAIN_RANDOM_SEED=7 cargo test -p simplechain-test-random-chains
//! SIMPLECHAIN_RANDOM_CHAIN="(2, 1) => conv(id, 1, 1) => maxpool(1)" cargo test -p simplechain-test-random-chains
//! ```

#[cfg(test)]
mod calls;
#[cfg(test)]
mod data;
#[cfg(test)]
#[allow(dead_code)] // which of them occur is drawn
mod layers;
#[cfg(test)]
mod near;
#[cfg(test)]
mod properties;

#[cfg(test)]
mod chains {
    include!(concat!(env!("OUT_DIR"), "/chains.rs"));
}
