use simplechain::prelude::*;

fn main() {
    let net = simple_chain!(4 => dense(tahn, 32) => dense(id, 4) => 5);
    let params = [0.0_f32; 292];
    let [_, _, _, _] = net.forward(&[0.1, 0.2, 0.3, 0.4], &params);
}
