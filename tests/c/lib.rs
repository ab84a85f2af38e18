//! Chains that are exported, as a user's library does.

use simplechain::prelude::*;

simple_chain! {
    /// A small one, for Miri too.
    pub struct Small: 3 => dense(gelu, 5) => dense(id, 2)
}

simplechain::export_c!(Small, prefix = small);
