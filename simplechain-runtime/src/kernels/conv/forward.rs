//! The convolution itself: a block of pixels times output channels in registers.

use super::{BlockEpilogue, Panel, Register, max_accumulators};
use crate::kernels::blocks::{blocks, for_blocks, max, min, unrolled, with_size};
use crate::kernels::geometry::Geometry;
use crate::kernels::tile::Tile;
use crate::simd::{Number, Params, Simd};

/// Pixels of a forward block, along a row, if there is no pool: the fewer channels, the more pixels.
const fn max_pixels(channels: usize, registers: usize) -> usize {
    min(8, max(1, max_accumulators(registers) / min(channels, 6)))
}

/// Output channels of a forward block with this many pixels.
const fn max_channels(pixels: usize, registers: usize) -> usize {
    // With 16 registers, 12 sums and their inputs would leave none for the weight.
    let sums = if registers == 16 {
        8
    } else {
        max_accumulators(registers)
    };
    min(16, max(1, sums / pixels))
}

/// The convolution of the image at row `x` of every panel, handed to the epilogue:
///
/// ```text
/// sum[oc][oy][ox] = bias[oc] + sum over ci, ky, kx of
///     weights[oc][ci][ky][kx] * x[ci][oy * SH + ky - TOP][ox * SW + kx - LEFT]
/// ```
#[inline(always)]
pub fn forward<'p, T, S, G, E, const OC: usize>(
    simd: S,
    weights: T::Params<'p>,
    bias: T::Params<'p>,
    epilogue: &E,
    tile: &mut Tile<'_, S::V>,
    x: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    E: BlockEpilogue<T, S::Register>,
{
    let weights = weights.range(0..const { OC * G::C * G::KH * G::KW });
    for panel in tile.panels() {
        for part in 0..S::REGISTERS_PER_VECTOR {
            let panel = &mut Panel {
                registers: bytemuck::cast_slice_mut::<S::V, Register<T, S>>(panel),
                part,
                parts: S::REGISTERS_PER_VECTOR,
            };
            let convolution = Convolution::<'p, T, G> {
                weights,
                bias,
                x,
                geometry: core::marker::PhantomData,
            };
            match const { E::POOL } {
                None => convolution.rows::<S::Register, E, OC>(simd.register(), epilogue, panel),
                Some(pool) => {
                    convolution.pools::<S::Register, E, OC>(simd.register(), epilogue, panel, pool);
                }
            }
        }
    }
}

/// The operands of [`forward`].
#[derive(Clone, Copy)]
struct Convolution<'a, T: Number, G> {
    weights: T::Params<'a>,
    bias: T::Params<'a>,
    x: usize,
    geometry: core::marker::PhantomData<G>,
}

impl<T: Number, G: Geometry> Convolution<'_, T, G> {
    /// Pixel by pixel along the rows.
    #[inline(always)]
    fn rows<S: Simd<T>, E: BlockEpilogue<T, S>, const OC: usize>(
        self,
        simd: S,
        epilogue: &E,
        panel: &mut Panel<'_, S::V>,
    ) {
        for oy in 0..G::OH {
            for_blocks!(G::OW, max_pixels(OC, S::REGISTERS), |ox| {
                channels::<T, S, G, E, OC>(self, simd, epilogue, panel, (oy, ox), oy * G::OW + ox)
            });
        }
    }

    /// Pool window by pool window.
    #[inline(always)]
    fn pools<S: Simd<T>, E: BlockEpilogue<T, S>, const OC: usize>(
        self,
        simd: S,
        epilogue: &E,
        panel: &mut Panel<'_, S::V>,
        (height, width): (usize, usize),
    ) {
        let (rows, columns) = (G::OH / height, G::OW / width);
        for row in 0..rows {
            for column in 0..columns {
                let (oy, ox) = (row * height, column * width);
                with_size!(
                    match E::POOL {
                        Some((height, width)) => height * width,
                        None => 0,
                    },
                    channels::<T, S, G, E, OC>(
                        self,
                        simd,
                        epilogue,
                        panel,
                        (oy, ox),
                        row * columns + column
                    )
                );
            }
        }
    }
}

