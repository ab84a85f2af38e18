use simplechain::prelude::*;

simple_chain! {
    struct Net: 4 => dense(relu, 8) => residual(dense(tanh, 16) => dense(tanh, 7)) => dense(id, 2)
}

fn main() {}
