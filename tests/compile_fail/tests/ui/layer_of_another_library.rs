use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (8, 8, 1) => Conv2d(relu, (3, 3), 6) => max_pool(2, 2) => Flatten => Linear(id, 10)
}

fn main() {}
