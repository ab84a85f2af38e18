use simplechain::prelude::*;

simple_chain! {
    struct Encoder: 16 => dense(tanh, 16);
    struct Net: 16 => chain(Encoder) => conv(relu, (3, 3), 4) => flatten => dense(id, 2)
}

fn main() {}
