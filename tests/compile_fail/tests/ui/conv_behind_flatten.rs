use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (28, 28, 1) => flatten => conv(relu, (5, 5), 6) => dense(id, 10)
}

fn main() {}
