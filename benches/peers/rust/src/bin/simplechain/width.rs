//! One layer of each width without bias: a sample and a batch, forward and with all gradients.

use simplechain::chain::Array;
use simplechain::prelude::*;
use simplechain_peers::micro::{first, numbers};
use simplechain_peers::worker::Task;

const BATCH: usize = 512;

macro_rules! widths {
    ($($Name:ident: $N:tt)*) => {
        simple_chain! {
            $(struct $Name: $N => dense(id, $N, bias = false));*
        }

        pub(crate) fn tasks() -> Vec<Task> {
            let mut tasks = Vec::new();
            $(tasks.extend(width::<$Name, $N>($Name));)*
            tasks
        }
    };
}

widths! { N4: 4  N8: 8  N16: 16  N32: 32  N64: 64  N128: 128  N256: 256  N512: 512  N1024: 1024  N2048: 2048 }

/// The operands of `y = x w` and of its gradients, row by row.
struct Operands<C: Chain, const N: usize> {
    chain: C,
    w: Box<C::Params<f32>>,
    w_bar: Box<C::Params<f32>>,
    x: Vec<[f32; N]>,
    x_bar: Vec<[f32; N]>,
    y: Vec<[f32; N]>,
    y_bar: Vec<[f32; N]>,
}

fn width<C, const N: usize>(chain: C) -> Vec<Task>
where
    C: Chain<Input<f32> = [f32; N], Output<f32> = [f32; N]>,
{
    let task =
        |what: &str, call: fn(&mut Operands<C, N>), result: fn(&Operands<C, N>) -> &[f32]| {
            let mut w = C::Params::boxed(0.0);
            w.as_mut_slice().copy_from_slice(&numbers(2, N * N));
            let rows = |seed| numbers(seed, N * BATCH).as_chunks().0.to_vec();
            let operands = Operands {
                chain,
                w,
                w_bar: C::Params::boxed(0.0),
                x: rows(1),
                x_bar: rows(1),
                y: rows(1),
                y_bar: rows(3),
            };
            Task::calls(format!("{what}/{N}"), operands, call, move |operands| {
                first(result(operands))
            })
        };
    vec![
        task(
            "sample_forward",
            |o| o.y[0] = o.chain.forward(&o.x[0], &o.w),
            |o| &o.y[0],
        ),
        task(
            "sample_vjp",
            |o| {
                let (x_bar, w_bar) = (&mut o.x_bar[0], &mut o.w_bar);
                o.y[0] = o.chain.vjp(&o.x[0], &o.w, &o.y_bar[0], x_bar, w_bar);
            },
            |o| &o.x_bar[0],
        ),
        task(
            "batch_forward",
            |o| {
                o.chain
                    .forward_batch(&o.x, &o.w, &mut o.y)
                    .expect("equal lengths")
            },
            |o| &o.y[0],
        ),
        // The outputs come out of neither call: NumPy's are made and not kept.
        task(
            "batch_vjp",
            |o| {
                let gradients = (&mut o.x_bar, &mut o.w_bar);
                o.chain
                    .vjp_batch(&o.x, &o.w, &o.y_bar, gradients.0, gradients.1)
                    .expect("equal lengths");
            },
            |o| o.w_bar.as_slice(),
        ),
    ]
}
