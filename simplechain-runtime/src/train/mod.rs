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
mod run;
mod snapshot;
mod trainer;
mod training;
mod validation;

#[cfg(all(feature = "std", feature = "safetensors"))]
pub use checkpoint::{Checkpoints, Resumed};
pub use epoch::{Epoch, History};
pub use many::fit_many;
#[cfg(feature = "progress")]
pub use progress::Progress;
pub use trainer::{Trainer, TrainerState};
pub use training::Training;
pub use validation::Validation;
