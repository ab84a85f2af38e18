//! What travels between frameworks; every file tests one part of it.

mod fixture;
mod import;
mod networks;
