use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(32, tanh) => dense(id, 4)
}

fn main() {}
