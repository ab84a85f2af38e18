use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (28, 28, 1) => conv(relu, (5, 5), 6) => maxpool(25, 2) => flatten => dense(id, 10)
}

fn main() {}
