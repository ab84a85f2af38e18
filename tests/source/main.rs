//! What is read in the sources themselves: the documentation, what is in line, what imports what, and where `unsafe` stands.

mod docs;
mod inlined;
mod structure;
mod unsafe_code;
