use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (28, 28, 1) => conv(relu, (5, 5), 6, strid = 2) => maxpool(2, 2) => dense(tnah, 120) => dense(id, 0)
}

fn main() {}
