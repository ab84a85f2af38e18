//! Convolution of one image: one pixel of a row per lane.

use crate::activation::Activation;
use crate::kernels::blocks::{blocks, for_blocks, min, with_size};
use crate::kernels::geometry::Geometry;
use crate::kernels::wrt::Wrt;
use crate::scratch::Scratch;
use crate::simd::{Number, Params, Simd};

/// Lanes of the widest vector.
const MAX_LANES: usize = 16;
/// Channels of a register block.
const MAX_CHANNELS: usize = 8;

/// The pixels that column `kx` of the windows of `count` outputs from `ox` on sees in a row of the image; padding and the
/// lanes after them are 0.
#[inline(always)]
fn seen<T: Number, S: Simd<T>, G: Geometry>(
    simd: S,
    row: &[T],
    ox: usize,
    kx: usize,
    count: usize,
) -> S::V {
    let start = (ox + kx).wrapping_sub(G::LEFT);
    if G::SW == 1 && start < G::W && start + count <= G::W {
        return if count == S::LANES {
            simd.load(&row[start..])
        } else {
            simd.load_partial(&row[start..start + count])
        };
    }
    let mut lanes = [T::ZERO; MAX_LANES];
    for l in 0..count {
        // An index before the first column wraps around and is too large.
        let ix = ((ox + l) * G::SW + kx).wrapping_sub(G::LEFT);
        if ix < G::W {
            lanes[l] = row[ix];
        }
    }
    simd.load(&lanes)
}

/// Stores the first lanes of a vector, as many as `to` has elements.
#[inline(always)]
fn store<T: Number, S: Simd<T>>(simd: S, v: S::V, to: &mut [T]) {
    if to.len() == S::LANES {
        simd.store(v, to);
    } else {
        simd.store_partial(v, to);
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
    for_blocks!(OC, MAX_CHANNELS, |first| {
        forward_channels::<T, S, G, A, SAVE>(simd, activation, weights, bias, x, y, saved, first)
    });
}

/// Output channels `first .. first + O` of [`forward`].
#[inline(always)]
fn forward_channels<T, S, G, A, const SAVE: bool, const O: usize>(
    simd: S,
    activation: A,
    weights: T::Params<'_>,
    bias: T::Params<'_>,
    x: &[T],
    y: &mut [T],
    saved: &mut [T],
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    A: Activation,
{
    let taps = const { G::C * G::KH * G::KW };
    let weights = weights.range(first * taps..(first + O) * taps);
    let count = min(S::LANES, G::OW);
    for oy in 0..G::OH {
        for v in 0..const { G::OW.div_ceil(S::LANES) } {
            // The last vector of a row begins earlier and recomputes some pixels.
            let ox = min(v * S::LANES, G::OW - count);
            let mut sums = [simd.zero(); O];
            for o in 0..O {
                sums[o] = simd.bias(bias, first + o);
            }
            for ci in 0..G::C {
                for ky in 0..G::KH {
                    let iy = (oy * G::SH + ky).wrapping_sub(G::TOP);
                    if iy >= G::H {
                        continue;
                    }
                    let row = &x[(ci * G::H + iy) * G::W..][..G::W];
                    for kx in 0..G::KW {
                        let pixels = seen::<T, S, G>(simd, row, ox, kx, count);
                        for o in 0..O {
                            let tap = ((o * G::C + ci) * G::KH + ky) * G::KW + kx;
                            sums[o] = simd.mul_add_param(simd.param(weights, tap), pixels, sums[o]);
                        }
                    }
                }
            }
            for o in 0..O {
                let at = ((first + o) * G::OH + oy) * G::OW + ox;
                if const { SAVE && !A::FROM_OUTPUT } {
                    let (value, derivative) = activation.value_and_derivative(simd, sums[o]);
                    store(simd, value, &mut y[at..at + count]);
                    store(simd, derivative, &mut saved[at..at + count]);
                } else {
                    let value = activation.value(simd, sums[o]);
                    store(simd, value, &mut y[at..at + count]);
                }
            }
        }
    }
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
    for first in (0..OC).step_by(MAX_CHANNELS) {
        for ci in 0..G::C {
            for ky in 0..G::KH {
                for kx in 0..G::KW {
                    let sums =
                        simd.sum_8(products::<T, S, G, OC>(simd, x, z_bar, (ci, ky, kx), first));
                    for o in 0..min(MAX_CHANNELS, OC - first) {
                        let tap = (((first + o) * G::C + ci) * G::KH + ky) * G::KW + kx;
                        if const { W::ADD } {
                            weights_bar[tap] += sums[o];
                        } else {
                            weights_bar[tap] = sums[o];
                        }
                    }
                }
            }
        }
    }
}

/// The lanes of the sums of [`weights_bar`] for one tap and eight output channels from `first` on.
#[inline(always)]
fn products<T, S, G, const OC: usize>(
    simd: S,
    x: &[T],
    z_bar: &[T],
    (ci, ky, kx): (usize, usize, usize),
    first: usize,
) -> [S::V; MAX_CHANNELS]
where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let mut sums = [simd.zero(); MAX_CHANNELS];
    for oy in 0..G::OH {
        let iy = (oy * G::SH + ky).wrapping_sub(G::TOP);
        if iy >= G::H {
            continue;
        }
        let row = &x[(ci * G::H + iy) * G::W..][..G::W];
        for ox in (0..G::OW).step_by(S::LANES) {
            let count = min(S::LANES, G::OW - ox);
            let pixels = seen::<T, S, G>(simd, row, ox, kx, count);
            for o in 0..MAX_CHANNELS {
                // After the last channel, the first of them serves as a placeholder.
                let channel = if first + o < OC { first + o } else { first };
                let z_bar = &z_bar[(channel * G::OH + oy) * G::OW + ox..][..count];
                let z_bar = if count == S::LANES {
                    simd.load(z_bar)
                } else {
                    simd.load_partial(z_bar)
                };
                sums[o] = simd.mul_add(pixels, z_bar, sums[o]);
            }
        }
    }
    sums
}

/// The gradient with respect to the biases, the sums of `z_bar` over the pixels; with [`Wrt::ADD`], added to what is there.
#[inline(always)]
pub fn bias_bar<T: Number, S: Simd<T>, G: Geometry, W: Wrt>(
    simd: S,
    z_bar: &[T],
    bias_bar: &mut [T],
) {
    let pixels = const { G::OH * G::OW };
    for (oc, bias_bar) in bias_bar.iter_mut().enumerate() {
        let mut sum = simd.zero();
        for pixels in z_bar[oc * pixels..][..pixels].chunks(S::LANES) {
            let pixels = if pixels.len() == S::LANES {
                simd.load(pixels)
            } else {
                simd.load_partial(pixels)
            };
            sum = simd.add(sum, pixels);
        }
        let sum = simd.sum(sum);
        *bias_bar = if const { W::ADD } {
            *bias_bar + sum
        } else {
            sum
        };
    }
}

/// The gradient with respect to the input, as in [`conv::input_bar`](super::input_bar).
///
/// The cotangents are first spread to the places of the image where their windows begin, with zeros between and
/// around them: then every lane reads its own at the same offset.
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
    // Element `x + KW - 1 - kx` of a row is for pixel `x` and column `kx` of the window.
    let width = const { G::W.next_multiple_of(S::LANES) + G::KW - 1 };
    let mut memory = Scratch::take::<T>((OC * G::OH * width).div_ceil(T::PANEL));
    let spread = &mut memory.numbers::<T>()[..OC * G::OH * width];
    spread.fill(T::ZERO);
    for (row, z_bar) in spread
        .chunks_exact_mut(width)
        .zip(z_bar.chunks_exact(G::OW))
    {
        for (ox, z_bar) in z_bar.iter().enumerate() {
            let at = (ox * G::SW + G::KW - 1).wrapping_sub(G::LEFT);
            if at < width {
                row[at] = *z_bar;
            }
        }
    }
    for_blocks!(G::C, MAX_CHANNELS, |first| {
        input_bar_channels::<T, S, G, OC>(simd, weights, spread, x_bar, first)
    });
}

