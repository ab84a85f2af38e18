use simplechain::prelude::*;

simple_chain! {
    pub struct First: 4 => dense(tanh, 32) => dense(id, 4)
    pub struct Second: 2 => dense(tanh, 8) => dense(id, 2)
}

fn main() {}
