//! What `simple_chain!` writes of a chain, and what it writes it for: a [`Network`] goes through a [`Pass`], and a pass goes
//! through the networks that stand inside of others. Hence one file.
//!
//! A pass carries the number type, the tier, the parameters and the memory. So the way forward and the fused vector-Jacobian
//! product are written once each, and the library has the passes: of a tile of samples, of a single one, and others.

mod layout;

use core::fmt::{Debug, Display};
use core::ops::Range;

use crate::array::Array;
use crate::info::{LayerInfo, sees_whole_batch};
use crate::layer::{ActivationGrad, Fused, Layer, SampleLayer};
use crate::simd::Number;

pub use layout::Layout;

/// What `simple_chain!` writes of a chain: its sizes, its types, its layers, and its two passes. All that is called is in
/// [`Chain`](crate::chain::Chain), which every network has. A chain displays as a table of its layers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a chain",
    label = "not a chain",
    note = "a chain is declared by `simple_chain! {{ struct {Self}: 4 => dense(tanh, 32) => dense(id, 4) }}`"
)]
pub trait Network: Copy + Debug + Display + Send + Sync + 'static {
    /// Numbers in one sample's input.
    const INPUT_LEN: usize;
    /// Numbers in one sample's output.
    const OUTPUT_LEN: usize;
    /// Parameters, layer after layer, weights before biases.
    const PARAM_COUNT: usize;
    /// The layers in order.
    const LAYERS: &'static [LayerInfo];
    /// The only value of this type, which has no content.
    #[doc(hidden)]
    const CHAIN: Self;
    /// `[T; INPUT_LEN]`
    type Input<T: Number>: Array<T>;
    /// `[T; OUTPUT_LEN]`
    type Output<T: Number>: Array<T>;
    /// `[T; PARAM_COUNT]`
    type Params<T: Number>: Array<T>;
    /// The outputs of all layers, one after the other.
    type Activations<T: Number>: Array<T>;

    /// What a backward pass needs of one sample's forward pass: see [`forward_tape`](crate::chain::Chain::forward_tape).
    type Tape<T: Number>: Array<T>;

    /// The memory that passes need.
    #[doc(hidden)]
    const LAYOUT: Layout;
    /// Vectors in a panel of samples, odd so that panels do not share cache sets.
    #[doc(hidden)]
    const ROWS: usize = Self::LAYOUT.checked().rows | 1;

    /// Whether training must take a batch in one piece.
    #[doc(hidden)]
    const WHOLE_BATCH: bool = sees_whole_batch(Self::LAYERS);

    /// Forward, layer by layer.
    #[doc(hidden)]
    fn forward_pass<P: Pass>(self, pass: &mut P);

    /// Forward and back: the fused vector-Jacobian product.
    #[doc(hidden)]
    fn vjp_pass<P: VjpPass>(self, pass: &mut P);
}

impl Layout {
    /// A chain that is declared elsewhere, whose input is a [`fork`](Self::fork).
    pub const fn chain<C: Network>(
        self,
        _: fn() -> C,
        lens: [usize; 2],
        params: Range<usize>,
    ) -> Self {
        let mut layout = self
            .lens([C::INPUT_LEN, C::OUTPUT_LEN], lens)
            .params(C::PARAM_COUNT, params);
        layout.rows += C::LAYOUT.rows + 2 * lens[1];
        layout.tape += C::LAYOUT.tape + lens[1];
        if layout.scratch < C::LAYOUT.scratch {
            layout.scratch = C::LAYOUT.scratch;
        }
        layout
    }
}

/// A way forward through a chain.
///
/// All methods that have them take the number of elements of a tensor from its type, and parameters as their range in the
/// chain's.
pub trait Pass: Sized {
    /// `N` elements of every sample, with what the way back needs of them.
    type Tensor<const N: usize>;
    /// What the way back needs of a chain inside of a chain.
    type Tape<C: Network>;

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
    fn chain<C: Network, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        site: u64,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> (Self::Tensor<OUT>, Self::Tape<C>) {
        self.inner_chain::<C, false, IN, OUT>(chain, site, params, x)
    }

    /// [`chain`](Self::chain); if it is `FROZEN`, its parameters get no gradient.
    fn inner_chain<C: Network, const FROZEN: bool, const IN: usize, const OUT: usize>(
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
/// layer's output, by [`ActivationGrad::z_bar`]. Hence the argument `previous`: the layer that `x` comes from, or [`Linear`] where
/// there is not an activation, or [`Input`] for the chain's own input, whose cotangent not every pass computes.
///
/// [`Linear`]: crate::layer::Linear
/// [`Input`]: crate::layer::Input
pub trait VjpPass: Pass {
    /// The cotangents of `N` elements of every sample.
    type Bar<const N: usize>;

    /// Turns round at the chain's output, that of `last`: its `z_bar`.
    fn seed<L: ActivationGrad, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<OUT>,
    ) -> Self::Bar<OUT>;

    /// The cotangent of the input of a layer, as the `z_bar` of the `previous` one; the gradient by the parameters goes to where
    /// the pass collects it.
    fn vjp<L: Layer + SampleLayer, P: ActivationGrad, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        z_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN>;

    /// The same for two layers that share a kernel on tiles, with what lies between them.
    fn vjp_fused<L: Fused, P: ActivationGrad, const IN: usize, const MID: usize, const OUT: usize>(
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
    fn vjp_chain<C: Network, P: ActivationGrad, const IN: usize, const OUT: usize>(
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
        C: Network,
        P: ActivationGrad,
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
    fn branch<L: ActivationGrad, const N: usize, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<N>,
        bar: &Self::Bar<OUT>,
        at: usize,
    ) -> Self::Bar<N>;

    /// `a + b`, the cotangents of an input of two branches, as the `z_bar` of the `previous` layer.
    fn join<P: ActivationGrad, const N: usize>(
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

/// A pass through layers that are not trained.
pub struct FrozenPass<'a, P>(pub &'a mut P);
