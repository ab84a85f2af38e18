//! The passes that a network goes through: a tile of samples, and a single one.

mod frozen;
#[cfg(feature = "alloc")]
pub(crate) mod probe;
pub(crate) mod sample;
#[cfg(feature = "alloc")]
pub(crate) mod tile;

pub use frozen::Frozen;
