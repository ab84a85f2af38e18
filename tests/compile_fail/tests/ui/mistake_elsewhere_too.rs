use simplechain::prelude::*;

simple_chain! {
    pub struct Net: 4 => dense(tahn, 32) => dense(id, 4)
}

fn main() {
    // The sizes that are known are checked in spite of the misspelt `tanh`.
    let _ = Net.forward(&[0.1_f32, 0.2, 0.3], &[0.0; 292]);
}
