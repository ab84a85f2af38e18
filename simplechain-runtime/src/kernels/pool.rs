//! Pooling kernels: the same code for vectors of samples and for one sample, as vectors with one lane; [`sample`] has a faster
//! one for one sample.

pub mod sample;

use super::cotangent::ActivationGrad;
use super::geometry::Geometry;
use crate::simd::{Number, Simd};

/// What is computed from a window.
pub trait Pool {
    /// The output of a window, whose rows are a row of the image apart in `x`.
    fn value<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V;

    /// What [`share`](Self::share) needs to know of a window whose output has the cotangent `y_bar`.
    fn shares<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V], y_bar: S::V)
    -> Shares<S::V>;

    /// The part of the cotangent that the next pixel of the window, `x`, gets; row by row.
    fn share<T: Number, S: Simd<T>>(simd: S, shares: &mut Shares<S::V>, x: S::V) -> S::V;
}

/// A cotangent on its way to the pixels of a window.
#[derive(Clone, Copy, Debug)]
pub struct Shares<V> {
    max: V,
    /// What is left to distribute, or what each pixel gets.
    rest: V,
}

/// The maximum. Of equal elements the first has the derivatives of the window. If there is a NaN the maximum is NaN, and the
/// derivatives are those of the first element that is not below infinity: a NaN, or an infinity before it.
#[derive(Clone, Copy, Debug)]
pub struct Max;

/// The mean.
#[derive(Clone, Copy, Debug)]
pub struct Mean;

/// The same maximum lane by lane, taken number by number, with its place and the number beside it.
#[derive(Clone, Copy, Debug)]
pub struct FirstMax<V> {
    /// The maximum.
    pub max: V,
    /// The number beside it, such as the derivative of its activation.
    pub beside: V,
    /// Its place, as a number.
    pub place: V,
    /// The sum of the numbers, in which a NaN is not lost.
    sum: V,
}

impl<V: Copy> FirstMax<V> {
    /// Starts with the number in place 0.
    #[inline(always)]
    pub fn new<T: Number, S: Simd<T, V = V>>(simd: S, x: V, beside: V) -> Self {
        Self {
            max: x,
            beside,
            place: simd.zero(),
            sum: x,
        }
    }

    /// Takes the next number. NaN is skipped.
    #[inline(always)]
    pub fn add<T: Number, S: Simd<T, V = V>>(&mut self, simd: S, x: V, beside: V, place: usize) {
        let larger = simd.lt(self.max, x);
        let place = simd.splat(T::from_f64(place as f64));
        self.max = simd.select(larger, x, self.max);
        self.beside = simd.select(larger, beside, self.beside);
        self.place = simd.select(larger, place, self.place);
        self.sum = simd.add(self.sum, x);
    }

    /// Whether NaN may have been skipped, or infinities of both signs have made the sum NaN. Then all numbers have to be given
    /// to [`add_nan`](Self::add_nan).
    #[inline(always)]
    pub fn may_miss_nan<T: Number, S: Simd<T, V = V>>(&self, simd: S) -> bool {
        !simd.all(simd.eq(self.sum, self.sum))
    }

    /// Takes a number that may be NaN; from the last number to the first.
    #[inline(always)]
    pub fn add_nan<T: Number, S: Simd<T, V = V>>(
        &mut self,
        simd: S,
        x: V,
        beside: V,
        place: usize,
    ) {
        let below = simd.lt(x, simd.splat(T::from_f64(f64::INFINITY)));
        let place = simd.splat(T::from_f64(place as f64));
        // Once it is NaN it stays so.
        let nan = simd.add(x, simd.sub(self.max, self.max));
        let was_number = simd.eq(self.max, self.max);
        let x = simd.select(was_number, x, nan);
        self.max = simd.select(below, self.max, x);
        self.beside = simd.select(below, self.beside, beside);
        self.place = simd.select(below, self.place, place);
    }

