use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(4, 4) => conv(relu, (7, 7), 16) => flatten => dense(id, 10)
}

fn main() {}
