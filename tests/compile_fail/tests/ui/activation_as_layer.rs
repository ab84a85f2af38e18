use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(id, 32) => tanh => dense(id, 4) => leaky_relu(0.1)
}

fn main() {}
