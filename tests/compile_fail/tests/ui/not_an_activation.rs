use simplechain::prelude::*;

struct Squash(f64);

simple_chain! {
    pub struct Net: 4 => dense(tanh, 32) => dense(Squash(0.5), 4)
}

fn main() {}
