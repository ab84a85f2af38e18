use simplechain::prelude::*;

const OUTPUTS: usize = 5;

simple_chain! {
    pub struct Net: 4 => dense(tanh, 32) => dense(id, 4) => OUTPUTS
}

fn main() {}
