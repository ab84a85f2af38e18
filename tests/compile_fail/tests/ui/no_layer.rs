use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => 4
}

fn main() {}
