//! Layers: what the generated code calls, one after the other and then in reverse.

mod activate;
mod batch_norm;
mod conv;
mod custom;
mod dense;
mod features;
mod grouped;
mod nested;
mod normalize;
mod pool;
mod window;

#[doc(hidden)]
pub use crate::scratch::Memory;
use crate::simd::{Number, Simd};

pub(crate) use activate::mix;
pub use activate::{Activate, Dropout};
pub use batch_norm::BatchNorm;
pub(crate) use batch_norm::MOMENTUM;
pub use conv::{Conv, ConvMaxPool};
pub use custom::{Custom, CustomLayer, check_vjp};
pub use dense::Dense;
pub use features::{Chebyshev, Fourier};
pub use grouped::{Activated, GroupedConv};
pub use nested::{Concat, Nested};
pub use normalize::{Affine, LayerNorm};
pub use pool::{AvgPool, MaxPool};
pub use window::{Geometry, Pooled, Window};

/// Where a layer finds its data among the rows of a panel: the values of its input start at `x` and of its output
/// at `y`; behind each come as many rows for the cotangents.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    /// First row of the input.
    pub x: usize,
    /// First of the rows that the layer keeps for itself, if it does.
    pub saved: usize,
    /// First row of the output.
    pub y: usize,
}

impl Rows {
    /// Input, own rows and output from these on.
    pub const fn at(x: usize, saved: usize, y: usize) -> Self {
        Self { x, saved, y }
    }

    /// The same rows further down: those of a chain within a panel.
    #[must_use]
    #[inline(always)]
    pub const fn from(self, base: usize) -> Self {
        Self::at(self.x + base, self.saved + base, self.y + base)
    }
}

/// What a forward pass is for.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// The function that the chain is.
    Inference,
    /// A step of training.
    Training(TrainingStep),
}

/// What a layer knows of the step of training that it is part of.
#[derive(Clone, Copy, Debug)]
pub struct TrainingStep {
    /// Of this step.
    pub seed: u64,
    /// The place in the batch of the tile's first sample.
    pub first: usize,
    /// How many samples there are in the batch.
    pub samples: usize,
    /// Whether the layer is within `frozen`: then running statistics are used as they are.
    pub frozen: bool,
}

impl Mode {
    /// Step number `step` of the training with this seed, on so many samples.
    pub(crate) fn training(seed: u64, step: u64, samples: usize) -> Self {
        Self::Training(TrainingStep {
            seed: mix(seed ^ mix(step)),
            first: 0,
            samples,
            frozen: false,
        })
    }

    /// The same for a tile that begins with this sample of the batch.
    #[must_use]
    #[inline(always)]
    pub(crate) const fn starting_at(self, first: usize) -> Self {
        match self {
            Self::Inference => Self::Inference,
            Self::Training(step) => Self::Training(TrainingStep { first, ..step }),
        }
    }

    /// The same within `frozen`.
    #[must_use]
    #[inline(always)]
    pub(crate) const fn frozen(self) -> Self {
        match self {
            Self::Inference => Self::Inference,
            Self::Training(step) => Self::Training(TrainingStep {
                frozen: true,
                ..step
            }),
        }
    }

    /// The same for a chain inside of a chain: the `site` tells apart what is drawn at random there, however often that chain is
    /// used.
    #[must_use]
    #[inline(always)]
    pub const fn at(self, site: u64) -> Self {
        match self {
            Self::Inference => Self::Inference,
            Self::Training(step) => Self::Training(TrainingStep {
                seed: mix(step.seed ^ mix(!site)),
                ..step
            }),
        }
    }
}

/// The end of a layer that the next one sees on the way back.
pub trait Cotangent: Copy + Send + Sync + 'static {
    /// Whether [`z_bar`](Self::z_bar) reads what was `saved`.
    const NEEDS_SAVED: bool = true;

    /// `z_bar = y_bar * act'(z)`, from the output `y` or from what the forward pass `saved` in the cotangent's place.
    fn z_bar<T: Number, S: Simd<T>>(self, simd: S, y_bar: S::V, y: S::V, saved: S::V) -> S::V;

    /// [`z_bar`](Self::z_bar) of one sample's outputs, in place.
    #[inline(always)]
    fn z_bar_sample<T: Number, S: Simd<T>>(self, simd: S, y: &[T], saved: &[T], bar: &mut [T]) {
        let mut at = 0;
        while at + S::LANES <= bar.len() {
            let z_bar = self.z_bar(
                simd,
                simd.load(&bar[at..]),
                simd.load(&y[at..]),
                simd.load(&saved[at..]),
            );
            simd.store(z_bar, &mut bar[at..]);
            at += S::LANES;
        }
        if at < bar.len() {
            let z_bar = self.z_bar(
                simd,
                simd.load_partial(&bar[at..]),
                simd.load_partial(&y[at..]),
                simd.load_partial(&saved[at..]),
            );
            simd.store_partial(z_bar, &mut bar[at..]);
        }
    }
}

