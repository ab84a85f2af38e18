use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tanh, 32, bais = false) => dense(id, 4)
}

fn main() {}
