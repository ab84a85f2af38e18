use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(relu, 8, stride = 2) => dense(id, 10)
}

fn main() {}