/// Input channels `first .. first + C` of [`input_bar`].
#[inline(always)]
fn input_bar_channels<T, S, G, const OC: usize, const C: usize>(
    simd: S,
    weights: T::Params<'_>,
    spread: &[T],
    x_bar: &mut [T],
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
{
    let width = const { G::W.next_multiple_of(S::LANES) + G::KW - 1 };
    for y in 0..G::H {
        for x in (0..G::W).step_by(S::LANES) {
            let mut sums = [simd.zero(); C];
            for oc in 0..OC {
                for ky in 0..G::KH {
                    let reach = (y + G::TOP).wrapping_sub(ky);
                    if reach > y + G::TOP || !reach.is_multiple_of(G::SH) || reach / G::SH >= G::OH
                    {
                        continue;
                    }
                    let row = &spread[(oc * G::OH + reach / G::SH) * width..][..width];
                    for kx in 0..G::KW {
                        let z_bar = simd.load(&row[x + G::KW - 1 - kx..]);
                        for c in 0..C {
                            let tap = ((oc * G::C + first + c) * G::KH + ky) * G::KW + kx;
                            sums[c] = simd.mul_add_param(simd.param(weights, tap), z_bar, sums[c]);
                        }
                    }
                }
            }
            let count = min(S::LANES, G::W - x);
            for c in 0..C {
                let at = ((first + c) * G::H + y) * G::W + x;
                store(simd, sums[c], &mut x_bar[at..at + count]);
            }
        }
    }
}
