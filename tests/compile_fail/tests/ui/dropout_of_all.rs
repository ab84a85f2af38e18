use simplechain::prelude::*;

simple_chain! {
    struct Net: 4 => dense(relu, 32) => dropout(1) => dense(id, 10)
}

fn main() {}
