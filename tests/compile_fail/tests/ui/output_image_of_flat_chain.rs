use simplechain::prelude::*;

simple_chain! {
    struct Encoder: 16 => dense(tanh, 16);
    struct Net: 16 => chain(Encoder) => (4, 4, 1)
}

fn main() {}
