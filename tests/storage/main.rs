//! What survives the process; every file tests one part of it.

mod chains;
mod checkpoints;
mod directory;
mod embedded;
mod formats;
mod hostile;
mod saving;
mod shards;
mod standardize;
mod tensors;
