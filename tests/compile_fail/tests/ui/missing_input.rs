use simplechain::prelude::*;

simple_chain! {
    pub struct Net: dense(tanh, 32) => dense(id, 4)
}

fn main() {}
