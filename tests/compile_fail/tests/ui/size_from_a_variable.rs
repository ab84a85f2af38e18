use simplechain::prelude::*;

fn main() {
    let hidden = 32;
    let _ = simple_chain!(4 => dense(tanh, hidden) => dense(id, 4));
}
