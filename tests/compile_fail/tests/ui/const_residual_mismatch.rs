use simplechain::prelude::*;

const WIDTH: usize = 5;

simple_chain! {
    struct Net: 4 => residual(dense(tanh, WIDTH)) => dense(id, 2)
}

fn main() {}
