use simplechain::prelude::*;

simple_chain! {
    struct Act: 4 => dense(crate, 3) => dense(id, 2);
    struct Size: 4 => dense(tanh, self) => dense(id, super);
    struct Period: 4 => fourier(2, period crate pub) => dense(id, 2);
    struct Constant: 4 => normalize(crate, Self) => dropout(super) => dense(leaky_relu(self), 2);
    struct Type: 4 => chain(crate) => layer(_) => dense(id, 2);
    struct Layer: 4 => fn(tanh, 3) => crate => dense(id, 2)
}

fn main() {}
