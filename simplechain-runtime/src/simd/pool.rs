//! Pooling kernels, the same for a vector of samples and for one sample as vectors of one number.

use super::{Number, Simd};
use crate::layer::{Cotangent, Geometry};

/// What a window becomes.
pub trait Pool {
    /// The output of a window, whose rows stand in `x` a row of the image apart.
    fn value<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V;

    /// What [`share`](Self::share) is to know of the window with this output, which got the cotangent `y_bar`.
    fn shares<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V], y_bar: S::V)
    -> Shares<S::V>;

    /// The part of the cotangent that the next pixel of the window, `x`, gets; row by row.
    fn share<T: Number, S: Simd<T>>(simd: S, shares: &mut Shares<S::V>, x: S::V) -> S::V;
}

/// A cotangent on its way to the pixels of a window.
#[derive(Clone, Copy, Debug)]
pub struct Shares<V> {
    max: V,
    /// What is left to be given away, or what each gets.
    rest: V,
}

/// The maximum.
#[derive(Clone, Copy, Debug)]
pub struct Max;

/// The mean.
#[derive(Clone, Copy, Debug)]
pub struct Mean;

impl Pool for Max {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V {
        let (mut max, mut sum) = (x[0], simd.zero());
        for ky in 0..G::KH {
            for kx in 0..G::KW {
                let x = x[ky * G::W + kx];
                max = simd.max(x, max);
                sum = simd.add(sum, x);
            }
        }
        // `max` passes over NaN: without this it would be lost. (Infinities of both signs give NaN as well.)
        simd.select(simd.eq(sum, sum), max, sum)
    }

    #[inline(always)]
    fn shares<T: Number, S: Simd<T>, G: Geometry>(
        simd: S,
        x: &[S::V],
        y_bar: S::V,
    ) -> Shares<S::V> {
        Shares {
            max: Self::value::<T, S, G>(simd, x),
            rest: y_bar,
        }
    }

    /// All of it to the first maximum.
    #[inline(always)]
    fn share<T: Number, S: Simd<T>>(simd: S, shares: &mut Shares<S::V>, x: S::V) -> S::V {
        let wins = simd.eq(x, shares.max);
        let share = simd.select(wins, shares.rest, simd.zero());
        shares.rest = simd.select(wins, simd.zero(), shares.rest);
        share
    }
}

impl Pool for Mean {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V {
        let mut sum = simd.zero();
        for ky in 0..G::KH {
            for kx in 0..G::KW {
                sum = simd.add(sum, x[ky * G::W + kx]);
            }
        }
        simd.mul(sum, simd.splat(one_part::<T, G>()))
    }

    #[inline(always)]
    fn shares<T: Number, S: Simd<T>, G: Geometry>(
        simd: S,
        _: &[S::V],
        y_bar: S::V,
    ) -> Shares<S::V> {
        let rest = simd.mul(y_bar, simd.splat(one_part::<T, G>()));
        Shares { max: rest, rest }
    }

    #[inline(always)]
    fn share<T: Number, S: Simd<T>>(_: S, shares: &mut Shares<S::V>, _: S::V) -> S::V {
        shares.rest
    }
}

#[inline(always)]
fn one_part<T: Number, G: Geometry>() -> T {
    T::from_f64(1.0 / (G::KH * G::KW) as f64)
}

/// What the window at every `(oy * SH, ox * SW)` of every channel becomes.
#[inline(always)]
pub fn forward<T: Number, S: Simd<T>, G: Geometry, P: Pool>(simd: S, x: &[S::V], y: &mut [S::V]) {
    let x = &x[..G::INPUT_LEN];
    for c in 0..G::C {
        for oy in 0..G::OH {
            for ox in 0..G::OW {
                let window = &x[(c * G::H + oy * G::SH) * G::W + ox * G::SW..];
                y[(c * G::OH + oy) * G::OW + ox] = P::value::<T, S, G>(simd, window);
            }
        }
    }
}

