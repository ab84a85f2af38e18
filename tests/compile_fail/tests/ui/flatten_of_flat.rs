use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => flatten => dense(id, 10)
}

fn main() {}
