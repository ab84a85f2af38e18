use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => lstm(tanh, 8) => dense(id, 3) => softmax
}

fn main() {}
