//! Code shared by the programs in `bin/`: the protocol, the data, and an optimizer for peers without one.

pub mod adam;
pub mod data;
pub mod micro;
pub mod worker;
