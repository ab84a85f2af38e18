//! The calls with one image go through layers that do not fit the stack of a thread.

use std::thread;

use simplechain::chain::{Chain, Network};
use simplechain::simple_chain;
use support::{cast, numbers, parameters};

simple_chain! {
    /// 150 KB and 600 KB of `f32` between the layers.
    struct Large: (98, 98, 1) => conv(tanh, (3, 3), 4) => conv(tanh, (1, 1), 16) => avgpool(32, 32) => flatten
        => dense(id, 2)
}

#[test]
fn small_stack() {
    let params = cast::<f32>(&parameters(Large, 1));
    let xs = cast::<f32>(&numbers(2, 2 * Large::INPUT_LEN, 1.0));
    let run = move || {
        let (params, xs) = (Large.params(&params).unwrap(), Large.inputs(&xs).unwrap());
        let mut ys = [[0.0; 2]; 2];
        Large.forward_batch(xs, params, &mut ys).unwrap();
        let y_bars = [[1.0, -0.5]; 2];
        let (mut x_bars, mut sum) = (xs.to_vec(), Box::new(*params));
        Large
            .vjp_batch(xs, params, &y_bars, &mut x_bars, &mut sum)
            .unwrap();
        let mut params_bar = Box::new([0.0; Large::PARAM_COUNT]);
        for (s, x) in xs.iter().enumerate() {
            let near = |a: &[f32], b: &[f32]| {
                a.iter()
                    .zip(b)
                    .all(|(a, b)| (a - b).abs() < 1e-4 * (1.0 + b.abs()))
            };
            assert!(near(&Large.forward(x, params), &ys[s]), "{ys:?}");
            let mut x_bar = vec![0.0; Large::INPUT_LEN];
            let x_bar = x_bar.first_chunk_mut().unwrap();
            Large.vjp_add(x, params, &y_bars[s], x_bar, &mut params_bar);
            assert!(near(&x_bar[..], &x_bars[s]));
            if s == 1 {
                assert!(near(&params_bar[..], &sum[..]));
            }
        }
    };
    let thread = thread::Builder::new().stack_size(512 * 1024);
    thread.spawn(run).unwrap().join().expect("there is room");
}
