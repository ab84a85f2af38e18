use simplechain::prelude::*;

simple_chain! {
    pub struct Net: (28, 28) => conv(relu, (5, 5), 6) => flatten => dense(id, 10)
}

fn main() {}
