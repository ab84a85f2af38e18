use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tanh, 32) => dense(id, 4)
}

fn main() {
    let params = [0.0; 292];
    let _ = Net.forward(&[0.1_f32, 0.2, 0.3], &params);
}
