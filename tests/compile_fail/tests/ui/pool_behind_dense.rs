use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (8, 8, 1) => flatten => dense(relu, 16) => maxpool(2, 2)
}

fn main() {}
