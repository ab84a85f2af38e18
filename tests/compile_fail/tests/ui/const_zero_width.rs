use simplechain::prelude::*;

mod sizes {
    pub const HIDDEN: usize = 0;
}

simple_chain! {
    pub struct Net: 4 => dense(tanh, sizes::HIDDEN) => dense(id, 4)
}

fn main() {}
