use simplechain::prelude::*;

simple_chain! {
    struct Fine: (8, 8, 1) => conv(relu, (3, 3), 4);
    struct Coarse: (8, 8, 1) => conv(relu, (3, 3), 4, stride = 2);
    struct Net: (8, 8, 1) => concat(chain(Fine), chain(Coarse)) => flatten => dense(id, 2)
}

fn main() {}
