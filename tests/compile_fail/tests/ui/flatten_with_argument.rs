use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (4, 4, 2) => flatten(32) => dense(id, 10)
}

fn main() {}
