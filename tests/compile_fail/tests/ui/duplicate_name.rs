use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tanh, 32) => dense(id, 4);
    pub struct Net: 2 => dense(tanh, 8) => dense(id, 2);
}

fn main() {}
