use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (28, 28, 1) => dense(relu, 84) => dense(id, 10)
}

fn main() {}
