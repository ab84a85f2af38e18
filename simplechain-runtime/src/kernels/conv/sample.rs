//! Convolution of one image: one pixel of the output per lane.
//!
//! First every column of the window gets a copy of the pixels that it sees (`gather`). It has the rows of the image (those that are
//! a stride apart one after the other), each as long as a row of the output and with the padding filled in. So what one element
//! of the window sees in all its positions is contiguous, and the rows' length, strides and padding do not matter to the
//! loops over it. The gradient with respect to the input goes the same way back.

use super::max_accumulators;
use crate::activation::Activation;
use crate::kernels::blocks::{block, blocks, for_blocks, max, min, unrolled, with_size};
use crate::kernels::gemm::add_lanes;
use crate::kernels::geometry::Geometry;
use crate::kernels::lanes::{MAX_LANES, load_at, store_at};
use crate::kernels::wrt::Wrt;
use crate::scratch::with_numbers;
use crate::simd::{Number, Params, Simd};

/// Vectors or channels of a register block.
const MAX_BLOCK: usize = 8;

/// The copies of an image, one for every channel and column of the window.
trait Columns: Geometry {
    /// Weights of an output channel.
    const TAPS: usize = Self::C * Self::KH * Self::KW;
    /// Pixels of an output channel.
    const PIXELS: usize = Self::OH * Self::OW;
    /// Rows of windows that see a row of the image, besides the first.
    const MORE: usize = (Self::KH - 1) / Self::SH;
    /// Rows of a copy that are a stride apart in the image.
    const ROWS: usize = Self::OH + Self::MORE;
    /// Offsets within a stride that rows have.
    const PHASES: usize = min(Self::SH, Self::KH);
    /// Elements of a copy.
    const LEN: usize = Self::PHASES * Self::ROWS * Self::OW;
    /// Columns of the image that windows see, padding included.
    const WIDTH: usize = (Self::OW - 1) * Self::SW + Self::KW;
    /// Length of a row with the padding to its left and right.
    const PITCH: usize = max(Self::WIDTH, Self::LEFT + Self::W);
    /// Elements of all copies and, if there is padding to the left or right, of an image that has it.
    const TOTAL: usize = Self::C * Self::KW * Self::LEN
        + if Self::PITCH == Self::W {
            0
        } else {
            Self::C * Self::H * Self::PITCH
        };

    /// Where the pixels begin that the window's element `(c, ky, kx)` sees.
    #[inline(always)]
    fn begin(c: usize, ky: usize, kx: usize) -> usize {
        let row = ky % Self::SH * Self::ROWS + ky / Self::SH;
        (c * Self::KW + kx) * Self::LEN + row * Self::OW
    }
}

impl<G: Geometry> Columns for G {}

/// Writes the copies of an image to memory of [`Columns::TOTAL`] numbers and returns them.
#[inline(always)]
fn gather<'a, T: Number, S: Simd<T>, G: Geometry>(
    simd: S,
    x: &[T],
    memory: &'a mut [T],
) -> &'a [T] {
    let (columns, framed) = memory.split_at_mut(const { G::C * G::KW * G::LEN });
    let x = if const { G::PITCH == G::W } {
        x
    } else {
        framed.fill(T::ZERO);
        for row in 0..G::C * G::H {
            let to = &mut framed[row * G::PITCH + G::LEFT..][..G::W];
            copy(simd, &x[row * G::W..][..G::W], to);
        }
        framed
    };
    for c in 0..G::C {
        for phase in 0..G::PHASES {
            for r in 0..G::ROWS {
                // An index before the first row wraps around and is too large.
                let iy = (r * G::SH + phase).wrapping_sub(G::TOP);
                for kx in 0..G::KW {
                    let to = &mut columns[G::begin(c, phase, kx) + r * G::OW..][..G::OW];
                    if iy >= G::H {
                        to.fill(T::ZERO);
                        continue;
                    }
                    let row = &x[(c * G::H + iy) * G::PITCH..][..G::WIDTH];
                    if const { G::SW == 1 } {
                        copy(simd, &row[kx..][..G::OW], to);
                    } else {
                        for ox in 0..G::OW {
                            to[ox] = row[ox * G::SW + kx];
                        }
                    }
                }
            }
        }
    }
    // The vector at the end of the last copy may reach beyond it.
    memory
}

