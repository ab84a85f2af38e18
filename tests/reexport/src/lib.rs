//! A library that re-exports `simplechain`: the macro works for those who know nothing but this crate.

pub use simplechain::prelude;
pub use simplechain::simple_chain as chain_of_another_name;
