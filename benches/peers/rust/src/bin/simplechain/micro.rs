//! Products of matrices, of a matrix and a vector, and tanh, by size: layers without biases.

use std::hint::black_box;

use simplechain::activation::{Tanh, apply};
use simplechain::chain::Array;
use simplechain::prelude::*;
use simplechain_peers::micro::{first, numbers};
use simplechain_peers::worker::Task;

macro_rules! sizes {
    ($($Name:ident: $N:tt)*) => {
        simple_chain! {
            $(struct $Name: $N => dense(id, $N, bias = false));*
        }

        pub(crate) fn tasks() -> Vec<Task> {
            let mut tasks = Vec::new();
            $(tasks.extend(size::<$Name, $N>($Name));)*
            tasks
        }
    };
}

sizes! {
    N4: 4  N8: 8  N12: 12  N16: 16  N24: 24  N32: 32  N48: 48  N64: 64  N96: 96  N128: 128  N192: 192  N256: 256
    N384: 384  N512: 512  N768: 768  N1024: 1024  N1536: 1536  N2048: 2048
}

fn size<C, const N: usize>(chain: C) -> Vec<Task>
where
    C: Chain<Input<f32> = [f32; N], Output<f32> = [f32; N]>,
{
    let operands = || {
        let mut b = C::Params::boxed(0.0);
        b.as_mut_slice().copy_from_slice(&numbers(2, N * N));
        let a: Vec<[f32; N]> = numbers(1, N * N).as_chunks().0.to_vec();
        Operands {
            chain,
            c: a.clone(),
            a,
            b,
        }
    };
    let task = |what: &str, how: &str, call: fn(&mut Operands<C, N>)| {
        Task::calls(format!("{what}/{N}/{how}"), operands(), call, |operands| {
            first(&operands.c[0])
        })
    };
    vec![
        task("matmul", "into", |Operands { chain, a, b, c }| {
            chain.forward_batch(a, b, c).expect("equal lengths");
        }),
        task("matmul", "new", |Operands { chain, a, b, c }| {
            let mut new = vec![[0.0; N]; N];
            chain.forward_batch(a, b, &mut new).expect("equal lengths");
            *c = new;
        }),
        task("matvec", "into", |Operands { chain, a, b, c }| {
            c[0] = chain.forward(&a[0], b)
        }),
        task("matvec", "new", |Operands { chain, a, b, c }| {
            let new = Box::new(chain.forward(&a[0], b));
            c[0][..4].copy_from_slice(&black_box(new)[..4]);
        }),
        task("tanh", "into", |Operands { a, c, .. }| {
            apply(Tanh, &a[0], &mut c[0]).expect("equal lengths");
        }),
        task("tanh", "new", |Operands { a, c, .. }| {
            let mut new = vec![0.0; N];
            apply(Tanh, &a[0], &mut new).expect("equal lengths");
            c[0][..4].copy_from_slice(&black_box(new)[..4]);
        }),
    ]
}

/// `c = a b`, row by row.
struct Operands<C: Chain, const N: usize> {
    chain: C,
    a: Vec<[f32; N]>,
    b: Box<C::Params<f32>>,
    c: Vec<[f32; N]>,
}
