//! Training: epochs over full batches or mini-batches.

#[cfg(all(feature = "std", feature = "safetensors"))]
mod checkpoint;
mod epoch;
mod jump;
mod many;
mod order;
#[cfg(feature = "progress")]
mod progress;
#[cfg(feature = "std")]
mod record;
#[cfg(feature = "rayon")]
mod relay;
#[cfg(all(feature = "std", feature = "safetensors"))]
mod results;
mod run;
#[cfg(feature = "std")]
mod shard;
#[cfg(all(feature = "std", feature = "safetensors"))]
mod sharded;
mod snapshot;
mod trainer;
mod training;
mod validation;

#[cfg(feature = "std")]
pub use crate::ranks::{Alone, Communicator};
#[cfg(all(feature = "std", feature = "safetensors"))]
pub use checkpoint::{Checkpoints, Resumed};
pub use epoch::{Epoch, History};
pub use many::fit_many;
#[cfg(feature = "progress")]
pub use progress::Progress;
#[cfg(feature = "std")]
pub use shard::Shard;
#[cfg(all(feature = "std", feature = "safetensors"))]
pub use sharded::ShardedFits;
pub use trainer::{Trainer, TrainerState};
pub use training::Training;
pub use validation::Validation;
