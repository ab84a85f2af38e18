use simplechain::prelude::*;

const HEIGHT: usize = 4;

simple_chain! {
    struct Net: (HEIGHT, 8, 1) => conv(relu, 3, 4) => maxpool(2) => flatten => dense(id, 2)
}

fn main() {}
