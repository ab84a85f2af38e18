use simplechain::prelude::*;

const PADDING: usize = 4;

simple_chain! {
    pub struct Net: (8, 8, 1) => conv(relu, (3, 3), 6, padding = PADDING) => flatten => dense(id, 10)
}

fn main() {}
