//! What the programs in `bin/` share: the protocol, the data, and the optimizer of those that bring none.

pub mod adam;
pub mod data;
pub mod micro;
pub mod worker;
