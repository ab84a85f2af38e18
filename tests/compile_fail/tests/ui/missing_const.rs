use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tanh, HIDDEN) => dense(id, 4)
}

fn main() {}
