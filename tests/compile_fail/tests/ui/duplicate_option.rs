use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tanh, 32, bias = false, bias = true) => dense(id, 4)
}

fn main() {}
