use simplechain::prelude::*;

simple_chain! {
    struct Encoder: (8, 8, 1) => conv(relu, (3, 3), 4);
    struct Net: (8, 8, 1) => chain(Encoder) => dense(id, 2)
}

fn main() {}
