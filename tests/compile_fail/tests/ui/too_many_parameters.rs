use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 100_000 => dense(tanh, 100_000) => dense(id, 4)
}

fn main() {}
