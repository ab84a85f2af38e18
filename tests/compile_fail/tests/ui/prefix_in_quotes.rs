use simplechain::prelude::*;

simple_chain! { pub struct MatExp: 4 => dense(tanh, 8) => dense(id, 4) }

simplechain::export_c!(MatExp, prefix = "matexp");

fn main() {}
