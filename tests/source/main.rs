//! What is read in the sources themselves: the documentation, what is in line, and what imports what.

mod docs;
mod inlined;
mod structure;
