use simplechain::prelude::*;

const POOL: usize = 9;

simple_chain! {
    pub struct Net: (8, 8, 1) => maxpool(POOL, 2) => flatten => dense(id, 10)
}

fn main() {}
