use simplechain::prelude::*;

const WIDTH: usize = 1 << 16;

simple_chain! {
    pub struct Net: WIDTH => dense(tanh, WIDTH) => dense(id, 4)
}

fn main() {}
