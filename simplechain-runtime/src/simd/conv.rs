//! Convolution on the batch path: a sample a lane, so that every pixel is a vector and every weight a broadcast.
//!
//! Nothing is copied into matrices. [`forward`] keeps a block of pixels times output channels in registers while it
//! runs over the window; with a pool behind the convolution the block is a pool window, and only its maximum is
//! stored. [`input_bar`] keeps a row of input pixels and scatters each output cotangent over it, so that no product
//! falls outside of the image. [`weights_bar`] keeps the weights of one row of the window times output channels over
//! all pixels, and adds the lanes at the end.
//!
//! Vectors of two registers are worked on one register after the other.

use super::blocks::{blocks, max, min, unrolled, with_size};
use super::gemm::add_lanes;
use super::{Number, Params, Simd, Tile};
use crate::layer::{Cotangent, Geometry};

/// A register of a wide vector.
pub type Part<T, S> = <<S as Simd<T>>::Part as Simd<T>>::V;

/// The rows of a panel, one register of each.
#[derive(Debug)]
pub struct Panel<'a, V> {
    registers: &'a mut [V],
    part: usize,
    parts: usize,
}

impl<V: Copy> Panel<'_, V> {
    /// The register of a row.
    #[inline(always)]
    pub fn get(&self, row: usize) -> V {
        self.registers[row * self.parts + self.part]
    }
    /// Overwrites the register of a row.
    #[inline(always)]
    pub fn set(&mut self, row: usize, v: V) {
        self.registers[row * self.parts + self.part] = v;
    }
    /// The registers of `rows` rows from `first` on; those of this part are at multiples of `parts`, plus `part`.
    #[inline(always)]
    fn rows(&self, first: usize, rows: usize) -> &[V] {
        &self.registers[first * self.parts..][..rows * self.parts]
    }
}

/// What becomes of the sums of a convolution.
pub trait Epilogue<T: Number, S: Simd<T>> {
    /// The pool window that a block is, if there is a pool. A window of one pixel is a pool as well.
    const POOL: Option<(usize, usize)>;

    /// Stores what follows from the sums of one output channel: `N` pixels from `pixel` on, or one pool window, the
    /// window `pixel`.
    fn finish<const N: usize>(
        &self,
        simd: S,
        panel: &mut Panel<'_, S::V>,
        channel: usize,
        pixel: usize,
        sums: [S::V; N],
    );
}

/// Sums that a block may hold beside its inputs.
const fn most_sums(registers: usize) -> usize {
    match registers {
        32.. => 24,
        16.. => 12,
        8.. => 6,
        _ => 1,
    }
}

/// Pixels of a forward block in a row where there is no pool: the fewer channels, the more.
const fn most_pixels(channels: usize, registers: usize) -> usize {
    min(8, max(1, most_sums(registers) / min(channels, 6)))
}

