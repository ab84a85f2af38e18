//! Networks of the sizes that a solver or a controller calls with single samples.

use std::hint::black_box;

use rand::RngExt;
use simplechain::chain::Array;
use simplechain::prelude::*;
use simplechain::{Aligned, init};

simple_chain! {
    /// The dynamics of a neural ODE in the plane.
    pub(crate) struct Mlp50: 2 => dense(tanh, 50) => dense(tanh, 50) => dense(id, 2);
    /// A controller.
    pub(crate) struct Mlp64: 3 => dense(tanh, 64) => dense(tanh, 64) => dense(id, 1)
}

/// The widths of a chain: `4-32-16-4`.
pub(crate) fn widths<C: Chain>() -> String {
    let outputs = C::LAYERS.iter().map(|layer| layer.output.to_string());
    let widths: Vec<_> = std::iter::once(C::INPUT_LEN.to_string())
        .chain(outputs)
        .collect();
    widths.join("-")
}

/// Samples within (-1, 1).
pub(crate) fn samples<A: Array<f32>>(count: usize) -> Vec<A> {
    let mut rng = init::rng(0);
    let mut sample = || {
        let mut sample = A::splat(0.0);
        sample
            .as_mut_slice()
            .fill_with(|| rng.random_range(-1.0..1.0));
        sample
    };
    (0..count).map(|_| sample()).collect()
}

/// The memory to call a chain with one sample after another.
pub(crate) struct Calls<C: Chain> {
    pub(crate) chain: C,
    pub(crate) params: Box<Aligned<C::Params<f32>>>,
    pub(crate) xs: Vec<C::Input<f32>>,
    pub(crate) y_bar: C::Output<f32>,
    pub(crate) x_bar: C::Input<f32>,
    pub(crate) params_bar: Box<Aligned<C::Params<f32>>>,
}

impl<C: Chain> Calls<C> {
    /// Calls per pass of the methods below.
    pub(crate) const COUNT: usize = 256;

    pub(crate) fn new(chain: C) -> Self {
        Self {
            chain,
            params: Box::new(Aligned(*chain.init(&mut init::rng(1)))),
            xs: samples(Self::COUNT),
            y_bar: C::Output::splat(1.0),
            x_bar: C::Input::splat(0.0),
            params_bar: Box::new(Aligned(C::Params::splat(0.0))),
        }
    }

    /// Calls of `forward` that the CPU may overlap.
    pub(crate) fn forward(&mut self) {
        for x in &self.xs {
            black_box(self.chain.forward(black_box(x), &self.params));
        }
    }

    /// Calls of `forward`, each of which must wait for the previous output. Every input is random plus that
    /// output: fed back alone, outputs would converge to a fixed point.
    pub(crate) fn forward_dependent(&mut self) {
        let mut y = C::Output::splat(0.0);
        for x in &self.xs {
            let mut x = *x;
            for (i, x) in x.as_mut_slice().iter_mut().enumerate() {
                *x += y.as_slice()[i % C::OUTPUT_LEN];
            }
            y = self.chain.forward(&x, &self.params);
        }
        black_box(y);
    }

    /// Calls of `vjp`, with respect to input and parameters.
    pub(crate) fn vjp(&mut self) {
        for x in &self.xs {
            let (x_bar, params_bar) = (&mut self.x_bar, &mut *self.params_bar);
            let y = self
                .chain
                .vjp(black_box(x), &self.params, &self.y_bar, x_bar, params_bar);
            black_box((y, x_bar, params_bar));
        }
    }
}
