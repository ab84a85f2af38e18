use simplechain::prelude::*;

const HIDDEN: u32 = 32;

simple_chain! {
    pub struct Net: 4 => dense(tanh, HIDDEN) => dense(id, 4)
}

fn main() {}