/// One layer with its sizes as constants, on the batch path: a tile is a slice of panels, a sample a lane.
///
/// On the way back a layer is given the cotangent of its *pre-activation*, `z_bar`: whoever is downstream applies
/// [`Cotangent::z_bar`] while the cotangent is still in a register.
pub trait Layer: Cotangent {
    /// Numbers in one sample's input.
    const INPUT_LEN: usize;
    /// Numbers in one sample's output.
    const OUTPUT_LEN: usize;
    /// Parameters: weights, then biases.
    const PARAM_COUNT: usize;

    /// `y` from `x` for all panels; with `SAVE` all that the way back needs is kept.
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool, const ROWS: usize>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        mode: Mode,
    );

    /// From `x` and `z_bar`: with `PARAMS`, `params_bar += ` the gradient summed over all panels; with `INPUT`, `x_bar`,
    /// turned into the `z_bar` of the layer before. `work` is memory for what a layer needs in between.
    fn vjp_tile<
        T: Number,
        S: Simd<T>,
        P: Cotangent,
        const PARAMS: bool,
        const INPUT: bool,
        const ROWS: usize,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        work: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    );
}

/// One layer on the path of one sample: a feature a lane.
pub trait SampleLayer: Cotangent {
    /// `y` from `x`; with `SAVE`, `saved` gets what the way back needs.
    fn forward_sample<T: Number, S: Simd<T>, M: Memory, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        saved: &mut [T],
    );

    /// [`forward_sample`](Self::forward_sample) with `SAVE`, of which the output may be `known`.
    #[inline(always)]
    fn recall_sample<T: Number, S: Simd<T>, M: Memory>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        known: Option<&[T]>,
        y: &mut [T],
        saved: &mut [T],
    ) {
        match known {
            Some(known) if !Self::NEEDS_SAVED || saved.is_empty() => y.copy_from_slice(known),
            _ => self.forward_sample::<T, S, M, true>(simd, params, x, y, saved),
        }
    }

    /// With `PARAMS`, `params_bar` becomes (with `ADD`: grows by) the gradient; with `INPUT`, `x_bar` becomes the
    /// cotangent of the input.
    fn vjp_sample<
        T: Number,
        S: Simd<T>,
        M: Memory,
        const PARAMS: bool,
        const INPUT: bool,
        const ADD: bool,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    );
}

/// What a way back of one sample starts from.
pub trait SampleSeed<T> {
    /// Sets the cotangents of the output `y`, which are zeros.
    fn seed(self, y: &[T], y_bar: &mut [T]);
}

/// Cotangents that are given.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a, T>(pub &'a [T]);

impl<T: Number> SampleSeed<T> for Given<'_, T> {
    #[inline(always)]
    fn seed(self, _: &[T], y_bar: &mut [T]) {
        y_bar.copy_from_slice(self.0);
    }
}

/// The first `len` of numbers that are known, and the others.
#[inline(always)]
pub fn cut<T>(known: Option<&[T]>, len: usize) -> (Option<&[T]>, Option<&[T]>) {
    known.map(|known| known.split_at(len)).unzip()
}

/// Starts the way back: the cotangents of the chain's output, which stand behind the last layer's rows, become that
/// layer's `z_bar`.
#[inline(always)]
pub fn seed_tile<T: Number, S: Simd<T>, L: Layer, const ROWS: usize>(
    last: L,
    simd: S,
    tile: &mut [[S::V; ROWS]],
    rows: Rows,
) {
    for panel in tile {
        for o in 0..L::OUTPUT_LEN {
            let (y, saved, y_bar) = (
                panel[rows.y + o],
                panel[rows.y + L::OUTPUT_LEN + o],
                panel[rows.y + 2 * L::OUTPUT_LEN + o],
            );
            panel[rows.y + L::OUTPUT_LEN + o] = last.z_bar(simd, y_bar, y, saved);
        }
    }
}

/// What stands before the first layer: the chain's input, whose cotangent is taken as it is.
#[derive(Clone, Copy, Debug)]
pub struct Input;

impl Cotangent for Input {
    #[inline(always)]
    fn z_bar<T: Number, S: Simd<T>>(self, _: S, y_bar: S::V, _: S::V, _: S::V) -> S::V {
        y_bar
    }
}
