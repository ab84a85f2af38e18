use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 784 => maxpool(2, 2) => dense(id, 10)
}

fn main() {}
