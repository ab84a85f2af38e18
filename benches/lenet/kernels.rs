//! The kernels of a training step one by one, called as in the chain.

use simplechain::activation::{Identity, Relu};
use simplechain::chain::{Chain, Network};
use simplechain::init;
use simplechain::kernels::tile;
use simplechain::layer::{
    Conv, ConvMaxPool, Dense, Image, Input, Layer, MaxPool, Mode, RowOffsets, Size, Step, Window,
    WrtInput, WrtParams,
};
use simplechain::simd::{Aligned, Kernel, Number, Simd};

use crate::lenet::{BATCH, CONV_1, CONV_2, DENSE, LeNet};

/// Panels per tile: half of a batch, which is what each of two threads takes at once.
const PANELS: usize = BATCH / 2 / f32::PANEL;
/// Images per pass.
pub(crate) const IMAGES: usize = PANELS * f32::PANEL;

type Conv1 = Conv<Relu, Window<Image<28, 28, 1>, Size<5, 5>>, 6, true>;
type Pool1 = MaxPool<Window<Image<24, 24, 6>, Size<2, 2>, Step<2, 2>>>;
type Conv2 = Conv<Relu, Window<Image<12, 12, 6>, Size<5, 5>>, 16, true>;
type Pool2 = MaxPool<Window<Image<8, 8, 16>, Size<2, 2>, Step<2, 2>>>;

const STEP_1: ConvMaxPool<Conv1, Pool1> = ConvMaxPool(Conv::new(Relu), MaxPool::new());
const STEP_2: ConvMaxPool<Conv2, Pool2> = ConvMaxPool(Conv::new(Relu), MaxPool::new());
const DENSE_1: Dense<Relu, 256, 120, true> = Dense(Relu);
const DENSE_2: Dense<Relu, 120, 84, true> = Dense(Relu);
const DENSE_3: Dense<Identity, 84, 10, true> = Dense(Identity);

/// The row offsets in a panel and the parameter offsets of each layer, as in the layout of the chain.
const fn rows(x: usize, x_len: usize, saved: usize) -> RowOffsets {
    RowOffsets {
        x,
        saved: x + 2 * x_len,
        y: x + 2 * x_len + saved,
    }
}
const ROWS_1: RowOffsets = rows(0, 784, 864);
const ROWS_2: RowOffsets = rows(ROWS_1.y, 864, 256);
const ROWS_3: RowOffsets = rows(ROWS_2.y, 256, 0);
const ROWS_4: RowOffsets = rows(ROWS_3.y, 120, 0);
const ROWS_5: RowOffsets = rows(ROWS_4.y, 84, 0);
const _: () = assert!((ROWS_5.y + 3 * 10) | 1 == LeNet::ROWS);

/// A part of the step.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Conv1Forward,
    Conv2Forward,
    DenseForward,
    DenseParams,
    DenseInput,
    Conv2Params,
    Conv2Input,
    Conv1Params,
}

impl Part {
    pub(crate) const ALL: [Self; 8] = [
        Self::Conv1Forward,
        Self::Conv2Forward,
        Self::DenseForward,
        Self::DenseParams,
        Self::DenseInput,
        Self::Conv2Params,
        Self::Conv2Input,
        Self::Conv1Params,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Conv1Forward => "conv 1, relu, pool: forward",
            Self::Conv2Forward => "conv 2, relu, pool: forward",
            Self::DenseForward => "dense layers: forward",
            Self::DenseParams => "dense layers: parameters",
            Self::DenseInput => "dense layers: inputs",
            Self::Conv2Params => "conv 2: parameters",
            Self::Conv2Input => "conv 2: inputs",
            Self::Conv1Params => "conv 1: parameters",
        }
    }

    /// Multiply-adds per image.
    pub(crate) fn multiply_adds(self) -> usize {
        match self {
            Self::Conv1Forward | Self::Conv1Params => CONV_1,
            Self::Conv2Forward | Self::Conv2Params | Self::Conv2Input => CONV_2,
            Self::DenseForward | Self::DenseParams | Self::DenseInput => DENSE,
        }
    }
}

