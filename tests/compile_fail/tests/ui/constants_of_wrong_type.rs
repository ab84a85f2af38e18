use simplechain::prelude::*;

const MEAN: [f32; 2] = [0.1, 0.2];
const SLOPE: f32 = 0.1;
const RATE: [f64; 2] = [0.1, 0.2];

simple_chain! {
    struct Mean: 2 => normalize(MEAN, 2.0) => dense(id, 2);
    struct Slope: 2 => dense(leaky_relu(SLOPE), 2) => dropout(RATE) => dense(id, 2)
}

fn main() {
    let params = Mean.init::<f32>(&mut rng(1));
    let _ = Mean.forward(&[0.1, 0.2], &params);
}
