use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (1, 28, 28, 1) => flatten => dense(id, 10)
}

fn main() {}
