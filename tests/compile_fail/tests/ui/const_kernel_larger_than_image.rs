use simplechain::prelude::*;

const SIDE: usize = 3;

simple_chain! {
    pub struct Net: (SIDE, 28, 1) => conv(relu, (5, 5), 6) => flatten => dense(id, 10)
}

fn main() {}
