use simplechain::prelude::*;

const STRIDE: usize = 0;

simple_chain! {
    pub struct Net: (8, 8, 1) => conv(relu, (3, 3), 6, stride = STRIDE) => flatten => dense(id, 10)
}

fn main() {}
