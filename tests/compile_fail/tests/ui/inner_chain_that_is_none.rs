use simplechain::prelude::*;

struct Encoder;

simple_chain! {
    struct Net: 4 => chain(Encoder) => dense(id, 2)
}

fn main() {}
