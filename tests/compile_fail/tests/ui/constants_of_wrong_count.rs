use simplechain::prelude::*;

const MEAN: [f64; 3] = [0.1, 0.2, 0.3];
const STD: [f64; 2] = [1.0, 2.0];

simple_chain! {
    struct Flat: 4 => normalize(MEAN, 2.0) => dense(id, 2);
    struct Image: (8, 8, 3) => normalize(MEAN, STD) => flatten => dense(id, 2)
}

fn main() {}
