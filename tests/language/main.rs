//! What can be said in `simple_chain!`: its expansions, wherever they stand, and every layer.

#![deny(future_incompatible)] // for `hygiene`: of a module by itself it cannot be said

mod golden;
mod hygiene;
mod layers;

/// A size in `golden`, of which the text says `crate::HIDDEN`.
const HIDDEN: usize = 5;
