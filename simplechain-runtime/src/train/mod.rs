//! Training: epochs over full batches or mini-batches.

mod epoch;
mod many;
mod order;
#[cfg(feature = "rayon")]
mod relay;
mod run;
mod trainer;
mod training;
mod validation;

pub use epoch::{Epoch, History};
pub use many::fit_many;
pub use trainer::{Trainer, TrainerState};
pub use training::Training;
pub use validation::Validation;
