//! Pooling kernels, the same for a vector of samples and for one sample as vectors of one number.

use super::{Number, Simd};
use crate::layer::{Cotangent, Geometry};

/// What a window becomes.
pub trait Pool {
    /// The output of a window, whose rows stand in `x` a row of the image apart.
    fn value<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V;

    /// What [`share`](Self::share) is to know of the window, whose output got the cotangent `y_bar`.
    fn shares<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V], y_bar: S::V)
    -> Shares<S::V>;

    /// The part of the cotangent that a pixel of the window gets; they are counted row by row.
    fn share<T: Number, S: Simd<T>>(simd: S, shares: &Shares<S::V>, pixel: usize) -> S::V;
}

/// A cotangent on its way to the pixels of a window.
#[derive(Clone, Copy, Debug)]
pub struct Shares<V> {
    /// The pixel that gets it, where it is one.
    winner: V,
    y_bar: V,
}

/// The maximum.
#[derive(Clone, Copy, Debug)]
pub struct Max;

/// The mean.
#[derive(Clone, Copy, Debug)]
pub struct Mean;

/// The first maximum of each lane, and which number it is. NaN counts as larger than all numbers, and the last NaN wins, as in
/// PyTorch. All kernels take the winner from here, forward and back.
#[derive(Clone, Copy, Debug)]
pub struct FirstMax<V> {
    /// The maximum.
    pub max: V,
    /// What stands beside it, such as the derivative of its activation.
    pub beside: V,
    /// Its place, as a number.
    pub place: V,
    sum: V,
}

impl<V: Copy> FirstMax<V> {
    /// Of the number in place 0. (To add it once more changes nothing.)
    #[inline(always)]
    pub fn new<T: Number, S: Simd<T, V = V>>(simd: S, x: V, beside: V) -> Self {
        Self {
            max: x,
            beside,
            place: simd.zero(),
            sum: x,
        }
    }

    /// And of the next one, unless it is NaN.
    #[inline(always)]
    pub fn add<T: Number, S: Simd<T, V = V>>(&mut self, simd: S, x: V, beside: V, place: usize) {
        let larger = simd.lt(self.max, x);
        let place = simd.splat(T::from_f64(place as f64));
        self.max = simd.select(larger, x, self.max);
        self.beside = simd.select(larger, beside, self.beside);
        self.place = simd.select(larger, place, self.place);
        self.sum = simd.add(self.sum, x);
    }

    /// Whether NaN may have been passed over: it is not lost in a sum. (Infinities of both signs make one there too.)
    #[inline(always)]
    pub fn may_miss_nan<T: Number, S: Simd<T, V = V>>(&self, simd: S) -> bool {
        let one = simd.splat(T::ONE);
        let is_nan = simd.select(simd.eq(self.sum, self.sum), simd.zero(), one);
        simd.any(simd.eq(is_nan, one))
    }

    /// And of a number that was passed over if it is NaN.
    #[inline(always)]
    pub fn add_nan<T: Number, S: Simd<T, V = V>>(
        &mut self,
        simd: S,
        x: V,
        beside: V,
        place: usize,
    ) {
        let is_number = simd.eq(x, x);
        let place = simd.splat(T::from_f64(place as f64));
        self.max = simd.select(is_number, self.max, x);
        self.beside = simd.select(is_number, self.beside, beside);
        self.place = simd.select(is_number, self.place, place);
    }

    /// Of a window, whose rows stand in `x` a row of the image apart.
    #[inline(always)]
    fn of_window<T: Number, S: Simd<T, V = V>, G: Geometry>(simd: S, x: &[V]) -> Self {
        let mut best = Self::new(simd, x[0], x[0]);
        for ky in 0..G::KH {
            for kx in 0..G::KW {
                let x = x[ky * G::W + kx];
                best.add(simd, x, x, ky * G::KW + kx);
            }
        }
        if best.may_miss_nan(simd) {
            for ky in 0..G::KH {
                for kx in 0..G::KW {
                    let x = x[ky * G::W + kx];
                    best.add_nan(simd, x, x, ky * G::KW + kx);
                }
            }
        }
        best
    }
}

impl Pool for Max {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V {
        FirstMax::of_window::<T, S, G>(simd, x).max
    }

    #[inline(always)]
    fn shares<T: Number, S: Simd<T>, G: Geometry>(
        simd: S,
        x: &[S::V],
        y_bar: S::V,
    ) -> Shares<S::V> {
        let winner = FirstMax::of_window::<T, S, G>(simd, x).place;
        Shares { winner, y_bar }
    }

    /// All of it to the first maximum.
    #[inline(always)]
    fn share<T: Number, S: Simd<T>>(simd: S, shares: &Shares<S::V>, pixel: usize) -> S::V {
        let wins = simd.eq(shares.winner, simd.splat(T::from_f64(pixel as f64)));
        simd.select(wins, shares.y_bar, simd.zero())
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
        simd.mul_constant(one_part::<T, G>(), sum)
    }

    #[inline(always)]
    fn shares<T: Number, S: Simd<T>, G: Geometry>(
        simd: S,
        _: &[S::V],
        y_bar: S::V,
    ) -> Shares<S::V> {
        let y_bar = simd.mul_constant(one_part::<T, G>(), y_bar);
        let winner = simd.zero();
        Shares { winner, y_bar }
    }

    #[inline(always)]
    fn share<T: Number, S: Simd<T>>(_: S, shares: &Shares<S::V>, _: usize) -> S::V {
        shares.y_bar
    }
}

#[inline(always)]
fn one_part<T: Number, G: Geometry>() -> T::Real {
    Number::from_f64(1.0 / (G::KH * G::KW) as f64)
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
            let shares = P::shares::<T, S, G>(simd, &x[first..], y_bar);
            for ky in 0..G::KH {
                for kx in 0..G::KW {
                    let pixel = first + ky * G::W + kx;
                    let share = P::share::<T, S>(simd, &shares, ky * G::KW + kx);
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
                    let shares = P::shares::<T, S, G>(simd, window, y_bar);
                    let own = (iy - oy * G::SH) * G::KW + (ix - ox * G::SW);
                    let share = P::share::<T, S>(simd, &shares, own);
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
