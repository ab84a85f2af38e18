use simplechain::prelude::*;

struct Double;

simple_chain! {
    struct Net: 4 => layer(Double) => dense(id, 2)
}

fn main() {}
