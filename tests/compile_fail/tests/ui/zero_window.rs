use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (8, 8, 1) => maxpool(0, 2) => flatten => dense(id, 10)
}

fn main() {}
