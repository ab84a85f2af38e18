use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (28, 4, 1) => conv(relu, (3, 5), 6) => flatten => dense(id, 10)
}

fn main() {}