/// `x_bar` of every pixel of the image, the sum of its shares in the windows that it is in, turned into the `z_bar` of
/// the layer before, which may have saved something there.
#[inline(always)]
pub fn input_bar<T: Number, S: Simd<T>, G: Geometry, P: Pool, C: Cotangent>(
    simd: S,
    x: &[S::V],
    y_bar: &[S::V],
    x_bar: &mut [S::V],
    previous: C,
) {
    let x = &x[..G::INPUT_LEN];
    for c in 0..G::C {
        if G::SH == G::KH && G::SW == G::KW {
            apart::<T, S, G, P, C>(simd, x, y_bar, x_bar, previous, c);
        } else {
            overlapping::<T, S, G, P, C>(simd, x, y_bar, x_bar, previous, c);
        }
    }
}

/// Channel `c` of [`input_bar`] where every pixel is in one window at most: window by window.
#[inline(always)]
fn apart<T: Number, S: Simd<T>, G: Geometry, P: Pool, C: Cotangent>(
    simd: S,
    x: &[S::V],
    y_bar: &[S::V],
    x_bar: &mut [S::V],
    previous: C,
    c: usize,
) {
    for oy in 0..G::OH {
        for ox in 0..G::OW {
            let first = (c * G::H + oy * G::KH) * G::W + ox * G::KW;
            let y_bar = y_bar[(c * G::OH + oy) * G::OW + ox];
            let mut shares = P::shares::<T, S, G>(simd, &x[first..], y_bar);
            for ky in 0..G::KH {
                for kx in 0..G::KW {
                    let pixel = first + ky * G::W + kx;
                    let share = P::share::<T, S>(simd, &mut shares, x[pixel]);
                    x_bar[pixel] = previous.z_bar(simd, share, x[pixel], x_bar[pixel]);
                }
            }
        }
    }
    // What is left over at the right and below.
    for iy in 0..G::H {
        let first = if iy < G::OH * G::KH { G::OW * G::KW } else { 0 };
        for ix in first..G::W {
            let pixel = (c * G::H + iy) * G::W + ix;
            x_bar[pixel] = previous.z_bar(simd, simd.zero(), x[pixel], x_bar[pixel]);
        }
    }
}

/// Channel `c` of [`input_bar`], pixel by pixel.
#[inline(always)]
fn overlapping<T: Number, S: Simd<T>, G: Geometry, P: Pool, C: Cotangent>(
    simd: S,
    x: &[S::V],
    y_bar: &[S::V],
    x_bar: &mut [S::V],
    previous: C,
    c: usize,
) {
    for iy in 0..G::H {
        for ix in 0..G::W {
            let mut sum = simd.zero();
            for oy in windows(iy, G::OH, G::SH, G::KH) {
                for ox in windows(ix, G::OW, G::SW, G::KW) {
                    let window = &x[(c * G::H + oy * G::SH) * G::W + ox * G::SW..];
                    let y_bar = y_bar[(c * G::OH + oy) * G::OW + ox];
                    let mut shares = P::shares::<T, S, G>(simd, window, y_bar);
                    let (own_row, own_column) = (iy - oy * G::SH, ix - ox * G::SW);
                    let mut share = simd.zero();
                    for pixel in 0..=own_row * G::KW + own_column {
                        let x = window[pixel / G::KW * G::W + pixel % G::KW];
                        share = P::share::<T, S>(simd, &mut shares, x);
                    }
                    sum = simd.add(sum, share);
                }
            }
            let pixel = (c * G::H + iy) * G::W + ix;
            x_bar[pixel] = previous.z_bar(simd, sum, x[pixel], x_bar[pixel]);
        }
    }
}

/// The windows that a pixel is in.
#[inline(always)]
fn windows(pixel: usize, count: usize, stride: usize, kernel: usize) -> core::ops::Range<usize> {
    let first = (pixel + 1).saturating_sub(kernel).div_ceil(stride);
    first..(pixel / stride + 1).min(count).max(first)
}
