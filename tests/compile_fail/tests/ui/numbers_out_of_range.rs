use simplechain::prelude::*;

const RATE: f64 = 1.0;
const STD: [f64; 2] = [1.0, 0.0];

simple_chain! {
    struct All: 2 => dense(relu, 32) => dropout(RATE) => dense(id, 10);
    struct Zero: 2 => normalize(0.5, 0.0) => dense(id, 10);
    struct Zeros: 2 => normalize(0.5, STD) => dense(id, 10);
    struct Still: 2 => fourier(3, period = -1.0) => dense(id, 10)
}

fn main() {}
