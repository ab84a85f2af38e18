use simplechain::prelude::*;

fn chain<const HIDDEN: usize>() -> impl Chain {
    simple_chain!(4 => dense(tanh, HIDDEN) => dense(id, 4))
}

fn main() {
    let _ = chain::<32>();
}
