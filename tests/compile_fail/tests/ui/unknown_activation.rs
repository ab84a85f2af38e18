use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tahn, 32) => dense(swish, 4)
}

fn main() {}