/// The memory of a tile.
pub(crate) struct Tile {
    params: Box<[f32; LeNet::PARAM_COUNT]>,
    grads: Box<[f32; LeNet::PARAM_COUNT]>,
    panels: Vec<Aligned<[f32; 16]>>,
    work: Vec<Aligned<[f32; 16]>>,
}

impl Tile {
    pub(crate) fn new() -> Self {
        let params = LeNet.init(&mut init::rng(1));
        Self {
            grads: params.clone(),
            params,
            panels: vec![Aligned([0.5; 16]); PANELS * LeNet::ROWS],
            work: vec![Aligned([0.0; 16]); LeNet::LAYOUT.scratch],
        }
    }

    /// Runs a part once.
    pub(crate) fn run(&mut self, part: Part) {
        f32::dispatch_batch(Pass { part, tile: self });
    }
}

struct Pass<'a> {
    part: Part,
    tile: &'a mut Tile,
}

impl Kernel<f32> for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<f32>>(self, simd: S) {
        let Tile {
            params: p,
            grads: g,
            panels,
            work,
        } = self.tile;
        let tile = &mut tile::Tile::new(bytemuck::cast_slice_mut(panels), LeNet::ROWS);
        let work: &mut [S::V] = bytemuck::cast_slice_mut(work);
        let [p_1, p_2, p_3, p_4, p_5] = [
            &p[..156],
            &p[156..2572],
            &p[2572..33412],
            &p[33412..43576],
            &p[43576..],
        ];
        match self.part {
            Part::Conv1Forward => {
                STEP_1.forward_tile::<f32, S, true>(simd, p_1, tile, ROWS_1, Mode::Inference);
            }
            Part::Conv2Forward => {
                STEP_2.forward_tile::<f32, S, true>(simd, p_2, tile, ROWS_2, Mode::Inference);
            }
            Part::DenseForward => {
                DENSE_1.forward_tile::<f32, S, true>(simd, p_3, tile, ROWS_3, Mode::Inference);
                DENSE_2.forward_tile::<f32, S, true>(simd, p_4, tile, ROWS_4, Mode::Inference);
                DENSE_3.forward_tile::<f32, S, true>(simd, p_5, tile, ROWS_5, Mode::Inference);
            }
            Part::DenseParams => {
                let (g_3, g) = g[2572..].split_at_mut(p_3.len());
                let (g_4, g_5) = g.split_at_mut(p_4.len());
                DENSE_3
                    .vjp_tile::<f32, S, _, WrtParams>(simd, p_5, tile, ROWS_5, work, DENSE_2, g_5);
                DENSE_2
                    .vjp_tile::<f32, S, _, WrtParams>(simd, p_4, tile, ROWS_4, work, DENSE_1, g_4);
                DENSE_1
                    .vjp_tile::<f32, S, _, WrtParams>(simd, p_3, tile, ROWS_3, work, STEP_2, g_3);
            }
            Part::DenseInput => {
                let g = &mut [];
                DENSE_3.vjp_tile::<f32, S, _, WrtInput>(simd, p_5, tile, ROWS_5, work, DENSE_2, g);
                DENSE_2.vjp_tile::<f32, S, _, WrtInput>(simd, p_4, tile, ROWS_4, work, DENSE_1, g);
                DENSE_1.vjp_tile::<f32, S, _, WrtInput>(simd, p_3, tile, ROWS_3, work, STEP_2, g);
            }
            Part::Conv2Params => {
                let g = &mut g[156..2572];
                STEP_2.vjp_tile::<f32, S, _, WrtParams>(simd, p_2, tile, ROWS_2, work, STEP_1, g);
            }
            Part::Conv2Input => {
                let g = &mut [];
                STEP_2.vjp_tile::<f32, S, _, WrtInput>(simd, p_2, tile, ROWS_2, work, STEP_1, g);
            }
            Part::Conv1Params => {
                let g = &mut g[..156];
                STEP_1.vjp_tile::<f32, S, _, WrtParams>(simd, p_1, tile, ROWS_1, work, Input, g);
            }
        }
    }
}
