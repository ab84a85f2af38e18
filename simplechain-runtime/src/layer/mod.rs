//! Layers, which the generated code calls in order and then in reverse.

/// The methods of an [`ActivationGrad`] without an activation.
macro_rules! identity {
    () => {
        #[inline(always)]
        fn z_bar<T: Number, S: Simd<T>>(self, _: S, y_bar: S::V, _: S::V, _: S::V) -> S::V {
            y_bar
        }
        #[inline(always)]
        fn z_bar_sample<T: Number, S: Simd<T>>(self, _: S, _: &[T], _: &[T], _: &mut [T]) {}
    };
}

mod activate;
mod batch_norm;
#[cfg(feature = "alloc")]
mod check;
mod conv;
mod custom;
mod dense;
mod dropout;
mod features;
mod grouped;
mod mode;
mod normalize;
mod pool;
mod rms_norm;
mod standardize;

use crate::simd::{Number, Simd};

pub use crate::kernels::cotangent::ActivationGrad;
pub use crate::kernels::geometry::{Geometry, Image, Padding, Pooled, Size, Step, Window};
pub use crate::kernels::tile::Tile;
pub use crate::kernels::wrt::{Adding, Wrt, WrtBoth, WrtInput, WrtNothing, WrtParams};

pub use activate::Activate;
pub use batch_norm::BatchNorm;
#[cfg(feature = "alloc")]
pub use check::check_vjp;
pub use conv::{Conv, ConvMaxPool};
pub use custom::{Custom, CustomLayer};
pub use dense::Dense;
pub use dropout::Dropout;
pub use features::{Chebyshev, Fourier};
pub use grouped::{Activated, GroupedConv};
pub use mode::{Mode, TrainingStep};
pub use normalize::{Affine, LayerNorm};
pub use pool::{AvgPool, MaxPool};
pub use rms_norm::RmsNorm;
pub use standardize::{Standardize, Unstandardize};

/// Where a layer's data is among the rows of a panel: the values of its input start at `x`, those of its output at `y`; each
/// is followed by as many rows for the cotangents.
#[derive(Clone, Copy, Debug)]
pub struct RowOffsets {
    /// First row of the input.
    pub x: usize,
    /// First of the layer's private rows, if it has any.
    pub saved: usize,
    /// First row of the output.
    pub y: usize,
}

impl RowOffsets {
    /// Offsets of the input, private rows and output.
    pub const fn at(x: usize, saved: usize, y: usize) -> Self {
        Self { x, saved, y }
    }
}

/// One layer with its sizes as constants, on the batch path: a tile is a slice of panels, one sample per lane.
///
/// In the backward pass a layer receives the cotangent of its *pre-activation*, `z_bar`: the layer downstream applies
/// [`ActivationGrad::z_bar`] while the cotangent is still in a register.
pub trait Layer: ActivationGrad {
    /// Length of one sample's input.
    const INPUT_LEN: usize;
    /// Length of one sample's output.
    const OUTPUT_LEN: usize;
    /// Parameter count: weights, then biases.
    const PARAM_COUNT: usize;
    /// Whether `SAVE` makes a difference to [`forward_tile`](Self::forward_tile).
    const SAVES: bool;
    /// Rows of a panel that the layer keeps between the forward and the backward pass.
    const SAVED_ROWS: usize = 0;
    /// Scratch vectors that the backward pass needs.
    const SCRATCH: usize = 0;

    /// `y` from `x` for all panels; with `SAVE`, everything that the backward pass needs is saved.
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        mode: Mode,
    );

    /// From `x` and `z_bar`: with [`Wrt::PARAMS`], adds the gradient summed over all panels to `params_bar`; with [`Wrt::INPUT`],
    /// computes `x_bar`, converted to the `z_bar` of the previous layer. `scratch` has [`SCRATCH`](Self::SCRATCH) vectors.
    fn vjp_tile<T: Number, S: Simd<T>, P: ActivationGrad, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        scratch: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    );
}

/// One layer on the single-sample path: one feature per lane.
pub trait SampleLayer: ActivationGrad {
    /// `y` from `x`; with `SAVE`, `saved` gets the data that [`NEEDS_SAVED`](ActivationGrad::NEEDS_SAVED) refers to.
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        saved: &mut [T],
    );

    /// With [`Wrt::PARAMS`], the gradient is written (with [`Wrt::ADD`]: added) to `params_bar`; with [`Wrt::INPUT`], the
    /// cotangent of the input is written to `x_bar`.
    fn vjp_sample<T: Number, S: Simd<T>, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    );
}

/// Two layers that are fused into one step for a tile of samples.
pub trait Fused: Layer {
    /// Elements between the two.
    const MID_LEN: usize;
    /// The layer that has the parameters.
    type First: SampleLayer;
    /// The layer after it.
    type Second: SampleLayer;
    /// The two layers separately, for a single sample.
    fn split(self) -> (Self::First, Self::Second);
}

/// Anything without an activation: the cotangent of its output is used unchanged.
#[derive(Clone, Copy, Debug)]
pub struct Linear;

impl ActivationGrad for Linear {
    identity!();
}

/// The chain's input.
#[derive(Clone, Copy, Debug)]
pub struct Input;

impl ActivationGrad for Input {
    const IS_INPUT: bool = true;
    identity!();
}

/// A layer that is not trained, with no trained layer before it.
#[derive(Clone, Copy, Debug)]
pub struct Untrained<L>(pub L);

impl<L: ActivationGrad> ActivationGrad for Untrained<L> {
    const NEEDS_SAVED: bool = L::NEEDS_SAVED;
    const IS_INPUT: bool = true;

    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V {
        self.0.z_bar(simd, y_bar, y, saved)
    }
    #[inline(always)]
    fn z_bar_sample<T: Number, S: Simd<T>>(self, simd: S, y: &[T], saved: &[T], bar: &mut [T]) {
        self.0.z_bar_sample(simd, y, saved, bar);
    }
}
