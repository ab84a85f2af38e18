//! The passes that a network goes through: a tile of samples, and a single one.

mod frozen;
pub(crate) mod probe;
pub(crate) mod sample;
pub(crate) mod tile;

pub use frozen::Frozen;
