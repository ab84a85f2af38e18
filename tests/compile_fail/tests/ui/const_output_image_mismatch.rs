use simplechain::prelude::*;

const CHANNELS: usize = 6;

simple_chain! {
    pub struct Net: (8, 8, 1) => conv(relu, (3, 3), CHANNELS) => (6, 6, 16)
}

fn main() {}
