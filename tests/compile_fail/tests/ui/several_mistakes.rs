use simplechain::prelude::*;

simple_chain! {
    /// All are reported at once, and nothing but them: what uses the chain is right.
    pub struct Net:
        4 => dense(tahn, 32)
          -> dens(tanh, 16, bais = false)
          => dense(16)
          => dense(id, 0)
          => dense(id, 4)
          => 5
}

fn main() {
    let params = Net.params(&[0.0_f32; 756]).unwrap();
    let [_, _, _, _] = Net.forward(&[0.1, 0.2, 0.3, 0.4], params);
    println!("{Net}");
}