/// A block of pixels through all output channels.
#[inline(always)]
fn channels<T, S, G, E, const OC: usize, const N: usize>(
    convolution: Convolution<'_, T, G>,
    simd: S,
    epilogue: &E,
    panel: &mut Panel<'_, S::V>,
    origin: (usize, usize),
    pixel: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    E: BlockEpilogue<T, S>,
{
    for_blocks!(OC, max_channels(N, S::REGISTERS), |first| {
        block::<T, S, G, E, N>(convolution, simd, epilogue, panel, origin, pixel, first)
    });
}

/// The register block of [`forward`]: `N` pixels, output channels `first .. first + O`.
#[inline(always)]
fn block<T, S, G, E, const N: usize, const O: usize>(
    convolution: Convolution<'_, T, G>,
    simd: S,
    epilogue: &E,
    panel: &mut Panel<'_, S::V>,
    origin: (usize, usize),
    pixel: usize,
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    E: BlockEpilogue<T, S>,
{
    // Columns of the block: those of the pool window, or all.
    let width = const {
        match E::POOL {
            Some((_, width)) => width,
            None => N,
        }
    };
    let (oy, ox) = origin;
    let mut sums = [[simd.zero(); N]; O];
    for o in 0..O {
        sums[o] = [simd.bias(convolution.bias, first + o); N];
    }
    if !G::PADDED
        || are_inside(oy, N / width, G::SH, G::KH, G::TOP, G::H)
            && are_inside(ox, width, G::SW, G::KW, G::LEFT, G::W)
    {
        convolution.add_inside(simd, panel, origin, width, first, &mut sums);
    } else {
        convolution.add_at_edge(simd, panel, origin, width, first, &mut sums);
    }
    unrolled!(o < O, {
        epilogue.finish(simd, panel, first + o, pixel, sums[o]);
    });
}

/// Whether `count` windows from index `first` on are inside the `size` pixels of the image.
#[inline(always)]
const fn are_inside(
    first: usize,
    count: usize,
    stride: usize,
    kernel: usize,
    before: usize,
    size: usize,
) -> bool {
    first * stride >= before && (first + count - 1) * stride + kernel <= size + before
}

impl<'a, T: Number, G: Geometry> Convolution<'a, T, G> {
    /// The weights of the output channels from `first` on.
    #[inline(always)]
    fn weights_from(&self, first: usize, channels: usize) -> T::Params<'a> {
        let taps = const { G::C * G::KH * G::KW };
        self.weights.range(first * taps..(first + channels) * taps)
    }

    /// The products of a block whose windows are all inside the image.
    #[inline(always)]
    fn add_inside<S: Simd<T>, const N: usize, const O: usize>(
        &self,
        simd: S,
        panel: &Panel<'_, S::V>,
        (oy, ox): (usize, usize),
        width: usize,
        first: usize,
        sums: &mut [[S::V; N]; O],
    ) {
        let weights = self.weights_from(first, O);
        for ci in 0..G::C {
            for ky in 0..G::KH {
                let row = ci * G::H + oy * G::SH + ky - G::TOP;
                let start = self.x + row * G::W + ox * G::SW - G::LEFT;
                let span = (N / width - 1) * G::SH * G::W + (width - 1) * G::SW + G::KW;
                let pixels = panel.rows(start, span);
                for kx in 0..G::KW {
                    let mut x = [simd.zero(); N];
                    for n in 0..N {
                        let pixel = n / width * G::SH * G::W + n % width * G::SW + kx;
                        x[n] = pixels[pixel * panel.parts + panel.part];
                    }
                    for o in 0..O {
                        let tap = ((o * G::C + ci) * G::KH + ky) * G::KW + kx;
                        let weight = simd.param(weights, tap);
                        for n in 0..N {
                            sums[o][n] = simd.mul_add_param(weight, x[n], sums[o][n]);
                        }
                    }
                }
            }
        }
    }

    /// The products of a block with some windows over the edge, in the same order.
    #[inline(always)]
    fn add_at_edge<S: Simd<T>, const N: usize, const O: usize>(
        &self,
        simd: S,
        panel: &Panel<'_, S::V>,
        (oy, ox): (usize, usize),
        width: usize,
        first: usize,
        sums: &mut [[S::V; N]; O],
    ) {
        let weights = self.weights_from(first, O);
        for ci in 0..G::C {
            for ky in 0..G::KH {
                for kx in 0..G::KW {
                    for n in 0..N {
                        // An index before the first row or column wraps around and is too large.
                        let iy = ((oy + n / width) * G::SH + ky).wrapping_sub(G::TOP);
                        let ix = ((ox + n % width) * G::SW + kx).wrapping_sub(G::LEFT);
                        if iy >= G::H || ix >= G::W {
                            continue;
                        }
                        let x = panel.get(self.x + (ci * G::H + iy) * G::W + ix);
                        for o in 0..O {
                            let tap = ((o * G::C + ci) * G::KH + ky) * G::KW + kx;
                            sums[o][n] =
                                simd.mul_add_param(simd.param(weights, tap), x, sums[o][n]);
                        }
                    }
                }
            }
        }
    }
}