/// Output channels of a forward block of so many pixels.
const fn most_channels(pixels: usize, registers: usize) -> usize {
    // With 16 registers, 12 sums and their inputs would leave none for the weight.
    let sums = if registers == 16 {
        8
    } else {
        most_sums(registers)
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
    E: Epilogue<T, S::Part>,
{
    let weights = weights.range(0..const { OC * G::C * G::KH * G::KW });
    for panel in tile.panels() {
        for part in 0..S::PARTS {
            let panel = &mut Panel {
                registers: bytemuck::cast_slice_mut::<S::V, Part<T, S>>(panel),
                part,
                parts: S::PARTS,
            };
            let convolution = Convolution::<'p, T, G> {
                weights,
                bias,
                x,
                geometry: core::marker::PhantomData,
            };
            match const { E::POOL } {
                None => convolution.rows::<S::Part, E, OC>(simd.part(), epilogue, panel),
                Some(pool) => {
                    convolution.pools::<S::Part, E, OC>(simd.part(), epilogue, panel, pool);
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
    fn rows<S: Simd<T>, E: Epilogue<T, S>, const OC: usize>(
        self,
        simd: S,
        epilogue: &E,
        panel: &mut Panel<'_, S::V>,
    ) {
        let (large, size, small) = const { blocks(G::OW, most_pixels(OC, S::REGISTERS)) };
        for oy in 0..G::OH {
            for b in 0..large {
                let ox = b * size;
                with_size!(
                    blocks(G::OW, most_pixels(OC, S::REGISTERS)).1,
                    channels::<T, S, G, E, OC>(
                        self,
                        simd,
                        epilogue,
                        panel,
                        (oy, ox),
                        oy * G::OW + ox
                    )
                );
            }
            for b in 0..small {
                let ox = large * size + b * (size - 1);
                with_size!(
                    blocks(G::OW, most_pixels(OC, S::REGISTERS)).1 - 1,
                    channels::<T, S, G, E, OC>(
                        self,
                        simd,
                        epilogue,
                        panel,
                        (oy, ox),
                        oy * G::OW + ox
                    )
                );
            }
        }
    }

    /// Pool window by pool window.
    #[inline(always)]
    fn pools<S: Simd<T>, E: Epilogue<T, S>, const OC: usize>(
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
    E: Epilogue<T, S>,
{
    let (large, size, small) = const { blocks(OC, most_channels(N, S::REGISTERS)) };
    for b in 0..large {
        with_size!(
            blocks(OC, most_channels(N, S::REGISTERS)).1,
            block::<T, S, G, E, N>(convolution, simd, epilogue, panel, origin, pixel, b * size)
        );
    }
    for b in 0..small {
        let first = large * size + b * (size - 1);
        with_size!(
            blocks(OC, most_channels(N, S::REGISTERS)).1 - 1,
            block::<T, S, G, E, N>(convolution, simd, epilogue, panel, origin, pixel, first)
        );
    }
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
    E: Epilogue<T, S>,
{
    // Columns of the block: the pool's, or all of it.
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

/// Whether `count` windows from number `first` on are inside of the `size` pixels of the image.
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

    /// The products of a block some of whose windows reach over the edge, in the same order.
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
                        // What is before the first row or column wraps around and is too large.
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

/// The places, of `count` that are `stride` apart, at which a window that begins `before` ahead of the first pixel has
/// its pixel `k` inside of the `size` pixels of the image.
#[inline(always)]
fn places(k: usize, count: usize, stride: usize, before: usize, size: usize) -> (usize, usize) {
    let first = before.saturating_sub(k).div_ceil(stride);
    let end = (size + before).saturating_sub(k).div_ceil(stride);
    (min(first, count), max(min(first, count), min(end, count)))
}

/// Columns of the window in a block of [`weights_bar`].
const fn most_columns(registers: usize) -> usize {
    min(8, most_sums(registers))
}

/// Output channels beside so many columns in a block of [`weights_bar`].
const fn most_channels_beside(columns: usize, registers: usize) -> usize {
    // 20 sums, 4 cotangents and an input.
    let sums = if registers >= 32 {
        20
    } else {
        most_sums(registers)
    };
    min(16, max(1, sums / columns))
}

/// The gradient by the weights of one panel:
///
/// ```text
/// weights_bar[oc][ci][ky][kx] += sum over oy, ox and lanes of
///     z_bar[oc][oy][ox] * x[ci][oy * SH + ky - TOP][ox * SW + kx - LEFT]
/// ```
#[inline(always)]
pub fn weights_bar<T, S, G, const OC: usize>(
    simd: S,
    x: &[S::V],
    z_bar: &[S::V],
    weights_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let x = bytemuck::cast_slice(&x[..G::INPUT_LEN]);
    let z_bar = bytemuck::cast_slice(&z_bar[..OC * G::OH * G::OW]);
    let weights_bar = &mut weights_bar[..const { OC * G::C * G::KH * G::KW }];
    let (large, size, small) =
        const { blocks(G::KW, most_columns(<S::Part as Simd<T>>::REGISTERS)) };
    for ci in 0..G::C {
        for ky in 0..G::KH {
            for b in 0..large {
                with_size!(
                    blocks(G::KW, most_columns(<S::Part as Simd<T>>::REGISTERS)).1,
                    weights_bar_channels::<T, S, G, OC>(
                        simd,
                        x,
                        z_bar,
                        weights_bar,
                        (ci, ky, b * size)
                    )
                );
            }
            for b in 0..small {
                with_size!(
                    blocks(G::KW, most_columns(<S::Part as Simd<T>>::REGISTERS)).1 - 1,
                    weights_bar_channels::<T, S, G, OC>(
                        simd,
                        x,
                        z_bar,
                        weights_bar,
                        (ci, ky, large * size + b * (size - 1))
                    )
                );
            }
        }
    }
}

/// `K` columns of one row of the window, all output channels.
#[inline(always)]
fn weights_bar_channels<T, S, G, const OC: usize, const K: usize>(
    simd: S,
    x: &[Part<T, S>],
    z_bar: &[Part<T, S>],
    weights_bar: &mut [T],
    tap: (usize, usize, usize),
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let (large, size, small) =
        const { blocks(OC, most_channels_beside(K, <S::Part as Simd<T>>::REGISTERS)) };
    for b in 0..large {
        with_size!(
            blocks(OC, most_channels_beside(K, <S::Part as Simd<T>>::REGISTERS)).1,
            weights_bar_block::<T, S, G, K>(simd, x, z_bar, weights_bar, tap, b * size)
        );
    }
    for b in 0..small {
        with_size!(
            blocks(OC, most_channels_beside(K, <S::Part as Simd<T>>::REGISTERS)).1 - 1,
            weights_bar_block::<T, S, G, K>(
                simd,
                x,
                z_bar,
                weights_bar,
                tap,
                large * size + b * (size - 1)
            )
        );
    }
}

/// The register block of [`weights_bar`]: columns `kx .. kx + K` of the window's row `ky` over input channel `ci`, output
/// channels `first .. first + O`.
#[inline(always)]
fn weights_bar_block<T, S, G, const K: usize, const O: usize>(
    simd: S,
    x: &[Part<T, S>],
    z_bar: &[Part<T, S>],
    weights_bar: &mut [T],
    (ci, ky, kx): (usize, usize, usize),
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let (part, parts) = (simd.part(), S::PARTS);
    let pixels = const { G::OH * G::OW };
    let (first_row, end_row) = places(ky, G::OH, G::SH, G::TOP, G::H);
    // Where all columns are inside of the image.
    let inside = (
        places(kx, G::OW, G::SW, G::LEFT, G::W).0,
        places(kx + K - 1, G::OW, G::SW, G::LEFT, G::W).1,
    );
    let inside = (inside.0, max(inside.0, inside.1));
    let mut totals = [[part.zero(); K]; O];
    for p in 0..parts {
        let mut sums = [[part.zero(); K]; O];
        for oy in first_row..end_row {
            let row = (ci * G::H + oy * G::SH + ky - G::TOP) * G::W;
            let x = &x[row * parts..][..G::W * parts];
            let z_bar = &z_bar[(first * pixels + oy * G::OW) * parts..]
                [..((O - 1) * pixels + G::OW) * parts];
            for ox in 0..inside.0 {
                step_at_edge::<T, S, G, K, O>(part, x, z_bar, p, ox, kx, &mut sums);
            }
            for ox in inside.0..inside.1 {
                let x = &x[(ox * G::SW + kx - G::LEFT) * parts..][..K * parts];
                for k in 0..K {
                    let x = x[k * parts + p];
                    for o in 0..O {
                        let z_bar = z_bar[(o * pixels + ox) * parts + p];
                        sums[o][k] = part.mul_add(x, z_bar, sums[o][k]);
                    }
                }
            }
            for ox in inside.1..G::OW {
                step_at_edge::<T, S, G, K, O>(part, x, z_bar, p, ox, kx, &mut sums);
            }
        }
        add_part(part, p, &sums, &mut totals);
    }
    let (sums, stride) = (lane_sums(part, &totals), const { G::C * G::KH * G::KW });
    let at = (first * G::C + ci) * const { G::KH * G::KW } + ky * G::KW + kx;
    for o in 0..O {
        for k in 0..K {
            weights_bar[at + o * stride + k] += sums[o * K + k];
        }
    }
}

/// Adds the sums of one register of the vectors to those of the ones before.
#[inline(always)]
fn add_part<T: Number, S: Simd<T>, const K: usize, const O: usize>(
    part: S,
    p: usize,
    sums: &[[S::V; K]; O],
    totals: &mut [[S::V; K]; O],
) {
    for o in 0..O {
        for k in 0..K {
            totals[o][k] = if p == 0 {
                sums[o][k]
            } else {
                part.add(totals[o][k], sums[o][k])
            };
        }
    }
}

/// The sums over the lanes of at most 32 vectors.
#[inline(always)]
fn lane_sums<T: Number, S: Simd<T>, const K: usize, const O: usize>(
    part: S,
    totals: &[[S::V; K]; O],
) -> [T; 32] {
    let mut vectors = [part.zero(); 32];
    for o in 0..O {
        for k in 0..K {
            vectors[o * K + k] = totals[o][k];
        }
    }
    let mut sums = [T::ZERO; 32];
    let (low, high) = vectors.split_at(16);
    let low = low.first_chunk().expect("16 vectors");
    sums[..16].copy_from_slice(&add_lanes(part, *low, min(O * K, 16)));
    if O * K > 16 {
        let high = high.first_chunk().expect("16 vectors");
        sums[16..].copy_from_slice(&add_lanes(part, *high, O * K - 16));
    }
    sums
}

/// One output column of [`weights_bar_block`] whose window reaches over the edge.
#[inline(always)]
fn step_at_edge<T: Number, S: Simd<T>, G: Geometry, const K: usize, const O: usize>(
    part: S::Part,
    x: &[Part<T, S>],
    z_bar: &[Part<T, S>],
    p: usize,
    ox: usize,
    kx: usize,
    sums: &mut [[Part<T, S>; K]; O],
) {
    for k in 0..K {
        let ix = (ox * G::SW + kx + k).wrapping_sub(G::LEFT);
        if ix < G::W {
            for o in 0..O {
                let z_bar = z_bar[(o * G::OH * G::OW + ox) * S::PARTS + p];
                sums[o][k] = part.mul_add(x[ix * S::PARTS + p], z_bar, sums[o][k]);
            }
        }
    }
}

/// [`weights_bar`] where a max pool `P` stands behind the convolution, from the pool's own cotangents and winners.
///
/// Of the pixels of a pool window one has a gradient, another one in every lane: its input is selected, and one product
/// does for all of the window. A selection costs half of what a product does (Zen 4), and there are more units for it.
#[inline(always)]
pub fn weights_bar_pooled<T, S, G, P, const OC: usize>(
    simd: S,
    x: &[S::V],
    winners: &[S::V],
    z_bar: &[S::V],
    weights_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Geometry,
{
    let x = bytemuck::cast_slice(&x[..G::INPUT_LEN]);
    let winners = bytemuck::cast_slice(&winners[..OC * P::OH * P::OW]);
    let z_bar = bytemuck::cast_slice(&z_bar[..OC * P::OH * P::OW]);
    let weights_bar = &mut weights_bar[..const { OC * G::C * G::KH * G::KW }];
    let (large, size, small) = const { blocks(G::KW, POOLED_COLUMNS) };
    for ci in 0..G::C {
        for ky in 0..G::KH {
            for b in 0..large {
                with_size!(
                    blocks(G::KW, POOLED_COLUMNS).1,
                    weights_bar_pooled_channels::<T, S, G, P, OC>(
                        simd,
                        x,
                        winners,
                        z_bar,
                        weights_bar,
                        (ci, ky, b * size)
                    )
                );
            }
            for b in 0..small {
                with_size!(
                    blocks(G::KW, POOLED_COLUMNS).1 - 1,
                    weights_bar_pooled_channels::<T, S, G, P, OC>(
                        simd,
                        x,
                        winners,
                        z_bar,
                        weights_bar,
                        (ci, ky, large * size + b * (size - 1))
                    )
                );
            }
        }
    }
}

/// Output channels of a block of [`weights_bar_pooled`]: they share the inputs that are selected from.
const fn pooled_channels(registers: usize) -> usize {
    if registers >= 32 { 2 } else { 1 }
}

/// Columns of the window of such a block.
const POOLED_COLUMNS: usize = 5;

/// `K` columns of one row of the window, all output channels.
#[inline(always)]
fn weights_bar_pooled_channels<T, S, G, P, const OC: usize, const K: usize>(
    simd: S,
    x: &[Part<T, S>],
    winners: &[Part<T, S>],
    z_bar: &[Part<T, S>],
    weights_bar: &mut [T],
    tap: (usize, usize, usize),
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Geometry,
{
    let (large, size, small) =
        const { blocks(OC, pooled_channels(<S::Part as Simd<T>>::REGISTERS)) };
    for b in 0..large {
        with_size!(
            blocks(OC, pooled_channels(<S::Part as Simd<T>>::REGISTERS)).1,
            weights_bar_pooled_block::<T, S, G, P, K>(
                simd,
                x,
                winners,
                z_bar,
                weights_bar,
                tap,
                b * size
            )
        );
    }
    for b in 0..small {
        with_size!(
            blocks(OC, pooled_channels(<S::Part as Simd<T>>::REGISTERS)).1 - 1,
            weights_bar_pooled_block::<T, S, G, P, K>(
                simd,
                x,
                winners,
                z_bar,
                weights_bar,
                tap,
                large * size + b * (size - 1)
            )
        );
    }
}

/// The register block of [`weights_bar_pooled`]: as [`weights_bar_block`].
#[inline(always)]
fn weights_bar_pooled_block<T, S, G, P, const K: usize, const O: usize>(
    simd: S,
    x: &[Part<T, S>],
    winners: &[Part<T, S>],
    z_bar: &[Part<T, S>],
    weights_bar: &mut [T],
    (ci, ky, kx): (usize, usize, usize),
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Geometry,
{
    let (part, parts) = (simd.part(), S::PARTS);
    let pooled = const { P::OH * P::OW };
    let mut totals = [[part.zero(); K]; O];
    for p in 0..parts {
        let mut sums = [[part.zero(); K]; O];
        for row in 0..P::OH {
            let start = (ci * G::H + row * P::KH * G::SH + ky) * G::W + kx;
            let x = &x[start * parts..];
            let from = (first * pooled + row * P::OW) * parts;
            let len = ((O - 1) * pooled + P::OW) * parts;
            let (winners, z_bar) = (&winners[from..][..len], &z_bar[from..][..len]);
            for column in 0..P::OW {
                let x = &x[column * P::KW * G::SW * parts..][..(((P::KH - 1) * G::SH * G::W
                    + (P::KW - 1) * G::SW
                    + K
                    - 1)
                    * parts
                    + parts)];
                for o in 0..O {
                    let winner = winners[(o * pooled + column) * parts + p];
                    let z_bar = z_bar[(o * pooled + column) * parts + p];
                    for k in 0..K {
                        let mut chosen = x[k * parts + p];
                        for n in 1..P::KH * P::KW {
                            let pixel = n / P::KW * G::SH * G::W + n % P::KW * G::SW + k;
                            let won = part.eq(winner, part.splat(T::from_f64(n as f64)));
                            chosen = part.select(won, x[pixel * parts + p], chosen);
                        }
                        sums[o][k] = part.mul_add(chosen, z_bar, sums[o][k]);
                    }
                }
            }
        }
        add_part(part, p, &sums, &mut totals);
    }
    let (sums, stride) = (lane_sums(part, &totals), const { G::C * G::KH * G::KW });
    let at = (first * G::C + ci) * const { G::KH * G::KW } + ky * G::KW + kx;
    for o in 0..O {
        for k in 0..K {
            weights_bar[at + o * stride + k] += sums[o * K + k];
        }
    }
}

/// The gradient by the biases of one panel: `bias_bar` of a channel grows by the sum over its `pixels` vectors and their
/// lanes.
#[inline(always)]
pub fn bias_bar<T: Number, S: Simd<T>>(simd: S, z_bar: &[S::V], pixels: usize, bias_bar: &mut [T]) {
    let (part, parts) = (simd.part(), S::PARTS);
    let z_bar: &[Part<T, S>] = bytemuck::cast_slice(z_bar);
    let mut first = 0;
    while first < bias_bar.len() {
        let count = min(8, bias_bar.len() - first);
        let mut totals = [part.zero(); 16];
        for o in 0..count {
            let channel = &z_bar[(first + o) * pixels * parts..][..pixels * parts];
            for p in 0..parts {
                let mut sum = part.zero();
                for pixel in 0..pixels {
                    sum = part.add(sum, channel[pixel * parts + p]);
                }
                totals[o] = if p == 0 {
                    sum
                } else {
                    part.add(totals[o], sum)
                };
            }
        }
        let sums = add_lanes(part, totals, count);
        for o in 0..count {
            bias_bar[first + o] += sums[o];
        }
        first += count;
    }
}

/// Whether [`input_bar`] can scatter over a row in registers.
const fn scatters<G: Geometry>() -> bool {
    G::KW <= 9 && G::SW <= 4
}

/// Pixels of a block of [`input_bar`]: a multiple of the stride, and few enough that the outputs which reach them can
/// be written out.
const fn row_block<G: Geometry>(registers: usize) -> usize {
    let most = match registers {
        16.. => 12,
        8.. => 4,
        _ => 1,
    };
    // Outputs that reach a block from before it.
    let before = (G::KW - 1) / G::SW;
    let most = min(most, (16 - before) * G::SW);
    let width = G::W + G::LEFT % G::SW;
    let even = width.div_ceil(width.div_ceil(most));
    min(
        even.next_multiple_of(G::SW),
        max(most / G::SW * G::SW, G::SW),
    )
}

/// Input channels of a block of [`input_bar`] with so many pixels.
const fn row_channels(pixels: usize, channels: usize, registers: usize) -> usize {
    let sums = match registers {
        32.. => 16,
        16.. => 12,
        8.. => 4,
        _ => 1,
    };
    min(channels, max(1, sums / pixels))
}

/// The gradient by the input of one panel, turned into the `z_bar` of the layer before and stored behind the input,
/// which begins at row `x`; `z_bar` are rows of a panel or of other memory:
///
/// ```text
/// x_bar[ci][y][x] = sum over oc and the oy, ox, ky, kx that lead there of
///     weights[oc][ci][ky][kx] * z_bar[oc][oy][ox]
/// ```
#[inline(always)]
pub fn input_bar<T, S, G, P, const OC: usize>(
    simd: S,
    weights: T::Params<'_>,
    panel: &mut [S::V],
    x: usize,
    z_bar: &[S::V],
    previous: P,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Cotangent,
{
    let z_bar = bytemuck::cast_slice(&z_bar[..OC * G::OH * G::OW]);
    for part in 0..S::PARTS {
        let panel = &mut Panel {
            registers: bytemuck::cast_slice_mut::<S::V, Part<T, S>>(panel),
            part,
            parts: S::PARTS,
        };
        let scatter = Scatter::<'_, '_, T, S::Part, G, P, OC> {
            weights,
            x,
            z_bar,
            previous,
            geometry: core::marker::PhantomData,
        };
        if const { scatters::<G>() } {
            with_size!(
                if scatters::<G>() {
                    row_block::<G>(<S::Part as Simd<T>>::REGISTERS)
                } else {
                    0
                },
                input_bar_rows::<T, S::Part, G, P, OC>(simd.part(), &scatter, panel)
            );
        } else {
            scatter.pixels(simd.part(), panel);
        }
    }
}

/// The operands of [`input_bar`].
struct Scatter<'p, 'a, T: Number, S: Simd<T>, G, P, const OC: usize> {
    weights: T::Params<'p>,
    x: usize,
    z_bar: &'a [S::V],
    previous: P,
    geometry: core::marker::PhantomData<G>,
}

impl<T: Number, S: Simd<T>, G: Geometry, P: Cotangent, const OC: usize>
    Scatter<'_, '_, T, S, G, P, OC>
{
    /// The row of outputs whose window has its row `ky` at `y`.
    #[inline(always)]
    fn output_row(y: usize, ky: usize) -> Option<usize> {
        let reach = (y + G::TOP).wrapping_sub(ky);
        (reach <= y + G::TOP && reach.is_multiple_of(G::SH) && reach / G::SH < G::OH)
            .then_some(reach / G::SH)
    }

    #[inline(always)]
    fn store(&self, simd: S, panel: &mut Panel<'_, S::V>, pixel: usize, x_bar: S::V) {
        let (x, bar) = (self.x + pixel, self.x + G::INPUT_LEN + pixel);
        let z_bar = self
            .previous
            .z_bar(simd, x_bar, panel.get(x), panel.get(bar));
        panel.set(bar, z_bar);
    }

    /// Pixel by pixel, for windows of any width.
    #[inline(always)]
    fn pixels(&self, simd: S, panel: &mut Panel<'_, S::V>) {
        for pixel in 0..G::INPUT_LEN {
            let (ci, y, x) = (pixel / (G::H * G::W), pixel / G::W % G::H, pixel % G::W);
            let mut sum = simd.zero();
            for oc in 0..OC {
                for ky in 0..G::KH {
                    let Some(oy) = Self::output_row(y, ky) else {
                        continue;
                    };
                    for ox in 0..G::OW {
                        let kx = (x + G::LEFT).wrapping_sub(ox * G::SW);
                        if kx < G::KW {
                            let tap = ((oc * G::C + ci) * G::KH + ky) * G::KW + kx;
                            let weight = simd.param(self.weights, tap);
                            let z_bar = self.z_bar
                                [((oc * G::OH + oy) * G::OW + ox) * panel.parts + panel.part];
                            sum = simd.mul_add_param(weight, z_bar, sum);
                        }
                    }
                }
            }
            self.store(simd, panel, pixel, sum);
        }
    }
}

/// All rows of [`input_bar`], in blocks of `N` pixels.
#[inline(always)]
fn input_bar_rows<T, S, G, P, const OC: usize, const N: usize>(
    simd: S,
    scatter: &Scatter<'_, '_, T, S, G, P, OC>,
    panel: &mut Panel<'_, S::V>,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Cotangent,
{
    let channels = const { row_channels(N, G::C, S::REGISTERS) };
    let full = G::C / channels;
    // Blocks begin where a window does.
    let blocks = const { (G::W + G::LEFT % G::SW).div_ceil(N) };
    for y in 0..G::H {
        for block in 0..blocks {
            for b in 0..full {
                with_size!(
                    row_channels(N, G::C, S::REGISTERS),
                    row::<T, S, G, P, OC, N>(simd, scatter, panel, y, block, b * channels)
                );
            }
            with_size!(
                G::C % row_channels(N, G::C, S::REGISTERS),
                row::<T, S, G, P, OC, N>(simd, scatter, panel, y, block, full * channels)
            );
        }
    }
}

/// The register block of [`input_bar`]: block `block` of `N` pixels in row `y`, input channels `first .. first + CI`.
#[inline(always)]
fn row<T, S, G, P, const OC: usize, const N: usize, const CI: usize>(
    simd: S,
    scatter: &Scatter<'_, '_, T, S, G, P, OC>,
    panel: &mut Panel<'_, S::V>,
    y: usize,
    block: usize,
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Cotangent,
{
    // The output whose window begins at the block's first pixel, and how many before it reach into the block.
    let origin = block * N / G::SW + const { G::LEFT / G::SW };
    let before = const { (G::KW - 1) / G::SW };
    let mut sums = [[simd.zero(); N]; CI];
    for oc in 0..OC {
        for ky in 0..G::KH {
            let Some(oy) = Scatter::<'_, '_, T, S, G, P, OC>::output_row(y, ky) else {
                continue;
            };
            let z_bar =
                &scatter.z_bar[(oc * G::OH + oy) * G::OW * panel.parts..][..G::OW * panel.parts];
            let tap = ((oc * G::C + first) * G::KH + ky) * G::KW;
            let weights = scatter
                .weights
                .range(tap..tap + (CI - 1) * const { G::KH * G::KW } + G::KW);
            unrolled!(t < ((G::KW - 1) / G::SW + N / G::SW), {
                let ox = (origin + t).wrapping_sub(before);
                if ox < G::OW {
                    let z_bar = z_bar[ox * panel.parts + panel.part];
                    for kx in 0..G::KW {
                        let n = (t * G::SW + kx).wrapping_sub(before * G::SW);
                        if n < N {
                            for c in 0..CI {
                                let weight = simd.param(weights, c * G::KH * G::KW + kx);
                                sums[c][n] = simd.mul_add_param(weight, z_bar, sums[c][n]);
                            }
                        }
                    }
                }
            });
        }
    }
    unrolled!(i < CI * N, {
        let x = (block * N + i % N).wrapping_sub(G::LEFT % G::SW);
        if x < G::W {
            let pixel = ((first + i / N) * G::H + y) * G::W + x;
            scatter.store(simd, panel, pixel, sums[i / N][i % N]);
        }
    });
}
