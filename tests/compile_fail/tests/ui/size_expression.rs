use simplechain::prelude::*;

const WIDTH: usize = 16;

simple_chain! {
    pub struct Net: 4 => dense(tanh, 2 * WIDTH) => dense(id, 4)
}

fn main() {}
