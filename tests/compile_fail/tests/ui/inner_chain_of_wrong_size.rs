use simplechain::prelude::*;

simple_chain! {
    struct Encoder: 5 => dense(tanh, 3);
    struct Net: 4 => dense(relu, 6) => chain(Encoder) => dense(id, 2)
}

fn main() {}