/// Copies a slice to another of equal length, which is often too short for a call of `memcpy`.
#[inline(always)]
fn copy<T: Number, S: Simd<T>>(simd: S, from: &[T], to: &mut [T]) {
    let full = to.len() / S::LANES * S::LANES;
    for at in (0..full).step_by(S::LANES) {
        simd.store(simd.load(&from[at..]), &mut to[at..]);
    }
    if full < to.len() {
        store_at(simd, load_at(simd, from, full), to, full);
    }
}

/// Adds the cotangents of the copies to an image whose rows are [`Columns::PITCH`] apart and begin with the padding.
#[inline(always)]
fn scatter<T: Number, S: Simd<T>, G: Geometry>(simd: S, columns_bar: &[T], x_bar: &mut [T]) {
    // Column by column: a row that was just stored would have to be waited for.
    for kx in 0..G::KW {
        for c in 0..G::C {
            for phase in 0..G::PHASES {
                for r in 0..G::ROWS {
                    let iy = (r * G::SH + phase).wrapping_sub(G::TOP);
                    if iy < G::H {
                        let to = &mut x_bar[(c * G::H + iy) * G::PITCH..][..G::WIDTH];
                        let bar = &columns_bar[G::begin(c, phase, kx) + r * G::OW..][..G::OW];
                        if const { G::SW == 1 } {
                            add(simd, &mut to[kx..][..G::OW], bar);
                        } else {
                            for ox in 0..G::OW {
                                to[ox * G::SW + kx] += bar[ox];
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Adds the second slice to the first, of equal length.
#[inline(always)]
fn add<T: Number, S: Simd<T>>(simd: S, sums: &mut [T], terms: &[T]) {
    let full = sums.len() / S::LANES * S::LANES;
    for at in (0..full).step_by(S::LANES) {
        let sum = simd.add(simd.load(&sums[at..]), simd.load(&terms[at..]));
        simd.store(sum, &mut sums[at..]);
    }
    if full < sums.len() {
        let sum = simd.add(load_at(simd, sums, full), load_at(simd, terms, full));
        store_at(simd, sum, sums, full);
    }
}

/// Where vector `v` of `len` numbers begins: the last begins earlier and recomputes some of them.
#[inline(always)]
const fn start(len: usize, lanes: usize, v: usize) -> usize {
    min(v * lanes, len.saturating_sub(lanes))
}

/// Stores a vector from `to[at]` on, of which `len` numbers are left if they are less than a vector.
#[inline(always)]
fn store<T: Number, S: Simd<T>>(simd: S, v: S::V, to: &mut [T], at: usize, len: usize) {
    if len < S::LANES {
        simd.store_partial(v, &mut to[at..at + len]);
    } else {
        simd.store(v, &mut to[at..]);
    }
}

/// The convolution as in [`conv::forward`](super::forward) and the activation after it; with `SAVE`, `saved` gets
/// the derivative where it does not follow from the output.
#[inline(always)]
pub fn forward<T, S, G, A, const OC: usize, const SAVE: bool>(
    simd: S,
    activation: A,
    weights: T::Params<'_>,
    bias: T::Params<'_>,
    x: &[T],
    y: &mut [T],
    saved: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    A: Activation,
{
    with_numbers!(T, G::TOTAL + MAX_LANES, |memory| {
        let columns = gather::<T, S, G>(simd, x, memory);
        with_size!(
            block(OC, min(MAX_BLOCK, max_accumulators(S::REGISTERS))),
            forward_blocks::<T, S, G, A, OC, SAVE>(
                simd, activation, weights, bias, columns, y, saved
            )
        );
    });
}

/// [`forward`] in blocks of `O` output channels. Blocks that do not fit begin earlier and recompute some, so that the code of only
/// one size of block is generated.
#[inline(always)]
fn forward_blocks<T, S, G, A, const OC: usize, const SAVE: bool, const O: usize>(
    simd: S,
    activation: A,
    weights: T::Params<'_>,
    bias: T::Params<'_>,
    columns: &[T],
    y: &mut [T],
    saved: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    A: Activation,
{
    let vectors = const { G::PIXELS.div_ceil(S::LANES) };
    let step = const { pixel_vectors(G::PIXELS.div_ceil(S::LANES), O, S::REGISTERS) };
    for first in (0..OC).step_by(O) {
        let first = min(first, OC - O);
        let weights = weights.range(first * G::TAPS..(first + O) * G::TAPS);
        for vector in (0..vectors).step_by(step) {
            with_size!(
                pixel_vectors(G::PIXELS.div_ceil(S::LANES), O, S::REGISTERS),
                forward_block::<T, S, G, A, SAVE, O>(
                    simd, activation, weights, bias, columns, y, saved, first, vector,
                )
            );
        }
    }
}

/// Vectors of pixels in a block beside this many channels.
const fn pixel_vectors(vectors: usize, channels: usize, registers: usize) -> usize {
    let most = max_accumulators(registers) / channels;
    block(vectors, max(1, min(MAX_BLOCK, most)))
}

/// Vectors `vector .. vector + V` of output channels `first .. first + O`; the weights are those of these channels.
#[inline(always)]
fn forward_block<T, S, G, A, const SAVE: bool, const O: usize, const V: usize>(
    simd: S,
    activation: A,
    weights: T::Params<'_>,
    bias: T::Params<'_>,
    columns: &[T],
    y: &mut [T],
    saved: &mut [T],
    first: usize,
    vector: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    A: Activation,
{
    let mut sums = [[simd.zero(); V]; O];
    for o in 0..O {
        sums[o] = [simd.bias(bias, first + o); V];
    }
    for c in 0..G::C {
        for ky in 0..G::KH {
            for kx in 0..G::KW {
                let seen = &columns[G::begin(c, ky, kx)..][..max(G::PIXELS, S::LANES)];
                let mut pixels = [simd.zero(); V];
                for v in 0..V {
                    pixels[v] = simd.load(&seen[start(G::PIXELS, S::LANES, vector + v)..]);
                }
                for o in 0..O {
                    let tap = ((o * G::C + c) * G::KH + ky) * G::KW + kx;
                    let weight = simd.param(weights, tap);
                    for v in 0..V {
                        sums[o][v] = simd.mul_add_param(weight, pixels[v], sums[o][v]);
                    }
                }
            }
        }
    }
    for o in 0..O {
        for v in 0..V {
            let at = (first + o) * G::PIXELS + start(G::PIXELS, S::LANES, vector + v);
            if const { SAVE && !A::FROM_OUTPUT } {
                let (value, derivative) = activation.value_and_derivative(simd, sums[o][v]);
                store(simd, value, y, at, G::PIXELS);
                store(simd, derivative, saved, at, G::PIXELS);
            } else {
                let value = activation.value(simd, sums[o][v]);
                store(simd, value, y, at, G::PIXELS);
            }
        }
    }
}

/// Sums that are added up together: their lanes are added in one tree.
const fn max_sums(registers: usize) -> usize {
    min(16, max_accumulators(registers))
}

/// Output channels of a block of [`weights_bar`].
const fn gradient_channels(channels: usize, registers: usize) -> usize {
    let most = match max_sums(registers) {
        12.. => 4,
        6.. => 2,
        _ => 1,
    };
    block(channels, most)
}

/// Weights of a block, beside these channels.
const fn gradient_taps(taps: usize, channels: usize, registers: usize) -> usize {
    let most = max_sums(registers) / gradient_channels(channels, registers);
    block(taps, max(1, most))
}

/// The gradient with respect to the weights, as in [`conv::weights_bar`](super::weights_bar); with [`Wrt::ADD`], added to what is
/// there.
#[inline(always)]
pub fn weights_bar<T, S, G, W, const OC: usize>(
    simd: S,
    x: &[T],
    z_bar: &[T],
    weights_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    W: Wrt,
{
    with_numbers!(T, G::TOTAL + MAX_LANES, |memory| {
        let columns = gather::<T, S, G>(simd, x, memory);
        with_size!(
            gradient_taps(G::TAPS, OC, S::REGISTERS),
            weights_bar_blocks::<T, S, G, W, OC>(simd, columns, z_bar, weights_bar)
        );
    });
}

/// [`weights_bar`] in blocks of `K` weights of every output channel. As in [`forward_blocks`], some begin earlier.
#[inline(always)]
fn weights_bar_blocks<T, S, G, W, const OC: usize, const K: usize>(
    simd: S,
    columns: &[T],
    z_bar: &[T],
    weights_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    W: Wrt,
{
    let channels = const { gradient_channels(OC, S::REGISTERS) };
    for tap in (0..G::TAPS).step_by(K) {
        let first = min(tap, G::TAPS - K);
        let mut seen: [&[T]; K] = [&[]; K];
        for k in 0..K {
            let (c, place) = ((first + k) / (G::KH * G::KW), (first + k) % (G::KH * G::KW));
            let begin = G::begin(c, place / G::KW, place % G::KW);
            seen[k] = &columns[begin..][..G::PIXELS];
        }
        for channel in (0..OC).step_by(channels) {
            let first_channel = min(channel, OC - channels);
            with_size!(
                gradient_channels(OC, S::REGISTERS),
                weights_bar_block::<T, S, G, W, K>(
                    simd,
                    seen,
                    z_bar,
                    weights_bar,
                    (first, first_channel),
                    (tap - first, channel - first_channel),
                )
            );
        }
    }
}

/// Weights `first .. first + K` of output channels `channel .. channel + O`, of which the first `done` are there already.
#[inline(always)]
fn weights_bar_block<T, S, G, W, const K: usize, const O: usize>(
    simd: S,
    seen: [&[T]; K],
    z_bar: &[T],
    weights_bar: &mut [T],
    (first, channel): (usize, usize),
    done: (usize, usize),
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    W: Wrt,
{
    let z_bar = &z_bar[channel * G::PIXELS..][..O * G::PIXELS];
    let mut sums = [[simd.zero(); K]; O];
    let full = const { G::PIXELS / S::LANES };
    for v in 0..full {
        let at = v * S::LANES;
        let mut pixels = [simd.zero(); K];
        for k in 0..K {
            pixels[k] = simd.load(&seen[k][at..]);
        }
        for o in 0..O {
            let z_bar = simd.load(&z_bar[o * G::PIXELS + at..]);
            for k in 0..K {
                sums[o][k] = simd.mul_add(pixels[k], z_bar, sums[o][k]);
            }
        }
    }
    if const { !G::PIXELS.is_multiple_of(S::LANES) } {
        let (at, rest) = const { (G::PIXELS / S::LANES * S::LANES, G::PIXELS % S::LANES) };
        let mut pixels = [simd.zero(); K];
        for k in 0..K {
            pixels[k] = simd.load_partial(&seen[k][at..at + rest]);
        }
        for o in 0..O {
            let z_bar = simd.load_partial(&z_bar[o * G::PIXELS + at..][..rest]);
            for k in 0..K {
                sums[o][k] = simd.mul_add(pixels[k], z_bar, sums[o][k]);
            }
        }
    }
    let mut vectors = [simd.zero(); 16];
    for o in 0..O {
        for k in 0..K {
            vectors[o * K + k] = sums[o][k];
        }
    }
    let sums = add_lanes(simd, vectors, O * K);
    for o in 0..O {
        let bars = &mut weights_bar[(channel + o) * G::TAPS + first..][..K];
        for k in 0..K {
            if const { W::ADD } {
                // What is there already is not added twice.
                if o >= done.1 && k >= done.0 {
                    bars[k] += sums[o * K + k];
                }
            } else {
                bars[k] = sums[o * K + k];
            }
        }
    }
}

/// The gradient with respect to the biases, the sums of `z_bar` over the pixels; with [`Wrt::ADD`], added to what is there.
#[inline(always)]
pub fn bias_bar<T, S, G, W, const OC: usize>(simd: S, z_bar: &[T], bias_bar: &mut [T])
where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    W: Wrt,
{
    if bias_bar.is_empty() {
        return;
    }
    for_blocks!(OC, max_sums(S::REGISTERS), |first| {
        bias_bar_channels::<T, S, G, W>(simd, z_bar, bias_bar, first)
    });
}

/// Output channels `first .. first + O` of [`bias_bar`].
#[inline(always)]
fn bias_bar_channels<T, S, G, W, const O: usize>(
    simd: S,
    z_bar: &[T],
    bias_bar: &mut [T],
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    W: Wrt,
{
    let z_bar = &z_bar[first * G::PIXELS..][..O * G::PIXELS];
    let mut sums = [simd.zero(); 16];
    for v in 0..const { G::PIXELS / S::LANES } {
        unrolled!(o < O, {
            sums[o] = simd.add(sums[o], simd.load(&z_bar[o * G::PIXELS + v * S::LANES..]));
        });
    }
    if const { !G::PIXELS.is_multiple_of(S::LANES) } {
        let (at, rest) = const { (G::PIXELS / S::LANES * S::LANES, G::PIXELS % S::LANES) };
        unrolled!(o < O, {
            let pixels = simd.load_partial(&z_bar[o * G::PIXELS + at..][..rest]);
            sums[o] = simd.add(sums[o], pixels);
        });
    }
    let sums = add_lanes(simd, sums, O);
    for o in 0..O {
        let bar = &mut bias_bar[first + o];
        *bar = if const { W::ADD } {
            *bar + sums[o]
        } else {
            sums[o]
        };
    }
}

/// The gradient with respect to the input, as in [`conv::input_bar`](super::input_bar).
#[inline(always)]
pub fn input_bar<T, S, G, const OC: usize>(
    simd: S,
    weights: T::Params<'_>,
    z_bar: &[T],
    x_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    with_numbers!(T, OC * spread_len::<G>() + MAX_LANES, |spread| {
        // Rows of zeros around those of `z_bar`, for the elements of windows beyond the edge.
        let (edge, height) = const { (G::MORE * G::OW, spread_len::<G>()) };
        for oc in 0..OC {
            let spread = &mut spread[oc * height..][..height];
            spread[..edge].fill(T::ZERO);
            spread[edge..][..G::PIXELS].copy_from_slice(&z_bar[oc * G::PIXELS..][..G::PIXELS]);
            spread[edge + G::PIXELS..].fill(T::ZERO);
        }
        with_numbers!(T, G::TOTAL + MAX_LANES, |memory| {
            from_spread::<T, S, G, OC>(simd, weights, spread, memory, x_bar);
        });
    });
}

/// Numbers of an output channel in the memory of [`input_bar`].
const fn spread_len<G: Geometry>() -> usize {
    (G::ROWS + G::MORE) * G::OW
}

/// [`input_bar`] from the rows that it has spread.
#[inline(always)]
fn from_spread<T, S, G, const OC: usize>(
    simd: S,
    weights: T::Params<'_>,
    spread: &[T],
    memory: &mut [T],
    x_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let (columns_bar, framed) = memory.split_at_mut(const { G::C * G::KW * G::LEN });
    with_size!(
        sums_at_a_time(G::C, G::KW, S::REGISTERS),
        all_columns_bar::<T, S, G, OC>(simd, weights, spread, columns_bar)
    );
    if const { G::PITCH == G::W } {
        x_bar.fill(T::ZERO);
        scatter::<T, S, G>(simd, columns_bar, x_bar);
    } else {
        framed.fill(T::ZERO);
        scatter::<T, S, G>(simd, columns_bar, framed);
        for row in 0..G::C * G::H {
            let from = &framed[row * G::PITCH + G::LEFT..][..G::W];
            copy(simd, from, &mut x_bar[row * G::W..][..G::W]);
        }
    }
}

/// Channels and columns of a block of [`all_columns_bar`].
const fn columns_block(channels: usize, columns: usize, registers: usize) -> (usize, usize) {
    let most = min(16, max_accumulators(registers));
    let columns = block(columns, min(MAX_BLOCK, most));
    (block(channels, max(1, most / columns)), columns)
}

/// Their product.
const fn sums_at_a_time(channels: usize, columns: usize, registers: usize) -> usize {
    let (channels, columns) = columns_block(channels, columns, registers);
    channels * columns
}

/// Successive vectors for which the same rows of `z_bar` are left out: as many in every tier, so that all have the same bits.
const fn group(copies: usize) -> usize {
    match copies {
        ..4 => 8,
        4..8 => 4,
        8..16 => 2,
        _ => 1,
    }
}

/// Vectors of a block, a divisor of the [`group`].
const fn vectors_at_a_time(copies: usize, sums: usize, registers: usize) -> usize {
    let mut vectors = group(copies);
    while vectors > 1 && vectors * sums > max_accumulators(registers) {
        vectors /= 2;
    }
    vectors
}

/// The cotangents of all copies, in blocks of `N` copies. Blocks that do not fit begin earlier and recompute some, so that the code
/// of only one size of block is generated.
#[inline(always)]
fn all_columns_bar<T, S, G, const OC: usize, const N: usize>(
    simd: S,
    weights: T::Params<'_>,
    spread: &[T],
    columns_bar: &mut [T],
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let (channels, columns) = const { columns_block(G::C, G::KW, S::REGISTERS) };
    let len = const { G::ROWS * G::OW };
    let group = const { group(G::C * G::KW) };
    let step = const { vectors_at_a_time(G::C * G::KW, N, S::REGISTERS) };
    for kx in (0..G::KW).step_by(columns) {
        for c in (0..G::C).step_by(channels) {
            let (c, kx) = (min(c, G::C - channels), min(kx, G::KW - columns));
            for phase in 0..G::PHASES {
                for vector in (0..len.div_ceil(S::LANES)).step_by(step) {
                    // The windows that see these rows begin as many rows further up; where there are none, `spread` has zeros.
                    let first = vector / group * group;
                    let top = start(len, S::LANES, first) / G::OW;
                    let bottom = (start(len, S::LANES, first + group - 1) + S::LANES - 1) / G::OW;
                    let rows = ((top + 1).saturating_sub(G::OH), min(bottom, G::MORE) + 1);
                    with_size!(
                        vectors_at_a_time(G::C * G::KW, N, S::REGISTERS),
                        columns_bar_block::<T, S, G, OC, N>(
                            simd,
                            weights,
                            spread,
                            columns_bar,
                            (c, phase, kx),
                            vector,
                            rows,
                        )
                    );
                }
            }
        }
    }
}

/// Vectors `vector .. vector + V` of a block of [`all_columns_bar`], from windows that begin `rows` rows further up.
#[inline(always)]
fn columns_bar_block<T, S, G, const OC: usize, const N: usize, const V: usize>(
    simd: S,
    weights: T::Params<'_>,
    spread: &[T],
    columns_bar: &mut [T],
    (first, phase, kx): (usize, usize, usize),
    vector: usize,
    rows: (usize, usize),
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let len = const { G::ROWS * G::OW };
    let height = const { (G::ROWS + G::MORE) * G::OW };
    let columns = const { columns_block(G::C, G::KW, S::REGISTERS).1 };
    let mut sums = [[simd.zero(); V]; N];
    for oc in 0..OC {
        for row in rows.0..rows.1 {
            let ky = phase + row * G::SH;
            if ky >= G::KH {
                break;
            }
            let seen = &spread[oc * height + (G::MORE - row) * G::OW..][..max(len, S::LANES)];
            let mut z_bar = [simd.zero(); V];
            for v in 0..V {
                z_bar[v] = simd.load(&seen[start(len, S::LANES, vector + v)..]);
            }
            unrolled!(n < N, {
                let (c, k) = (n / columns, n % columns);
                let tap = ((oc * G::C + first + c) * G::KH + ky) * G::KW + kx + k;
                let weight = simd.param(weights, tap);
                for v in 0..V {
                    sums[n][v] = simd.mul_add_param(weight, z_bar[v], sums[n][v]);
                }
            });
        }
    }
    for n in 0..N {
        let begin = G::begin(first + n / columns, phase, kx + n % columns);
        for v in 0..V {
            let at = begin + start(len, S::LANES, vector + v);
            store(simd, sums[n][v], columns_bar, at, len);
        }
    }
}
