use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (8, 8, 1) => conv(relu, 3, 6) => flatten => dense(id, 10)
}

fn main() {}
