//! What a chain goes through: `simple_chain!` writes the way forward and the fused vector-Jacobian product once each, over a
//! *pass*. A pass carries the number type, the tier, the parameters and the memory; here are the pass of a tile of samples and
//! that of a single one.

mod frozen;
mod layout;
pub(crate) mod sample;
pub(crate) mod tile;

use core::ops::Range;

use crate::chain::Chain;
use crate::layer::{Cotangent, Fused, Layer, SampleLayer};

pub use frozen::{Frozen, FrozenPass};
pub use layout::Layout;

/// A way forward through a chain.
///
/// All methods that have them take the number of elements of a tensor from its type, and parameters as their range in the
/// chain's.
pub trait Pass: Sized {
    /// `N` elements of every sample, with what the way back needs of them.
    type Tensor<const N: usize>;
    /// What the way back needs of a chain inside of a chain.
    type Tape<C: Chain>;

    /// The chain's input.
    fn input<const N: usize>(&mut self) -> Self::Tensor<N>;

    /// `y` of a layer.
    fn layer<L: Layer + SampleLayer, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> Self::Tensor<OUT>;

    /// `y` of two layers that share a kernel on tiles, and what lies between them, which is there on a single sample alone.
    fn fused<L: Fused, const IN: usize, const MID: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> (Self::Tensor<MID>, Self::Tensor<OUT>);

    /// `y` of a chain that is declared elsewhere. The `site` tells apart what is drawn at random in it, wherever it is used.
    #[inline(always)]
    fn chain<C: Chain, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        site: u64,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> (Self::Tensor<OUT>, Self::Tape<C>) {
        self.inner_chain::<C, false, IN, OUT>(chain, site, params, x)
    }

    /// [`chain`](Self::chain); if it is `FROZEN`, its parameters get no gradient.
    fn inner_chain<C: Chain, const FROZEN: bool, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        site: u64,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> (Self::Tensor<OUT>, Self::Tape<C>);

    /// `x` as the input of a branch, where it has a cotangent of its own.
    fn fork<const N: usize>(&mut self, x: &Self::Tensor<N>) -> Self::Tensor<N>;

    /// `a + b`, which have as many elements.
    fn add<const N: usize, const M: usize>(
        &mut self,
        a: &Self::Tensor<N>,
        b: &Self::Tensor<M>,
    ) -> Self::Tensor<N>;

    /// `(a, b)`
    fn concat<const A: usize, const B: usize, const N: usize>(
        &mut self,
        a: &Self::Tensor<A>,
        b: &Self::Tensor<B>,
    ) -> Self::Tensor<N>;

    /// The output of the next layer in the chain's table.
    fn record<const N: usize>(&mut self, y: &Self::Tensor<N>);

    /// The chain's output.
    fn output<const N: usize>(&mut self, y: &Self::Tensor<N>);

    /// The same for layers that are not trained.
    #[inline(always)]
    fn frozen(&mut self) -> FrozenPass<'_, Self> {
        FrozenPass(self)
    }
}

/// A way forward and back.
///
/// A layer takes the cotangent of its *pre-activation*, `z_bar`: who is downstream of a layer makes it from the cotangent of the
/// layer's output, by [`Cotangent::z_bar`]. Hence the argument `previous`: the layer that `x` comes from, or [`Linear`] where
/// there is no activation, or [`Input`] for the chain's own input, whose cotangent not every pass computes.
///
/// [`Linear`]: crate::layer::Linear
/// [`Input`]: crate::layer::Input
pub trait VjpPass: Pass {
    /// The cotangents of `N` elements of every sample.
    type Bar<const N: usize>;

    /// Turns round at the chain's output, that of `last`: its `z_bar`.
    fn seed<L: Cotangent, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<OUT>,
    ) -> Self::Bar<OUT>;

    /// The cotangent of the input of a layer, as the `z_bar` of the `previous` one; the gradient by the parameters goes to where
    /// the pass collects it.
    fn vjp<L: Layer + SampleLayer, P: Cotangent, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        z_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN>;

    /// The same for two layers that share a kernel on tiles, with what lies between them.
    fn vjp_fused<L: Fused, P: Cotangent, const IN: usize, const MID: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        mid: &Self::Tensor<MID>,
        z_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN>;

    /// The same for a chain that is declared elsewhere.
    #[inline(always)]
    fn vjp_chain<C: Chain, P: Cotangent, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        tape: &Self::Tape<C>,
        y_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN> {
        self.vjp_inner_chain::<C, P, false, IN, OUT>(chain, params, x, tape, y_bar, previous)
    }

    /// [`vjp_chain`](Self::vjp_chain) of a chain that may be `FROZEN`.
    fn vjp_inner_chain<
        C: Chain,
        P: Cotangent,
        const FROZEN: bool,
        const IN: usize,
        const OUT: usize,
    >(
        &mut self,
        chain: C,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        tape: &Self::Tape<C>,
        y_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN>;

    /// The cotangent of `y`, the output of `last`, which went into a sum or became the elements from `at` on of others.
    fn branch<L: Cotangent, const N: usize, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<N>,
        bar: &Self::Bar<OUT>,
        at: usize,
    ) -> Self::Bar<N>;

    /// `a + b`, the cotangents of an input of two branches, as the `z_bar` of the `previous` layer.
    fn join<P: Cotangent, const N: usize>(
        &mut self,
        x: &Self::Tensor<N>,
        a: &Self::Bar<N>,
        b: &Self::Bar<N>,
        previous: P,
    ) -> Self::Bar<N>;

    /// What the two passes have given: the chain's output, and the cotangent of its input.
    fn finish<const OUT: usize, const IN: usize>(
        &mut self,
        y: &Self::Tensor<OUT>,
        x_bar: &Self::Bar<IN>,
    );
}
