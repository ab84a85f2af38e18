//! The interface between the code that `simple_chain!` generates and the library. A [`Network`] runs its layers through a
//! [`Pass`], and a pass runs the networks that are nested in others, so both are in one file.
//!
//! A pass carries the number type, the tier, the parameters and the memory. So the generated code has the forward pass and the
//! fused vector-Jacobian product once each, and the library implements the passes: for a tile of samples, for a single sample,
//! and others.

mod layout;

use core::fmt::{Debug, Display};
use core::ops::Range;

use crate::array::Array;
use crate::info::{LayerInfo, sees_whole_batch};
use crate::layer::{ActivationGrad, Fused, Layer, SampleLayer};
use crate::simd::Number;

pub use layout::Layout;

/// What `simple_chain!` generates for a chain: its sizes, types, layers and two passes. All calls are in
/// [`Chain`](crate::chain::Chain), which every network implements. `Display` prints a chain as a table of its layers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a chain",
    label = "not a chain",
    note = "a chain is declared by `simple_chain! {{ struct {Self}: 4 => dense(tanh, 32) => dense(id, 4) }}`"
)]
pub trait Network: Copy + Debug + Display + Send + Sync + 'static {
    /// Length of one sample's input.
    const INPUT_LEN: usize;
    /// Length of one sample's output.
    const OUTPUT_LEN: usize;
    /// Parameter count. Parameters are stored layer after layer, weights before biases.
    const PARAM_COUNT: usize;
    /// The layers in order.
    const LAYERS: &'static [LayerInfo];
    /// The only value of this unit type.
    #[doc(hidden)]
    const CHAIN: Self;
    /// `[T; INPUT_LEN]`
    type Input<T: Number>: Array<T>;
    /// `[T; OUTPUT_LEN]`
    type Output<T: Number>: Array<T>;
    /// `[T; PARAM_COUNT]`
    type Params<T: Number>: Array<T>;
    /// The outputs of all layers, concatenated.
    type Activations<T: Number>: Array<T>;

    /// What a backward pass needs from the forward pass of one sample: see
    /// [`forward_tape`](crate::chain::Chain::forward_tape).
    type Tape<T: Number>: Array<T>;

    /// The memory that passes need.
    #[doc(hidden)]
    const LAYOUT: Layout;
    /// Vectors in a panel of samples; odd, so that panels do not share cache sets.
    #[doc(hidden)]
    const ROWS: usize = Self::LAYOUT.checked().rows | 1;

    /// Whether training needs the whole batch in one tile.
    #[doc(hidden)]
    const WHOLE_BATCH: bool = sees_whole_batch(Self::LAYERS);

    /// The forward pass, layer by layer.
    #[doc(hidden)]
    fn forward_pass<P: Pass>(self, pass: &mut P);

    /// The forward and backward pass: the fused vector-Jacobian product.
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

/// A forward pass through a chain.
///
/// The methods take the length of a tensor from its type, and parameters as a range in the parameters of the chain.
pub trait Pass: Sized {
    /// `N` elements of every sample, with what the backward pass needs of them.
    type Tensor<const N: usize>;
    /// What the backward pass needs of a nested chain.
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

    /// `y` of two layers that share one kernel on tiles, and the tensor between them, which exists only for a single sample.
    fn fused<L: Fused, const IN: usize, const MID: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> (Self::Tensor<MID>, Self::Tensor<OUT>);

    /// `y` of a chain that is declared elsewhere. `site` identifies this use of it, so that its random draws differ between
    /// uses.
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

    /// `x` as the input of a branch, with a separate cotangent.
    fn fork<const N: usize>(&mut self, x: &Self::Tensor<N>) -> Self::Tensor<N>;

    /// `a + b`, of equal length.
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

    /// Records the output of the next layer in the chain's table.
    fn record<const N: usize>(&mut self, y: &Self::Tensor<N>);

    /// The chain's output.
    fn output<const N: usize>(&mut self, y: &Self::Tensor<N>);

    /// The same pass for layers that are not trained.
    #[inline(always)]
    fn frozen(&mut self) -> FrozenPass<'_, Self> {
        FrozenPass(self)
    }
}

/// A forward and backward pass.
///
/// A layer takes the cotangent of its *pre-activation*, `z_bar`. The layer after it computes that from the cotangent of this
/// layer's output, with [`ActivationGrad::z_bar`]. Hence the argument `previous`: the layer that `x` comes from, [`Linear`] if
/// there is no activation, or [`Input`] for the chain's own input, whose cotangent only some passes compute.
///
/// [`Linear`]: crate::layer::Linear
/// [`Input`]: crate::layer::Input
pub trait VjpPass: Pass {
    /// The cotangents of `N` elements of every sample.
    type Bar<const N: usize>;

    /// Starts the backward pass at the chain's output, that of `last`: returns its `z_bar`.
    fn seed<L: ActivationGrad, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<OUT>,
    ) -> Self::Bar<OUT>;

    /// The cotangent of a layer's input, as the `z_bar` of the `previous` layer. The gradient with respect to the parameters
    /// goes to the pass's accumulator.
    fn vjp<L: Layer + SampleLayer, P: ActivationGrad, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        z_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN>;

    /// The same for two layers that share one kernel on tiles, with the tensor between them.
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

    /// The cotangent of `y`, the output of `last`, which was a term of a sum or was concatenated at offset `at`.
    fn branch<L: ActivationGrad, const N: usize, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<N>,
        bar: &Self::Bar<OUT>,
        at: usize,
    ) -> Self::Bar<N>;

    /// `a + b`, the cotangents of the input of two branches, as the `z_bar` of the `previous` layer.
    fn join<P: ActivationGrad, const N: usize>(
        &mut self,
        x: &Self::Tensor<N>,
        a: &Self::Bar<N>,
        b: &Self::Bar<N>,
        previous: P,
    ) -> Self::Bar<N>;

    /// Passes on the results of both passes: the chain's output, and the cotangent of its input.
    fn finish<const OUT: usize, const IN: usize>(
        &mut self,
        y: &Self::Tensor<OUT>,
        x_bar: &Self::Bar<IN>,
    );
}

/// A pass through layers that are not trained.
pub struct FrozenPass<'a, P>(pub &'a mut P);
