use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tanh, 0) => dense(id, 4)
}

fn main() {}
