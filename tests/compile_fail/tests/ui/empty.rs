use simplechain::prelude::*;

simple_chain! {}

fn main() {}
