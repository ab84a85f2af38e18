use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(relu, 32) => dropout(0.2) => dense(id, 10)
}

fn main() {}