    /// Takes a window, whose rows are a row of the image apart in `x`.
    #[inline(always)]
    fn of_window<T: Number, S: Simd<T, V = V>, G: Geometry>(simd: S, x: &[V]) -> Self {
        let mut best = Self::new(simd, x[0], x[0]);
        for place in 1..G::KH * G::KW {
            let x = x[place / G::KW * G::W + place % G::KW];
            best.add(simd, x, x, place);
        }
        if best.may_miss_nan(simd) {
            for place in (0..G::KH * G::KW).rev() {
                let x = x[place / G::KW * G::W + place % G::KW];
                best.add_nan(simd, x, x, place);
            }
        }
        best
    }
}

impl Max {
    /// The value alone, in a loop that the compiler vectorizes where a vector has one lane.
    #[inline(always)]
    fn plain<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V {
        let mut max = x[0];
        for ky in 0..G::KH {
            for kx in 0..G::KW {
                let x = x[ky * G::W + kx];
                // `max` returns its second argument if one is NaN, so a NaN maximum stays; a NaN number becomes the maximum.
                max = simd.select(simd.eq(x, x), simd.max(x, max), x);
            }
        }
        max
    }
}

impl Pool for Max {
    #[inline(always)]
    fn value<T: Number, S: Simd<T>, G: Geometry>(simd: S, x: &[S::V]) -> S::V {
        if const { T::COEFFICIENTS == 1 } {
            Self::plain::<T, S, G>(simd, x)
        } else {
            FirstMax::of_window::<T, S, G>(simd, x).max
        }
    }

    #[inline(always)]
    fn shares<T: Number, S: Simd<T>, G: Geometry>(
        simd: S,
        x: &[S::V],
        y_bar: S::V,
    ) -> Shares<S::V> {
        let max = Self::plain::<T, S, G>(simd, x);
        let infinity = simd.splat(T::from_f64(f64::INFINITY));
        Shares {
            max: simd.select(simd.eq(max, max), max, infinity),
            rest: y_bar,
        }
    }

    /// All of it goes to the first pixel that is not below the maximum.
    #[inline(always)]
    fn share<T: Number, S: Simd<T>>(simd: S, shares: &mut Shares<S::V>, x: S::V) -> S::V {
        let below = simd.lt(x, shares.max);
        let share = simd.select(below, simd.zero(), shares.rest);
        shares.rest = simd.select(below, shares.rest, simd.zero());
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
        simd.mul_constant(one_part::<T, G>(), sum)
    }

    #[inline(always)]
    fn shares<T: Number, S: Simd<T>, G: Geometry>(
        simd: S,
        _: &[S::V],
        y_bar: S::V,
    ) -> Shares<S::V> {
        let rest = simd.mul_constant(one_part::<T, G>(), y_bar);
        Shares { max: rest, rest }
    }

    #[inline(always)]
    fn share<T: Number, S: Simd<T>>(_: S, shares: &mut Shares<S::V>, _: S::V) -> S::V {
        shares.rest
    }
}

#[inline(always)]
fn one_part<T: Number, G: Geometry>() -> T::Real {
    Number::from_f64(1.0 / (G::KH * G::KW) as f64)
}

/// The output of the window at every `(oy * SH, ox * SW)` of every channel.
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

/// `x_bar` of every pixel of the image, the sum of its shares in the windows that it is in, converted to the `z_bar` of
/// the previous layer, which may have saved something there.
#[inline(always)]
pub fn input_bar<T: Number, S: Simd<T>, G: Geometry, P: Pool, C: ActivationGrad>(
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

/// Channel `c` of [`input_bar`] where every pixel is in at most one window: window by window.
#[inline(always)]
fn apart<T: Number, S: Simd<T>, G: Geometry, P: Pool, C: ActivationGrad>(
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
    // The pixels left over at the right and the bottom.
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
fn overlapping<T: Number, S: Simd<T>, G: Geometry, P: Pool, C: ActivationGrad>(
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
